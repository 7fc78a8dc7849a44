#!lua flags=no-writes
--include articles_rows
-- The articles whose pages are wanted: first those whose fan-out waits. ARGV: limit
local limit = tonumber(ARGV[1])
local chosen, waits = {}, {}
for _, fan_out in ipairs(call('ZREVRANGE', P .. 'fanouts', 0, -1)) do
  local id = tonumber(fan_out)
  if
    call('ZSCORE', P .. 'pages', member(id))
    and not call('HGET', P .. 'fanout:' .. text(id), 'owner')
  then
    waits[member(id)] = true
    chosen[#chosen + 1] = member(id)
    if #chosen == limit then
      return rows(chosen)
    end
  end
end
local first = 0
while #chosen < limit do
  local more = call('ZREVRANGE', P .. 'pages', first, first + 499)
  for _, name in ipairs(more) do
    if not waits[name] and #chosen < limit then
      chosen[#chosen + 1] = name
    end
  end
  if #more < 500 then
    break
  end
  first = first + 500
end
return rows(chosen)
