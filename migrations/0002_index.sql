-- The admin's index: what the lists of incidents and runs show. The incidents themselves hold the truth, and write it here;
-- `npm run reindex` makes all of it anew.
CREATE TABLE incidents (
  -- In the order in which they were opened: the time (ms) of the first event's arrival × 1,000, and a number within that millisecond.
  id INTEGER PRIMARY KEY,
  incident_id TEXT NOT NULL UNIQUE,
  -- Grows with each change: an older one never replaces a newer one.
  version INTEGER NOT NULL,
  number TEXT NOT NULL,
  title TEXT NOT NULL,
  progress TEXT NOT NULL,
  severity TEXT NOT NULL,
  channel_name TEXT NOT NULL,
  detail_url TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  last_event_at INTEGER NOT NULL,
  events INTEGER NOT NULL,
  runs INTEGER NOT NULL,
  -- When each of its runs was asked for, as a list: by these they are found without an index of their own.
  asked TEXT NOT NULL CHECK (json_valid(asked)),
  -- What it is found by.
  words TEXT NOT NULL
) STRICT;

-- Every filter is a search: one written row where three indexes would take three, and any of them together are as quick as one.
CREATE VIRTUAL TABLE search USING fts5 (
  words, progress, severity,
  content = 'incidents', content_rowid = 'id', columnsize = 0, prefix = '2 3'
);

CREATE TRIGGER search_added AFTER INSERT ON incidents BEGIN
  INSERT INTO search (rowid, words, progress, severity) VALUES (new.id, new.words, new.progress, new.severity);
END;

CREATE TRIGGER search_changed AFTER UPDATE OF words, progress, severity ON incidents
WHEN (old.words, old.progress, old.severity) <> (new.words, new.progress, new.severity) BEGIN
  INSERT INTO search (search, rowid, words, progress, severity)
  VALUES ('delete', old.id, old.words, old.progress, old.severity);
  INSERT INTO search (rowid, words, progress, severity) VALUES (new.id, new.words, new.progress, new.severity);
END;

CREATE TABLE runs (
  asked_at INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  action TEXT NOT NULL,
  by TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  key TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  planned_at INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  PRIMARY KEY (asked_at, run_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX runs_by_action ON runs (action);
-- Most succeed: those are no row here, and the list of all is quick enough to find them in.
CREATE INDEX runs_by_state ON runs (state) WHERE state <> 'succeeded';
