-- What was counted. Each isolate writes its own counts of an interval as a whole, so that writing again changes nothing and no
-- row is added to by two; once an hour they are folded into one row for each interval, and those of yesterday into one for all.
CREATE TABLE tallies (
  -- When the interval of ten minutes began, in milliseconds; 0 for all that came before the last day.
  at INTEGER NOT NULL,
  -- Whose counts they are; "" for all of them together: the interval is folded, and takes no more.
  isolate TEXT NOT NULL,
  -- How far the isolate had counted: an older write never replaces a newer one. In the row of 0: the newest interval in it.
  version INTEGER NOT NULL,
  -- By key: see src/tally/metric.ts.
  counts TEXT NOT NULL CHECK (json_valid(counts)),
  PRIMARY KEY (at, isolate)
) STRICT, WITHOUT ROWID;

-- What pushes showed that no document of the vendor names, each once. Few: names come from outside, so their number is bounded.
CREATE TABLE drift (
  kind TEXT NOT NULL,
  -- The event type, the field's path, the address.
  what TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  -- One that came with it, and where that can be looked at; "" where nowhere.
  example TEXT NOT NULL,
  incident_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  PRIMARY KEY (kind, what)
) STRICT, WITHOUT ROWID;
