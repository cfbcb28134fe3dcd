// One attempt at a claimed run, from the settings to its outcome: the live check, then the action; or the sending of a report.
import type { Action } from "../actions/action.ts";
import { attempt, type Tools } from "../actions/attempt.ts";
import { type Choice, chosenFor } from "../actions/choose.ts";
import { readSettings } from "../config.ts";
import { within } from "../deadline.ts";
import { actionNamed } from "../domain/playbook.ts";
import { isReport } from "../domain/report.ts";
import type { Outcome, Run } from "../domain/run.ts";
import { type OpenApi, openApi } from "../flashduty/open-api.ts";
import { parsePush } from "../flashduty/push.ts";
import { takePlace } from "../flashduty/quota.ts";
import type { Granted } from "../incident/object.ts";
import { playbook } from "../playbook.ts";
import { hiding } from "../secret.ts";
import { type Call, caller } from "./http.ts";
import { liveCheck, unanswered } from "./live-check.ts";
import { sendReport } from "./report.ts";

/** The parts of an attempt's time by which Flashduty must have answered the live check, and by which it is given up. */
const LIVE_ANSWER_PART = 0.4;
const LIVE_CHECK_PART = 0.5;
/** Requests are cut off so long before the attempt is: what they have come to is still told by then. */
const ANSWER_MARGIN_MS = 300;

/** Makes one attempt. `began_at` (ms) was taken before the claim. Never throws, and never takes longer than the run may. */
export async function carryOut(granted: Granted, began_at: number, env: Env): Promise<Outcome> {
  const { run } = granted;
  const { time_limit_ms } = run.policy;
  const until = (part: number) => began_at + time_limit_ms * part;
  const keys = keysOf(env);
  if (isReport(run)) {
    const flashduty = flashdutyBy(caller({ deadline_at: until(1), services: {}, hide: hiding(keys) }), env);
    return inTime(until(1), sendReport(run, flashduty, Date.now()));
  }
  const action = actionNamed(playbook, run.action);
  if (action === undefined) return unable(run, `the playbook has no action "${run.action}" any more`);
  const choice = chosenFor(action, run.connector, env);
  if (!choice.ok) return unable(run, choice.faults.join("; "));
  const hide = hiding([...choice.settings.secrets, ...keys]);
  if (run.handle === null) {
    const call = caller({ deadline_at: until(LIVE_ANSWER_PART), services: {}, hide });
    const check = liveCheck(action, run.incident_id, flashdutyBy(call, env));
    const kept = await inTime(until(LIVE_CHECK_PART), check);
    // Not in time either is an answer that did not come.
    const outcome = kept?.kind === "unclear" ? unanswered(action, kept) : kept;
    if (outcome !== null) return outcome;
  }
  const outcome = await inTime(until(1), act(granted, action, choice, { deadline_at: until(1), hide }, env));
  // What only tells something has not done anything that would have to be looked for.
  return action.informational && outcome.kind === "unclear" ? { kind: "later", reason: outcome.reason } : outcome;
}

async function act(
  { run, body, earlier }: Granted,
  action: Action,
  { connector, settings }: Extract<Choice, { ok: true }>,
  { deadline_at, hide }: Pick<Tools, "deadline_at" | "hide">,
  env: Env,
): Promise<Outcome> {
  const parsed = parsePush(body);
  if (!parsed.ok) return unable(run, "the event's body can no longer be read");
  const { values, services } = settings;
  const call = caller({ deadline_at: deadline_at - ANSWER_MARGIN_MS, services, hide });
  const tools = { settings: values, call, hide, deadline_at, flashduty: (by: Call) => flashdutyBy(by, env), earlier };
  return attempt(action, connector, run, parsed.push, tools);
}

/** What keeps the receiver itself from going on. What was started goes on all the same, and may be looked at again. */
function unable({ handle }: Run, reason: string): Outcome {
  return { kind: handle === null ? "failed" : "unclear", reason };
}

/** The receiver's own credential for Flashduty's API, to be hidden; none where there is none. */
function keysOf(env: Env): string[] {
  const { flashduty } = readSettings(env);
  return flashduty === null ? [] : [flashduty.app_key];
}

/** Flashduty's own API, by that way out; null where there is no key for it. */
function flashdutyBy(call: Call, env: Env): OpenApi | null {
  const { flashduty } = readSettings(env);
  return flashduty === null ? null : openApi(flashduty, call, async () => takePlace(env));
}

async function inTime<T>(deadline_at: number, work: Promise<T>): Promise<T | Extract<Outcome, { kind: "unclear" }>> {
  try {
    return await within(Math.max(deadline_at - Date.now(), 0), "the attempt", work);
  } catch {
    // Nothing of it throws: it has taken too long.
    return { kind: "unclear", reason: "the attempt took longer than it may" };
  }
}
