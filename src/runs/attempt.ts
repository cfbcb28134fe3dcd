// One attempt at a claimed run, from the settings to its outcome: what is asked before a start, then the action; or the
// sending of a report.
import type { Action } from "../actions/action.ts";
import { attempt, type Tools } from "../actions/attempt.ts";
import { type Choice, chosenFor } from "../actions/choose.ts";
import { readSettings } from "../config.ts";
import { within } from "../deadline.ts";
import { actionNamed } from "../domain/playbook.ts";
import { isReport } from "../domain/report.ts";
import type { Outcome, Run } from "../domain/run.ts";
import type { Note } from "../domain/trail.ts";
import { parsePush } from "../flashduty/push.ts";
import { aboutAttempt } from "../log.ts";
import { playbook } from "../playbook.ts";
import { hiding } from "../secret.ts";
import { traceparentOf } from "../trace.ts";
import { type Attempt, beforeStart } from "./before-start.ts";
import { flashdutyBy, keysOf } from "./flashduty.ts";
import { type Call, caller } from "./http.ts";
import { sendReport } from "./report.ts";

/** The parts of an attempt's time by which Flashduty must have answered what is asked before a start, and by which that is given up. */
const ANSWER_PART = 0.4;
const BEFORE_PART = 0.5;
/** Requests are cut off so long before the attempt is: what they have come to is still told by then. */
const ANSWER_MARGIN_MS = 300;

/** What an attempt came to, and what of it belongs in the trail. */
export interface Attempted {
  outcome: Outcome;
  notes: Note[];
}

/** Makes one attempt. `began_at` (ms) was taken before the claim. Never throws, and never takes longer than the run may. */
export async function carryOut(granted: Attempt, began_at: number, env: Env): Promise<Attempted> {
  const { run, span } = granted;
  const traceparent = traceparentOf(span);
  const flashduty = (by: Call) => flashdutyBy(by, env, aboutAttempt(run, span));
  const { time_limit_ms } = run.policy;
  const until = (part: number) => began_at + time_limit_ms * part;
  const notes: Note[] = [];
  if (isReport(run)) {
    const call = caller({ deadline_at: until(1), services: {}, hide: hiding(keysOf(env)), traceparent });
    return { outcome: await inTime(until(1), sendReport(run, flashduty(call), Date.now())), notes };
  }
  const action = actionNamed(playbook, run.action);
  if (action === undefined)
    return { outcome: unable(run, `the playbook has no action "${run.action}" any more`), notes };
  const choice = chosenFor(action, run.connector, env);
  if (!choice.ok) return { outcome: unable(run, choice.faults.join("; ")), notes };
  const hide = hiding([...choice.settings.secrets, ...keysOf(env)]);
  // Nothing to act on is never everything, whoever has the run started over.
  if (run.handle === null && action.key !== null && run.key === "")
    return {
      outcome: { kind: "skipped", reason: `${action.key.from} was missing, so there is nothing to act on` },
      notes,
    };
  if (run.handle === null) {
    const call = caller({ deadline_at: until(ANSWER_PART), services: {}, hide, traceparent });
    const asking = { flashduty: flashduty(call), give_up_at: until(BEFORE_PART) };
    const kept = await beforeStart(granted, action, asking, env);
    notes.push(...kept.notes);
    if (kept.outcome !== null) return { outcome: kept.outcome, notes };
  }
  const outcome = await inTime(
    until(1),
    act(granted, action, choice, { deadline_at: until(1), hide, flashduty, notes }, env),
  );
  const is_dull = run.handle !== null && outcome.kind === "waiting";
  return { outcome: resultOf(action, run, outcome, notes), notes: is_dull ? [] : notes };
}

interface Acting extends Pick<Tools, "deadline_at" | "hide" | "flashduty"> {
  /** Is filled with what is sent, and what comes back. */
  notes: Note[];
}

async function act(
  { run, body, earlier, span }: Attempt,
  action: Action,
  { connector, settings }: Extract<Choice, { ok: true }>,
  { deadline_at, hide, flashduty, notes }: Acting,
  env: Env,
): Promise<Outcome> {
  const parsed = parsePush(body);
  if (!parsed.ok) return unable(run, "the event's body can no longer be read");
  const { values, services } = settings;
  const dry_run = run.policy.dry_run || action.policy.dry_run || readSettings(env).dry_run;
  const note = (one: Note) => void notes.push(one);
  const traceparent = traceparentOf(span);
  const call = caller({ deadline_at: deadline_at - ANSWER_MARGIN_MS, services, hide, dry_run, traceparent, note });
  const tools = { settings: values, call, hide, deadline_at, flashduty, earlier };
  const outcome = await attempt(action, connector, run, parsed.push, tools);
  // What was started before was none.
  const is_dry = dry_run && run.handle === null;
  return is_dry && outcome.kind === "succeeded" ? { ...outcome, dry_run } : outcome;
}

/** What the attempt has come to, whatever the connector makes of it. */
function resultOf(action: Action, run: Run, outcome: Outcome, notes: readonly Note[]): Outcome {
  const unsent = notes.flatMap(({ what, text }) => (what === "would_send" ? [text] : []));
  // Without the answer, nothing that the connector says is true.
  if (unsent.length > 0) return unsentOutcome(run, `would have sent ${unsent.join("; ")}`);
  // What only tells something has not done anything that would have to be looked for.
  return action.informational && outcome.kind === "unclear" ? { kind: "later", reason: outcome.reason } : outcome;
}

/** A dry run is one only where nothing was sent before: by an earlier attempt, or to start the job that is looked at. */
function unsentOutcome({ handle, may_have_acted }: Run, unsent: string): Outcome {
  if (handle !== null) return { kind: "unclear", reason: `dry run: ${unsent}` };
  if (may_have_acted) return { kind: "failed", reason: `dry run: ${unsent}` };
  return { kind: "succeeded", summary: unsent, dry_run: true };
}

/** What keeps the receiver itself from going on. What was started goes on all the same, and may be looked at again. */
function unable({ handle }: Run, reason: string): Outcome {
  return { kind: handle === null ? "failed" : "unclear", reason };
}

async function inTime<T>(deadline_at: number, work: Promise<T>): Promise<T | Extract<Outcome, { kind: "unclear" }>> {
  try {
    return await within(Math.max(deadline_at - Date.now(), 0), "the attempt", work);
  } catch {
    // Nothing of it throws: it has taken too long.
    return { kind: "unclear", reason: "the attempt took longer than it may" };
  }
}
