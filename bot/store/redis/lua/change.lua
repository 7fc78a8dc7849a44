#!lua
-- Sets a subscription's mode ('' keeps it) and pause (milliseconds or null). Gives its row, or
-- null where the topic is not followed.
--include keep_subscription
local update, step, chat, topic, mode, paused = unpack(ARGV)
local before = marked(update, step)
if before then
  return before
end
local followed = call('HGET', P .. 'subs:' .. chat, topic)
if not followed then
  return mark(update, step, 'null')
end
followed = cjson.decode(followed)
local tail = settings(followed[2], mode ~= '' and mode or followed[3], paused)
call('HSET', P .. 'subs:' .. chat, topic, '[' .. text(followed[1]) .. ',' .. tail)
return mark(update, step, row(chat, topic, tail))
