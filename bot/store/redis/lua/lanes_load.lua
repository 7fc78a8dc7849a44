#!lua
--include lanes
-- Lets chats wait that were moved here. ARGV: chat, free_at, hold_until of each.
for i = 1, #ARGV, 3 do
  local l = lane(ARGV[i])
  l.free, l.hold = tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  settle(ARGV[i], l, 0)
end
save_lanes()
