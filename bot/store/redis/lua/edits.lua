-- Edits on their way to those who were told; keys, without P. The id of an edit is -N.
--   edit-jobs   zset N -> N
--   edit-job:N  hash: story, article_id (none: all messages of the story change), not_before, cursor,
--               chosen (the chats left, as 'CHAT CHAT'; none: all), again (those of the next round),
--               owner, lease_ms, lease_until
--   edit-open   hash 'STORY ARTICLE' -> N of what nobody began

local function open_name(story, article)
  return story .. ' ' .. (article or '')
end

-- Queues an edit, unless one that does the same was not begun yet. article may be nil.
local function queue_edit(story, article)
  local open = call('HMGET', P .. 'edit-open', open_name(story), open_name(story, article))
  if open[1] or open[2] then
    return
  end
  local number = text(take('edit', 1))
  call('HSET', P .. 'edit-job:' .. number, 'story', story, 'not_before', 0)
  if article then
    call('HSET', P .. 'edit-job:' .. number, 'article_id', article)
  end
  call('ZADD', P .. 'edit-jobs', number, number)
  call('HSET', P .. 'edit-open', open_name(story, article), number)
end

local function begin_edit(number)
  local found = call('HMGET', P .. 'edit-job:' .. number, 'story', 'article_id')
  if found[1] then
    local name = open_name(found[1], found[2])
    if call('HGET', P .. 'edit-open', name) == number then
      call('HDEL', P .. 'edit-open', name)
    end
  end
end

local function forget_edit(number)
  call('DEL', P .. 'edit-job:' .. number)
  call('ZREM', P .. 'edit-jobs', number)
end
