#!lua flags=allow-oom
--include lanes
-- Forgets dead letters. ARGV: token, their ids. Gives how many there were.
local before = repeated(ARGV[1])
if before then
  return before
end
local count = 0
for i = 2, #ARGV do
  count = count + call('HDEL', P .. 'dead', ARGV[i])
  call('ZREM', P .. 'dead-ids', ARGV[i])
end
return remembered(ARGV[1], tostring(count))
