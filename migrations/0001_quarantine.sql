-- What could not be taken, kept for a person to look at and replay.
CREATE TABLE quarantine (
  -- Of what came, where and why it was refused: the same push again is counted, not kept again.
  id TEXT PRIMARY KEY,
  why TEXT NOT NULL,
  detail TEXT NOT NULL,
  -- The path and query it came to, or "queue".
  path_and_query TEXT NOT NULL,
  -- Who sent it: CF-Connecting-IP.
  source TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  times INTEGER NOT NULL,
  -- Of the whole body, for the list: its first characters, and how many it has.
  body_head TEXT NOT NULL,
  body_length INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The list, newest first; and what is old enough to be forgotten.
CREATE INDEX quarantine_by_time ON quarantine (last_at DESC, id);
