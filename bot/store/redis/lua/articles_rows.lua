-- The archive's keys, without P:
--   articles      hash id -> "seq,shown,first_seen,imported,story,page_by\nbody"; times in ms,
--                 imported 0 or 1, page_by may be empty, body is JSON; without "story," where
--                 nobody looked which that is
--   article-stories  hash id -> story, of those that tell one that is not their own
--   members:STORY zset id -> id of these
--   article-marks, article-revisions  hashes id -> what its document says, how often it was revised
--   article-keys  hash identity -> article id
--   log           zset seq -> id
--   shown         zset shown -> member(id): the order of readers
--   seen          zset first_seen -> member(id); imports are not in it
--   pages         zset shown -> member(id): whose page is still wanted
--   sources       hash name -> state as JSON
-- and, with the publisher, fanouts and fanout:ID. The id of a fan-out is that of its article:
-- each article is fanned out once at most.

-- The parts of an article's value, story '' where it has none.
local function parts_of(value)
  local seq, shown, seen, imported, story, page_by, body =
    string.match(value, '^(%d+),(-?%d+),(-?%d+),(%d),([%d,]-)(-?%d*)\n(.*)$')
  return {
    seq = seq, shown = shown, seen = seen, imported = imported,
    story = string.sub(story, 1, -2), page_by = page_by, body = body,
  }
end

-- The value of these parts.
local function value_of(a)
  local story = a.story ~= '' and a.story .. ',' or ''
  return table.concat({ a.seq, a.shown, a.seen, a.imported, story .. a.page_by }, ',')
    .. '\n' .. a.body
end

-- An id in a set that is ordered by something else first: padded, so that equal scores are
-- ordered by number. Ten digits are half the memory of sixteen.
local function member(id)
  return string.format('%010.0f', id)
end

-- Calls a command on as many values as there are, in parts that fit Lua's stack. Parts are even,
-- for commands that take pairs.
local function in_parts(command, key, values)
  local answers = {}
  for first = 1, #values, 1000 do
    local last = math.min(first + 999, #values)
    local part = call(command, key, unpack(values, first, last))
    if type(part) == 'table' then
      for i = 1, last - first + 1 do
        answers[first + i - 1] = part[i]
      end
    end
  end
  return answers
end

-- The articles of these members or ids: {id, value, id, value, ...}.
local function rows(members)
  local ids = {}
  for i, name in ipairs(members) do
    ids[i] = text(tonumber(name))
  end
  local values = in_parts('HMGET', P .. 'articles', ids)
  local found = {}
  for i, id in ipairs(ids) do
    if values[i] then
      found[#found + 1] = id
      found[#found + 1] = values[i]
    end
  end
  return found
end
