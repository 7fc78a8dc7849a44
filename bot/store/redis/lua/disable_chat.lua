#!lua flags=allow-oom
--include lanes
--include queue
--include keep_chat
-- Sends nothing more to a chat. ARGV: chat, what is stored of it now ('' nothing), what then.
-- Gives 'done', 'more' where the queue is too long for one step, 'changed' where something else is
-- stored.
local chat, expected, body = unpack(ARGV)
local stored = call('HGET', P .. 'chats', chat) or ''
if stored ~= expected and stored ~= body then
  return 'changed'
end
put_chat(chat, body, true, '')
local STEP = 400
local ids = {}
for _, K in ipairs({ 'r', 'a', 'o', 'h', 'e' }) do
  local key = P .. 'queue:' .. K .. ':' .. chat
  for _, id in ipairs(call('ZRANGE', key, 0, STEP - 1)) do
    ids[#ids + 1] = id
  end
  call('ZREMRANGEBYRANK', key, 0, STEP - 1)
end
for _, L in ipairs({ 'r', 'b' }) do
  local key = P .. 'later:' .. L .. ':' .. chat
  for _, name in ipairs(call('ZRANGE', key, 0, STEP - 1)) do
    ids[#ids + 1] = string.match(name, ':(%d+)$')
  end
  call('ZREMRANGEBYRANK', key, 0, STEP - 1)
end
forget(ids)
many({ 'ZREM', P .. 'edits-expire' }, ids)
call('ZREM', P .. 'edits', chat)
call('SREM', P .. 'held-chats', chat)
for _, L in ipairs({ 'r', 'b' }) do
  call('ZREM', P .. 'ready:' .. L, chat)
  call('ZREM', P .. 'wake:' .. L, chat)
end
call('HDEL', P .. 'lanes', chat)
return #ids >= STEP and 'more' or 'done'
