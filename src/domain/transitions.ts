// The state machine of a run, with one clock. `next` is the whole machine: a table with a row for each state, a pure
// function of the run, what happened and when. What the table does not name changes nothing.
import { afresh, end, type Happening, type Kind, type Moment, type Run, type RunState } from "./run.ts";
import { giveUp, giveWay, settle, settleLate, tryAgain } from "./settle.ts";

/** What a claim holds beyond the attempt's own limit: the way to the target's answer and back to the object. */
export const LEASE_MARGIN_MS = 5_000;
/** How long a message may be under way before it is sent again; doubled with each that is not claimed. */
export const CLAIM_WITHIN_MS = 10_000;
const CLAIM_WITHIN_AT_MOST_MS = 10 * 60_000;
/** Messages that nobody claimed (over an hour and a half of them) before the run is given up. */
export const MOST_SENDS = 14;
type Change<K extends Kind> = (run: Run, happened: Happening<K>, at: Moment) => Run;
type Row = { [K in Kind]?: Change<K> };

const ended: Row = { retried: startOver };

const transitions: Record<RunState, Row> = {
  awaiting_approval: { due: expire, approved: plan, cancelled: cancel },
  planned: { due: send, settled: settleLate, cancelled: cancel },
  dispatched: { due: send, claimed: start, held: giveWay, settled: settleLate, cancelled: cancel },
  running: { due: loseLease, settled: settle, cancelled: cancel },
  waiting: { due: send, cancelled: cancel },
  succeeded: {},
  failed: ended,
  skipped: ended,
  unknown: { ...ended, settled: settleLate },
  expired: ended,
  cancelled: ended,
};

/** The run after what happened; the very same object where that changes nothing. */
export function next<K extends Kind>(run: Run, happened: Happening<K>, at: Moment): Run {
  if (happened.kind === "due" && (run.due_at === null || run.due_at > at.now)) return run;
  const kind: K = happened.kind;
  const change: Row[K] = transitions[run.state][kind];
  return change?.(run, happened, at) ?? run;
}

/** Whether the claimant holds the run: its claim was granted, now or by a request whose answer was lost. */
export function isHeldBy(run: Run, claimant: string): boolean {
  return run.state === "running" && run.claimant === claimant;
}

function plan(run: Run, _: unknown, { now }: Moment): Run {
  return { ...run, state: "planned", planned_at: now, due_at: now };
}

function startOver(run: Run, _: unknown, { now }: Moment): Run {
  // Cancelling a run does not call its attempt back: that one may go on as long as its lease would have.
  const lease_ms = run.state === "cancelled" && run.fence > 0 ? leaseMs(run) : 0;
  const due_at = Math.max(now, (run.ended_at ?? now) + lease_ms);
  // A new fence: what an earlier attempt still has to say is not about this one.
  return { ...run, ...afresh(now), due_at, round: run.round + 1, fence: run.fence + 1 };
}

function cancel(run: Run, happened: { reason: string }, { now }: Moment): Run {
  return end(run, "cancelled", happened.reason, now);
}

function expire(run: Run, _: unknown, { now }: Moment): Run {
  return end(run, "expired", "nobody approved it in time", now);
}

/** A message goes out, or goes out again: a queue is a carrier that may forget. */
function send(run: Run, _: unknown, { now }: Moment): Run {
  if (run.sends >= MOST_SENDS) return giveUp(run, `the queue did not deliver it in ${run.sends} tries`, now);
  const within_ms = Math.min(CLAIM_WITHIN_MS * 2 ** run.sends, CLAIM_WITHIN_AT_MOST_MS);
  return { ...run, state: "dispatched", due_at: now + within_ms, sends: run.sends + 1 };
}

function start(run: Run, { claimant }: { claimant: string }, { now }: Moment): Run {
  return {
    ...run,
    state: "running",
    due_at: now + leaseMs(run),
    fence: run.fence + 1,
    claimant,
    sends: 0,
    started_at: run.started_at ?? now,
  };
}

/** How long one attempt may keep the run to itself. */
function leaseMs(run: Run): number {
  return run.policy.time_limit_ms + LEASE_MARGIN_MS;
}

/** The attempt did not come back: crashed, or cut off. What it did is not known. */
function loseLease(run: Run, _: unknown, at: Moment): Run {
  return tryAgain(
    { ...run, held_since: null },
    { kind: "unclear", reason: "the attempt was cut off before it could tell its outcome" },
    at,
  );
}
