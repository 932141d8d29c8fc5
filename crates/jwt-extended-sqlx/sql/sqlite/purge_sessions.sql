-- Some of what has ended: few enough to hold nobody up.
DELETE FROM {prefix}session
WHERE (manager, subject, session) IN (
    SELECT manager, subject, session FROM {prefix}session
    WHERE ends_at <= :now ORDER BY ends_at LIMIT :most
  )
  AND ends_at <= :now
