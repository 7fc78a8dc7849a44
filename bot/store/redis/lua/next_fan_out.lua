#!lua
-- Leases the oldest fan-out that may go on and that nobody works on: fanouts, fanout:ID. ARGV:
-- token, now, owner, lease in ms. Gives its id, cursor (or nil), article, the article's value.
local token, now, owner, lease = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local function answer(id)
  local values = call('HMGET', P .. 'fanout:' .. id, 'cursor', 'article_id')
  local body = values[2] and call('HGET', P .. 'articles', values[2])
  return body and { id, values[1], values[2], body }
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
return false
