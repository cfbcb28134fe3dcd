// Which runs an event calls for. Planning happens before the event is handed to its incident, so that no function of
// the playbook runs inside a transaction: whatever it throws, the event is taken.
import type { Push } from "../flashduty/push.ts";
import { actionNamed, type Context, contextOf, type Plannable, type Playbook } from "./playbook.ts";
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
  /** What it acts on; "" where it acts on nothing in particular. */
  key: string;
  policy: Policy;
  /** Why it cannot be run at all: it is then recorded as ended. */
  refused: { state: Extract<EndState, "failed" | "skipped">; reason: string } | null;
}

/**
 * The runs that a push calls for, each action once. `unable` tells what keeps an action from being carried out
 * (settings that are missing), or null. Never throws: the playbook's functions are the user's.
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
    const { key, missing } = keyOf(known, context);
    const failed = broken ?? unable(action);
    const skipped = missing === null ? null : ({ state: "skipped", reason: missing } as const);
    const refused = failed === null ? skipped : ({ state: "failed", reason: failed } as const);
    return [{ action, by, params, key, policy: known.policy, refused }];
  };
  const rules = playbook.rules
    .filter(({ on }) => on.some((type) => type === push.event_type))
    .map(({ run, when }) => ({ run, ...tried(() => when?.(context) ?? true) }));
  // A sound rule goes before a broken one, which must not hide it.
  const asked = [
    ...(command === null ? [] : ask(command.action, "command", command.params, null)),
    ...rules.filter(({ value }) => value === true).flatMap(({ run }) => ask(run, "rule", {}, null)),
    ...rules.flatMap(({ run, error }) => (error === null ? [] : ask(run, "rule", {}, `the rule is broken: ${error}`))),
  ];
  return asked.filter(({ action }, at) => asked.findIndex((one) => one.action === action) === at);
}

/** What the action acts on, or why that cannot be told. */
function keyOf({ key }: Plannable, context: Context): { key: string; missing: string | null } {
  if (key === null) return { key: "", missing: null };
  const found = tried(() => key.of(context)?.trim());
  if (found.error !== null) return { key: "", missing: `${key.from} could not be read: ${found.error}` };
  if (found.value) return { key: found.value, missing: null };
  return { key: "", missing: `${key.from} is missing, so there is nothing to act on` };
}

function tried<T>(read: () => T): { value: T; error: null } | { value: undefined; error: string } {
  try {
    return { value: read(), error: null };
  } catch (error) {
    return { value: undefined, error: wordsOf(error) };
  }
}
