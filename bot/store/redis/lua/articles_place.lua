#!lua
--include articles_rows
-- Notes which story an article tells. ARGV: id, story. Gives the article's value, or false.
local id, story = ARGV[1], ARGV[2]
local value = call('HGET', P .. 'articles', id)
if not value then
  return false
end
local a = parts_of(value)
local before = a.story ~= '' and a.story or id
if a.story ~= story then
  a.story = story
  if before ~= story then
    a.seq = text(take('seq', 1))
    call('ZADD', P .. 'log', a.seq, id)
    call('ZREM', P .. 'members:' .. before, id)
    if story == id then
      call('HDEL', P .. 'article-stories', id)
    else
      call('HSET', P .. 'article-stories', id, story)
      call('ZADD', P .. 'members:' .. story, id, id)
    end
  end
  value = value_of(a)
  call('HSET', P .. 'articles', id, value)
end
return value
