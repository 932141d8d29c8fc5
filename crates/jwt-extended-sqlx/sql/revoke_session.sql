-- What was said first stays; the end is the latest, and no sooner than that of the refresh tokens.
INSERT INTO {prefix}session AS known
  (manager, subject, session, ends_at, revoked_at, revoked_by, reason)
VALUES (:manager, :subject, :session, :ends_at, :revoked_at, :revoked_by, :reason)
ON CONFLICT (manager, subject, session) DO UPDATE SET
  ends_at = CASE WHEN excluded.ends_at > known.ends_at THEN excluded.ends_at ELSE known.ends_at END,
  revoked_at = CASE WHEN known.revoked_at IS NULL THEN excluded.revoked_at ELSE known.revoked_at END,
  revoked_by = CASE WHEN known.revoked_at IS NULL THEN excluded.revoked_by ELSE known.revoked_by END,
  reason = CASE WHEN known.revoked_at IS NULL THEN excluded.reason ELSE known.reason END
