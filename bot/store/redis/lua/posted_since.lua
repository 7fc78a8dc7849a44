#!lua flags=no-writes
-- Gives when a chat was let have articles since then, in order. ARGV: chat, since.
local TOPICS = 2048
local told = call('ZRANGE', P .. 'told:' .. ARGV[1], ARGV[2] * TOPICS, '+inf', 'BYSCORE',
  'WITHSCORES')
local times = {}
for i = 2, #told, 2 do
  times[#times + 1] = text(math.floor(tonumber(told[i]) / TOPICS))
end
return times
