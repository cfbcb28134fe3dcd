// From counts to series: what was counted in the last day, by halves of an hour, and how far a scale has to reach.
import { EndState } from "../../../domain/run.ts";
import { bucketsOf, type Counts, sumBy } from "../../../tally/metric.ts";
import type { Interval } from "../../../tally/read.ts";

/** Bars as narrow as this are still told apart on a phone. */
export const BIN_MS = 30 * 60_000;
const BINS = 48;

/** Of one half hour; `at` is its beginning. Milliseconds. */
export interface Bin<Value> {
  at: number;
  value: Value;
}

/** The last 48 halves of an hour, the one that has just begun included, the oldest first. What is older is left out. */
export function binsOf(intervals: readonly Interval[], now: number): Bin<Counts>[] {
  const first = (Math.floor(now / BIN_MS) - BINS + 1) * BIN_MS;
  const bins = Array.from({ length: BINS }, (_, index) => ({ at: first + index * BIN_MS, value: [] as Counts[] }));
  for (const { at, counts } of intervals) bins[Math.floor((at - first) / BIN_MS)]?.value.push(counts);
  return bins.map(({ at, value }) => ({ at, value: added(value) }));
}

/** The sum of each. */
export function added(all: readonly Counts[]): Counts {
  const sums: Record<string, number> = {};
  for (const counts of all) for (const [key, count] of Object.entries(counts)) sums[key] = (sums[key] ?? 0) + count;
  return sums;
}

/** What became of pushes, in the order in which it is stacked. */
export const RESULTS = ["accepted", "duplicate", "stale", "refused"] as const;
export type Result = (typeof RESULTS)[number];

export function resultsOf(counts: Counts): Record<Result, number> {
  const { accepted = 0, duplicate = 0, stale = 0 } = sumBy(counts, "pushes", "result");
  const refused = Object.values(sumBy(counts, "refusals", "reason")).reduce((sum, count) => sum + count, 0);
  return { accepted, duplicate, stale, refused };
}

/** How runs ended; a state of another release is left out. */
export function statesOf(counts: Counts): Record<EndState, number> {
  const {
    succeeded = 0,
    failed = 0,
    unknown = 0,
    skipped = 0,
    expired = 0,
    cancelled = 0,
  } = sumBy(counts, "runs", "state");
  return { succeeded, failed, unknown, skipped, expired, cancelled };
}

/** The same for each action, by name. */
export function statesByAction(counts: Counts): { action: string; states: Record<EndState, number> }[] {
  return Object.keys(sumBy(counts, "runs", "action"))
    .toSorted()
    .map((action) => {
      const own = Object.entries(counts).filter(([key]) => key.startsWith(`runs|${action}|`));
      return { action, states: statesOf(Object.fromEntries(own)) };
    });
}

export const STATES = EndState.options;

/** How long answers took, in seconds: so long at most for half of them, and for these parts; null where there were none. */
export interface AnswerTimes {
  p50: number;
  p95: number;
  p99: number;
}

export function answerTimesOf(counts: Counts): AnswerTimes | null {
  const buckets = bucketsOf(counts, "answer_seconds");
  if (buckets.every(({ count }) => count === 0)) return null;
  const [p50, p95, p99] = [quantileOf(buckets, 0.5), quantileOf(buckets, 0.95), quantileOf(buckets, 0.99)];
  return { p50, p95, p99 };
}

/**
 * The value that this part of what was counted does not exceed, as if it lay evenly within its bucket; Infinity where it
 * lies beyond the last one that has an end.
 */
export function quantileOf(buckets: readonly { most: number; count: number }[], part: number): number {
  let left = part * buckets.reduce((sum, { count }) => sum + count, 0);
  let least = 0;
  for (const { most, count } of buckets) {
    if (count > 0 && left <= count) return most === Infinity ? most : least + ((most - least) * left) / count;
    left = Math.max(left - count, 0);
    least = most;
  }
  return Infinity;
}

/** The part of answers that took so many seconds at most; of the buckets' bounds, one. */
export function partWithin(counts: Counts, seconds: number): number | null {
  const buckets = bucketsOf(counts, "answer_seconds");
  const whole = buckets.reduce((sum, { count }) => sum + count, 0);
  const within = buckets.filter(({ most }) => most <= seconds).reduce((sum, { count }) => sum + count, 0);
  return whole === 0 ? null : within / whole;
}

/** The end of a scale for counts up to this, so that its middle is a whole number too: 2, 4, 6, 8, 10, 12, 16, 20, 30, 40 … */
export function scaleTo(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 1)));
  const ends = [1, 1.2, 1.6, 2, 3, 4, 6, 8, 10].map((step) => Math.round(step * power * 10) / 10);
  return ends.find((end) => end >= most && Number.isInteger(end / 2)) ?? 10 * power;
}
