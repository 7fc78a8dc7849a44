#!lua flags=allow-oom
--include lanes
--include queue
-- Moves a delivery to the dead letters. ARGV: id, reason as JSON, now.
local id, reason, now = unpack(ARGV)
local attempts = call('HGET', P .. 'attempts', id) or '0'
for _, pair in ipairs(remove({ id }, tonumber(now))) do
  call('HSET', P .. 'dead', id, attempts .. ' ' .. now .. '\n' .. reason .. '\n' .. pair[2])
  call('ZADD', P .. 'dead-ids', id, id)
end
save_lanes()
