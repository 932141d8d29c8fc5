-- Which of the numbered files have been run.
CREATE TABLE IF NOT EXISTS {prefix}schema (
  version INTEGER PRIMARY KEY,
  applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
)
