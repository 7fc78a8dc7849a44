#!lua
--include lanes
--include queue
--include edits
-- Queues a batch of an edit. ARGV: token, N, cursor ('' finishes it, '=' leaves it), now, after how
-- many ms it looks again, then chat, story, letter of the queue, expires_at (or empty) and record of
-- each. Gives how many were queued or replaced.
local token, number, cursor, now = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local before = repeated(token)
if before then
  return before
end
local key = P .. 'edit-job:' .. number
if call('EXISTS', key) == 0 then
  return '0'
end
begin_edit(number)

-- The queued delivery of a story, among these ids of a chat's: id, record; nothing where none is.
local function among(ids, story)
  for i, record in ipairs(many({ 'HMGET', P .. 'outbox' }, ids)) do
    if record then
      local _, its_story = story_of(record)
      if its_story == story then
        return ids[i], record
      end
    end
  end
  return nil
end

local function queued_of(chat, story)
  local ids = {}
  for _, K in ipairs({ 'a', 'o', 'h', 'r' }) do
    for _, id in ipairs(call('ZRANGE', P .. 'queue:' .. K .. ':' .. chat, 0, -1)) do
      ids[#ids + 1] = id
    end
  end
  if lane(chat).later == 1 then
    for _, L in ipairs({ 'r', 'b' }) do
      for _, name in ipairs(call('ZRANGE', P .. 'later:' .. L .. ':' .. chat, 0, -1)) do
        ids[#ids + 1] = string.match(name, ':(%d+)$')
      end
    end
  end
  return among(ids, story)
end

local function expire(id, at)
  if at == '' then
    call('ZREM', P .. 'edits-expire', id)
  else
    call('ZADD', P .. 'edits-expire', at, id)
  end
end

-- Queues a chat's edit, or replaces what is queued; gives how many, nil where it is just being sent.
local function apply(chat, story, K, expires, record)
  local told = call('HGET', P .. 'told-of:' .. story, chat)
    or call('HGET', P .. 'posts-of:' .. story, chat)
  if not told then
    return 0
  end
  local sent = string.sub(told, -1) ~= '-'
  local id, stored
  if K == 'e' then
    id, stored = among(call('ZRANGE', P .. 'queue:e:' .. chat, 0, -1), story)
  else
    id, stored = queued_of(chat, story)
  end
  if id then
    local l = lane(chat)
    if string.sub(l.leased, 2) == id and l.lease > now then
      return nil
    end
    -- The method stands last in the first line, and the payload behind it.
    local what = string.match(stored, '^([^\n]*,)"[^"]*"%]\n')
    call('HSET', P .. 'outbox', id, what .. string.match(record, '^[^\n]*,("[^"]*"%]\n.*)$'))
    if K == 'e' then
      expire(id, expires)
    end
    return 1
  end
  if K ~= 'e' then
    if sent then
      return nil
    end
    return 0
  end
  if not sent then
    return 0
  end
  local place = take('delivery', 1)
  insert(text(place), expires == '' and place - ENDLESS_FIRST or place, record, now, false, 0)
  expire(text(place), expires)
  return 1
end

local chats = {}
for i = 6, #ARGV, 5 do
  chats[#chats + 1] = ARGV[i]
end
local disabled = many({ 'SMISMEMBER', P .. 'disabled' }, chats)
load_lanes(chats)
local done = 0
local again = call('HGET', key, 'again') or ''
for n, chat in ipairs(chats) do
  if disabled[n] == 0 then
    local i = 1 + 5 * n
    local count = apply(chat, unpack(ARGV, i + 1, i + 4))
    if count then
      done = done + count
    elseif not string.find(' ' .. again .. ' ', ' ' .. chat .. ' ', 1, true) then
      again = again == '' and chat or again .. ' ' .. chat
    end
  end
end
if cursor ~= '' then
  if again ~= '' then
    call('HSET', key, 'again', again)
  end
  if cursor ~= '=' then
    call('HSET', key, 'cursor', cursor)
  end
  -- Whoever brings a batch is at work: the lease begins anew.
  call('HSET', key, 'lease_until', text(now + tonumber(call('HGET', key, 'lease_ms') or 0)))
elseif again ~= '' then
  call('HSET', key, 'chosen', again, 'not_before', text(now + tonumber(ARGV[5])), 'lease_until', 0)
  call('HDEL', key, 'again', 'cursor')
else
  forget_edit(number)
end
save_lanes()
return remembered(token, text(done))
