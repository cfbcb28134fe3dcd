// Which runs an event calls for. Planning happens before the event is handed to its incident, so that no function of
// the playbook runs inside a transaction: whatever it throws, the event is taken.
import type { Push } from "../flashduty/push.ts";
import { type Condition, holds } from "./condition.ts";
import { actionNamed, type Context, contextOf, type Plannable, type Playbook, type Rule } from "./playbook.ts";
import { line } from "./text.ts";
import { wordsOf } from "./thrown.ts";
import { ANYBODY } from "./approval.ts";
import type { Approval, EndState, Policy } from "./run.ts";

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
  /** Of the event's person; "" where there is none. */
  person_id: string;
  params: Record<string, string>;
  /** What it acts on; "" where it acts on nothing in particular. */
  key: string;
  /** The connector that carries it out; "" where none can. */
  connector: string;
  policy: Policy;
  /** Only where the action was run for the incident before. */
  follows: boolean;
  /** Only where the incident has never been reopened, or has been; null: whichever. */
  occurrence: NonNullable<Condition["occurrence"]> | null;
  /** The action of the same event whose run must have ended before; "" for none. */
  after: string;
  /** The action that brings it along, to come after it; "" where it is asked for itself. */
  brought_by: string;
  /** The consent it needs first; null where it needs none. */
  approval: Approval | null;
  /** Why it cannot be run at all: it is then recorded as ended. */
  refused: { state: Extract<EndState, "failed" | "skipped">; reason: string } | null;
}

/** How an action would be carried out as things are set up, or what keeps it from that: settings that are missing. */
export type Readiness = { connector: string; policy: Policy } | { unable: string };

/** What an action is asked with. */
type How = Pick<Asked, "by" | "asked_by" | "params" | "follows" | "occurrence" | "approval">;

/** What planning is given beside the push. */
export interface Planning<A extends Plannable> {
  playbook: Playbook<A>;
  readiness: (action: A) => Readiness;
  /** Who the receiver itself is in Flashduty, by `person_id`: what it has done calls for nothing. "" where that is not known. */
  own_id: string;
  /** When the push arrived. Milliseconds. */
  now: number;
}

/**
 * The runs that a push may call for: of those for one action, the first that the incident lets pass counts (see take.ts).
 * Never throws: the playbook's functions are the user's.
 */
export function plan<A extends Plannable>(
  push: Push,
  command: Command | null,
  { playbook, readiness, own_id, now }: Planning<A>,
): Asked[] {
  const context = contextOf(push);
  const person_id = push.person?.person_id ?? "";
  const ask = (name: string, how: How, broken: string | null): Asked[] => {
    const action = actionNamed(playbook, name);
    if (action === undefined) return [];
    const { key, missing } = keyOf(action, context);
    const ready = readiness(action);
    const [failed, means] =
      "unable" in ready
        ? [ready.unable, { connector: "", policy: { ...action.policy, repeatable: false } }]
        : [null, ready];
    const reason = broken ?? failed;
    const skipped = missing === null ? null : ({ state: "skipped", reason: missing } as const);
    const refused = reason === null ? skipped : ({ state: "failed", reason } as const);
    return [{ action: name, ...how, person_id, after: action.after ?? "", brought_by: "", key, ...means, refused }];
  };
  const asked = [
    ...(command === null ? [] : ask(command.action, commanded(push, command), null)),
    ...(own_id !== "" && person_id === own_id ? [] : ruled(push, context, playbook.rules, now)).flatMap(
      ({ run, how, broken }) => ask(run, how, broken),
    ),
  ];
  // Last, so that a rule of its own decides how such an action is run.
  return [...asked, ...asked.flatMap((one) => comingFirst(one, ask))];
}

/** What is to come before an action comes with it, where it can be run at all. It needs no consent: it does not change anything. */
function comingFirst(asked: Asked, ask: (name: string, how: How, broken: null) => Asked[]): Asked[] {
  if (asked.after === "" || asked.refused !== null) return [];
  const { by, asked_by, follows, occurrence } = asked;
  const first = ask(asked.after, { by, asked_by, params: {}, follows, occurrence, approval: null }, null);
  return first
    .filter(({ refused }) => refused === null)
    .map((one) => ({ ...one, brought_by: asked.action }))
    .flatMap((one) => [one, ...comingFirst(one, ask)]);
}

function commanded({ person }: Push, { params }: Command): How {
  const asked_by = person?.person_name ?? "";
  return { by: "command", asked_by, params, follows: false, occurrence: null, approval: null };
}

/**
 * What the rules ask for. Of two for one action, one that wants consent decides; otherwise the one that asks for less:
 * neither a broken one nor one that only follows hides it.
 */
function ruled({ event_type }: Push, context: Context, rules: readonly Rule[], now: number) {
  const matching = rules
    .filter(({ on }) => on.some((type) => type === event_type))
    .map((rule) => ({ rule, ...tried(() => isMet(rule.when, context, now)) }))
    .filter(({ value, error }) => error !== null || value)
    .map(({ rule, error }) => ({ rule, error, ...consentFor(rule, context) }))
    .map(({ rule, error, approval, fault }) => ({
      run: rule.run,
      how: howOf(rule, event_type, approval),
      wants_consent: rule.approval !== undefined,
      broken: (error ?? fault) === null ? null : `the rule is broken: ${error ?? fault}`,
    }));
  // Digits of one number, the most important first.
  const rank = ({ how, broken, wants_consent }: (typeof matching)[number]) =>
    Number([!wants_consent, broken !== null, how.occurrence !== null, how.follows].map(Number).join(""));
  return matching.toSorted((one, other) => rank(one) - rank(other));
}

function howOf({ follows = false, when }: Rule, event_type: string, approval: Approval | null): How {
  const occurrence = (typeof when === "object" && when.occurrence) || null;
  return { by: "rule", asked_by: event_type, params: {}, follows, occurrence, approval };
}

function isMet(when: Rule["when"], context: Context, now: number): boolean {
  if (when === undefined) return true;
  return typeof when === "function" ? when(context) : holds(when, context, now);
}

/** The consent a rule's run needs; where it cannot be told who must not give it, the rule is broken. */
function consentFor({ approval }: Rule, context: Context): { approval: Approval | null; fault: string | null } {
  if (approval === undefined) return { approval: null, fault: null };
  const not_by = tried(() => [...(approval.not_by?.(context) ?? [])]);
  // Whoever has such a run started over must not get around the consent.
  if (not_by.error !== null)
    return { approval: { within_ms: approval.within_ms, not_by: [ANYBODY] }, fault: not_by.error };
  return { approval: { within_ms: approval.within_ms, not_by: not_by.value.filter((one) => one !== "") }, fault: null };
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
