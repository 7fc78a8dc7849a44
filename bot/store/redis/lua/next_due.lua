#!lua flags=no-writes
--include lanes
-- Gives since, or from, when there is something to claim; 0: since long, -1: nothing is queued.
local first
for _, L in ipairs({ 'r', 'b' }) do
  if call('EXISTS', P .. 'ready:' .. L) == 1 then
    return 0
  end
  local at = tonumber(call('ZRANGE', P .. 'wake:' .. L, 0, 0, 'WITHSCORES')[2])
  if at and (not first or at < first) then
    first = at
  end
end
local chats = call('ZRANGE', P .. 'edits', 0, 499)
load_lanes(chats)
for _, chat in ipairs(chats) do
  local l = lane(chat)
  local at = math.max(l.free, l.hold, l.lease)
  if not first or at < first then
    first = at
  end
end
return first or -1
