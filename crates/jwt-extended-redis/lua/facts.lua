-- What the scripts share. The text of this file comes before the text of each of them.
--
-- Times are seconds since 1970 in decimal, and stay text on their way through, so that no digit is lost.
-- An end is the first moment at which nobody needs a fact; no end at all means for ever.
-- An argument that may be absent is '' when it is, and '=' before its text when it is not.

-- Facts are kept for longer than they are needed, by so many milliseconds. Clocks differ, and step now
-- and then; no token may come back to life for that.
local MARGIN = 3600000
-- A hundred years, for what has no end, too. The server refuses ends that are too far away.
local LONGEST = 3155760000000

local function given(argument)
  if argument ~= '' then return string.sub(argument, 2) end
end

local function seconds(text)
  local number = type(text) == 'string' and tonumber(text)
  if not number then error('a time in the store is none') end
  return number
end

-- The later one of two ends, of which an absent one is the latest.
local function later(one, other)
  if one == nil or other == nil then return nil end
  return seconds(one) > seconds(other) and one or other
end

-- For how many milliseconds to keep what has this end.
local function life(ends, now)
  if ends == nil then return string.format('%.0f', LONGEST) end
  local left = math.max((seconds(ends) - seconds(now)) * 1000, 1000) + MARGIN
  return string.format('%.0f', math.min(math.ceil(left), LONGEST))
end

local function keep(key, text, ends, now)
  redis.call('SET', key, text, 'PX', life(ends, now))
end

-- A JSON object, of whose members these are text. What is none is an error, never "nothing there".
local function read(key, ...)
  local text = redis.call('GET', key)
  if not text then return nil end
  local fact = cjson.decode(text)
  for _, name in ipairs({...}) do
    if type(fact) ~= 'table' or type(fact[name]) ~= 'string' then
      error('a fact in the store is none')
    end
  end
  return fact
end

local function family_at(key)
  return read(key, 'current', 'previous', 'successor', 'at')
end

-- An entry of an index: its end, if it has one, a space, and a JSON object with the words on it.
local function entry_ends(entry)
  local ends = string.match(entry, '^[^ ]*')
  if ends ~= '' then return ends end
end

-- Gives a key at least so much time to live.
local function lengthen(key, ends, now)
  local wanted = life(ends, now)
  if redis.call('PTTL', key) < tonumber(wanted) then redis.call('PEXPIRE', key, wanted) end
end

-- Drops entries of an index that have ended, so that it never holds much more than what is alive: it looks
-- at all of a small one now and then, and more often at the next few of a large one, where the entry
-- without a name says how far it came. When it has seen all, the index gets as much time to live as its
-- entries need.
local function tidy(index, size, ends, now)
  local start = redis.call('HGET', index, '') or '0'
  local page = redis.call('HSCAN', index, start, 'COUNT', size <= 512 and 1024 or 32)
  local latest = now
  for n = 1, #page[2], 2 do
    local name, other = page[2][n], entry_ends(page[2][n + 1])
    if name ~= '' then
      if other ~= nil and seconds(other) <= seconds(now) then
        redis.call('HDEL', index, name)
      else
        latest = later(latest, other)
      end
    end
  end
  if page[1] ~= '0' then
    redis.call('HSET', index, '', page[1])
    lengthen(index, ends, now)
    return
  end
  redis.call('HDEL', index, '')
  if start ~= '0' then
    lengthen(index, ends, now)
  else
    redis.call('PEXPIRE', index, life(latest, now))
  end
end

-- Revokes a token or a session. `name` is what the index calls it; `words` say when, by whom, and why.
-- What was said first stays; the end is the latest, and no sooner than that of the family's state.
local function revoke(key, index, family, name, ends, words, now)
  local state = family_at(family)
  if state then ends = later(ends, state['until']) end
  local known = redis.call('GET', key)
  local text
  if known then
    ends = later(ends, given(known))
    local entry = redis.call('HGET', index, name)
    text = entry and string.match(entry, '^[^ ]* (.*)$')
  end
  keep(key, ends and '=' .. ends or '', ends, now)
  redis.call('HSET', index, name, (ends or '') .. ' ' .. (text or cjson.encode(words)))
  local size = redis.call('HLEN', index)
  if size % (size > 512 and 8 or 32) == 0 then
    tidy(index, size, ends, now)
  else
    lengthen(index, ends, now)
  end
end
