#!lua
--include articles_rows
-- Archives articles, logs them, queues their fan-out, saves the source.
-- ARGV: token, now, source's name, its state (empty: an import), then for each article: how many
-- keys, the keys, shown, 1 if it is fanned out, page_by (or empty), body.
-- Gives "N:id:seq N:id:seq ..." of the new ones, N counting the articles given from 0.
local token, now, source, state = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local before = repeated(token)
if before then
  return before
end

local articles, keys = {}, {}
local at = 5
while at <= #ARGV do
  local count = tonumber(ARGV[at])
  local new = { keys = {} }
  for i = 1, count do
    new.keys[i] = ARGV[at + i]
    keys[#keys + 1] = ARGV[at + i]
  end
  at = at + count + 1
  new.shown, new.deliver, new.page_by, new.body =
    ARGV[at], ARGV[at + 1] == '1', ARGV[at + 2], ARGV[at + 3]
  articles[#articles + 1] = new
  at = at + 4
end

local owners = {}
for i, owner in ipairs(in_parts('HMGET', P .. 'article-keys', keys)) do
  owners[keys[i]] = owner or nil
end
-- Commands on many values are a tenth of the time of many commands.
local bodies, names, log, shown, seen, pages, fan_outs = {}, {}, {}, {}, {}, {}, {}
local function add(list, one, two)
  list[#list + 1] = one
  list[#list + 1] = two
end
local imported = state == ''
local stored = {}
for i, new in ipairs(articles) do
  local id
  for _, key in ipairs(new.keys) do
    -- The oldest name decides: keys come in the order of their worth.
    id = id or owners[key]
  end
  if not id then
    local number, seq = take('article', 1), take('seq', 1)
    id = text(number)
    local head = { text(seq), new.shown, now, imported and '1' or '0', new.page_by }
    add(bodies, id, table.concat(head, ',') .. '\n' .. new.body)
    add(log, text(seq), id)
    add(shown, new.shown, member(number))
    if not imported then
      add(seen, now, member(number))
    end
    if new.page_by ~= '' then
      add(pages, new.shown, member(number))
    end
    if new.deliver then
      add(fan_outs, new.shown, padded(number))
      call('HSET', P .. 'fanout:' .. id, 'article_id', id, 'shown', new.shown, 'not_before',
        new.page_by == '' and '0' or new.page_by)
    end
    stored[#stored + 1] = (i - 1) .. ':' .. id .. ':' .. text(seq)
  end
  for _, key in ipairs(new.keys) do
    if not owners[key] then
      owners[key] = id
      add(names, key, id)
    end
  end
end
in_parts('HSET', P .. 'articles', bodies)
in_parts('HSET', P .. 'article-keys', names)
in_parts('ZADD', P .. 'log', log)
in_parts('ZADD', P .. 'shown', shown)
in_parts('ZADD', P .. 'seen', seen)
in_parts('ZADD', P .. 'pages', pages)
in_parts('ZADD', P .. 'fanouts', fan_outs)
if not imported then
  call('HSET', P .. 'sources', source, state)
end
return remembered(token, table.concat(stored, ' '))
