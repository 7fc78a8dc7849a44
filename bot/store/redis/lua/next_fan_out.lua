#!lua
--include edits
-- Leases the oldest fan-out that may go on and that nobody works on: fanouts, fanout:ID. ARGV:
-- token, now, owner, lease in ms. Where there is none, the oldest edit (edits.lua). Gives its id,
-- cursor ('' none), article, the article's value, of an edit also 1 if that was revised and the chats.
local token, now, owner, lease = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local function answer_edit(number)
  local story, article, cursor, chosen =
    unpack(call('HMGET', P .. 'edit-job:' .. number, 'story', 'article_id', 'cursor', 'chosen'))
  local shown = article or story
  local body = story and call('HGET', P .. 'articles', shown)
  return body and { '-' .. number, cursor or '', shown, body, article and 1 or 0, chosen or '' }
end
local function answer(id)
  if string.sub(id, 1, 1) == '-' then
    return answer_edit(string.sub(id, 2))
  end
  local values = call('HMGET', P .. 'fanout:' .. id, 'cursor', 'article_id')
  local body = values[2] and call('HGET', P .. 'articles', values[2])
  return body and { id, values[1] or '', values[2], body }
end
local before = repeated(token)
if before then
  return answer(before)
end
local PART = 100
local from = 0
repeat
  local members = call('ZRANGE', P .. 'fanouts', from, from + PART - 1)
  for _, name in ipairs(members) do
    local id = text(tonumber(name))
    local key = P .. 'fanout:' .. id
    local found = call('HMGET', key, 'not_before', 'lease_until')
    if tonumber(found[1] or 0) <= now and tonumber(found[2] or 0) <= now then
      local given = answer(id)
      if given then
        call('HSET', key, 'owner', owner, 'lease_ms', text(lease), 'lease_until', text(now + lease))
        remembered(token, id)
        return given
      end
    end
  end
  from = from + PART
until #members < PART
for _, number in ipairs(call('ZRANGE', P .. 'edit-jobs', 0, -1)) do
  local key = P .. 'edit-job:' .. number
  local found = call('HMGET', key, 'not_before', 'lease_until')
  if tonumber(found[1] or 0) <= now and tonumber(found[2] or 0) <= now then
    local given = answer_edit(number)
    begin_edit(number)
    if given then
      call('HSET', key, 'owner', owner, 'lease_ms', text(lease), 'lease_until', text(now + lease))
      remembered(token, '-' .. number)
      return given
    end
    forget_edit(number)
  end
end
return false
