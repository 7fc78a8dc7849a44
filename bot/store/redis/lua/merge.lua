#!lua flags=allow-oom
--include lanes
--include queue
-- Replaces deliveries by one. ARGV: token, chat, now, not_before, record up to its queued_at,
-- the rest of the record, the ids. Gives '1', or '0' where one of them is not queued any more.
local token, chat, now, not_before = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local before = repeated(token)
if before then
  return before
end
local ids = { unpack(ARGV, 7) }
local found = records_of(ids)
for _, pair in ipairs(found) do
  if belongs(pair[2]) ~= chat then
    return '0'
  end
end
if #found < #ids then
  return '0'
end
local place, queued_at
for _, pair in ipairs(found) do
  local _, its_place = take_out(pair[1], pair[2])
  if not place or its_place < place then
    place, queued_at = its_place, string.match(pair[2], '^%["[^"]*","[^"]*",(%d+),')
  end
end
forget(ids)
-- A new id, not the first one's: a worker that lost its lease on that one may still
-- acknowledge it, and must not take the merged message with it.
local id = text(take('delivery', 1))
insert(id, place, ARGV[5] .. queued_at .. ARGV[6], queued_at, not_before)
settle(chat, lane(chat), now)
save_lanes()
return remembered(token, '1')
