DELETE FROM {prefix}revoked_subject WHERE manager = :manager AND subject = :subject
