SELECT CAST(COALESCE(MAX(version), 0) AS TEXT) AS version FROM {prefix}schema
