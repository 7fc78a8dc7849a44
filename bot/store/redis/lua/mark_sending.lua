#!lua flags=allow-oom
--include lanes
-- Notes that a delivery is handed to Telegram. ARGV: chat, id, lease_until. Gives 1, or 0 where
-- the claim does not hold any more.
local chat, id, lease = unpack(ARGV)
local l = lane(chat)
if string.sub(l.leased, 2) ~= id or l.lease ~= tonumber(lease) then
  return 0
end
call('SADD', P .. 'sending', id)
return 1
