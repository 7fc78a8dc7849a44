#!lua flags=no-writes
--include articles_rows
-- ARGV: offset, limit
local first = tonumber(ARGV[1])
return rows(call('ZREVRANGE', P .. 'shown', first, first + tonumber(ARGV[2]) - 1))
