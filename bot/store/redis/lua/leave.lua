#!lua flags=allow-oom
-- Gives a piece of work back, unless it is another owner's by now.
local name, owner = unpack(ARGV)
local held = call('HGET', P .. 'leases', name)
if held and held:match('^%d+ (.*)$') == owner then
  call('HDEL', P .. 'leases', name)
end
