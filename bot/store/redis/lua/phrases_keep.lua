#!lua
-- phrases: hash key -> text; phrase-times: zset when it was last kept -> key.
-- ARGV: key, text, now
call('HSET', P .. 'phrases', ARGV[1], ARGV[2])
call('ZADD', P .. 'phrase-times', ARGV[3], ARGV[1])
