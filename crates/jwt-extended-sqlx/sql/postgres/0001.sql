-- `COLLATE "C"`: names are compared by their bytes, whatever the database's language, and an index
-- outlives an upgrade of the operating system.

-- Revoked tokens, by `jti`.
CREATE TABLE {prefix}revoked_token (
  manager TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  jti TEXT COLLATE "C" NOT NULL,
  ends_at DOUBLE PRECISION NOT NULL,
  revoked_at DOUBLE PRECISION NOT NULL,
  revoked_by TEXT,
  reason TEXT,
  PRIMARY KEY (manager, subject, jti)
);

CREATE INDEX {prefix}revoked_token_ends_at ON {prefix}revoked_token (ends_at);

-- Sessions: whether one is revoked (`revoked_at`), and how far its refresh tokens have come
-- (`current_jti`). Both in one row, so that a logout and a refresh cannot pass each other by. It ends
-- with the revocation, where there is one, which is no sooner than `rotated_until`.
CREATE TABLE {prefix}session (
  manager TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  session TEXT COLLATE "C" NOT NULL,
  ends_at DOUBLE PRECISION NOT NULL,
  revoked_at DOUBLE PRECISION,
  revoked_by TEXT,
  reason TEXT,
  current_jti TEXT COLLATE "C",
  previous_jti TEXT COLLATE "C",
  successor TEXT,
  rotated_at DOUBLE PRECISION,
  rotated_until DOUBLE PRECISION,
  PRIMARY KEY (manager, subject, session)
);

CREATE INDEX {prefix}session_ends_at ON {prefix}session (ends_at);

-- Subjects that were logged out everywhere: every token issued until then, but those of one session,
-- and of these, too, what was issued until `kept_after`.
CREATE TABLE {prefix}revoked_subject (
  manager TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  issued_until DOUBLE PRECISION NOT NULL,
  keep_session TEXT COLLATE "C",
  kept_after DOUBLE PRECISION,
  ends_at DOUBLE PRECISION NOT NULL,
  revoked_at DOUBLE PRECISION NOT NULL,
  revoked_by TEXT,
  reason TEXT,
  PRIMARY KEY (manager, subject)
);

CREATE INDEX {prefix}revoked_subject_ends_at ON {prefix}revoked_subject (ends_at);
