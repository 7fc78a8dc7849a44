#!lua flags=allow-oom
--include lanes
--include queue
-- Takes sent deliveries out and frees their chats. ARGV: id, chat, free_at, sent_at, message
-- (or '-') of each.
local FIELDS = 5
local gone, chats, ids, told = {}, {}, {}, {}
for i = 1, #ARGV, FIELDS do
  ids[#ids + 1] = ARGV[i]
  chats[#chats + 1] = ARGV[i + 1]
end
load_lanes(chats)
local records = many({ 'HMGET', P .. 'outbox' }, ids)
for i = 1, #ARGV, FIELDS do
  local id, chat, free, now, message = unpack(ARGV, i, i + FIELDS - 1)
  free, now = tonumber(free), tonumber(now)
  local record = records[(i - 1) / FIELDS + 1]
  local l = lane(chat)
  local K, leased = string.match(l.leased, '^(%l)(%d+)$')
  if leased == id then
    call('ZREM', P .. 'queue:' .. K .. ':' .. chat, id)
    end_lease(l)
    if K == 'e' then
      note_edits(chat)
      call('ZREM', P .. 'edits-expire', id)
    else
      l.free = math.max(l.free, free)
    end
    gone[#gone + 1] = id
    settle(chat, l, now)
  else
    -- The lease has ended, or the chat has moved; it was sent all the same.
    if record then
      chat = take_out(id, record)
      gone[#gone + 1] = id
      settle(chat, lane(chat), now)
    end
  end
  local article, story
  if record then
    article, story = story_of(record)
  end
  local kind = article and message ~= '-' and string.match(record, '^%["[^"]*","(%l+)"')
  if kind and kind ~= 'edit' then
    add_told(told, kind, story, chat, article, message)
  end
end
save_told(told)
forget(gone)
save_lanes()
