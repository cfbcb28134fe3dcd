// What an incident shows of itself to whoever asks: the newest of what it keeps, for a call's answer may have 32 MiB, and a page
// with more nobody reads. What is left out is counted; each event and each run can be asked for by itself.
import type { Run } from "../domain/run.ts";
import type { Kept } from "./desk.ts";
import type { EventRow, KeptEvent } from "./event-table.ts";

const MOST_EVENTS = 500;
/** Of the runs, and of the reports: each bears a trail of up to some hundred kilobytes. */
const MOST_RUNS = 100;

/** An incident's events and runs; the current event is the one to show. */
export interface Shown {
  current: KeptEvent;
  /** When its first event arrived. Milliseconds. */
  opened_at: number;
  /** The newest, in order of arrival. */
  events: EventRow[];
  /** The one that was current before the first of these; null where none was. */
  before: EventRow | null;
  /** Those that have not ended and the newest, in the order in which they were planned; then the reports likewise. */
  runs: Run[];
  /** How many more there are of each. */
  left_out: { events: number; runs: number; reports: number };
}

/** Null where nothing is kept. */
export function shownOf({ events, runs }: Kept): Shown | null {
  const newest = events.current();
  const current = newest && events.one(newest.event_id);
  if (current === null) return null;
  const passed = Math.max(0, events.arrivals() - MOST_EVENTS);
  const besides = (by: "runs" | "reports") => Math.max(0, runs.count(by) - MOST_RUNS);
  return {
    current,
    opened_at: events.firstArrivalAt(),
    events: events.all(passed),
    before: passed === 0 ? null : events.currentAt(passed),
    runs: [...runs.newest("runs", MOST_RUNS), ...runs.newest("reports", MOST_RUNS)],
    left_out: { events: passed, runs: besides("runs"), reports: besides("reports") },
  };
}
