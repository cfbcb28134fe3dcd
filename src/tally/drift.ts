// The drift that was found, each once, with when it was first and last seen. All SQL of it.
import * as z from "zod";
import { DriftItem } from "../admin/shapes.ts";
import { wordsOf } from "../domain/thrown.ts";
import { log } from "../log.ts";
import type { Finding } from "./finding.ts";
import { INTERVAL_MS } from "./ledger.ts";

/** Names come from outside, and one kind must not take the place of the others. */
const MOST_OF_A_KIND = 50;

/** What this isolate has written down in this interval: it need not be written again before the next. */
let written = { at: 0, names: new Set<string>() };
/** Bounds the memory, and how often new names are offered to the database. */
const MOST_NAMES = 500;

/** Which of them this isolate has not written down in this interval. From here on it has. */
export function unwritten(findings: readonly Finding[], now: number): Finding[] {
  const at = now - (now % INTERVAL_MS);
  if (written.at !== at) written = { at, names: new Set() };
  return findings.filter(({ kind, what }) => {
    const name = `${kind} ${what}`;
    if (written.names.has(name) || written.names.size >= MOST_NAMES) return false;
    written.names.add(name);
    return true;
  });
}

/** Writes down what was found. Of each kind a bounded number is kept: what was not seen for longest makes room. */
export async function keepDrift(
  db: D1Database,
  findings: readonly Finding[],
  where: { incident_id: string; event_id: string },
  now: number,
): Promise<void> {
  const write = `INSERT INTO drift (kind, what, first_at, last_at, example, incident_id, event_id)
    SELECT each.value ->> 'kind', each.value ->> 'what', ?2, ?2, each.value ->> 'example', ?3, ?4
    FROM json_each(?1) AS each WHERE true
    ON CONFLICT (kind, what) DO UPDATE SET last_at = excluded.last_at, example = excluded.example,
      incident_id = excluded.incident_id, event_id = excluded.event_id
    WHERE excluded.last_at > last_at`;
  const surplus = `SELECT kind, what FROM (
      SELECT kind, what, row_number() OVER (PARTITION BY kind ORDER BY last_at DESC, first_at) AS place FROM drift
    ) WHERE place > ?`;
  await db.batch([
    db.prepare(write).bind(JSON.stringify(findings), now, where.incident_id, where.event_id),
    db.prepare(`DELETE FROM drift WHERE (kind, what) IN (${surplus})`).bind(MOST_OF_A_KIND),
  ]);
}

/** All of it, what came last first. */
export async function listDrift(db: D1Database): Promise<DriftItem[]> {
  const { results } = await db.prepare("SELECT * FROM drift ORDER BY last_at DESC, kind, what").all();
  return z.array(DriftItem).parse(results);
}

/** Forgets what was last seen before `before` (ms). Never throws; the next hour tries again. */
export async function forgetDrift(db: D1Database, before: number): Promise<void> {
  try {
    const { meta } = await db.prepare("DELETE FROM drift WHERE last_at < ?").bind(before).run();
    log("drift.forgotten", { count: meta.changes });
  } catch (error) {
    log("tally.failed", { error: wordsOf(error) });
  }
}
