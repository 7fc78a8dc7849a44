#!lua flags=no-writes
--include articles_rows
-- The articles of a story, by id. ARGV: story
local ids = call('ZRANGE', P .. 'members:' .. ARGV[1], 0, -1)
if call('HEXISTS', P .. 'article-stories', ARGV[1]) == 0 then
  ids[#ids + 1] = ARGV[1]
  table.sort(ids, function(one, two)
    return tonumber(one) < tonumber(two)
  end)
end
return rows(ids)
