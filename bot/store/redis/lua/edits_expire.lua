#!lua flags=allow-oom
--include lanes
--include queue
-- Drops edits whose time is over. ARGV: now, how many. Gives how many there were.
local expired = call('ZRANGE', P .. 'edits-expire', '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[2])
remove(expired, tonumber(ARGV[1]))
save_lanes()
-- One without a delivery would come for ever.
many({ 'ZREM', P .. 'edits-expire' }, expired)
return #expired
