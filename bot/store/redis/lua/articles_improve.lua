#!lua
--include articles_rows
-- Puts an article's page in place of what the feed had, logs it again, lets its fan-out go.
-- ARGV: id, now, 1 if it is to be delivered, shown (empty: as first seen), body (empty: none
-- came). Gives the article's value, or false. Run again it changes nothing more.
local id, now, deliver, new_shown, new_body = ARGV[1], ARGV[2], ARGV[3] == '1', ARGV[4], ARGV[5]
local value = call('HGET', P .. 'articles', id)
if not value then
  return false
end
local seq, shown, seen, imported, page_by, body =
  string.match(value, '^(%d+),(-?%d+),(-?%d+),(%d),(-?%d*)\n(.*)$')
local name, fan_out = member(tonumber(id)), P .. 'fanout:' .. id
local waits = call('EXISTS', fan_out) == 1
if new_body ~= '' and new_body ~= body then
  body = new_body
  shown = new_shown ~= '' and new_shown or seen
  seq = text(take('seq', 1))
  call('ZADD', P .. 'log', seq, id)
  call('ZADD', P .. 'shown', shown, name)
  if waits then
    call('HSET', fan_out, 'shown', shown)
    call('ZADD', P .. 'fanouts', shown, padded(tonumber(id)))
  end
end
value = table.concat({ seq, shown, seen, imported, '' }, ',') .. '\n' .. body
call('HSET', P .. 'articles', id, value)
call('ZREM', P .. 'pages', name)
if waits and deliver then
  local not_before = tonumber(call('HGET', fan_out, 'not_before') or '0')
  if not_before > tonumber(now) then
    call('HSET', fan_out, 'not_before', now)
  end
elseif waits and not call('HGET', fan_out, 'owner') then
  -- One that somebody began goes on: half of the followers have it already.
  call('DEL', fan_out)
  call('ZREM', P .. 'fanouts', padded(tonumber(id)))
end
return value
