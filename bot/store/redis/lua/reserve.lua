#!lua flags=allow-oom
-- Takes places in the rate that all workers share: rate (hash: next, bulk_until), microseconds of
-- this server's clock. ARGV: interval, count (0 takes none). Gives now, first place, bulk_until.
local interval, count = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local found = call('HMGET', P .. 'rate', 'next', 'bulk_until')
local first = math.max(tonumber(found[1] or 0), now)
-- Nobody books a minute ahead, at slow rates some places: the clock was set back.
if first > now + 60000000 + 20 * interval then
  first = now
end
if count > 0 then
  call('HSET', P .. 'rate', 'next', text(first + interval * count))
end
return { text(now), text(first), found[2] or '0' }
