-- A subscription is a field of subs:CHAT, topic -> JSON of [id, title, mode, paused_until]. What
-- updates are answered with is records.subscription_row: [chat, topic, title, mode, paused_until].
local function whole(number)
  return number == cjson.null and 'null' or text(number)
end

-- The JSON of title, mode and pause: the end of both.
local function settings(title, mode, paused)
  return cjson.encode(title) .. ',' .. cjson.encode(mode) .. ',' .. paused .. ']'
end

local function row(chat, topic, tail)
  return '[' .. chat .. ',' .. cjson.encode(topic) .. ',' .. tail
end
