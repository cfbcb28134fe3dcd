// What was counted, as the pages and the scrape read it.
import type { Counts } from "./metric.ts";
import { sumsOf } from "./table.ts";

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

/** Everything that was counted, up to some seconds ago. */
export async function readTallies(db: D1Database, now: number): Promise<Tallies> {
  const totals: Record<string, number> = {};
  const intervals = new Map<number, Record<string, number>>();
  for (const { at, key, total } of await sumsOf(db, now - DAY_MS)) {
    totals[key] = (totals[key] ?? 0) + total;
    if (at === 0) continue;
    const counts = intervals.get(at) ?? {};
    counts[key] = total;
    intervals.set(at, counts);
  }
  return { totals, intervals: Array.from(intervals, ([at, counts]) => ({ at, counts })) };
}
