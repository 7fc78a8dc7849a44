#!lua flags=allow-oom
-- Gives the leases that hold, of names with a prefix: name, owner, name, owner, ... What a killed
-- worker left is thrown away on the way, an hour late: a command's clock may be wrong.
local prefix, now = unpack(ARGV)
local fields = call('HGETALL', P .. 'leases')
local found = {}
for at = 1, #fields, 2 do
  local name = fields[at]
  local till, owner = fields[at + 1]:match('^(%d+) (.*)$')
  if tonumber(till) <= now - 3600000 then
    call('HDEL', P .. 'leases', name)
  elseif tonumber(till) > tonumber(now) and name:sub(1, #prefix) == prefix then
    found[#found + 1] = name
    found[#found + 1] = owner
  end
end
return found
