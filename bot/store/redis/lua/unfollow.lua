#!lua flags=allow-oom
-- Stops following: subs:CHAT, followers:TOPIC, topics. Gives the row that went, or null.
--include keep_subscription
local update, step, chat, topic = unpack(ARGV)
local before = marked(update, step)
if before then
  return before
end
local followed = call('HGET', P .. 'subs:' .. chat, topic)
if not followed then
  return mark(update, step, 'null')
end
call('HDEL', P .. 'subs:' .. chat, topic)
call('ZREM', P .. 'followers:' .. topic, chat)
if call('EXISTS', P .. 'followers:' .. topic) == 0 and call('HDEL', P .. 'topics', topic) == 1 then
  take('topics', 1)
end
followed = cjson.decode(followed)
local tail = settings(followed[2], followed[3], whole(followed[4]))
return mark(update, step, row(chat, topic, tail))
