-- What was said first stays; the end is the latest.
INSERT INTO {prefix}revoked_token AS known
  (manager, subject, jti, ends_at, revoked_at, revoked_by, reason)
VALUES (:manager, :subject, :jti, :ends_at, :revoked_at, :revoked_by, :reason)
ON CONFLICT (manager, subject, jti) DO UPDATE SET ends_at = excluded.ends_at
WHERE excluded.ends_at > known.ends_at
