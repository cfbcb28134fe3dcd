// One attempt at an action at a time for an incident: the others wait for their turn. Whose attempt is over wakes the one
// that has waited longest.
import type { RunRef } from "../domain/event.ts";
import type { Happening, Run } from "../domain/run.ts";
import type { Store } from "./store.ts";

/** By this reason a run that waits for its turn is known. */
const TURN = "an attempt at another run of this action is under way for this incident";
/** Who waits comes again by itself only when the waking should not have happened, one after the other. */
const TURN_LATE_MS = 60_000;

/** What becomes of a run that is claimed: its turn has come, or it gives way. */
export function turnOf(ref: RunRef, claimant: string, store: Store, now: number): Happening {
  const busy_until = store.busyUntil(ref, now);
  if (busy_until === null) return { kind: "claimed", claimant };
  const ahead_ms = store.countInTurn(ref.action, TURN) * TURN_LATE_MS;
  return { kind: "held", reason: TURN, after_ms: busy_until - now + ahead_ms };
}

/** The run whose turn it is when an attempt at the action is over; null where none waits. */
export function nextTurn(action: string, store: Store): Run | null {
  return store.nextInTurn(action, TURN);
}
