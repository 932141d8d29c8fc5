-- Revoked tokens, by `jti`.
CREATE TABLE {prefix}revoked_token (
  manager TEXT NOT NULL,
  subject TEXT NOT NULL,
  jti TEXT NOT NULL,
  ends_at REAL NOT NULL,
  revoked_at REAL NOT NULL,
  revoked_by TEXT,
  reason TEXT,
  PRIMARY KEY (manager, subject, jti)
) WITHOUT ROWID;

CREATE INDEX {prefix}revoked_token_ends_at ON {prefix}revoked_token (ends_at);

-- Sessions: whether one is revoked (`revoked_at`), and how far its refresh tokens have come
-- (`current_jti`). Both in one row, so that a logout and a refresh cannot pass each other by. It ends
-- with the revocation, where there is one, which is no sooner than `rotated_until`.
CREATE TABLE {prefix}session (
  manager TEXT NOT NULL,
  subject TEXT NOT NULL,
  session TEXT NOT NULL,
  ends_at REAL NOT NULL,
  revoked_at REAL,
  revoked_by TEXT,
  reason TEXT,
  current_jti TEXT,
  previous_jti TEXT,
  successor TEXT,
  rotated_at REAL,
  rotated_until REAL,
  PRIMARY KEY (manager, subject, session)
) WITHOUT ROWID;

CREATE INDEX {prefix}session_ends_at ON {prefix}session (ends_at);

-- Subjects that were logged out everywhere: every token issued until then, but those of one session,
-- and of these, too, what was issued until `kept_after`.
CREATE TABLE {prefix}revoked_subject (
  manager TEXT NOT NULL,
  subject TEXT NOT NULL,
  issued_until REAL NOT NULL,
  keep_session TEXT,
  kept_after REAL,
  ends_at REAL NOT NULL,
  revoked_at REAL NOT NULL,
  revoked_by TEXT,
  reason TEXT,
  PRIMARY KEY (manager, subject)
) WITHOUT ROWID;

CREATE INDEX {prefix}revoked_subject_ends_at ON {prefix}revoked_subject (ends_at);
