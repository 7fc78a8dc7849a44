#!lua flags=allow-oom
-- Forgets phrases that were last kept before a time. ARGV: before, limit. Gives how many went.
local old =
  call('ZRANGEBYSCORE', P .. 'phrase-times', '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
if #old > 0 then
  call('HDEL', P .. 'phrases', unpack(old))
  call('ZREM', P .. 'phrase-times', unpack(old))
end
return #old
