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
    local article = string.match(record, '^%["[^"]*","[^"]*",%d+,%d+,(%d+),')
    local told = article and call('ZSCORE', P .. 'told:' .. chat, article)
    if told then
      call('ZADD', P .. 'told:' .. chat, now * TOPICS + tonumber(told) % TOPICS, article)
    end
    chats[chat] = true
  end
end
for chat in pairs(chats) do
  settle(chat, lane(chat), now)
end
save_lanes()
