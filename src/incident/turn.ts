// Whose turn it is. One attempt at an action at a time for an incident, and not before the run that it is to wait for has
// ended: the others give way. Whose attempt is over wakes the one that has waited longest.
import { type Happening, reasonToWait, type Run, WAITS_FOR_FIRST_MS } from "../domain/run.ts";
import type { Kept } from "./desk.ts";

/** By this reason a run that waits for its turn is known. */
const TURN = "an attempt at another run of this action is under way for this incident";
/** Who waits comes again by itself only when the waking should not have happened, one after the other. */
const TURN_LATE_MS = 60_000;

/** What becomes of a run that is claimed: its turn has come, or it gives way. */
export function turnOf(run: Run, claimant: string, runs: Kept["runs"], now: number): Happening {
  const busy_until = runs.busyUntil(run, now);
  if (busy_until !== null) {
    const ahead_ms = runs.countInTurn(run.action, TURN) * TURN_LATE_MS;
    return { kind: "held", reason: TURN, after_ms: busy_until - now + ahead_ms };
  }
  const first = run.after === "" || run.handle !== null ? null : runs.one(run.event_id, run.after);
  const left_ms = run.planned_at + WAITS_FOR_FIRST_MS - now;
  if (first === null || first.ended_at !== null || left_ms <= 0) return { kind: "claimed", claimant };
  return { kind: "held", reason: reasonToWait(run), after_ms: left_ms };
}

/** The run whose turn it is when an attempt at the action is over; null where none waits. */
export function nextTurn(action: string, runs: Kept["runs"]): Run | null {
  return runs.nextInTurn(action, TURN);
}

/** The runs that were waiting for this one to end. */
export function waitingFor({ event_id, action }: Run, runs: Kept["runs"]): Run[] {
  return runs.ofEvent(event_id).filter(({ after, state }) => after === action && state === "planned");
}
