#!lua
--include edits
-- Lets what was sent of a story be changed. ARGV: story, article (or empty).
queue_edit(ARGV[1], ARGV[2] ~= '' and ARGV[2] or nil)
