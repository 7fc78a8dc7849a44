#!lua flags=allow-oom
-- Gives the leases that hold, of names with a prefix: name, owner, name, owner, ... Those that
-- ended say nothing to anybody (a killed worker left them): they are thrown away on the way.
local prefix, now = unpack(ARGV)
local fields = call('HGETALL', P .. 'leases')
local found = {}
for at = 1, #fields, 2 do
  local name = fields[at]
  local till, owner = fields[at + 1]:match('^(%d+) (.*)$')
  if tonumber(till) <= tonumber(now) then
    call('HDEL', P .. 'leases', name)
  elseif name:sub(1, #prefix) == prefix then
    found[#found + 1] = name
    found[#found + 1] = owner
  end
end
return found
