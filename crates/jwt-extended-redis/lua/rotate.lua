-- Uses a refresh token up. Answers {'rotated'}, {'repeated', successor, current jti}, {'reused'} or
-- {'revoked'}.
--
-- KEYS  1 token, 2 session of its family, 3 cutoff, 4 family, 5 index
-- ARGV  1 jti (as one that may be absent), 2 iat (likewise), 3 sid (likewise), 4 now, 5 grace in
--       seconds, 6 family,
--       7 next jti, 8 successor, 9 end (may be absent), 10 end of a burnt family (may be absent),
--       11 reason of burning it, 12 '1' where the answer to this very call was lost on its way

local function is_revoked(issued, session)
  if redis.call('GET', KEYS[1]) or redis.call('GET', KEYS[2]) then return true end
  local cutoff = read(KEYS[3], 'issued_until')
  if not cutoff then return false end
  local issued_until = cutoff.issued_until
  if session ~= nil and session == cutoff.keep then issued_until = cutoff.kept_after end
  return issued_until ~= nil and (issued == nil or seconds(issued) <= seconds(issued_until))
end

local function is_in_grace(family, jti, now, grace)
  return jti == family.previous and seconds(now) <= seconds(family.at) + seconds(grace)
end

local jti, now, next_jti = given(ARGV[1]), ARGV[4], ARGV[7]
if is_revoked(given(ARGV[2]), given(ARGV[3])) then return { 'revoked' } end

local family, ends = family_at(KEYS[4]), given(ARGV[9])
if ARGV[12] == '1' and family and family.previous == jti and family.current == next_jti then
  return { 'rotated' }
end
if family and jti ~= family.current then
  if not is_in_grace(family, jti, now, ARGV[5]) then
    local words = { at = now, reason = ARGV[11] }
    revoke(KEYS[2], KEYS[5], KEYS[4], 's:' .. ARGV[6], given(ARGV[10]), words, now)
    return { 'reused' }
  end
  -- By the index, since the name of the current one's own key is not known before.
  if redis.call('HEXISTS', KEYS[5], 't:' .. family.current) == 1 then return { 'revoked' } end
  return { 'repeated', family.successor, family.current }
end

if family then ends = later(ends, family['until']) end
local state = { current = next_jti, previous = jti, successor = ARGV[8], at = now, ['until'] = ends }
keep(KEYS[4], cjson.encode(state), ends, now)
return { 'rotated' }
