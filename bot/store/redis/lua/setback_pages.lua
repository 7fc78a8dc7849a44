#!lua flags=allow-oom
--include articles_rows
-- Moves along the pages that are waited for. ARGV: token, now, by how many ms, where to go on,
-- how many. Gives where to go on, or -1.
local now, by, from, count = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local before = repeated(ARGV[1])
if before then
  return tonumber(before)
end
local names = call('ZRANGE', P .. 'pages', from, from + count - 1)
local found, changed = rows(names), {}
for i = 1, #found, 2 do
  local head, page_by, body = string.match(found[i + 1], '^([^\n]*,)(%d*)(\n.*)$')
  if page_by ~= '' and tonumber(page_by) > now then
    changed[#changed + 1] = found[i]
    changed[#changed + 1] = head .. text(page_by - by) .. body
  end
end
in_parts('HSET', P .. 'articles', changed)
local next = #names == count and from + count or -1
remembered(ARGV[1], text(next))
return next
