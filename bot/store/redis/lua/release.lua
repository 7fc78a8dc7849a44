#!lua flags=allow-oom
--include lanes
--include queue
-- Lets held deliveries go out. ARGV: now, their ids in order. Those that are not held stay.
local now = tonumber(ARGV[1])
local chats = {}
for _, pair in ipairs(records_of({ unpack(ARGV, 2) })) do
  local id, record = pair[1], pair[2]
  local chat, K = belongs(record)
  if let_go(id, chat) then
    call('ZADD', P .. 'queue:' .. K .. ':' .. chat, text(take('delivery', 1)), id)
    tell(chat, record, now)
    noted(lane(chat), K)
    chats[chat] = true
  end
end
for chat in pairs(chats) do
  settle(chat, lane(chat), now)
end
save_lanes()
