// What an incident does when its alarm comes: which runs move, what has to go out, when to wake next.
import { forgetAt } from "./retention.ts";
import type { Moment, Run } from "./run.ts";
import { next } from "./transitions.ts";

/** What follows from the alarm. Everything is kept first, and carried out afterwards. */
export interface Due {
  /** Runs that moved, as they were and as they now are. */
  changed: { before: Run; after: Run }[];
  /** Runs of which a message goes out. */
  dispatched: Run[];
  /** The incident was closed long enough ago to be forgotten. */
  is_over: boolean;
  /** When the alarm is needed again; null where nothing is to come. Milliseconds. */
  wake_at: number | null;
}

/** What an incident knows when its alarm comes. */
export interface Waking {
  /** The runs whose time has come. */
  runs: readonly Run[];
  /** When the first of all other open runs is due; null where there is none. */
  others_due_at: number | null;
  /** Of the incident, as its newest event shows it. */
  progress: string;
  /** When the last event arrived or the last run ended. */
  last_active_at: number;
}

export function due({ runs, others_due_at, progress, last_active_at }: Waking, keep_ms: number, at: Moment): Due {
  const moved = runs.map((run) => ({ before: run, after: next(run, { kind: "due" }, at) }));
  const changed = moved.filter(({ before, after }) => before !== after);
  const next_due_at = moved.reduce((least, { after }) => earlier(least, after.due_at), others_due_at);
  const is_ending = changed.some(({ after }) => after.ended_at !== null);
  const wake_at = next_due_at ?? forgetAt(progress, is_ending ? at.now : last_active_at, keep_ms);
  return {
    changed,
    dispatched: changed.flatMap(({ after }) => (after.state === "dispatched" ? [after] : [])),
    is_over: next_due_at === null && wake_at !== null && wake_at <= at.now,
    wake_at,
  };
}

function earlier(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}
