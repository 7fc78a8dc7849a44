#!lua
--include lanes
--include queue
-- Queues drafts. ARGV: token, update, step (the mark), now, what queue() reads. Gives how many.
local token, update, step, now = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local before = repeated(token) or marked(update, step)
if before then
  return before
end
return mark(update, step, remembered(token, text(queue(now, 5))))
