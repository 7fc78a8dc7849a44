#!lua flags=allow-oom
--include lanes
-- Ends a claim without success. ARGV: chat, id, lease_until, free_at, failed, holds (0 or 1). Only
-- the claim that holds the chat counts: run again, or too late, this changes nothing.
local chat, id, lease, free, failed, holds = unpack(ARGV)
local l = lane(chat)
if string.sub(l.leased, 2) ~= id or l.lease ~= tonumber(lease) then
  return 0
end
free = tonumber(free)
end_lease(l)
l.free = math.max(l.free, free)
if holds == '1' then
  l.hold = math.max(l.hold, free)
end
if failed == '1' then
  call('HINCRBY', P .. 'attempts', id, 1)
end
call('SREM', P .. 'sending', id)
settle(chat, l, 0)
save_lanes()
return 1
