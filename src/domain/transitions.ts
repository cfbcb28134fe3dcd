// The state machine of a run, with one clock. `next` is the whole machine: a table with a row for each state, a pure
// function of the run, what happened and when. What the table does not name changes nothing.
import { backoff } from "./backoff.ts";
import type { RunRef } from "./event.ts";
import type { EndState, Happening, Kind, Moment, Outcome, Run, RunState } from "./run.ts";

/** What a claim holds beyond the attempt's own limit: the way to the target's answer and back to the object. */
export const LEASE_MARGIN_MS = 5_000;
/** How long a message may be under way before it is sent again; doubled with each that is not claimed. */
export const CLAIM_WITHIN_MS = 10_000;
const CLAIM_WITHIN_AT_MOST_MS = 10 * 60_000;
/** Messages that nobody claimed (over an hour and a half of them) before the run is given up. */
export const MOST_SENDS = 14;
/** Looks in a row that may fail: with the pauses between them, what a target may be out of reach while a job goes on, an hour. */
export const MOST_FAILED_LOOKS = 20;
const LOOK_AGAIN_AT_LEAST_MS = 1_000;
/** How long a run may wait for what it started. */
export const MOST_WAITING_MS = 24 * 60 * 60_000;
/** How long a run may be held before it is started. */
export const MOST_HELD_MS = 60 * 60_000;
/** Where a connector does not say when to look again: after a part of the time it has taken so far, within these. */
const LOOK_AGAIN_PART = 1 / 8;
const LOOK_AGAIN_FIRST_MS = 2_000;
const LOOK_AGAIN_LAST_MS = 60_000;

type Change<K extends Kind> = (run: Run, happened: Happening<K>, at: Moment) => Run;
/** What an outcome may tell beside its kind. */
type Findings = Pick<Extract<Outcome, { kind: "succeeded" }>, "links" | "values" | "fields">;
type Row = { [K in Kind]?: Change<K> };

const ended: Row = { retried: startOver };

