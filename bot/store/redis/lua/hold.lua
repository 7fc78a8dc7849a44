#!lua flags=allow-oom
--include lanes
-- Lets a chat wait as Telegram asked an answer to. ARGV: chat, until.
local chat, until_ms = ARGV[1], tonumber(ARGV[2])
local l = lane(chat)
l.hold = math.max(l.hold, until_ms)
settle(chat, l, 0)
save_lanes()
