DELETE FROM {prefix}revoked_token WHERE manager = :manager AND subject = :subject AND jti = :jti
