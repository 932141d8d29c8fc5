-- A row comes back if there is a table of versions.
SELECT 'yes' AS name WHERE to_regclass('{prefix}schema') IS NOT NULL
