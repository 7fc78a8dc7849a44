-- What the steps share; loaded in front of each. All keys begin with P. Ids and times that
-- may exceed what Lua prints in full (1e+14) travel as strings: see text().
local P = 'xeberci:'
local call = redis.call
local MARK_S = 48 * 3600 -- Telegram redelivers an update for a day at most
local CALL_S = 60 -- how long a call may be repeated because its reply was lost

-- A whole number as text, never as 1e+15.
local function text(number)
  return string.format('%.0f', number)
end

-- Takes `count` numbers of a counter (xeberci:counters); gives the last one, as a number.
local function take(name, count)
  return call('HINCRBY', P .. 'counters', name, count)
end

-- An id as a member of a sorted set whose scores may be equal: padded, so that the order of
-- the bytes is that of the numbers.
local function padded(id)
  return string.format('%016.0f', id)
end

-- What this very call gave when it ran before and its reply was lost, or false. For steps
-- that would do something twice: the caller gives each call a token of its own.
local function repeated(token)
  return call('GET', P .. 'call:' .. token)
end

-- Remembers what a call gave (a string), and gives it.
local function remembered(token, result)
  call('SET', P .. 'call:' .. token, result, 'EX', CALL_S)
  return result
end

-- Where a step notes what it gave to an update, and for how long: 'call TOKEN' in the place of
-- an update stands for this very call.
local function note_of(update, step)
  local token = string.match(update, '^call (.*)$')
  if token then
    return P .. 'call:' .. token, CALL_S
  end
  return P .. 'mark:' .. update .. ':' .. step, MARK_S
end

-- What the step gave to this update the first time, or false. No update: an empty string.
local function marked(update, step)
  return update ~= '' and call('GET', (note_of(update, step)))
end

-- Remembers what the step gave (a string) to this update, and gives it.
local function mark(update, step, result)
  if update ~= '' then
    local key, kept_s = note_of(update, step)
    call('SET', key, result, 'EX', kept_s)
  end
  return result
end
