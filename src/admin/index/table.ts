// How the index is written: an incident with those of its runs that have changed, in one transaction. What comes late or
// comes again changes nothing, and costs no row.
import type { Entry } from "./entry.ts";

/** A run in JSON takes a kilobyte; a value bound to a statement may have two megabytes. */
const RUNS_AT_ONCE = 500;

const COLUMNS = [
  "incident_id",
  "version",
  "number",
  "title",
  "progress",
  "severity",
  "channel_name",
  "detail_url",
  "opened_at",
  "last_event_at",
  "events",
  "runs",
  "asked",
  "words",
] as const satisfies readonly (keyof Entry["incident"])[];
const RUN_COLUMNS = [
  "asked_at",
  "run_id",
  "version",
  "action",
  "by",
  "asked_by",
  "key",
  "state",
  "reason",
  "planned_at",
  "started_at",
  "ended_at",
] as const satisfies readonly (keyof Entry["runs"][number])[];

/** What never changes is not set again: setting it would rewrite its indexes. */
const setOf = (columns: readonly string[], fixed: readonly string[]) =>
  columns
    .filter((name) => !fixed.includes(name))
    .map((name) => `${name} = excluded.${name}`)
    .join(", ");

const WRITE_INCIDENT = `INSERT INTO incidents (id, ${COLUMNS.join(", ")})
  SELECT coalesce((SELECT max(id) + 1 FROM incidents WHERE id BETWEEN given.opened_at * 1000 AND given.opened_at * 1000 + 999), given.opened_at * 1000), given.*
  FROM (SELECT ${COLUMNS.map((name) => `?1 ->> '${name}' AS ${name}`).join(", ")}) AS given WHERE true
  ON CONFLICT (incident_id) DO UPDATE SET ${setOf(COLUMNS, ["incident_id", "opened_at"])}
  WHERE excluded.version > version`;

const WRITE_RUNS = `INSERT INTO runs (${RUN_COLUMNS.join(", ")})
  SELECT ${RUN_COLUMNS.map((name) => `value ->> '${name}'`).join(", ")} FROM json_each(?1) WHERE true
  ON CONFLICT (asked_at, run_id) DO UPDATE SET ${setOf(RUN_COLUMNS, ["asked_at", "run_id", "action"])}
  WHERE excluded.version > version`;

/** Writes what of the incident is newer than what the index has. */
export async function write(db: D1Database, entry: Entry): Promise<void> {
  await db.batch(writing(db, entry));
}

/** The statements by which it is written, all of them in one transaction. */
export function writing(db: D1Database, { incident, runs }: Entry): D1PreparedStatement[] {
  const batches = Array.from({ length: Math.ceil(runs.length / RUNS_AT_ONCE) }, (_, at) =>
    runs.slice(at * RUNS_AT_ONCE, (at + 1) * RUNS_AT_ONCE),
  );
  return [
    db.prepare(WRITE_INCIDENT).bind(JSON.stringify(incident)),
    ...batches.map((batch) => db.prepare(WRITE_RUNS).bind(JSON.stringify(batch))),
  ];
}

/** Takes an incident and its runs out of the index; nothing where the index has it in a newer version. */
export async function remove(db: D1Database, incident_id: string, version: number): Promise<void> {
  const one = "incidents WHERE incident_id = ?1 AND version <= ?2";
  const statements = [
    `DELETE FROM runs WHERE asked_at IN (SELECT value FROM json_each((SELECT asked FROM ${one})))
      AND run_id > ?1 || ':' AND run_id < ?1 || ';'`,
    `INSERT INTO search (search, rowid, words, progress, severity)
      SELECT 'delete', id, words, progress, severity FROM ${one}`,
    `DELETE FROM ${one}`,
  ];
  await db.batch(statements.map((sql) => db.prepare(sql).bind(incident_id, version)));
}

/** Takes everything out of it. */
export async function empty(db: D1Database): Promise<void> {
  const statements = ["DELETE FROM runs", "INSERT INTO search (search) VALUES ('delete-all')", "DELETE FROM incidents"];
  await db.batch(statements.map((sql) => db.prepare(sql)));
}
