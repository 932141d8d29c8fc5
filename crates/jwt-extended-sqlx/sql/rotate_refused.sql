-- Why a refresh token was not used up: 'revoked', 'repeated' (with the successor) or 'reused'.
-- 'rotated': it was, by this very call, whose first answer was lost. 'again': what was in the way has
-- gone since.
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
    WHEN session.current_jti IS NULL OR session.current_jti = :jti THEN 'again'
    WHEN session.current_jti = :next_jti AND session.previous_jti = :jti
      AND session.successor = :successor THEN 'rotated'
    WHEN session.previous_jti = :jti AND :now <= session.rotated_at + :grace THEN
      CASE
        WHEN EXISTS (
          SELECT 1 FROM {prefix}revoked_token
          WHERE manager = :manager AND subject = :subject AND jti = session.current_jti
        )
        THEN 'revoked'
        ELSE 'repeated'
      END
    ELSE 'reused'
  END AS outcome,
  session.successor AS successor
FROM (SELECT 1 AS one) AS always
LEFT JOIN {prefix}session AS session
  ON session.manager = :manager AND session.subject = :subject AND session.session = :family
