// All SQL of what was counted: a row for each isolate and interval (`at`, when it began), or for each interval that was folded,
// and one at 0 for all that came before the last day.
import * as z from "zod";
import type { Page } from "./ledger.ts";

/** What one key came to in an interval; `at` is 0 for all that came before. */
export type Sum = z.infer<typeof Sum>;
const Sum = z.object({ at: z.number(), key: z.string(), total: z.number() });

/**
 * Each page takes the place of an older one of the same isolate and interval. An interval that was folded takes no more: what
 * comes so late may be in it already.
 */
export async function writePages(db: D1Database, isolate: string, pages: readonly Page[]): Promise<void> {
  const statement = db.prepare(
    `INSERT INTO tallies (at, isolate, version, counts) SELECT ?1, ?2, ?3, ?4
     WHERE NOT EXISTS (SELECT 1 FROM tallies WHERE at = ?1 AND isolate = '')
       AND NOT EXISTS (SELECT 1 FROM tallies WHERE at = 0 AND isolate = '' AND version >= ?1)
     ON CONFLICT (at, isolate) DO UPDATE SET version = excluded.version, counts = excluded.counts
     WHERE excluded.version > version`,
  );
  for (const { at, version, counts } of pages) await statement.bind(at, isolate, version, JSON.stringify(counts)).run();
}

/**
 * Folds the intervals of before `folds_before` into a row each, and those of before `ends_before` into the row at 0. Adding up and
 * taking away are one transaction: whatever is written or folded at the same time, nothing is counted twice or gets lost.
 */
export async function foldPages(db: D1Database, folds_before: number, ends_before: number): Promise<void> {
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
  await db.batch(
    [folded, spent]
      .map((statement) => statement.bind(folds_before))
      .concat([added, old].map((statement) => statement.bind(ends_before))),
  );
}

/** What was counted, by interval since `since` (ms) and in one for all before; added up here, so that few rows travel. */
export async function sumsOf(db: D1Database, since: number): Promise<Sum[]> {
  const { results } = await db
    .prepare(
      `SELECT CASE WHEN at >= ?1 THEN at ELSE 0 END AS at, each.key AS key, sum(each.value) AS total
       FROM tallies, json_each(tallies.counts) AS each GROUP BY 1, 2 ORDER BY 1`,
    )
    .bind(since)
    .all();
  return z.array(Sum).parse(results);
}
