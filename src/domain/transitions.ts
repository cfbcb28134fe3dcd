// The state machine of a run, with one clock. `next` is the whole machine: a table with a row for each state, a pure
// function of the run, what happened and when. What the table does not name changes nothing.
import { backoff } from "./backoff.ts";
import type { RunKey } from "./event.ts";
import type { EndState, Happening, Outcome, Policy, Run, RunState } from "./run.ts";

/** Now (ms), and a number from 0 up to 1 that spreads retries. */
export interface Moment {
  now: number;
  chance: number;
}

/** What a claim holds beyond the attempt's own limit: the way to the target's answer and back to the object. */
export const LEASE_MARGIN_MS = 5_000;
/** How long a message may be under way before it is sent again; doubled with each that is not claimed. */
export const CLAIM_WITHIN_MS = 10_000;
const CLAIM_WITHIN_AT_MOST_MS = 10 * 60_000;
/** Messages that nobody claimed (over an hour and a half of them) before the run is given up. */
export const MOST_SENDS = 14;
const LOOK_AGAIN_AT_LEAST_MS = 1_000;
/** How long a run may wait for what it started. */
export const MOST_WAITING_MS = 24 * 60 * 60_000;

type Change<K extends Happening["kind"]> = (run: Run, happened: Extract<Happening, { kind: K }>, at: Moment) => Run;
type Row = { [K in Happening["kind"]]?: Change<K> };

const ended: Row = { retried: startOver };

const transitions: Record<RunState, Row> = {
  awaiting_approval: { due: expire, approved: plan, cancelled: cancel },
  planned: { due: send, cancelled: cancel },
  dispatched: { due: send, claimed: start, cancelled: cancel },
  running: { due: loseLease, settled: settle, cancelled: cancel },
  waiting: { due: send, cancelled: cancel },
  succeeded: {},
  failed: ended,
  skipped: ended,
  unknown: ended,
  expired: ended,
  cancelled: ended,
};

/** The run after what happened; the very same object where that changes nothing. */
export function next(run: Run, happened: Happening, at: Moment): Run {
  if (happened.kind === "due" && (run.due_at === null || run.due_at > at.now)) return run;
  return change(transitions[run.state], run, happened, at) ?? run;
}

function change(row: Row, run: Run, happened: Happening, at: Moment): Run | undefined {
  switch (happened.kind) {
    case "due":
      return row.due?.(run, happened, at);
    case "claimed":
      return row.claimed?.(run, happened, at);
    case "settled":
      return row.settled?.(run, happened, at);
    case "approved":
      return row.approved?.(run, happened, at);
    case "cancelled":
      return row.cancelled?.(run, happened, at);
    case "retried":
      return row.retried?.(run, happened, at);
  }
}

/** A run as it is planned. */
export function planned(key: RunKey, policy: Policy, params: Run["params"], now: number): Run {
  return {
    ...key,
    params,
    policy,
    state: "planned",
    reason: "",
    due_at: now,
    fence: 0,
    sends: 0,
    failures: 0,
    handle: null,
    planned_at: now,
    started_at: null,
    ended_at: null,
  };
}

/** The run at its end. */
export function end(run: Run, state: EndState, reason: string, now: number): Run {
  return { ...run, state, reason, due_at: null, ended_at: now };
}

function plan(run: Run, _: Happening, { now }: Moment): Run {
  return { ...run, state: "planned", due_at: now };
}

function startOver(run: Run, _: Happening, { now }: Moment): Run {
  // Cancelling a run does not call its attempt back: that one may go on as long as its lease would have.
  const lease_ms = run.state === "cancelled" && run.fence > 0 ? leaseMs(run) : 0;
  const due_at = Math.max(now, (run.ended_at ?? now) + lease_ms);
  const afresh = { sends: 0, failures: 0, handle: null, started_at: null, ended_at: null };
  return { ...run, ...afresh, state: "planned", reason: "", due_at };
}

