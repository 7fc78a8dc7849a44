#!lua flags=no-writes
-- Counts alerts by chat and topic: chat, topic, count of each. ARGV: since, the chats.
local TOPICS = 2048
local since = tonumber(ARGV[1]) * TOPICS
local names, found = {}, {}
for i = 2, #ARGV do
  local told = call('ZRANGE', P .. 'told:' .. ARGV[i], since, '+inf', 'BYSCORE', 'WITHSCORES')
  local counts = {}
  for j = 1, #told, 2 do
    local number = tonumber(told[j + 1]) % TOPICS
    if number > 0 then
      local name = told[j] .. ' ' .. number
      if not names[name] then
        local key = P .. 'told-topics:' .. told[j]
        names[name] = call('ZRANGE', key, number, number, 'BYSCORE')[1]
      end
      local topic = names[name]
      if topic then
        counts[topic] = (counts[topic] or 0) + 1
      end
    end
  end
  for topic, count in pairs(counts) do
    found[#found + 1] = ARGV[i]
    found[#found + 1] = topic
    found[#found + 1] = count
  end
end
return found
