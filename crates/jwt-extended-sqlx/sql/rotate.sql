-- Uses up the current refresh token of a session, or the first one. A row comes back only then. Two
-- that try at the same time take turns at the session's row, and the second finds another token there.
INSERT INTO {prefix}session AS known
  (manager, subject, session, ends_at, current_jti, previous_jti, successor, rotated_at, rotated_until)
SELECT :manager, :subject, :family, :ends_at, :next_jti, :jti, :successor, :now, :ends_at
WHERE NOT EXISTS (
    SELECT 1 FROM {prefix}revoked_token
    WHERE manager = :manager AND subject = :subject AND jti = :jti
  )
  AND NOT EXISTS (
    SELECT 1 FROM {prefix}revoked_subject
    WHERE manager = :manager AND subject = :subject
      AND issued_until >= :issued_at
      AND ((keep_session = :session) IS NOT TRUE OR kept_after >= :issued_at)
  )
ON CONFLICT (manager, subject, session) DO UPDATE SET
  ends_at = CASE WHEN excluded.ends_at > known.ends_at THEN excluded.ends_at ELSE known.ends_at END,
  current_jti = excluded.current_jti,
  previous_jti = excluded.previous_jti,
  successor = excluded.successor,
  rotated_at = excluded.rotated_at,
  rotated_until =
    CASE WHEN excluded.ends_at > known.ends_at THEN excluded.ends_at ELSE known.ends_at END
WHERE known.revoked_at IS NULL
  AND (known.current_jti IS NULL OR known.current_jti = excluded.previous_jti)
RETURNING 'rotated' AS outcome
