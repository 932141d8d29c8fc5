-- Takes a revocation back: 1 if there was one.
--
-- KEYS  1 token, session or cutoff, 2 index
-- ARGV  1 its name in the index ('c' for the cutoff, which has none there)

redis.call('HDEL', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
