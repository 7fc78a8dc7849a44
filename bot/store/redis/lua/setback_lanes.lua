#!lua flags=allow-oom
--include lanes
-- Moves along what chats wait for: gaps, flood waits, leases, deliveries for later. ARGV: token,
-- now, by how many ms, the cursor to go on at, about how many. Gives the next cursor; 0: all done.
local now, by = tonumber(ARGV[2]), tonumber(ARGV[3])
local before = repeated(ARGV[1])
if before then
  return before
end
local scanned = call('HSCAN', P .. 'lanes', ARGV[4], 'COUNT', ARGV[5])
for i = 1, #scanned[2], 2 do
  local chat = scanned[2][i]
  local l = lane(chat)
  local moved = l.later == 1
  for _, name in ipairs({ 'free', 'hold', 'lease' }) do
    if l[name] > now then
      l[name] = l[name] - by
      moved = true
    end
  end
  if l.later == 1 then
    for _, L in ipairs({ 'r', 'b' }) do
      local key = P .. 'later:' .. L .. ':' .. chat
      local ahead = call('ZRANGE', key, '(' .. text(now), '+inf', 'BYSCORE', 'WITHSCORES')
      local words = {}
      for k = 1, #ahead, 2 do
        words[k], words[k + 1] = text(ahead[k + 1] - by), ahead[k]
      end
      many({ 'ZADD', key }, words)
    end
  end
  if moved then
    settle(chat, l, now)
  end
end
save_lanes()
return remembered(ARGV[1], scanned[1])
