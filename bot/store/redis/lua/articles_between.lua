#!lua flags=no-writes
--include articles_rows
-- ARGV: after, until, limit
return rows(call('ZREVRANGEBYSCORE', P .. 'seen', ARGV[2], '(' .. ARGV[1], 'LIMIT', 0, ARGV[3]))
