#!lua flags=no-writes
-- Gives dead letters by id, a page of them: id, value of each. ARGV: '(id' or '-inf', limit.
local found = {}
for _, id in ipairs(call('ZRANGE', P .. 'dead-ids', ARGV[1], '+inf', 'BYSCORE', 'LIMIT', 0,
  ARGV[2])) do
  found[#found + 1] = id
  found[#found + 1] = call('HGET', P .. 'dead', id)
end
return found
