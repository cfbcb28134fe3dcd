// Makes many rows of counts few. Adding up and taking away are one transaction, in the database itself: whatever is written
// or folded at the same time, nothing is counted twice and nothing gets lost.
import { wordsOf } from "../domain/thrown.ts";
import { log } from "../log.ts";
import { forgetDrift } from "./drift.ts";
import { INTERVAL_MS } from "./ledger.ts";

/** Isolates have written what they counted by then. */
const FOLDED_AFTER_MS = 60 * 60_000;
/** The pages show a day; intervals are kept somewhat longer. */
const KEPT_MS = 25 * 60 * 60_000;

/** The hourly work: folds, and forgets the drift that was last seen before `forgotten_before`. Never throws; the next hour tries again. */
export async function tidyTallies(db: D1Database, now: number, forgotten_before: number): Promise<void> {
  try {
    await foldTallies(db, now);
    log("drift.forgotten", { count: await forgetDrift(db, forgotten_before) });
  } catch (error) {
    log("tally.failed", { error: wordsOf(error) });
  }
}

/** Folds the intervals of more than an hour ago into a row each, and those of more than a day ago into the totals. */
export async function foldTallies(db: D1Database, now: number): Promise<void> {
  const folded = db.prepare(
    `INSERT INTO tallies (at, isolate, version, counts)
     SELECT at, '', 0, json_group_object(key, total) FROM (
       SELECT at, each.key AS key, sum(each.value) AS total FROM tallies, json_each(tallies.counts) AS each
       WHERE at IN (SELECT at FROM tallies WHERE at > 0 AND at < ?1 AND isolate <> '') GROUP BY at, each.key)
     GROUP BY at ON CONFLICT (at, isolate) DO UPDATE SET counts = excluded.counts`,
  );
  const spent = db.prepare("DELETE FROM tallies WHERE at > 0 AND at < ?1 AND isolate <> ''");
  const added = db.prepare(
    `INSERT INTO tallies (at, isolate, version, counts)
     SELECT 0, '', (SELECT max(max(at), max(version)) FROM tallies WHERE at < ?1 AND isolate = ''),
       json_group_object(key, total) FROM (
       SELECT each.key AS key, sum(each.value) AS total FROM tallies, json_each(tallies.counts) AS each
       WHERE at < ?1 GROUP BY each.key)
     HAVING EXISTS (SELECT 1 FROM tallies WHERE at > 0 AND at < ?1)
     ON CONFLICT (at, isolate) DO UPDATE SET version = excluded.version, counts = excluded.counts`,
  );
  const old = db.prepare("DELETE FROM tallies WHERE at > 0 AND at < ?1");
  const folds_before = now - FOLDED_AFTER_MS - INTERVAL_MS;
  const ends_before = now - KEPT_MS - INTERVAL_MS;
  await db.batch(
    [folded, spent]
      .map((statement) => statement.bind(folds_before))
      .concat([added, old].map((statement) => statement.bind(ends_before))),
  );
}
