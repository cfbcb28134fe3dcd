// What becomes of a run when an attempt tells what it came to: the part of the machine in transitions.ts that reads outcomes.
import { backoff } from "./backoff.ts";
import { LATE_COUNTS_MS } from "./start.ts";
import { duration } from "./time.ts";
import { end, type Moment, type Outcome, type Run } from "./run.ts";

/** Looks in a row that may fail: with the pauses between them, a target may be out of reach for some 45 minutes while its job goes on. */
export const MOST_FAILED_LOOKS = 20;
const LOOK_AGAIN_AT_LEAST_MS = 1_000;
/** How long a run may wait for what it started. */
export const MOST_WAITING_MS = 24 * 60 * 60_000;
/** Where a connector does not say when to look again: after a part of the time it has taken so far, within these. */
const LOOK_AGAIN_PART = 1 / 8;
const LOOK_AGAIN_FIRST_MS = 2_000;
const LOOK_AGAIN_LAST_MS = 60_000;
const HELD_AGAIN_LAST_MS = 5 * 60_000;

/** What an outcome may tell beside its kind. */
type Findings = Pick<Extract<Outcome, { kind: "succeeded" }>, "links" | "values" | "fields">;

export function settle(before: Run, happened: { fence: number; outcome: Outcome }, at: Moment): Run {
  const { fence, outcome } = happened;
  if (fence !== before.fence) return before;
  const run = outcome.kind === "held" ? before : { ...before, held_since: null };
  switch (outcome.kind) {
    case "succeeded":
      return end(found(rehearsed(run, outcome), outcome), "succeeded", outcome.summary, at.now);
    case "failed":
      return heard(endUndone(found(run, outcome), "failed", outcome.reason, at.now));
    case "skipped":
      return heard(endUndone(run, "skipped", outcome.reason, at.now));
    case "waiting":
      return heard(wait(found(run, outcome), outcome, at.now));
    case "held":
      return hold(run, outcome, at);
    case "later":
    case "not_sent":
    case "unclear":
      return tryAgain(run, outcome, at);
  }
}

/** A run may have become a dry run only when it was carried out. */
function rehearsed(run: Run, { dry_run = false }: { dry_run?: boolean }): Run {
  return dry_run ? { ...run, policy: { ...run.policy, dry_run } } : run;
}

/** Who has spoken, and left the outcome unknown even so, is not heard again: told twice, it would seem to come late. */
function heard(run: Run): Run {
  return run.state === "unknown" ? { ...run, fence: run.fence + 1 } : run;
}

/** Says that nothing was done, unless an earlier attempt may have done it: that one nobody has looked after. */
function endUndone(run: Run, state: "failed" | "skipped", reason: string, now: number): Run {
  if (run.handle !== null || !run.may_have_acted) return end(run, state, reason, now);
  return end(run, "unknown", `${reason}; but an earlier attempt may have done it`, now);
}

/**
 * The outcome of an attempt whose lease is over, while no other has been started: what is known for sure still counts, or
 * the target would be called again for nothing. A run that comes back from its end is told of once more.
 */
export function settleLate(run: Run, happened: { fence: number; outcome: Outcome }, at: Moment): Run {
  const { kind } = happened.outcome;
  const is_sure = kind === "succeeded" || kind === "failed" || kind === "waiting";
  if (!is_sure || happened.fence !== run.fence) return run;
  // By then another run may have been started on the same key.
  if (kind === "waiting" && run.ended_at !== null && at.now - run.ended_at > LATE_COUNTS_MS) return run;
  const round = run.ended_at === null ? run.round : run.round + 1;
  // This very attempt was unclear, and has spoken now; of those before it nobody knows.
  const may_have_acted = run.may_have_acted && run.failures > 1;
  return settle({ ...run, ended_at: null, round, may_have_acted }, happened, at);
}

/** What the attempt brought to light; links of a job stay while it is followed. */
function found(run: Run, { links = run.links, values = {}, fields = {} }: Findings): Run {
  return { ...run, links: [...links], values, fields };
}

/** It is not the time for it: no failure. But what nobody expects any more must not happen after all. */
function hold(run: Run, { reason, after_ms }: { reason: string; after_ms: number }, { now }: Moment): Run {
  const held_since = run.held_since ?? now;
  const held_ms = now - held_since;
  if (isTooOld(run, now)) return skipTooOld({ ...run, reason }, now);
  if (held_ms > MOST_WAITING_MS) return giveUp(run, `held for ${duration(MOST_WAITING_MS)}: ${reason}`, now);
  const state = run.handle === null ? "planned" : "waiting";
  // The longer it is held, the less often it is tried.
  const wait_ms = Math.max(after_ms, Math.min(held_ms * LOOK_AGAIN_PART, HELD_AGAIN_LAST_MS));
  const started_at = run.failures === 0 && run.handle === null ? null : run.started_at;
  return { ...run, state, reason, held_since, started_at, sends: 0, due_at: now + lookAgainMs(wait_ms) };
}

/** Whether a run that has not been started has been waited for too long: nobody expects it to happen any more. */
export function isTooOld({ handle, by, planned_at, policy }: Run, now: number): boolean {
  return handle === null && by !== "report" && now - planned_at >= policy.max_age_ms;
}

export function skipTooOld(run: Run, now: number): Run {
  const why = run.reason === "" && run.sends > 0 ? "the queue did not deliver it in time" : run.reason;
  const late = `not started within ${duration(run.policy.max_age_ms)}, and too late now`;
  return endUndone(run, "skipped", why === "" ? late : `${late}: ${why}`, now);
}

/** Another run goes first: this one waits for its turn, however long that takes. */
export function giveWay(run: Run, { reason, after_ms }: { reason: string; after_ms: number }, { now }: Moment): Run {
  const state = run.handle === null ? "planned" : "waiting";
  return { ...run, state, reason, held_since: null, sends: 0, due_at: now + lookAgainMs(after_ms) };
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

export function tryAgain(
  run: Run,
  outcome: Extract<Outcome, { kind: "later" | "not_sent" | "unclear" }>,
  at: Moment,
): Run {
  const is_unclear = outcome.kind === "unclear";
  const { once, repeatable } = run.policy;
  const must_not_repeat = (once && outcome.kind !== "not_sent") || (!repeatable && is_unclear);
  // With a handle it is started already: what is tried again is only the look at it.
  if (must_not_repeat && run.handle === null)
    return end(run, is_unclear ? "unknown" : "failed", outcome.reason, at.now);
  const failures = run.failures + 1;
  const tried = {
    ...run,
    failures,
    may_have_acted: run.may_have_acted || is_unclear,
    unclear_at: is_unclear ? at.now : run.unclear_at,
  };
  const most = run.handle === null ? run.policy.attempts : MOST_FAILED_LOOKS;
  if (failures >= most) return giveUp(tried, `${outcome.reason} (${failures} attempts)`, at.now);
  const after_ms = backoff(failures, at.chance, outcome.kind === "later" ? outcome.after_ms : undefined);
  // What was started goes on meanwhile: only the look at it is made again.
  const state = run.handle === null ? "planned" : "waiting";
  return { ...tried, state, reason: outcome.reason, due_at: at.now + after_ms };
}

export function giveUp(run: Run, reason: string, now: number): Run {
  // What the target may have done, or goes on doing, is for a person to find out.
  const state = run.handle === null && !run.may_have_acted ? "failed" : "unknown";
  return end(run, state, reason, now);
}
