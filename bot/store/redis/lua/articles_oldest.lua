#!lua flags=no-writes
--include articles_rows
-- ARGV: limit, and the time and id of the last article of the page before, if any
local key = P .. 'shown'
local first = 0
if ARGV[2] then
  -- The article itself may have moved since: so the place between its neighbours is looked
  -- for, among those of the same time by halves (a date without a time is shared by many).
  local last = member(tonumber(ARGV[3]))
  first = call('ZCOUNT', key, '-inf', '(' .. ARGV[2])
  local behind = call('ZCOUNT', key, '-inf', ARGV[2])
  while first < behind do
    local middle = math.floor((first + behind) / 2)
    if call('ZRANGE', key, middle, middle)[1] <= last then
      first = middle + 1
    else
      behind = middle
    end
  end
end
return rows(call('ZRANGE', key, first, first + tonumber(ARGV[1]) - 1))