function cancel(run: Run, happened: { reason: string }, { now }: Moment): Run {
  return end(run, "cancelled", happened.reason, now);
}

function expire(run: Run, _: Happening, { now }: Moment): Run {
  return end(run, "expired", "nobody approved it in time", now);
}

/** A message goes out, or goes out again: a queue is a carrier that may forget. */
function send(run: Run, _: Happening, { now }: Moment): Run {
  if (run.sends >= MOST_SENDS) return giveUp(run, `the queue did not deliver it in ${run.sends} tries`, now);
  const within_ms = Math.min(CLAIM_WITHIN_MS * 2 ** run.sends, CLAIM_WITHIN_AT_MOST_MS);
  return { ...run, state: "dispatched", due_at: now + within_ms, sends: run.sends + 1 };
}

function start(run: Run, _: Happening, { now }: Moment): Run {
  return {
    ...run,
    state: "running",
    due_at: now + leaseMs(run),
    fence: run.fence + 1,
    sends: 0,
    started_at: run.started_at ?? now,
  };
}

/** How long one attempt may keep the run to itself. */
function leaseMs(run: Run): number {
  return run.policy.time_limit_ms + LEASE_MARGIN_MS;
}

/** The attempt did not come back: crashed, or cut off. What it did is not known. */
function loseLease(run: Run, _: Happening, at: Moment): Run {
  return tryAgain(run, { kind: "unclear", reason: "the attempt was cut off before it could tell its outcome" }, at);
}

function settle(run: Run, happened: { fence: number; outcome: Outcome }, at: Moment): Run {
  const { fence, outcome } = happened;
  if (fence !== run.fence) return run;
  switch (outcome.kind) {
    case "succeeded":
      return end(run, "succeeded", outcome.summary, at.now);
    case "failed":
    case "skipped":
      return end(run, outcome.kind, outcome.reason, at.now);
    case "waiting":
      return wait(run, outcome, at.now);
    case "later":
    case "unclear":
      return tryAgain(run, outcome, at);
  }
}

function wait(run: Run, outcome: Extract<Outcome, { kind: "waiting" }>, now: number): Run {
  if (now - (run.started_at ?? now) > MOST_WAITING_MS)
    return end(run, "unknown", `still not done after ${MOST_WAITING_MS / 3_600_000} hours: ${outcome.summary}`, now);
  const { handle, summary, after_ms } = outcome;
  return {
    ...run,
    state: "waiting",
    reason: summary,
    handle,
    failures: 0,
    due_at: now + lookAgainMs(after_ms),
  };
}

/** What a connector asks for, within reason: looking without a pause would only cost, and no number is as good as none. */
function lookAgainMs(after_ms: number): number {
  return Math.min(Math.max(after_ms || 0, LOOK_AGAIN_AT_LEAST_MS), MOST_WAITING_MS);
}

function tryAgain(run: Run, outcome: Extract<Outcome, { kind: "later" | "unclear" }>, at: Moment): Run {
  const failures = run.failures + 1;
  // With a handle it is started already: what is tried again is only the look at it.
  const isOneShot = run.policy.once && run.handle === null;
  if (isOneShot) return end(run, outcome.kind === "unclear" ? "unknown" : "failed", outcome.reason, at.now);
  if (failures >= run.policy.attempts)
    return giveUp({ ...run, failures }, `${outcome.reason} (${failures} attempts)`, at.now);
  const after_ms = backoff(failures, at.chance, outcome.kind === "later" ? outcome.after_ms : undefined);
  return { ...run, state: "planned", reason: outcome.reason, failures, due_at: at.now + after_ms };
}

function giveUp(run: Run, reason: string, now: number): Run {
  // What was started at the target goes on there, whether or not we can see it.
  const state = run.handle === null ? "failed" : "unknown";
  return end(run, state, reason, now);
}
