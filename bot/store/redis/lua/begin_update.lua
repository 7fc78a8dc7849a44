#!lua flags=allow-oom
-- Takes an update and its chat: update:ID says that one was handled, chat-lease:LANE holds
-- "until owner" while one of the chat is. Gives a models.Turn.
local update, lane, owner, now, lease_ms = unpack(ARGV)
if call('EXISTS', P .. 'update:' .. update) == 1 then
  return 'done'
end
local key = P .. 'chat-lease:' .. lane
local held = call('GET', key)
if held then
  local till, holder = held:match('^(%d+) (.*)$')
  if holder ~= owner and tonumber(till) > tonumber(now) then
    return 'wait'
  end
end
-- Redis throws away what a killed worker left, some time after the lease itself ended.
call('SET', key, text(now + lease_ms) .. ' ' .. owner, 'PX', lease_ms + 60000)
return 'handle'
