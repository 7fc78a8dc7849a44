#!lua
--include lanes
--include queue
-- Queues a batch of a fan-out. ARGV: token, fan-out, cursor ('' finishes it, '=' leaves it), now, what
-- queue() reads. Gives how many were queued; 0 where another worker has finished it.
local token, id, cursor, now = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local before = repeated(token)
if before then
  return before
end
local key = P .. 'fanout:' .. id
if call('EXISTS', key) == 0 then
  return '0'
end
-- Cursors are 64-bit numbers, which Lua's do not hold.
local function exceeds(one, two)
  local below, above = string.sub(one, 1, 1) == '-', string.sub(two, 1, 1) == '-'
  if below ~= above then
    return above
  end
  if below then
    one, two = two, one
  end
  return #one > #two or (#one == #two and one > two)
end
local queued = queue(now, 5)
local behind = cursor == '' and call('HGET', key, 'behind')
if behind then
  -- A chat that was given an id behind the cursor meanwhile is still to be served: what is
  -- between there and the end is passed over, for it was told.
  call('HSET', key, 'cursor', text(tonumber(behind) - 1), 'lease_until', 0)
  call('HDEL', key, 'behind')
elseif cursor == '' then
  call('DEL', key)
  call('ZREM', P .. 'fanouts', padded(tonumber(id)))
else
  local found = call('HMGET', key, 'cursor', 'lease_ms')
  if cursor ~= '=' and (not found[1] or exceeds(cursor, found[1])) then
    call('HSET', key, 'cursor', cursor)
  end
  -- Whoever brings a batch is at work: the lease begins anew.
  call('HSET', key, 'lease_until', text(now + tonumber(found[2] or 0)))
end
return remembered(token, text(queued))
