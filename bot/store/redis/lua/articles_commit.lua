#!lua
--include articles_rows
-- Archives articles, logs them, queues their fan-out, saves the source.
-- ARGV: token, now, source's name, its state (empty: an import), then for each article: how many
-- keys, the keys, shown, 1 if it is fanned out, page_by (or empty), what its
-- document says (or empty), its value without the seq.
-- Gives "N:id:seq N:id:seq ..." of the new ones, N counting the articles given from 0.
local token, now, source, state = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local before = repeated(token)
if before then
  return before
end

local articles, keys = {}, {}
local at = 5
while at <= #ARGV do
  local behind = at + 1 + tonumber(ARGV[at])
  articles[#articles + 1] = { first = at + 1, last = behind - 1 }
  for i = at + 1, behind - 1 do
    keys[#keys + 1] = ARGV[i]
  end
  at = behind + 5
end
local owners = {} -- of each key: an id, or the article of this batch that it came with
for i, owner in ipairs(in_parts('HMGET', P .. 'article-keys', keys)) do
  owners[keys[i]] = owner or nil
end

local fresh = {}
for i, new in ipairs(articles) do
  local owner
  for k = new.first, new.last do
    -- The oldest name decides: keys come in the order of their worth.
    owner = owner or owners[ARGV[k]]
  end
  if not owner then
    owner = new
    new.place = i - 1
    fresh[#fresh + 1] = new
  end
  new.owner = owner
  for k = new.first, new.last do
    if not owners[ARGV[k]] then
      owners[ARGV[k]] = owner
      new[#new + 1] = ARGV[k]
    end
  end
end

-- One command on many values is several times faster than many commands.
local imported = state == ''
local bodies, names, log, shown, seen, pages, fan_outs, marks = {}, {}, {}, {}, {}, {}, {}, {}
local stored = {}
local number = #fresh > 0 and take('article', #fresh) - #fresh or 0
local seq = #fresh > 0 and take('seq', #fresh) - #fresh or 0
local function add(list, one, two)
  list[#list + 1] = one
  list[#list + 1] = two
end
for i, new in ipairs(fresh) do
  number, seq = number + 1, seq + 1
  local when, deliver, page_by, mark, value = unpack(ARGV, new.last + 1, new.last + 5)
  new.id = text(number)
  if mark ~= '' then
    add(marks, new.id, mark)
  end
  add(bodies, new.id, text(seq) .. value)
  add(log, text(seq), new.id)
  add(shown, when, member(number))
  if not imported then
    add(seen, now, member(number))
  end
  if page_by ~= '' then
    add(pages, when, member(number))
  end
  if deliver == '1' then
    add(fan_outs, when, padded(number))
    call('HSET', P .. 'fanout:' .. new.id, 'article_id', new.id, 'shown', when, 'not_before',
      page_by == '' and '0' or page_by)
  end
  stored[i] = new.place .. ':' .. new.id .. ':' .. text(seq)
end
for _, new in ipairs(articles) do
  local id = type(new.owner) == 'table' and new.owner.id or new.owner
  for _, key in ipairs(new) do
    add(names, key, id)
  end
end
in_parts('HSET', P .. 'articles', bodies)
in_parts('HSET', P .. 'article-keys', names)
in_parts('HSET', P .. 'article-marks', marks)
in_parts('ZADD', P .. 'log', log)
in_parts('ZADD', P .. 'shown', shown)
in_parts('ZADD', P .. 'seen', seen)
in_parts('ZADD', P .. 'pages', pages)
in_parts('ZADD', P .. 'fanouts', fan_outs)
if not imported then
  call('HSET', P .. 'sources', source, state)
end
return remembered(token, table.concat(stored, ' '))
