#!lua
-- Stores a chat: chats, chat-ids, disabled, due. Gives the chat that is stored after it.
--include keep_chat
-- update, step: '' or the mark. expected: '*', or what must be stored now ('' nothing); another
-- worker's change in between is given back instead, and the caller looks at that.
local update, step, expected, id, body, disabled, due = unpack(ARGV)
local before = marked(update, step)
if before then
  return before
end
if expected ~= '*' then
  local stored = call('HGET', P .. 'chats', id) or ''
  if stored ~= expected then
    return stored
  end
end
put_chat(id, body, disabled ~= '', due)
return mark(update, step, body)
