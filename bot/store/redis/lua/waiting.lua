#!lua flags=no-writes
-- Gives a chat's deliveries in order: id, 1 if held, attempts, record. ARGV: chat, limit.
local chat, limit = ARGV[1], tonumber(ARGV[2])
local rows = {}
local function add(lane, place, id, held)
  rows[#rows + 1] = { lane, tonumber(place), id, held }
end
for _, K in ipairs({ 'r', 'a', 'o' }) do
  local found = call('ZRANGE', P .. 'queue:' .. K .. ':' .. chat, 0, limit - 1, 'WITHSCORES')
  for i = 1, #found, 2 do
    add(K == 'r' and 0 or 1, found[i + 1], found[i], 0)
  end
end
for _, L in ipairs({ 'r', 'b' }) do
  for _, name in ipairs(call('ZRANGE', P .. 'later:' .. L .. ':' .. chat, 0, -1)) do
    local place, id = string.match(name, ':(%d+):(%d+)$')
    add(L == 'r' and 0 or 1, place, id, 0)
  end
end
local edits = call('ZRANGE', P .. 'queue:e:' .. chat, 0, limit - 1, 'WITHSCORES')
for i = 1, #edits, 2 do
  add(2, edits[i + 1], edits[i], 0)
end
local found = call('ZRANGE', P .. 'queue:h:' .. chat, 0, -1, 'WITHSCORES')
for i = 1, #found, 2 do
  local kind = string.match(call('HGET', P .. 'outbox', found[i]), '^%["[^"]*","(%l+)"')
  add(kind == 'reply' and 0 or 1, found[i + 1], found[i], 1)
end
table.sort(rows, function(one, two)
  return one[1] < two[1] or (one[1] == two[1] and one[2] < two[2])
end)
local answer = {}
for i = 1, math.min(limit, #rows) do
  local id = rows[i][3]
  answer[#answer + 1] = id
  answer[#answer + 1] = rows[i][4]
  answer[#answer + 1] = call('HGET', P .. 'attempts', id) or '0'
  answer[#answer + 1] = call('HGET', P .. 'outbox', id)
end
return answer
