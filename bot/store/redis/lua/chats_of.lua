#!lua flags=no-writes
-- Gives the chats of a sorted set (chat-ids, due) whose scores lie between, a page of them.
local set, first, last, limit = unpack(ARGV)
local ids = call('ZRANGE', P .. set, first, last, 'BYSCORE', 'LIMIT', 0, limit)
if #ids == 0 then
  return {}
end
return call('HMGET', P .. 'chats', unpack(ids))
