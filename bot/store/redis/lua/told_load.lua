#!lua
--include lanes
--include queue
-- Notes who was told what, for moving. ARGV: story, chat, at ('' while it is held), topic ('' for
-- none), article, kind ('' where it is not known), message (or '-') of each.
local told_of = {}
for i = 1, #ARGV, 7 do
  local story, chat, at, topic, article, kind, message = unpack(ARGV, i, i + 6)
  local number = topic == '' and 0 or topic_number(story, topic)
  if kind ~= '' then
    add_told(told_of, kind, story, chat, article, message)
  end
  call('ZADD', P .. 'told:' .. chat, (tonumber(at) or 0) * TOPICS + number, story)
  call('ZADD', P .. 'told-chats', 'LT', tonumber(at) or 0, chat)
end
save_told(told_of)
