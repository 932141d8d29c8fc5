-- What is revoked of a subject: {entries of the index as names and texts in turn, cutoff}. Entries that
-- have ended may be among them, and so may one without a name, which is none.
--
-- KEYS  1 index, 2 cutoff

return { redis.call('HGETALL', KEYS[1]), redis.call('GET', KEYS[2]) }
