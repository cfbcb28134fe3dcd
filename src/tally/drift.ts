// The drift that was found, each once, with when it was first and last seen. All SQL of it.
import * as z from "zod";
import { DriftItem } from "../admin/shapes.ts";
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

/** Writes down what was found, in one statement. Of each kind a bounded number is kept: what does not fit is left out. */
export async function keepDrift(
  db: D1Database,
  findings: readonly Finding[],
  where: { incident_id: string; event_id: string },
  now: number,
): Promise<void> {
  await db
    .prepare(
      `INSERT INTO drift (kind, what, first_at, last_at, example, incident_id, event_id)
       SELECT each.value ->> 'kind', each.value ->> 'what', ?2, ?2, each.value ->> 'example', ?3, ?4
       FROM json_each(?1) AS each
       WHERE each.key + (SELECT count(*) FROM drift WHERE kind = each.value ->> 'kind') < ?5
         OR EXISTS (SELECT 1 FROM drift WHERE kind = each.value ->> 'kind' AND what = each.value ->> 'what')
       ON CONFLICT (kind, what) DO UPDATE SET last_at = excluded.last_at, example = excluded.example,
         incident_id = excluded.incident_id, event_id = excluded.event_id
       WHERE excluded.last_at > last_at`,
    )
    .bind(JSON.stringify(findings), now, where.incident_id, where.event_id, MOST_OF_A_KIND)
    .run();
}

/** All of it, what came last first. */
export async function listDrift(db: D1Database): Promise<DriftItem[]> {
  const { results } = await db.prepare("SELECT * FROM drift ORDER BY last_at DESC, kind, what").all();
  return z.array(DriftItem).parse(results);
}

/** Forgets what was last seen before `before` (ms); returns how much. */
export async function forgetDrift(db: D1Database, before: number): Promise<number> {
  const { meta } = await db.prepare("DELETE FROM drift WHERE last_at < ?").bind(before).run();
  return meta.changes;
}
