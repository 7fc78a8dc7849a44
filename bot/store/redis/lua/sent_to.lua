#!lua flags=no-writes
--include lanes
-- What chats were told of a story. ARGV: story, cursor ('' begins, with the channels), about how many,
-- the chats, if only some. Gives the next cursor ('' at the end), then of each: chat, kind, article,
-- message ('-' none), at ('' not known), topic ('' none), what is stored of the chat ('' nothing).
local story, cursor, limit = ARGV[1], ARGV[2], ARGV[3]
local posts, told = P .. 'posts-of:' .. story, P .. 'told-of:' .. story
local found, next = {}, ''
local function add(list)
  local pairs_of = {}
  for i = 1, #list, 2 do
    pairs_of[#pairs_of + 1] = { list[i], list[i + 1] }
  end
  table.sort(pairs_of, function(one, two)
    return tonumber(one[1]) < tonumber(two[1])
  end)
  for _, pair in ipairs(pairs_of) do
    found[#found + 1] = pair
  end
end
if #ARGV > 3 then
  for _, key in ipairs({ posts, told }) do
    local some = {}
    for i, value in ipairs(many({ 'HMGET', key }, { unpack(ARGV, 4) })) do
      if value then
        some[#some + 1] = ARGV[3 + i]
        some[#some + 1] = value
      end
    end
    add(some)
  end
else
  if cursor == '' then
    add(call('HGETALL', posts))
  end
  local part = call('HSCAN', told, cursor == '' and '0' or cursor, 'COUNT', limit)
  next = part[1] ~= '0' and part[1] or ''
  add(part[2])
end
local chats = {}
for i, pair in ipairs(found) do
  chats[i] = pair[1]
end
local bodies = many({ 'HMGET', P .. 'chats' }, chats)
local answer = { next }
for i, pair in ipairs(found) do
  local kind, article, message = string.match(pair[2], '^(%l+) (%d+) (%S+)$')
  local score = tonumber(call('ZSCORE', P .. 'told:' .. pair[1], story) or 0)
  local at, number = math.floor(score / TOPICS), score % TOPICS
  local topic = number > 0
    and call('ZRANGE', P .. 'told-topics:' .. story, number, number, 'BYSCORE')[1]
  for _, value in ipairs({
    pair[1], kind, article, message, at > 0 and text(at) or '', topic or '', bodies[i] or '',
  }) do
    answer[#answer + 1] = value
  end
end
return answer
