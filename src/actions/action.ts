// What an action is: what it needs, and how one attempt at it is made. A connector makes actions of this shape.
import type * as z from "zod";
import type { ActionSetting } from "../config.ts";
import { runId } from "../domain/event.ts";
import { targetOf } from "../domain/plan.ts";
import { type Context, contextOf, type Plannable, type Playbook, type Rule } from "../domain/playbook.ts";
import type { Outcome, Policy, Run } from "../domain/run.ts";
import { wordsOf } from "../domain/thrown.ts";
import type { Push } from "../flashduty/push.ts";
import type { Call } from "../runs/http.ts";

/** What one attempt at a run is given. */
export interface Attempt extends Context {
  /** The same for every attempt at a run: the key by which a target can tell a repetition. */
  run_id: string;
  /** What the address of the custom action carried as query, still to be parsed by the action's `params`. */
  params: Record<string, string>;
  /** What the action acts on; "" where it declares no target. */
  target: string;
  /** The values of the declared settings, by name; optional ones may be missing. */
  settings: Readonly<Record<string, string>>;
  /** The way out: one request to a target. */
  call: Call;
}

export interface Action extends Plannable {
  /** What it does, for people: "restart a host". */
  summary: string;
  settings: readonly ActionSetting[];
  /** What the address of its custom action may carry as query. */
  params: z.ZodType<Record<string, unknown>>;
  start: (attempt: Attempt) => Promise<Outcome>;
  /** Looks at what was started under `handle`. Needed by actions that end an attempt as `waiting`. */
  look?: (handle: string, attempt: Attempt) => Promise<Outcome>;
}

/** What an action is carried out with where it does not say otherwise. */
export const DEFAULT_POLICY: Policy = { once: false, attempts: 5, time_limit_ms: 10_000 };

/** An attempt goes on after its message was acknowledged; the platform lets it for 30 s. */
const LONGEST_ATTEMPT_MS = 25_000;

/** Checks a playbook when it is compiled: a rule names an action that is there. */
export function definePlaybook<Actions extends Record<string, Action>>(playbook: {
  actions: Actions;
  rules: readonly Rule<Extract<keyof Actions, string>>[];
}): Playbook<Action> {
  for (const [name, { policy }] of Object.entries(playbook.actions)) {
    if (!/^[a-z][a-z0-9-]{0,62}$/.test(name))
      throw new Error(
        `action "${name}": a name is lower-case letters, digits and dashes, for it is part of an address`,
      );
    if (policy.time_limit_ms > LONGEST_ATTEMPT_MS)
      throw new Error(`action "${name}": an attempt takes ${LONGEST_ATTEMPT_MS} ms at most; wait for longer jobs`);
  }
  return playbook;
}

/** What an action says beyond its connector's own: see `Plannable` and `DEFAULT_POLICY`. */
export type Conduct = Partial<Policy> & Partial<Pick<Plannable, "target">>;

/** Makes one attempt at a run. Never throws: what a connector throws is an outcome like any other. */
export async function attempt(
  action: Action,
  run: Run,
  push: Push,
  tools: Pick<Attempt, "settings" | "call">,
): Promise<Outcome> {
  const context = contextOf(push);
  const target = action.target === null ? { value: "" } : targetOf(action.target, context);
  if ("missing" in target) return { kind: "skipped", reason: target.missing };
  let called = false;
  const call: Call = async (request) => {
    called = true;
    return tools.call(request);
  };
  const { settings } = tools;
  const given = { ...context, settings, call, run_id: runId(run), params: run.params, target: target.value };
  try {
    if (run.handle === null) return await action.start(given);
    if (action.look === undefined) return { kind: "failed", reason: "the action cannot look at what it started" };
    return await action.look(run.handle, given);
  } catch (error) {
    const reason = `the action broke: ${wordsOf(error, Object.values(settings))}`;
    return { kind: called ? "unclear" : "failed", reason };
  }
}
