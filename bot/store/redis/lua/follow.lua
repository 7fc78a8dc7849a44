#!lua
-- Follows a topic: subs:CHAT, followers:TOPIC, topics. Gives JSON of [row, created], or '' for a
-- chat that was never met. paused: milliseconds or null.
--include keep_subscription
local update, step, chat, topic, title, mode, paused = unpack(ARGV)
local before = marked(update, step)
if before then
  return before
end
if call('HEXISTS', P .. 'chats', chat) == 0 then
  return ''
end
local followed = call('HGET', P .. 'subs:' .. chat, topic)
local id
if followed then
  followed = cjson.decode(followed)
  id, title = followed[1], followed[2]
else
  id = take('subscription', 1)
  call('ZADD', P .. 'followers:' .. topic, chat, chat)
  if call('HSETNX', P .. 'topics', topic, title) == 1 then
    take('topics', 1)
  end
end
local tail = settings(title, mode, paused)
call('HSET', P .. 'subs:' .. chat, topic, '[' .. text(id) .. ',' .. tail)
local created = followed and 'false' or 'true'
return mark(update, step, '[' .. row(chat, topic, tail) .. ',' .. created .. ']')
