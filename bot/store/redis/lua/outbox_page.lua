#!lua flags=no-writes
--include lanes
--include queue
-- Gives deliveries by age, for moving: id, place, 1 if held, not_before, attempts, 1 if it was being
-- sent, expires_at (or empty), record of each. ARGV: how many to pass over, limit.
local ids = call('ZRANGE', P .. 'outbox-age', ARGV[1], ARGV[1] + ARGV[2] - 1)
local attempts = many({ 'HMGET', P .. 'attempts' }, ids)
local sending = many({ 'SMISMEMBER', P .. 'sending' }, ids)
local waiting = {} -- by chat: id -> place and hour of what waits for its hour

local function later_of(chat)
  if not waiting[chat] then
    local found = {}
    for _, L in ipairs({ 'r', 'b' }) do
      local names = call('ZRANGE', P .. 'later:' .. L .. ':' .. chat, 0, -1, 'WITHSCORES')
      for i = 1, #names, 2 do
        local place, id = string.match(names[i], ':(%d+):(%d+)$')
        found[id] = { place, names[i + 1] }
      end
    end
    waiting[chat] = found
  end
  return waiting[chat]
end

local found = {}
for i, pair in ipairs(records_of(ids)) do
  local id, record = pair[1], pair[2]
  local chat, K = belongs(record)
  local place, held, not_before = call('ZSCORE', P .. 'queue:' .. K .. ':' .. chat, id), '0', '0'
  if not place then
    place = call('ZSCORE', P .. 'queue:h:' .. chat, id)
    held = place and '1' or '0'
    not_before = place and string.match(record, '^%["[^"]*","[^"]*",%d+,(%d+),') or '0'
  end
  if not place then
    place, not_before = unpack(later_of(chat)[id])
  end
  local expires = K == 'e' and call('ZSCORE', P .. 'edits-expire', id) or ''
  for _, value in ipairs({
    id, place, held, not_before, attempts[i] or '0', sending[i], expires, record,
  }) do
    found[#found + 1] = value
  end
end
return found
