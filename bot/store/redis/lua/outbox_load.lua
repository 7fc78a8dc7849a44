#!lua
--include lanes
--include queue
-- Puts deliveries in that were moved here. ARGV: id, place, 1 if held, not_before, queued_at,
-- attempts, 1 if it was being sent, expires_at (or empty), record of each. One that is there already is replaced.
local ids, chats = {}, {}
for i = 1, #ARGV, 9 do
  ids[#ids + 1] = ARGV[i]
end
remove(ids, 0)
for i = 1, #ARGV, 9 do
  local id, place, held, not_before, queued_at, attempts, sending, expires, record =
    unpack(ARGV, i, i + 8)
  local chat = insert(id, tonumber(place), record, queued_at, held == '1', tonumber(not_before))
  if attempts ~= '0' then
    call('HSET', P .. 'attempts', id, attempts)
  end
  if sending == '1' then
    call('SADD', P .. 'sending', id)
  end
  if expires ~= '' then
    call('ZADD', P .. 'edits-expire', expires, id)
  end
  chats[chat] = true
end
for chat in pairs(chats) do
  settle(chat, lane(chat), 0)
end
save_lanes()
