#!lua
--include lanes
--include queue
-- Queues dead letters again. ARGV: token, now, their ids in order. Gives how many were queued.
local token, now = ARGV[1], ARGV[2]
local before = repeated(token)
if before then
  return before
end
local queued, chats = {}, {}
for i = 3, #ARGV do
  local value = call('HGET', P .. 'dead', ARGV[i])
  local record = value and string.match(value, '^[^\n]*\n[^\n]*\n(.*)$')
  if record and call('SISMEMBER', P .. 'disabled', (belongs(record))) == 0 then
    -- A new id: a worker that has lost its lease may still acknowledge the old one.
    local id = take('delivery', 1)
    local began, rest = string.match(record, '^(%["[^"]*","[^"]*",)%d+,%d+(,.*)$')
    chats[insert(text(id), id, began .. now .. ',0' .. rest, now, false, 0)] = true
    queued[#queued + 1] = ARGV[i]
  end
end
many({ 'HDEL', P .. 'dead' }, queued)
many({ 'ZREM', P .. 'dead-ids' }, queued)
for chat in pairs(chats) do
  settle(chat, lane(chat), tonumber(now))
end
save_lanes()
return remembered(token, tostring(#queued))
