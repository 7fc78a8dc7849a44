#!lua
--include lanes
--include queue
-- Notes who was told what, for moving. ARGV: article, chat, at ('' while it is held), topic ('' for
-- none) of each.
for i = 1, #ARGV, 4 do
  local article, chat, at, topic = unpack(ARGV, i, i + 3)
  local number = topic == '' and 0 or topic_number(article, topic)
  call('ZADD', P .. 'told:' .. chat, (tonumber(at) or 0) * TOPICS + number, article)
  call('ZADD', P .. 'told-chats', 'LT', tonumber(at) or 0, chat)
end
