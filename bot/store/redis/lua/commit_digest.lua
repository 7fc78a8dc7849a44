#!lua
--include lanes
--include queue
--include keep_chat
-- Queues a chat's digest and sets the next one. ARGV: token, chat, what is stored of it now, what
-- then, its next_digest_at (or empty), now, what queue() reads. Gives '1', or '0' where something
-- else is stored.
local token, chat, expected, body, due, now = unpack(ARGV, 1, 6)
local before = repeated(token)
if before then
  return before
end
if call('HGET', P .. 'chats', chat) ~= expected then
  return '0'
end
put_chat(chat, body, false, due)
queue(tonumber(now), 7)
return remembered(token, '1')
