#!lua flags=no-writes
--include lanes
-- Gives enabled chats that follow any of the topics, by id, as JSON: a list of [chat, place of a
-- topic, subscription, place, subscription ...]. ARGV: '-inf' or '(after', limit, the topics.
local after, limit = ARGV[1], tonumber(ARGV[2])
local topics = { unpack(ARGV, 3) }
local part = math.max(16, math.ceil(limit / #topics))
local found, which = {}, {}
repeat
  -- A part of each topic; what lies behind the shortest part has to wait for the next round.
  local horizon
  local met, numbers = {}, {}
  for place, topic in ipairs(topics) do
    local ids = call('ZRANGE', P .. 'followers:' .. topic, after, '+inf', 'BYSCORE', 'LIMIT', 0,
      part)
    if #ids == part then
      horizon = math.min(horizon or math.huge, tonumber(ids[#ids]))
    end
    for _, id in ipairs(ids) do
      if not met[id] then
        met[id] = {}
        numbers[#numbers + 1] = { tonumber(id), id }
      end
      table.insert(met[id], place)
    end
  end
  table.sort(numbers, function(one, two)
    return one[1] < two[1]
  end)
  local ids = {}
  for _, pair in ipairs(numbers) do
    if not horizon or pair[1] <= horizon then
      ids[#ids + 1] = pair[2]
    end
  end
  for i, disabled in ipairs(many({ 'SMISMEMBER', P .. 'disabled' }, ids)) do
    if disabled == 0 and #found < limit then
      found[#found + 1] = ids[i]
      which[#which + 1] = met[ids[i]]
    end
  end
  after = horizon and '(' .. text(horizon)
until not after or #found == limit

local bodies = many({ 'HMGET', P .. 'chats' }, found)
local rows = {}
for i, chat in ipairs(found) do
  local words, texts = {}, {}
  for j, place in ipairs(which[i]) do
    words[j] = topics[place]
  end
  local subscriptions = call('HMGET', P .. 'subs:' .. chat, unpack(words))
  for j, place in ipairs(which[i]) do
    if subscriptions[j] then
      texts[#texts + 1] = place - 1 .. ',' .. subscriptions[j]
    end
  end
  if bodies[i] and #texts > 0 then
    rows[#rows + 1] = '[' .. bodies[i] .. ',' .. table.concat(texts, ',') .. ']'
  end
end
return '[' .. table.concat(rows, ',') .. ']'
