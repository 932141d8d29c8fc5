-- Some of what has ended: few enough to hold nobody up.
DELETE FROM {prefix}revoked_subject
WHERE (manager, subject) IN (
    SELECT manager, subject FROM {prefix}revoked_subject
    WHERE ends_at <= :now ORDER BY ends_at LIMIT :most
  )
  AND ends_at <= :now
