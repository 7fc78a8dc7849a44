#!lua flags=allow-oom
-- Notes a 429: floods (zset: time -> 'chat:wait:time'), rate. ARGV: chat, wait in microseconds, 1
-- for a group, whose limit is its own. Three chats' within a second hold bulk for the shortest
-- wait. Gives what reserve gives.
local chat, wait, group = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local MANY, WITHIN = 3, 1000000
local time = call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local found = call('HMGET', P .. 'rate', 'next', 'bulk_until')
local bulk_until = tonumber(found[2] or 0)
if group == '0' then
  local key = P .. 'floods'
  call('ZREMRANGEBYSCORE', key, '-inf', now - WITHIN)
  call('ZADD', key, now, chat .. ':' .. text(wait) .. ':' .. text(now))
  call('PEXPIRE', key, 2000)
  local waits, chats, shortest = {}, 0, wait
  for _, name in ipairs(call('ZRANGE', key, 0, -1)) do
    local its_chat, its_wait = string.match(name, '^(.-):(%d+):')
    if not waits[its_chat] then
      waits[its_chat] = true
      chats = chats + 1
    end
    shortest = math.min(shortest, tonumber(its_wait))
  end
  if chats >= MANY then
    bulk_until = math.max(bulk_until, now + shortest)
    call('HSET', P .. 'rate', 'bulk_until', text(bulk_until))
  end
end
return { text(now), text(math.max(tonumber(found[1] or 0), now)), text(bulk_until) }
