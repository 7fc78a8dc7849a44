#!lua flags=allow-oom
-- Takes a piece of work, or keeps it. leases: name -> "until owner", until in milliseconds of
-- the clock that the workers share.
local name, owner, now, lease_ms = unpack(ARGV)
local held = call('HGET', P .. 'leases', name)
if held then
  local till, holder = held:match('^(%d+) (.*)$')
  if holder ~= owner and tonumber(till) > tonumber(now) then
    return 0
  end
end
call('HSET', P .. 'leases', name, text(now + lease_ms) .. ' ' .. owner)
return 1
