-- Putting deliveries into the outbox and taking them out; after lanes.

local LETTERS = { reply = 'r', alert = 'a', edit = 'e' }

local function lane_of(K)
  return K == 'r' and 'r' or 'b'
end

-- The chat and the letter of the queue that a record belongs to.
local function belongs(record)
  local chat, kind = string.match(record, '^%["(-?%d+)","(%l+)"')
  return chat, LETTERS[kind] or 'o'
end

-- The article and the story of a record; nothing where it has none.
local function story_of(record)
  local article, story = string.match(record, '^%["[^"]*","[^"]*",%d+,%d+,(%d+),(%d*)')
  return article, story ~= '' and story or article
end

local TOLD_S = 50 * 3600
local ENDLESS_FIRST = 2 ^ 50 -- by so much edits that nothing ends (channels') come before the others

-- The key of what chats were told of a story as this kind.
local function told_key(kind, story)
  return P .. (kind == 'post' and 'posts-of:' or 'told-of:') .. story
end

-- Notes what chats were told: by key chat, value, ...
local function save_told(by_key)
  for key, values in pairs(by_key) do
    many({ 'HSET', key }, values)
    if string.find(key, 'told-of:', 1, true) then
      call('EXPIRE', key, TOLD_S)
    end
  end
end

-- Notes in `by_key` that a chat was told an article, and by what message.
local function add_told(by_key, kind, story, chat, article, message)
  local key = told_key(kind, story)
  local list = by_key[key] or {}
  by_key[key] = list
  list[#list + 1] = chat
  list[#list + 1] = kind .. ' ' .. article .. ' ' .. message
end

-- Keeps a chat among those with edits, or not.
local function note_edits(chat)
  local _, place = head('e', chat)
  if place then
    call('ZADD', P .. 'edits', place, chat)
  else
    call('ZREM', P .. 'edits', chat)
  end
end

-- The number of a story's topic in told:CHAT.
local function topic_number(story, topic)
  local key = P .. 'told-topics:' .. story
  local known = call('ZSCORE', key, topic)
  if known then
    return tonumber(known)
  end
  local number = call('ZCARD', key) + 1
  if number >= TOPICS then
    return 0 -- followed by nobody can be so many: its alerts are not counted by topic
  end
  call('ZADD', key, number, topic)
  call('EXPIRE', key, 62 * 86400) -- what is told is forgotten a month after it was first seen
  return number
end

-- What drafts have in common, parsed once: 'kind K held not_before article story N expires', N-th
-- of topics.
local function specified(spec, topics, now)
  local kind, K, held, not_before, article, story, topic, expires =
    string.match(spec, '^(%l+) (%l) (%d) (%d+) (%d*) (%d*) (%d*) (%d*)$')
  local parts = {
    kind = kind, K = K, held = held == '1', not_before = tonumber(not_before), expires = expires,
  }
  if article ~= '' and K ~= 'e' then
    local score = parts.held and 0 or now * TOPICS
    if topic ~= '' then
      score = score + topic_number(story, topics[tonumber(topic)])
    end
    parts.article, parts.story, parts.score = article, story, string.format('%d', score)
  end
  return parts
end

-- Stands a chat where its new delivery, which may go out `at`, makes it stand.
local function stand_new(sets, chat, l, L, at, id, now)
  at = math.max(at, l.hold, l.lease, L == 'b' and l.free or 0)
  local list = at <= now and sets.ready or sets.wake
  list[#list + 1] = at <= now and id or written[at]
  list[#list + 1] = chat
  if at <= now and l[L] == WAITS then
    table.insert(sets.awake, chat)
  end
  l[L] = at <= now and READY or WAITS
end

-- Queues the drafts that begin at ARGV[first]: the topics as JSON; chat and number of the reading
-- of each, all in one word; then of each reading what specified() parses, and its record: what
-- stands behind the chat at its beginning, and what behind the chat in its payload ('': the
-- payload is whole). What may not be queued is passed over; gives how many were.
local function queue(now, first)
  local topics = cjson.decode(ARGV[first])
  local chats, readings = {}, {}
  for chat, reading in string.gmatch(ARGV[first + 1], '(%S+) (%d+)') do
    local n = #chats + 1
    chats[n], readings[n] = chat, reading
  end
  local disabled = many({ 'SMISMEMBER', P .. 'disabled' }, chats)
  load_lanes(chats)
  local begun = tonumber(call('HGET', P .. 'counters', 'delivery') or 0)
  local number = begun
  local known, records, ages, told, held, told_of = {}, {}, {}, {}, {}, {}
  local sets = {
    r = { ready = {}, wake = {}, awake = {} }, b = { ready = {}, wake = {}, awake = {} },
  }
  local now_written = written[now]
  for n = 1, #chats do
    local chat, reading = chats[n], readings[n]
    if disabled[n] == 0 then
      local parts = known[reading]
      if not parts then
        local at = first + 3 * reading - 1
        parts = specified(ARGV[at], topics, now)
        parts.middle, parts.rest = ARGV[at + 1], ARGV[at + 2]
        known[reading] = parts
      end
      local l, fresh = lanes[chat], true
      if parts.article then
        fresh = call('ZADD', P .. 'told:' .. chat, 'NX', parts.score, parts.story) == 1
        if l.told == 0 then
          l.told = 1
          told[#told + 1] = now_written
          told[#told + 1] = chat
        end
      end
      if fresh then
        number = number + 1
        local id = string.format('%d', number)
        records[#records + 1] = id
        if parts.rest == '' then
          records[#records + 1] = '["' .. chat .. parts.middle
        else
          records[#records + 1] = '["' .. chat .. parts.middle .. chat .. parts.rest
        end
        ages[#ages + 1] = now_written
        ages[#ages + 1] = id
        if parts.article then
          add_told(told_of, parts.kind, parts.story, chat, parts.article, '-')
        end
        local K, at = parts.K, parts.not_before
        if K == 'e' then
          local place = parts.expires ~= '' and number or number - ENDLESS_FIRST
          call('ZADD', P .. 'queue:e:' .. chat, place, id)
          note_edits(chat)
          if parts.expires ~= '' then
            call('ZADD', P .. 'edits-expire', parts.expires, id)
          end
        elseif parts.held then
          call('ZADD', P .. 'queue:h:' .. chat, id, id)
          held[#held + 1] = chat
        else
          local L = lane_of(K)
          if at > 0 then
            call('ZADD', P .. 'later:' .. L .. ':' .. chat, at, K .. ':' .. id .. ':' .. id)
            l.later = 1
            if l[L] == UNKNOWN then
              l[L] = call('ZSCORE', P .. 'ready:' .. L, chat) and READY or 0
            end
          else
            call('ZADD', P .. 'queue:' .. K .. ':' .. chat, id, id)
            if K == 'o' then
              l.other = 1
            end
          end
          if l[L] ~= READY then -- a chat that is ready has something older
            stand_new(sets[L], chat, l, L, at, id, now)
          end
        end
      end
    end
  end
  if number > begun then
    call('HSET', P .. 'counters', 'delivery', text(number))
  end
  many({ 'HSET', P .. 'outbox' }, records)
  many({ 'ZADD', P .. 'outbox-age' }, ages)
  many({ 'ZADD', P .. 'told-chats', 'NX' }, told)
  many({ 'SADD', P .. 'held-chats' }, held)
  save_told(told_of)
  for L, lists in pairs(sets) do
    many({ 'ZADD', P .. 'wake:' .. L, 'LT' }, lists.wake)
    many({ 'ZREM', P .. 'wake:' .. L }, lists.awake)
    many({ 'ZADD', P .. 'ready:' .. L, 'LT' }, lists.ready)
  end
  save_lanes()
  return number - begun
end

-- Takes a delivery out of what is held; gives its place, or nil.
local function let_go(id, chat)
  local key = P .. 'queue:h:' .. chat
  local place = call('ZSCORE', key, id)
  if place then
    call('ZREM', key, id)
    if call('EXISTS', key) == 0 then
      call('SREM', P .. 'held-chats', chat)
    end
  end
  return place or nil
end

-- Takes a delivery out of its chat's queue, wherever it stands there, and ends its lease. Gives
-- the chat, the place, and whether it was held; the caller forgets its record and settles the chat.
local function take_out(id, record)
  local chat, K = belongs(record)
  local key = P .. 'queue:' .. K .. ':' .. chat
  local place, held = call('ZSCORE', key, id) or nil, false
  if place then
    call('ZREM', key, id)
  else
    place = let_go(id, chat)
    held = place ~= nil
  end
  if not place then
    key = P .. 'later:' .. lane_of(K) .. ':' .. chat
    for _, name in ipairs(call('ZRANGE', key, 0, -1)) do
      local its_place, its_id = string.match(name, ':(%d+):(%d+)$')
      if its_id == id then
        place = its_place
        call('ZREM', key, name)
      end
    end
  end
  if K == 'e' then
    note_edits(chat)
    call('ZREM', P .. 'edits-expire', id)
  end
  local l = lane(chat)
  if l.leased == K .. id then
    end_lease(l)
  end
  return chat, tonumber(place), held
end

-- Forgets the records of these ids.
local function forget(ids)
  many({ 'HDEL', P .. 'outbox' }, ids)
  many({ 'ZREM', P .. 'outbox-age' }, ids)
  many({ 'HDEL', P .. 'attempts' }, ids)
  many({ 'SREM', P .. 'sending' }, ids)
end

-- The ids and records of those of these ids that are queued.
local function records_of(ids)
  local found = {}
  for i, record in ipairs(many({ 'HMGET', P .. 'outbox' }, ids)) do
    if record then
      found[#found + 1] = { ids[i], record }
    end
  end
  return found
end

-- Takes deliveries out unsent, and settles their chats; gives them as of records_of.
local function remove(ids, now)
  local found = records_of(ids)
  local gone, chats = {}, {}
  for _, pair in ipairs(found) do
    gone[#gone + 1] = pair[1]
    chats[take_out(pair[1], pair[2])] = true
  end
  forget(gone)
  for chat in pairs(chats) do
    settle(chat, lane(chat), now)
  end
  return found
end

-- Notes that a chat was let have the story of a record now.
local function tell(chat, record, now)
  local _, story = story_of(record)
  local told = story and call('ZSCORE', P .. 'told:' .. chat, story)
  if told then
    call('ZADD', P .. 'told:' .. chat, now * TOPICS + tonumber(told) % TOPICS, story)
  end
end

-- Writes a delivery that is held, or waits for its hour (0: for nothing); the caller settles the
-- chat.
local function insert(id, place, record, queued_at, held, not_before)
  local chat, K = belongs(record)
  call('HSET', P .. 'outbox', id, record)
  call('ZADD', P .. 'outbox-age', queued_at, id)
  if held then
    call('ZADD', P .. 'queue:h:' .. chat, place, id)
    call('SADD', P .. 'held-chats', chat)
  elseif not_before > 0 then
    call('ZADD', P .. 'later:' .. lane_of(K) .. ':' .. chat, not_before,
      K .. ':' .. text(place) .. ':' .. id)
    lane(chat).later = 1
    noted(lane(chat), K)
  else
    call('ZADD', P .. 'queue:' .. K .. ':' .. chat, place, id)
    noted(lane(chat), K)
    if K == 'e' then
      note_edits(chat)
    end
  end
  return chat
end
