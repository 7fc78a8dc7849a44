#!lua
--include articles_rows
--include edits
--include articles_replace
-- Puts what a document says now in place of what it said. ARGV: token, id, mark, page_by (empty: its
-- page is not wanted), how many revisions are enough, shown (empty: as first seen), body (empty:
-- what is there stays). Gives the article's value, or false where nothing changed.
local token, id, mark, page_by, most, new_shown, new_body = unpack(ARGV)
local value = call('HGET', P .. 'articles', id)
if not value then
  return false
end
local earlier = repeated(token)
if earlier then
  return earlier == '1' and value
end
call('HSET', P .. 'article-marks', id, mark)
local a = parts_of(value)
local before = a.body
local changed = new_body ~= '' and new_body ~= before
if not (changed or page_by ~= '')
  or tonumber(call('HGET', P .. 'article-revisions', id) or 0) >= tonumber(most) then
  remembered(token, '0')
  return false
end
call('HINCRBY', P .. 'article-revisions', id, 1)
if changed then
  replace(id, a, new_shown, new_body)
  note_change(id, a, before)
end
if page_by ~= '' then
  a.page_by = page_by
end
if a.page_by ~= '' then
  call('ZADD', P .. 'pages', a.shown, member(tonumber(id)))
end
value = value_of(a)
call('HSET', P .. 'articles', id, value)
remembered(token, '1')
return value
