// Which runs an event calls for. Planning happens before the event is handed to its incident, so that no function of
// the playbook runs inside a transaction: whatever it throws, the event is taken.
import type { Push } from "../flashduty/push.ts";
import { actionNamed, type Context, contextOf, type Plannable, type Playbook, type Rule } from "./playbook.ts";
import { line } from "./text.ts";
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
  /** Who asked, for a person to read: the name of who pressed the button, or the event's type. */
  asked_by: string;
  params: Record<string, string>;
  /** What it acts on; "" where it acts on nothing in particular. */
  key: string;
  /** The connector that carries it out; "" where none can. */
  connector: string;
  policy: Policy;
  /** Only where the action was run for the incident before. */
  follows: boolean;
  /** Why it cannot be run at all: it is then recorded as ended. */
  refused: { state: Extract<EndState, "failed" | "skipped">; reason: string } | null;
}

/** How an action would be carried out as things are set up, or what keeps it from that: settings that are missing. */
export type Readiness = { connector: string; policy: Policy } | { unable: string };

/** The runs that a push calls for, each action once. Never throws: the playbook's functions are the user's. */
export function plan<A extends Plannable>(
  push: Push,
  command: Command | null,
  playbook: Playbook<A>,
  readiness: (action: A) => Readiness,
): Asked[] {
  const context = contextOf(push);
  const asked_by = push.person?.person_name ?? "";
  const ask = (action: string, how: Pick<Asked, "by" | "asked_by" | "params" | "follows">, broken: string | null) => {
    const known = actionNamed(playbook, action);
    if (known === undefined) return [];
    const { key, missing } = keyOf(known, context);
    const ready = readiness(known);
    const [failed, means] =
      "unable" in ready
        ? [ready.unable, { connector: "", policy: { ...known.policy, repeatable: false } }]
        : [null, ready];
    const reason = broken ?? failed;
    const skipped = missing === null ? null : ({ state: "skipped", reason: missing } as const);
    const refused = reason === null ? skipped : ({ state: "failed", reason } as const);
    return [{ action, ...how, key, ...means, refused }];
  };
  const ruled = ({ run, follows = false }: Rule, broken: string | null) =>
    ask(run, { by: "rule", asked_by: push.event_type, params: {}, follows }, broken);
  const rules = playbook.rules
    .filter(({ on }) => on.some((type) => type === push.event_type))
    .map((rule) => ({ rule, ...tried(() => rule.when?.(context) ?? true) }));
  const sound = rules.filter(({ value }) => value === true).map(({ rule }) => rule);
  // Of two rules for one action, the one that asks for less decides: neither a broken one nor one that only follows hides it.
  const asked = [
    ...(command === null
      ? []
      : ask(command.action, { by: "command", asked_by, params: command.params, follows: false }, null)),
    ...sound
      .toSorted((one, other) => Number(one.follows ?? false) - Number(other.follows ?? false))
      .flatMap((rule) => ruled(rule, null)),
    ...rules.flatMap(({ rule, error }) => (error === null ? [] : ruled(rule, `the rule is broken: ${error}`))),
  ];
  return asked.filter(({ action }, at) => asked.findIndex((one) => one.action === action) === at);
}

/** What the action acts on, or why that cannot be told. */
function keyOf({ key }: Plannable, context: Context): { key: string; missing: string | null } {
  if (key === null) return { key: "", missing: null };
  const found = tried(() => key.of(context)?.trim());
  if (found.error !== null) return { key: "", missing: `${key.from} could not be read: ${found.error}` };
  if (found.value && (key.is === undefined || key.is.test(found.value))) return { key: found.value, missing: null };
  if (found.value)
    return { key: "", missing: `${key.from} is "${line(found.value, 80)}", which does not name one thing to act on` };
  return { key: "", missing: `${key.from} is missing, so there is nothing to act on` };
}

function tried<T>(read: () => T): { value: T; error: null } | { value: undefined; error: string } {
  try {
    return { value: read(), error: null };
  } catch (error) {
    return { value: undefined, error: wordsOf(error) };
  }
}
