// What was counted, as the pages and the scrape read it.
import * as z from "zod";
import type { Counts } from "./metric.ts";

const DAY_MS = 24 * 60 * 60_000;

/** The counts of ten minutes; `at` is when they began. */
export interface Interval {
  at: number;
  counts: Counts;
}

export interface Tallies {
  /** Everything since the first count. */
  totals: Counts;
  /** The last 24 hours, the oldest first; an interval in which nothing came has no entry. */
  intervals: Interval[];
}

const Row = z.object({ at: z.number(), key: z.string(), total: z.number() });

/** Everything that was counted, up to some seconds ago; added up by the database, so that few rows travel. */
export async function readTallies(db: D1Database, now = Date.now()): Promise<Tallies> {
  const { results } = await db
    .prepare(
      `SELECT CASE WHEN at >= ?1 THEN at ELSE 0 END AS at, each.key AS key, sum(each.value) AS total
       FROM tallies, json_each(tallies.counts) AS each GROUP BY 1, 2 ORDER BY 1`,
    )
    .bind(now - DAY_MS)
    .all();
  const totals: Record<string, number> = {};
  const intervals = new Map<number, Record<string, number>>();
  for (const { at, key, total } of z.array(Row).parse(results)) {
    totals[key] = (totals[key] ?? 0) + total;
    if (at === 0) continue;
    const counts = intervals.get(at) ?? {};
    counts[key] = total;
    intervals.set(at, counts);
  }
  return { totals, intervals: Array.from(intervals, ([at, counts]) => ({ at, counts })) };
}
