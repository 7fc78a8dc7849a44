#!lua flags=allow-oom
--include lanes
--include queue
-- Leases chats. ARGV: token, now, limit, lease_until. Gives for each claim: chat, id, attempts,
-- 1 if it was being sent, how many alerts wait (of an alert), the chat's kind (or '' where nobody
-- met it), its on_doubt (or ''), record.
local token, now, limit, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local WAKE, MOVE = 200, 500 -- chats a lane, deliveries: what wakes in one step
local EXPIRE, LOOK, PAGE = 200, 1000, 50 -- edits dropped, chats with edits looked at in one step
local claims = {}

local function answer()
  local ids, chats, found = {}, {}, {}
  for i, claim in ipairs(claims) do
    chats[i], ids[i] = claim[1], claim[2]
  end
  if #claims > 0 then
    local records = many({ 'HMGET', P .. 'outbox' }, ids)
    local attempts = many({ 'HMGET', P .. 'attempts' }, ids)
    local sending = many({ 'SMISMEMBER', P .. 'sending' }, ids)
    local bodies = many({ 'HMGET', P .. 'chats' }, chats)
    for i, chat in ipairs(chats) do
      local alert = string.sub(lane(chat).leased, 1, 1) == 'a'
      local waiting = alert and call('ZCARD', P .. 'queue:a:' .. chat) or 0
      local body = bodies[i] or ''
      local kind, doubt = string.match(body, '^%[[^,]*,"(%l+)"'), string.match(body, '"(%l+)"%]$')
      for _, value in ipairs({
        chat, ids[i], attempts[i] or '0', sending[i], waiting, kind or '', doubt or '', records[i],
      }) do
        found[#found + 1] = value
      end
    end
  end
  return found
end

local before = repeated(token)
if before then
  for chat, K, id in string.gmatch(before, '(%S+):(%l)(%d+)') do
    local l = lane(chat)
    if l.leased == K .. id and l.lease == lease then
      claims[#claims + 1] = { chat, id }
    end
  end
  return answer()
end

local expired = call('ZRANGE', P .. 'edits-expire', '-inf', now, 'BYSCORE', 'LIMIT', 0, EXPIRE)
remove(expired, now)
many({ 'ZREM', P .. 'edits-expire' }, expired)

local moved = 0
for _, L in ipairs({ 'r', 'b' }) do
  local chats = call('ZRANGE', P .. 'wake:' .. L, '-inf', now, 'BYSCORE', 'LIMIT', 0, WAKE)
  load_lanes(chats)
  for _, chat in ipairs(chats) do
    if moved < MOVE then
      moved = moved + settle(chat, lane(chat), now)
    end
  end
end

save_standing()
local names, taken = {}, {}
local moves = { r = { {}, {} }, b = { {}, {} } }
local function lease_chat(chat, l, K, id)
  l.leased, l.lease = K .. id, lease
  taken[chat] = true
  claims[#claims + 1] = { chat, id }
  names[#names + 1] = chat .. ':' .. l.leased
  for each, lists in pairs(moves) do
    if l[each] ~= 0 then
      table.insert(lists[1], lease)
      table.insert(lists[1], chat)
      if l[each] ~= WAITS then
        table.insert(lists[2], chat)
      end
      l[each] = WAITS
    end
  end
end

for _, L in ipairs({ 'r', 'b' }) do
  -- Chats met above may be among these, so all `limit` are asked for.
  local chats = call('ZRANGE', P .. 'ready:' .. L, 0, limit - 1)
  load_lanes(chats)
  for _, chat in ipairs(chats) do
    if #claims < limit and not taken[chat] then
      local l = lane(chat)
      promote(chat, l, now)
      local id, _, K = first_in(L, chat, l)
      if id then
        lease_chat(chat, l, K, id)
      else
        settle(chat, l, now)
      end
    end
  end
end
-- Whoever is ready is leased by now, where there is room: then come the edits.
local from, chats = 0, nil
while #claims < limit and from < LOOK and (not chats or #chats == PAGE) do
  chats = call('ZRANGE', P .. 'edits', from, from + PAGE - 1)
  load_lanes(chats)
  for _, chat in ipairs(chats) do
    local l = lane(chat)
    if #claims < limit and not taken[chat] and math.max(l.free, l.hold, l.lease) <= now then
      local id = head('e', chat)
      if id then
        lease_chat(chat, l, 'e', id)
      else
        note_edits(chat)
      end
    end
  end
  from = from + PAGE
end
for each, lists in pairs(moves) do
  many({ 'ZADD', P .. 'wake:' .. each, 'GT' }, lists[1])
  many({ 'ZREM', P .. 'ready:' .. each }, lists[2])
end
save_lanes()
if #names > 0 then
  remembered(token, table.concat(names, ' '))
end
return answer()
