#!lua flags=allow-oom
-- Notes that an update was handled (update '': it was not), and lets go of its chat.
local update, lane, owner, now = unpack(ARGV)
if update ~= '' then
  call('SET', P .. 'update:' .. update, now, 'EX', MARK_S)
end
local key = P .. 'chat-lease:' .. lane
local held = call('GET', key)
if held and held:match('^%d+ (.*)$') == owner then
  call('DEL', key)
end
