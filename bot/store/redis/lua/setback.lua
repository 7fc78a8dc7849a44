#!lua flags=allow-oom
-- Moves along leases and fan-outs when the clock was set back. What a chat-lease holds goes by
-- itself within a minute. ARGV: token, now, by how many ms
local token, now, by = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
if repeated(token) then
  return
end
local leases = call('HGETALL', P .. 'leases')
for i = 1, #leases, 2 do
  local till, owner = string.match(leases[i + 1], '^(%d+) (.*)$')
  if tonumber(till) > now then
    call('HSET', P .. 'leases', leases[i], text(till - by) .. ' ' .. owner)
  end
end
for _, name in ipairs(call('ZRANGE', P .. 'fanouts', 0, -1)) do
  local key = P .. 'fanout:' .. text(tonumber(name))
  for _, field in ipairs({ 'not_before', 'lease_until' }) do
    local at = tonumber(call('HGET', key, field) or 0)
    if at > now then
      call('HSET', key, field, text(at - by))
    end
  end
end
for _, number in ipairs(call('ZRANGE', P .. 'edit-jobs', 0, -1)) do
  local key = P .. 'edit-job:' .. number
  for _, field in ipairs({ 'not_before', 'lease_until' }) do
    local at = tonumber(call('HGET', key, field) or 0)
    if at > now then
      call('HSET', key, field, text(at - by))
    end
  end
end
remembered(token, '1')
