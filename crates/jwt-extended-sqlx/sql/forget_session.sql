-- A session of which nothing is known but that it is revoked.
DELETE FROM {prefix}session
WHERE manager = :manager AND subject = :subject AND session = :session
  AND revoked_at IS NOT NULL AND current_jti IS NULL
