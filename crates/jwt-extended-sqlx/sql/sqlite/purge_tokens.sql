-- Some of what has ended: few enough to hold nobody up.
DELETE FROM {prefix}revoked_token
WHERE (manager, subject, jti) IN (
    SELECT manager, subject, jti FROM {prefix}revoked_token
    WHERE ends_at <= :now ORDER BY ends_at LIMIT :most
  )
  AND ends_at <= :now
