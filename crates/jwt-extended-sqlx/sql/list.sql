-- What is revoked of a subject and has not ended. A cutoff that keeps a session from some moment on is two:
-- the words are those of the later one.
SELECT 'token' AS kind, jti AS name, ends_at, revoked_at, revoked_by, reason,
  CAST(NULL AS DOUBLE PRECISION) AS issued_until
FROM {prefix}revoked_token
WHERE manager = :manager AND subject = :subject AND ends_at > :now
UNION ALL
SELECT 'session', session, ends_at, revoked_at, revoked_by, reason, NULL
FROM {prefix}session
WHERE manager = :manager AND subject = :subject AND ends_at > :now AND revoked_at IS NOT NULL
UNION ALL
SELECT 'subject', keep_session, ends_at, revoked_at, revoked_by, reason, issued_until
FROM {prefix}revoked_subject
WHERE manager = :manager AND subject = :subject AND ends_at > :now
UNION ALL
SELECT 'subject', NULL, ends_at, NULL, NULL, NULL, kept_after
FROM {prefix}revoked_subject
WHERE manager = :manager AND subject = :subject AND ends_at > :now
  AND keep_session IS NOT NULL AND kept_after IS NOT NULL
