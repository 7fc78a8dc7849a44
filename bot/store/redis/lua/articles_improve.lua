#!lua
--include articles_rows
--include edits
--include articles_replace
-- Puts an article's page in place of what the feed had, logs it again, lets its fan-out go.
-- ARGV: id, now, 1 if it is to be delivered, shown (empty: as first seen), body (empty: none
-- came). Gives the article's value, or false. Run again it changes nothing more.
local id, now, deliver, new_shown, new_body = ARGV[1], ARGV[2], ARGV[3] == '1', ARGV[4], ARGV[5]
local value = call('HGET', P .. 'articles', id)
if not value then
  return false
end
local a = parts_of(value)
local fan_out = P .. 'fanout:' .. id
local waits = call('EXISTS', fan_out) == 1
local before = a.body
if new_body ~= '' and new_body ~= before then
  replace(id, a, new_shown, new_body)
  if call('HEXISTS', P .. 'article-revisions', id) == 1 then
    note_change(id, a, before)
  end
end
a.page_by = ''
value = value_of(a)
call('HSET', P .. 'articles', id, value)
call('ZREM', P .. 'pages', member(tonumber(id)))
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
