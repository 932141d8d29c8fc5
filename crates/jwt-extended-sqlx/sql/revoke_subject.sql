-- The later moment wins, with all that was said of it. What the other one hits stays revoked: the session
-- to keep is kept from then on (`kept_after`), and of two same moments with different sessions, none is.
-- The end is the latest.
INSERT INTO {prefix}revoked_subject AS known
  (manager, subject, issued_until, keep_session, ends_at, revoked_at, revoked_by, reason)
VALUES
  (:manager, :subject, :issued_until, :keep_session, :ends_at, :revoked_at, :revoked_by, :reason)
ON CONFLICT (manager, subject) DO UPDATE SET
  issued_until = CASE
    WHEN excluded.issued_until >= known.issued_until THEN excluded.issued_until
    ELSE known.issued_until
  END,
  keep_session = CASE
    WHEN excluded.issued_until > known.issued_until THEN excluded.keep_session
    WHEN excluded.issued_until < known.issued_until THEN known.keep_session
    WHEN excluded.keep_session = known.keep_session THEN known.keep_session
  END,
  kept_after = CASE
    WHEN excluded.keep_session = known.keep_session THEN known.kept_after
    WHEN excluded.issued_until >= known.issued_until THEN known.issued_until
    WHEN excluded.issued_until <= known.kept_after THEN known.kept_after
    ELSE excluded.issued_until
  END,
  ends_at = CASE WHEN excluded.ends_at > known.ends_at THEN excluded.ends_at ELSE known.ends_at END,
  revoked_at = CASE
    WHEN excluded.issued_until >= known.issued_until THEN excluded.revoked_at
    ELSE known.revoked_at
  END,
  revoked_by = CASE
    WHEN excluded.issued_until >= known.issued_until THEN excluded.revoked_by
    ELSE known.revoked_by
  END,
  reason = CASE
    WHEN excluded.issued_until >= known.issued_until THEN excluded.reason
    ELSE known.reason
  END
