-- Writes a chat's row (JSON of records.chat_row) and what follows from it: chat-ids (score and
-- member are the id), disabled, due (enabled chats by next_digest_at, '' for none).
local function put_chat(id, body, disabled, due)
  call('HSET', P .. 'chats', id, body)
  call('ZADD', P .. 'chat-ids', id, id)
  call(disabled and 'SADD' or 'SREM', P .. 'disabled', id)
  if due ~= '' and not disabled then
    call('ZADD', P .. 'due', due, id)
  else
    call('ZREM', P .. 'due', id)
  end
end
