-- A row comes back if there is a table of versions.
SELECT name FROM sqlite_master WHERE type = 'table' AND name = '{prefix}schema'
