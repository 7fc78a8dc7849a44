#!lua flags=allow-oom
--include lanes
--include queue
-- Takes deliveries out of the queue unsent. ARGV: their ids.
remove(ARGV, 0)
save_lanes()
