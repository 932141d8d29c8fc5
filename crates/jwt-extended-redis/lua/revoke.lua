-- Revokes a token or a session. Where nothing is known of it, the Rust store needs no script (`revoke.rs`).
--
-- KEYS  1 token or session, 2 index, 3 family of that name (one that is not there, for a token)
-- ARGV  1 its name in the index, 2 end (may be absent), 3 now, 4 by (may be absent), 5 reason (may be absent)

local words = { at = ARGV[3], by = given(ARGV[4]), reason = given(ARGV[5]) }
revoke(KEYS[1], KEYS[2], KEYS[3], ARGV[1], given(ARGV[2]), words, ARGV[3])
return 'OK'
