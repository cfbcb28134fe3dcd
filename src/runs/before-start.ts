// What is asked just before a run starts, in this order: did the receiver itself cause what it is about, is the incident
// still as the playbook demands, and do the guards let it pass. The guards come last, so that nothing lies between their
// word and the start.
import type { Action } from "../actions/action.ts";
import { within } from "../deadline.ts";
import { runId } from "../domain/event.ts";
import { folded } from "../domain/key.ts";
import type { Outcome } from "../domain/run.ts";
import type { Note } from "../domain/trail.ts";
import type { OpenApi } from "../flashduty/open-api.ts";
import { ownId } from "../flashduty/own.ts";
import type { Granted } from "../incident/desk.ts";
import { aboutAttempt } from "../log.ts";
import type { Span } from "../trace.ts";
import { startIdOf } from "./gate.ts";
import { askGuard } from "./guard-stub.ts";
import { ASK_AGAIN_MS, liveCheck, unanswered } from "./live-check.ts";

/** A claim that was granted, and the span of what is done with it. */
export interface Attempt extends Granted {
  span: Span;
}

/** What keeps the run from starting; null where nothing does. */
export interface Before {
  outcome: Outcome | null;
  notes: Note[];
}

const OWN_ID_UNKNOWN =
  "whether this receiver made the change itself is not known: Flashduty does not say whose key it has";
const OWN_CHANGE = "this receiver made that change itself, and rules do not follow it";

interface Asking {
  flashduty: OpenApi | null;
  /** When to wait for Flashduty no longer. Milliseconds. */
  give_up_at: number;
}

/** Never throws. */
export async function beforeStart(granted: Attempt, action: Action, asking: Asking, env: Env): Promise<Before> {
  const outcome = (await causedByItself(granted, action, asking, env)) ?? (await stillWanted(granted, action, asking));
  return outcome === null ? passGuards(granted, env) : { outcome, notes: [] };
}

/** A rule that feeds itself, where planning did not know yet who the receiver is. */
async function causedByItself(
  { run }: Granted,
  action: Action,
  { flashduty, give_up_at }: Asking,
  env: Env,
): Promise<Outcome | null> {
  if (run.by !== "rule" || run.person_id === "") return null;
  const own_id = await inTime(give_up_at, ownId(env, flashduty), null);
  if (own_id === null && action.unanswered === "go_on") return null;
  if (own_id === null) return { kind: "held", reason: OWN_ID_UNKNOWN, after_ms: ASK_AGAIN_MS };
  return own_id === run.person_id ? { kind: "skipped", reason: OWN_CHANGE } : null;
}

async function stillWanted(
  { run }: Granted,
  action: Action,
  { flashduty, give_up_at }: Asking,
): Promise<Outcome | null> {
  // Not in time either is an answer that did not come.
  const silence = unanswered(action, { kind: "unclear", reason: "Flashduty did not answer in time" });
  return inTime(give_up_at, liveCheck(action, run.incident_id, flashduty), silence);
}

async function passGuards({ run, came_back, span }: Attempt, env: Env): Promise<Before> {
  const release = came_back === undefined ? "the incident is still served by an older release" : null;
  if (release !== null) return { outcome: { kind: "held", reason: release, after_ms: ASK_AGAIN_MS }, notes: [] };
  if (run.approval !== null && run.approved_by === "")
    return { outcome: { kind: "skipped", reason: "nobody has approved it" }, notes: [] };
  const run_id = runId(run);
  const { action, key, by, asked_by, planned_at, override_by, round } = run;
  // A replay is no second press: whoever pressed has done so before anybody could be told.
  const person_id = run.replayed_by === "" ? run.person_id : "";
  const decision = await askGuard(
    {
      start_id: startIdOf(run_id, round),
      run_id,
      action,
      key: folded(key),
      by: by === "rule" ? "rule" : "command",
      person_id,
      asked_by,
      asked_at: planned_at,
      override_by,
      came_back,
    },
    aboutAttempt(run, span),
    env,
  );
  switch (decision.kind) {
    case "go": {
      const { overrides, by: who } = decision;
      // Of an earlier attempt it may be written down already.
      const untold = overrides.filter(
        (text) => !run.trail.some((one) => one.what === "overridden" && one.text === text && one.by === who),
      );
      return { outcome: null, notes: untold.map((text) => ({ what: "overridden" as const, by: who, text })) };
    }
    case "hold":
      return { outcome: { kind: "held", reason: decision.reason, after_ms: decision.after_ms }, notes: [] };
    case "skip": {
      const note = { what: "guard" as const, text: `${decision.guard}: ${decision.reason}` };
      return { outcome: { kind: "skipped", reason: decision.reason }, notes: [note] };
    }
  }
}

async function inTime<T>(give_up_at: number, work: Promise<T>, late: T): Promise<T> {
  try {
    return await within(Math.max(give_up_at - Date.now(), 0), "Flashduty", work);
  } catch {
    return late;
  }
}
