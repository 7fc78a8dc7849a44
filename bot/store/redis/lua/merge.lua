#!lua flags=allow-oom
--include lanes
--include queue
-- Replaces deliveries by one. ARGV: token, chat, now, held (0 or 1), not_before, record up to its
-- queued_at, the rest of the record, the ids. Gives '1', or '0' where one of them is not queued.
local token, chat, now = ARGV[1], ARGV[2], tonumber(ARGV[3])
local held, not_before = ARGV[4] == '1', tonumber(ARGV[5])
local before = repeated(token)
if before then
  return before
end
local ids = { unpack(ARGV, 8) }
local found = records_of(ids)
for _, pair in ipairs(found) do
  if belongs(pair[2]) ~= chat then
    return '0'
  end
end
if #found < #ids then
  return '0'
end
local place, was_held, record
for _, pair in ipairs(found) do
  local _, its_place, its_held = take_out(pair[1], pair[2])
  if not place or its_place < place then
    place, was_held, record = its_place, its_held, pair[2]
  end
end
if was_held and not held then
  -- It goes out now, and counts as one: a list is one post to an hourly cap.
  tell(chat, record, now)
end
forget(ids)
-- A new id, not the first one's: a worker that lost its lease on that one may still
-- acknowledge it, and must not take the merged message with it.
local id = text(take('delivery', 1))
local queued_at = string.match(record, '^%["[^"]*","[^"]*",(%d+),')
insert(id, place, ARGV[6] .. queued_at .. ARGV[7], queued_at, held, not_before)
settle(chat, lane(chat), now)
save_lanes()
return remembered(token, '1')
