-- Until the end of the transaction: of several processes that start at once, one makes the tables.
-- The first number is a name ("JWTE"), so as not to meet the application's own locks.
SELECT pg_advisory_xact_lock(1246385221, hashtext('{prefix}schema'))
