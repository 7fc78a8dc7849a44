#!lua flags=allow-oom
--include lanes
--include queue
-- Takes sent deliveries out and frees their chats. ARGV: id, chat, free_at, sent_at of each.
local gone, chats = {}, {}
for i = 2, #ARGV, 4 do
  chats[#chats + 1] = ARGV[i]
end
load_lanes(chats)
for i = 1, #ARGV, 4 do
  local id, chat, free, now = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3])
  local l = lane(chat)
  local K, leased = string.match(l.leased, '^(%l)(%d+)$')
  if leased == id then
    call('ZREM', P .. 'queue:' .. K .. ':' .. chat, id)
    end_lease(l)
    l.free = math.max(l.free, free)
    gone[#gone + 1] = id
    settle(chat, l, now)
  else
    -- The lease has ended, or the chat has moved; it was sent all the same.
    local record = call('HGET', P .. 'outbox', id)
    if record then
      chat = take_out(id, record)
      gone[#gone + 1] = id
      settle(chat, lane(chat), now)
    end
  end
end
forget(gone)
save_lanes()
