-- Whether a token is good: 'active', 'revoked' or 'reused'. Three rows, each found by its primary key.
-- `issued_at` is -infinity for a token that does not say when it was issued.
SELECT
  CASE
    WHEN session.revoked_at IS NOT NULL
      OR EXISTS (
        SELECT 1 FROM {prefix}revoked_token
        WHERE manager = :manager AND subject = :subject AND jti = :jti
      )
      OR EXISTS (
        SELECT 1 FROM {prefix}revoked_subject
        WHERE manager = :manager AND subject = :subject
          AND issued_until >= :issued_at
          AND ((keep_session = :session) IS NOT TRUE OR kept_after >= :issued_at)
      )
    THEN 'revoked'
    WHEN :is_refresh = 1
      AND session.current_jti IS NOT NULL
      AND (session.current_jti = :jti) IS NOT TRUE
      AND (session.previous_jti = :jti AND :now <= session.rotated_at + :grace) IS NOT TRUE
    THEN 'reused'
    ELSE 'active'
  END AS status
FROM (SELECT 1 AS one) AS always
LEFT JOIN {prefix}session AS session
  ON session.manager = :manager AND session.subject = :subject AND session.session = :family
