#!lua flags=no-writes
--include lanes
-- Gives enabled chats that follow any of the topics, by id, as JSON: a list of [chat, place of a
-- topic, subscription, place, subscription ...]. ARGV: '-inf' or '(after', limit, the topics.
local after, limit = ARGV[1], tonumber(ARGV[2])
local topics = { unpack(ARGV, 3) }
local part = math.max(16, math.ceil(limit / #topics))
-- The ids from `after` on that one of the topics has, in order, the places of the topics by id, and
-- how far that list is complete: nil where it is to the end.
local function next_part(part)
  local ids, met, horizon = {}, {}, nil
  for place, topic in ipairs(topics) do
    local listed = call('ZRANGE', P .. 'followers:' .. topic, after, '+inf', 'BYSCORE', 'LIMIT', 0,
      part)
    -- What lies behind the shortest part has to wait for the next round.
    if #listed == part then
      horizon = math.min(horizon or math.huge, tonumber(listed[part]))
    end
    if #topics == 1 then
      return listed, nil, horizon
    end
    for _, id in ipairs(listed) do
      if not met[id] then
        met[id] = {}
        ids[#ids + 1] = { tonumber(id), id }
      end
      table.insert(met[id], place)
    end
  end
  table.sort(ids, function(one, two)
    return one[1] < two[1]
  end)
  local sorted = {}
  for _, pair in ipairs(ids) do
    if not horizon or pair[1] <= horizon then
      sorted[#sorted + 1] = pair[2]
    end
  end
  return sorted, met, horizon
end

local found, which = {}, {}
repeat
  local ids, met, horizon = next_part(part)
  for i, disabled in ipairs(many({ 'SMISMEMBER', P .. 'disabled' }, ids)) do
    if disabled == 0 and #found < limit then
      found[#found + 1] = ids[i]
      which[#which + 1] = met and met[ids[i]]
    end
  end
  after = horizon and '(' .. text(horizon)
until not after or #found == limit

local bodies = many({ 'HMGET', P .. 'chats' }, found)
local rows = {}
local only = #topics == 1 and topics[1]
for i, chat in ipairs(found) do
  local texts
  if only then
    local subscription = call('HGET', P .. 'subs:' .. chat, only)
    texts = subscription and '0,' .. subscription
  else
    local words, parts = {}, {}
    for j, place in ipairs(which[i]) do
      words[j] = topics[place]
    end
    local subscriptions = call('HMGET', P .. 'subs:' .. chat, unpack(words))
    for j, place in ipairs(which[i]) do
      if subscriptions[j] then
        parts[#parts + 1] = place - 1 .. ',' .. subscriptions[j]
      end
    end
    texts = #parts > 0 and table.concat(parts, ',')
  end
  if bodies[i] and texts then
    rows[#rows + 1] = '[' .. bodies[i] .. ',' .. texts .. ']'
  end
end
return '[' .. table.concat(rows, ',') .. ']'
