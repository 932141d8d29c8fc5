-- Of a session whose refresh tokens rotate, their state stays.
UPDATE {prefix}session SET
  ends_at = rotated_until,
  revoked_at = NULL,
  revoked_by = NULL,
  reason = NULL
WHERE manager = :manager AND subject = :subject AND session = :session
  AND revoked_at IS NOT NULL AND rotated_until IS NOT NULL
