-- Putting an article in the place of another; after articles_rows and edits.

-- Logs the article anew with another body and time ('' as first seen); the caller stores its value.
local function replace(id, a, shown, body)
  local name, fan_out = member(tonumber(id)), P .. 'fanout:' .. id
  a.body = body
  a.shown = shown ~= '' and shown or a.seen
  a.seq = text(take('seq', 1))
  call('ZADD', P .. 'log', a.seq, id)
  call('ZADD', P .. 'shown', a.shown, name)
  if call('EXISTS', fan_out) == 1 then
    call('HSET', fan_out, 'shown', a.shown)
    call('ZADD', P .. 'fanouts', a.shown, padded(tonumber(id)))
  end
end

-- Queues an edit where an article reads otherwise than it did.
local function note_change(id, a, before)
  local old, new = cjson.decode(before), cjson.decode(a.body)
  if old.title ~= new.title or old.text ~= new.text then
    queue_edit(a.story ~= '' and a.story or id, id)
  end
end
