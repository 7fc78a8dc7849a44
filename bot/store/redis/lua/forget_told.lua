#!lua flags=allow-oom
--include lanes
-- Forgets what chats were told before a time about articles up to one. ARGV: before, article,
-- how many chats, how many to pass over. Gives how many to pass over next, or -1 at the end.
local before, last, count, passed = unpack(ARGV)
before, last, passed = tonumber(before), tonumber(last), tonumber(passed)
local chats = call('ZRANGE', P .. 'told-chats', '-inf', before, 'BYSCORE', 'LIMIT', passed, count)
for _, chat in ipairs(chats) do
  local key = P .. 'told:' .. chat
  local gone = {}
  for _, article in ipairs(call('ZRANGE', key, '-inf', before * TOPICS, 'BYSCORE')) do
    if tonumber(article) <= last and #gone < 1000 then
      gone[#gone + 1] = article
    end
  end
  if #gone > 0 then
    call('ZREM', key, unpack(gone))
  end
  local oldest = tonumber(call('ZRANGE', key, 0, 0, 'WITHSCORES')[2])
  local at = oldest and math.floor(oldest / TOPICS)
  if not at then
    call('ZREM', P .. 'told-chats', chat)
    lane(chat).told = 0
  elseif at > before then
    call('ZADD', P .. 'told-chats', at, chat)
  else
    passed = passed + 1
  end
end
save_lanes()
return #chats == tonumber(count) and passed or -1
