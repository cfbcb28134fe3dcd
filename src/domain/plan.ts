// Which runs an event calls for. Planning happens before the event is handed to its incident, so that no function of
// the playbook runs inside a transaction: whatever it throws, the event is taken.
import type { Push } from "../flashduty/push.ts";
import { actionNamed, contextOf, type Context, type Plannable, type Playbook, type Target } from "./playbook.ts";
import { wordsOf } from "./thrown.ts";
import type { EndState, Policy } from "./run.ts";

/** A person's command: the press of a custom action's button. */
export interface Command {
  action: string;
  params: Record<string, string>;
}

/** A run that an event calls for. */
export interface Asked {
  action: string;
  /** A command is run even where a newer event has come already; a rule's run is not. */
  by: "command" | "rule";
  params: Record<string, string>;
  policy: Policy;
  /** Why it cannot be run at all: it is then recorded as ended. */
  refused: { state: Extract<EndState, "failed" | "skipped">; reason: string } | null;
}

/**
 * The runs that a push calls for, each action once. `unable` tells what keeps an action from being carried out
 * (settings that are missing), or null.
 */
export function plan(
  push: Push,
  command: Command | null,
  playbook: Playbook,
  unable: (action: string) => string | null,
): Asked[] {
  const context = contextOf(push);
  const ask = (action: string, by: Asked["by"], params: Asked["params"], broken: string | null): Asked[] => {
    const known = actionNamed(playbook, action);
    if (known === undefined) return [];
    return [{ action, by, params, policy: known.policy, refused: refusal(known, context, broken ?? unable(action)) }];
  };
  const rules = playbook.rules
    .filter(({ on }) => on.some((type) => type === push.event_type))
    .map(({ run, when }) => ({ run, ...guarded(() => when?.(context) ?? true) }));
  // A sound rule goes before a broken one, which must not hide it.
  const asked = [
    ...(command === null ? [] : ask(command.action, "command", command.params, null)),
    ...rules.filter(({ value }) => value === true).flatMap(({ run }) => ask(run, "rule", {}, null)),
    ...rules.flatMap(({ run, error }) => (error === null ? [] : ask(run, "rule", {}, `the rule is broken: ${error}`))),
  ];
  return asked.filter(({ action }, at) => asked.findIndex((one) => one.action === action) === at);
}

function refusal(action: Plannable, context: Context, unable: string | null): Asked["refused"] {
  if (unable !== null) return { state: "failed", reason: unable };
  if (action.target === null) return null;
  const target = targetOf(action.target, context);
  return "missing" in target ? { state: "skipped", reason: target.missing } : null;
}

/** What the action acts on, or why that cannot be told. */
export function targetOf(target: Target, context: Context): { value: string } | { missing: string } {
  const found = guarded(() => target.of(context)?.trim());
  if (found.error !== null) return { missing: `${target.from} could not be read: ${found.error}` };
  return found.value ? { value: found.value } : { missing: `${target.from} is missing, so there is nothing to act on` };
}

function guarded<T>(read: () => T): { value: T; error: null } | { value: undefined; error: string } {
  try {
    return { value: read(), error: null };
  } catch (error) {
    return { value: undefined, error: wordsOf(error) };
  }
}