const transitions: Record<RunState, Row> = {
  awaiting_approval: { due: expire, approved: plan, cancelled: cancel },
  planned: { due: send, settled: settleLate, cancelled: cancel },
  dispatched: { due: send, claimed: start, held: hold, settled: settleLate, cancelled: cancel },
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

/** A run as it is planned. */
export function planned(
  given: Pick<Run, keyof RunRef | "by" | "asked_by" | "connector" | "key" | "params" | "policy">,
  now: number,
): Run {
  return {
    ...given,
    state: "planned",
    reason: "",
    due_at: now,
    fence: 0,
    claimant: "",
    sends: 0,
    failures: 0,
    may_have_acted: false,
    handle: null,
    links: [],
    values: {},
    fields: {},
    round: 0,
    planned_at: now,
    started_at: null,
    ended_at: null,
  };
}

/** The run at its end. */
export function end(run: Run, state: EndState, reason: string, now: number): Run {
  return { ...run, state, reason, due_at: null, ended_at: now };
}

function plan(run: Run, _: unknown, { now }: Moment): Run {
  return { ...run, state: "planned", planned_at: now, due_at: now };
}

function startOver(run: Run, _: unknown, { now }: Moment): Run {
  // Cancelling a run does not call its attempt back: that one may go on as long as its lease would have.
  const lease_ms = run.state === "cancelled" && run.fence > 0 ? leaseMs(run) : 0;
  const due_at = Math.max(now, (run.ended_at ?? now) + lease_ms);
  const times = { round: run.round + 1, planned_at: now, started_at: null, ended_at: null };
  const afresh = { sends: 0, failures: 0, may_have_acted: false, handle: null, links: [], values: {}, fields: {} };
  // A new fence: what an earlier attempt still has to say is not about this one.
  return { ...run, ...afresh, ...times, state: "planned", reason: "", due_at, fence: run.fence + 1 };
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
  return tryAgain(run, { kind: "unclear", reason: "the attempt was cut off before it could tell its outcome" }, at);
}

function settle(run: Run, happened: { fence: number; outcome: Outcome }, at: Moment): Run {
  const { fence, outcome } = happened;
  if (fence !== run.fence) return run;
  switch (outcome.kind) {
    case "succeeded":
      return end(found(run, outcome), "succeeded", outcome.summary, at.now);
    case "failed":
      return end(found(run, outcome), "failed", outcome.reason, at.now);
    case "skipped":
      return end(run, "skipped", outcome.reason, at.now);
    case "waiting":
      return wait(found(run, outcome), outcome, at.now);
    case "held":
      return hold(run, outcome, at);
    case "later":
    case "not_sent":
    case "unclear":
      return tryAgain(run, outcome, at);
  }
}

/**
 * The outcome of an attempt whose lease is over, while no other has been started: what is known for sure still counts, or
 * the target would be called again for nothing.
 */
function settleLate(run: Run, happened: { fence: number; outcome: Outcome }, at: Moment): Run {
  const { kind } = happened.outcome;
  const is_sure = kind === "succeeded" || kind === "failed" || kind === "waiting";
  return is_sure && happened.fence === run.fence ? settle({ ...run, ended_at: null }, happened, at) : run;
}

/** What the attempt brought to light; links of a job stay while it is followed. */
function found(run: Run, { links = run.links, values = {}, fields = {} }: Findings): Run {
  return { ...run, links: [...links], values, fields };
}

/** It is not the time for it: no failure. But what nobody expects any more must not happen after all. */
function hold(run: Run, { reason, after_ms }: { reason: string; after_ms: number }, { now }: Moment): Run {
  const is_patient = run.handle !== null || run.by === "report";
  const most_ms = is_patient ? MOST_WAITING_MS : MOST_HELD_MS;
  if (now - run.planned_at > most_ms)
    return giveUp(run, `${is_patient ? "held" : "not started"} for ${most_ms / 60_000} minutes: ${reason}`, now);
  const state = run.handle === null ? "planned" : "waiting";
  return { ...run, state, reason, sends: 0, due_at: now + lookAgainMs(after_ms) };
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
    sends: 0,
    due_at: now + lookAgainMs(after_ms ?? patience(now - (run.started_at ?? now))),
  };
}

function patience(taken_ms: number): number {
  return Math.min(Math.max(taken_ms * LOOK_AGAIN_PART, LOOK_AGAIN_FIRST_MS), LOOK_AGAIN_LAST_MS);
}

/** What a connector asks for, within reason: looking without a pause would only cost, and no number is as good as none. */
function lookAgainMs(after_ms: number): number {
  return Math.min(Math.max(Math.ceil(after_ms || 0), LOOK_AGAIN_AT_LEAST_MS), MOST_WAITING_MS);
}

function tryAgain(run: Run, outcome: Extract<Outcome, { kind: "later" | "not_sent" | "unclear" }>, at: Moment): Run {
  const is_unclear = outcome.kind === "unclear";
  const { once, repeatable } = run.policy;
  const must_not_repeat = (once && outcome.kind !== "not_sent") || (!repeatable && is_unclear);
  // With a handle it is started already: what is tried again is only the look at it.
  if (must_not_repeat && run.handle === null)
    return end(run, is_unclear ? "unknown" : "failed", outcome.reason, at.now);
  const failures = run.failures + 1;
  const tried = { ...run, failures, may_have_acted: run.may_have_acted || is_unclear };
  const most = run.handle === null ? run.policy.attempts : MOST_FAILED_LOOKS;
  if (failures >= most) return giveUp(tried, `${outcome.reason} (${failures} attempts)`, at.now);
  const after_ms = backoff(failures, at.chance, outcome.kind === "later" ? outcome.after_ms : undefined);
  // What was started goes on meanwhile: only the look at it is made again.
  const state = run.handle === null ? "planned" : "waiting";
  return { ...tried, state, reason: outcome.reason, due_at: at.now + after_ms };
}

function giveUp(run: Run, reason: string, now: number): Run {
  // What the target may have done, or goes on doing, is for a person to find out.
  const state = run.handle === null && !run.may_have_acted ? "failed" : "unknown";
  return end(run, state, reason, now);
}
