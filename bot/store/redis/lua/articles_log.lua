#!lua flags=no-writes
--include articles_rows
-- ARGV: seq, limit
return rows(call('ZRANGEBYSCORE', P .. 'log', '(' .. ARGV[1], '+inf', 'LIMIT', 0, ARGV[2]))
