-- Revokes a token in the form that Flask-JWT-Extended's documentation has: its bare jti as the key.
-- Never shortens what is there, and never puts another value in its place.
--
-- KEYS  1 jti
-- ARGV  1 end (may be absent), 2 now

local ends = given(ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left == -2 then
  keep(KEYS[1], '', ends, ARGV[2])
elseif left >= 0 then
  lengthen(KEYS[1], ends, ARGV[2])
end
return 'OK'
