#!lua flags=no-writes
-- The last article first seen before a time, and before all that is still on its way to
-- anybody; 0 where there is none. ARGV: the time
local old = call('ZREVRANGEBYSCORE', P .. 'seen', '(' .. ARGV[1], '-inf', 'LIMIT', 0, 1)[1]
local last = tonumber(old or 0)
for _, fan_out in ipairs(call('ZRANGE', P .. 'fanouts', 0, -1)) do
  last = math.min(last, tonumber(fan_out) - 1)
end
return text(last)
