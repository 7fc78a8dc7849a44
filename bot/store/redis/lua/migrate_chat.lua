#!lua
--include lanes
--include queue
--include keep_chat
-- Gives everything of a chat to another. ARGV: old, new, what is stored of each now ('' nothing),
-- what then of the new one ('' nothing), its next_digest_at (or empty), how many deliveries, id
-- and new record of each, then id, value and new value of dead letters. Gives 'done', 'more' where
-- deliveries of the old chat are left, 'changed' where something else is stored.
local old, new, old_body, new_body, body, due, count = unpack(ARGV, 1, 7)
if (call('HGET', P .. 'chats', old) or '') ~= old_body
  or (call('HGET', P .. 'chats', new) or '') ~= new_body then
  return 'changed'
end
local last = 7 + 2 * tonumber(count)
local from = lane(old)
local known = call('HEXISTS', P .. 'lanes', new) == 1
local to = lane(new)
if not known then
  to.free, to.hold = from.free, from.hold
end
for i = 8, last, 2 do
  local id, record = ARGV[i], ARGV[i + 1]
  local stored = call('HGET', P .. 'outbox', id)
  local _, story, K
  if stored then
    _, story = story_of(stored)
    _, K = belongs(stored)
  end
  local told = K == 'e' or (story and call('ZSCORE', P .. 'told:' .. new, story))
  if told and belongs(stored) == old then
    -- Both were queued the same story; one of them is enough. What the group got cannot be edited.
    take_out(id, stored)
    forget({ id })
  elseif stored and belongs(stored) == old then
    local held = call('ZSCORE', P .. 'queue:h:' .. old, id)
    local place = call('ZSCORE', P .. 'queue:' .. K .. ':' .. old, id)
    if held or place then
      take_out(id, stored)
      call('ZADD', P .. 'queue:' .. (held and 'h' or K) .. ':' .. new, held or place, id)
      if held then
        call('SADD', P .. 'held-chats', new)
      else
        noted(to, K)
      end
    end
    call('HSET', P .. 'outbox', id, record)
    -- What was on its way to the group when it moved did not arrive.
    call('SREM', P .. 'sending', id)
  end
end
for i = last + 1, #ARGV, 3 do
  if call('HGET', P .. 'dead', ARGV[i]) == ARGV[i + 1] then
    call('HSET', P .. 'dead', ARGV[i], ARGV[i + 2])
  end
end
for _, L in ipairs({ 'r', 'b' }) do
  local key = P .. 'later:' .. L .. ':'
  local names = call('ZRANGE', key .. old, 0, -1, 'WITHSCORES')
  for i = 1, #names, 2 do
    local stored = call('HGET', P .. 'outbox', string.match(names[i], ':(%d+)$'))
    if stored and belongs(stored) == new then
      call('ZREM', key .. old, names[i])
      call('ZADD', key .. new, names[i + 1], names[i])
      to.later = 1
      noted(to, string.sub(names[i], 1, 1))
    end
  end
end
local left = 0
for _, name in ipairs({ 'queue:r:', 'queue:a:', 'queue:o:', 'queue:h:', 'queue:e:', 'later:r:', 'later:b:' }) do
  left = left + call('EXISTS', P .. name .. old)
end
settle(new, to, 0)
if left > 0 then
  settle(old, from, 0)
  save_lanes()
  return 'more'
end

end_lease(from)
settle(old, from, 0)
call('HDEL', P .. 'lanes', old)
lanes[old] = nil
save_lanes()
if old_body ~= '' then
  put_chat(new, body, false, due)
  call('HDEL', P .. 'chats', old)
  call('ZREM', P .. 'chat-ids', old)
  call('SREM', P .. 'disabled', old)
  call('ZREM', P .. 'due', old)
end
-- A fan-out that is past the new id and was not yet at the old one would miss the chat.
for _, name in ipairs(call('ZRANGE', P .. 'fanouts', 0, -1)) do
  local key = P .. 'fanout:' .. text(tonumber(name))
  local found = call('HMGET', key, 'cursor', 'behind')
  local cursor, behind = tonumber(found[1] or nil), tonumber(found[2] or nil)
  if cursor and cursor < tonumber(old) and cursor >= tonumber(new) then
    if not behind or tonumber(new) < behind then
      call('HSET', key, 'behind', new)
    end
  end
end
-- What the new chat has already is kept as it has it.
local followed = call('HGETALL', P .. 'subs:' .. old)
for i = 1, #followed, 2 do
  call('HSETNX', P .. 'subs:' .. new, followed[i], followed[i + 1])
  call('ZREM', P .. 'followers:' .. followed[i], old)
  call('ZADD', P .. 'followers:' .. followed[i], new, new)
end
call('DEL', P .. 'subs:' .. old)
local told = call('ZRANGE', P .. 'told:' .. old, 0, -1, 'WITHSCORES')
local words = {}
for i = 1, #told, 2 do
  words[i], words[i + 1] = told[i + 1], told[i]
end
many({ 'ZADD', P .. 'told:' .. new, 'NX' }, words)
for i = 1, #told, 2 do
  for _, name in ipairs({ 'told-of:', 'posts-of:' }) do
    local key = P .. name .. told[i]
    local value = call('HGET', key, old)
    if value then
      call('HSETNX', key, new, (string.gsub(value, '%S+$', '-')))
      call('HDEL', key, old)
    end
  end
end
call('DEL', P .. 'told:' .. old)
local since = call('ZSCORE', P .. 'told-chats', old)
if since then
  call('ZADD', P .. 'told-chats', 'LT', since, new)
  call('ZREM', P .. 'told-chats', old)
end
return 'done'
