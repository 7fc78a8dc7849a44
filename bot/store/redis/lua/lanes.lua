-- Delivery's keys, without P. Times are milliseconds, ids and places whole numbers.
--   outbox         hash id -> record: '["chat","kind",queued_at,not_before,article,topic,"method"]',
--                  a line feed, the payload; never changed but when it moves (release leaves the
--                  not_before in it, which no longer counts: where the id stands says what holds)
--   outbox-age     zset queued_at -> id
--   attempts       hash id -> failures for unknown reasons; none: no field
--   sending        set of ids that were handed to Telegram, where a chat wants to know
--                  (between article and topic its story, where that is not the article's own)
--   queue:K:CHAT   zset place -> id; K: r replies, a alerts, o other bulk, h what is held, e edits
--   edits          zset place of the first edit -> chat: no lane knows of edits, which wait until
--                  nothing else is ready
--   edits-expire   zset time -> id of edits that are dropped then
--   later:L:CHAT   zset not_before -> 'K:place:id' of what waits for its hour; L: r replies, b bulk
--   held-chats     set of chats with a queue:h
--   lanes          hash chat -> 'free_at hold_until lease_until leased RBT': leased is K and id of
--                  what a worker sends right now, or '-'; R and B tell where the chat stands with
--                  its replies and its bulk (0 nowhere, 1 ready, 2 wake); T is the sum of what to
--                  look for: 1 later, 2 queue:o, and 4 where it is known to be among told-chats.
--                  None: it waits for nothing, and has no more than alerts, for which it is ready
--   ready:L        zset place of the next delivery -> chat: who may be claimed, in order
--   wake:L         zset time -> chat: who has to be looked at then
--   told:CHAT      zset at * 2048 + N -> story: since when it may go out (0: held), N: its topic
--   told-topics:STORY  zset N -> topic, from 1; 0 is no topic
--   told-of:STORY  hash chat -> 'kind article message': what a chat was told of it, and the message
--                  that shows that ('-' while there is none); forgotten after two days
--   posts-of:STORY the same of what was posted in channels, for good
--   told-chats     zset the first time -> chat: who has a told:CHAT
--   dead           hash id -> 'attempts at', a line feed, the reason as JSON, a line feed, record
--   dead-ids       zset id -> id
local READY, WAITS = 1, 2
local UNKNOWN = 3 -- ready, if anything waits
local TOPICS = 2048

-- Calls a command, given as the list of its first words, on many values (pairs too).
local function many(words, values)
  local fixed, answers = #words, {}
  for first = 1, #values, 1000 do
    local last = math.min(first + 999, #values)
    local line = { unpack(words) }
    for i = first, last do
      line[fixed + i - first + 1] = values[i]
    end
    local answer = call(unpack(line))
    if type(answer) == 'table' then
      for i = 1, #answer do
        answers[first + i - 1] = answer[i]
      end
    end
  end
  return answers
end

local lanes = {}

-- Numbers as they are written: to format one takes longer than all else that is done with it.
local written = setmetatable({}, {
  __index = function(known, number)
    local digits = string.format('%d', number)
    known[number] = digits
    return digits
  end,
})

local function parsed(state)
  if not state then
    return {
      free = 0, hold = 0, lease = 0, leased = '-', r = 0, b = UNKNOWN, later = 0, other = 0,
      told = 0, state = '',
    }
  end
  local free, hold, lease, leased, r, b, T =
    string.match(state, '^(%d+) (%d+) (%d+) (%S+) (%d)(%d)(%d)$')
  local free_at, hold_until, lease_until = tonumber(free), tonumber(hold), tonumber(lease)
  written[free_at], written[hold_until], written[lease_until] = free, hold, lease
  T = tonumber(T)
  return {
    free = free_at, hold = hold_until, lease = lease_until, leased = leased,
    r = tonumber(r), b = tonumber(b), state = state,
    later = T % 2, other = math.floor(T / 2) % 2, told = math.floor(T / 4),
  }
end

-- Reads the lanes of these chats at once.
local function load_lanes(chats)
  local unread = {}
  for _, chat in ipairs(chats) do
    if not lanes[chat] then
      unread[#unread + 1] = chat
    end
  end
  for i, state in ipairs(many({ 'HMGET', P .. 'lanes' }, unread)) do
    lanes[unread[i]] = parsed(state)
  end
end

local function lane(chat)
  lanes[chat] = lanes[chat] or parsed(call('HGET', P .. 'lanes', chat))
  return lanes[chat]
end

-- Who is to stand where, set by set: chat -> score, or false to leave. Written together: a command
-- on many chats is a fraction of many commands.
local standing = { ['ready:r'] = {}, ['ready:b'] = {}, ['wake:r'] = {}, ['wake:b'] = {} }

local function save_standing()
  for name, chats in pairs(standing) do
    local come, go = {}, {}
    for chat, score in pairs(chats) do
      if score then
        come[#come + 1] = score
        come[#come + 1] = chat
      else
        go[#go + 1] = chat
      end
    end
    many({ 'ZADD', P .. name }, come)
    many({ 'ZREM', P .. name }, go)
    standing[name] = {}
  end
end

-- Whether a lane need not be told from none.
local function plain(l)
  return l.r == 0 and l.b ~= WAITS and l.later + l.other + l.free + l.hold + l.lease == 0
end

-- Writes the lanes that changed; the last thing that a step does with them.
local function save_lanes()
  save_standing()
  local words = {}
  for chat, l in pairs(lanes) do
    -- A fan-out to chats that are all new writes no lane at all.
    if l.state ~= '' or not plain(l) then
      local state = written[l.free] .. ' ' .. written[l.hold] .. ' ' .. written[l.lease] .. ' '
        .. l.leased .. ' ' .. written[l.r] .. written[l.b]
        .. written[l.later + 2 * l.other + 4 * l.told]
      if state ~= l.state then
        words[#words + 1] = chat
        words[#words + 1] = state
      end
    end
  end
  many({ 'HSET', P .. 'lanes' }, words)
end

-- Puts a chat where it belongs with one of its lanes: at nil: nothing waits.
local function stand(chat, l, L, at, place, now)
  local stood = l[L]
  local stands = at and (at <= now and READY or WAITS) or 0
  if stood ~= stands and stood ~= 0 then
    standing[(stood == WAITS and 'wake:' or 'ready:') .. L][chat] = false
  end
  if stands ~= 0 then
    standing[(stands == READY and 'ready:' or 'wake:') .. L][chat] = stands == READY and place or at
  end
  l[L] = stands
end

-- Notes that something of this kind was put into the chat's queue, for the next settle.
local function noted(l, K)
  if K == 'r' then
    l.r = l.r ~= 0 and l.r or UNKNOWN
  elseif K == 'o' then
    l.other = 1
  end
end

-- Moves what has waited for its hour into the queue; gives how much that was.
local function promote(chat, l, now)
  if l.later == 0 then
    return 0
  end
  local moved, left = 0, 0
  for _, L in ipairs({ 'r', 'b' }) do
    local key = P .. 'later:' .. L .. ':' .. chat
    local due = call('ZRANGE', key, '-inf', now, 'BYSCORE')
    if #due > 0 then
      local words = {}
      for _, name in ipairs(due) do
        local K, place, id = string.match(name, '^(%l):(%d+):(%d+)$')
        words[K] = words[K] or {}
        table.insert(words[K], place)
        table.insert(words[K], id)
      end
      for K, values in pairs(words) do
        noted(l, K)
        many({ 'ZADD', P .. 'queue:' .. K .. ':' .. chat }, values)
      end
      call('ZREMRANGEBYSCORE', key, '-inf', now)
      moved = moved + #due
    end
    left = left + call('ZCARD', key)
  end
  l.later = left > 0 and 1 or 0
  return moved
end

local function head(K, chat)
  local found = call('ZRANGE', P .. 'queue:' .. K .. ':' .. chat, 0, 0, 'WITHSCORES')
  return found[1], tonumber(found[2])
end

-- The first in a lane of a chat: id, place, K; nothing where it is empty.
local function first_in(L, chat, l)
  if L == 'r' then
    local id, place = head('r', chat)
    return id, place, 'r'
  end
  local alert, alert_place = head('a', chat)
  if l.other == 0 then
    return alert, alert_place, 'a'
  end
  local other, other_place = head('o', chat)
  if not other then
    l.other = 0
  end
  if other and (not alert or other_place < alert_place) then
    return other, other_place, 'o'
  end
  return alert, alert_place, 'a'
end

-- Works out anew, from the queue, when the chat may be claimed; gives what was promoted.
local function settle(chat, l, now)
  local moved = promote(chat, l, now)
  for _, L in ipairs(l.r ~= 0 and { 'r', 'b' } or { 'b' }) do
    local id, place = first_in(L, chat, l)
    local at = id and 0
    if not id and l.later == 1 then
      local found = call('ZRANGE', P .. 'later:' .. L .. ':' .. chat, 0, 0, 'WITHSCORES')
      if found[1] then
        at, place = tonumber(found[2]), string.match(found[1], ':(%d+):')
      end
    end
    if at then
      at = math.max(at, l.hold, l.lease, L == 'b' and l.free or 0)
    end
    stand(chat, l, L, at, place, now)
  end
  return moved
end

local function end_lease(l)
  l.leased, l.lease = '-', 0
end
