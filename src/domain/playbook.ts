// What a team writes down: actions, and rules that call for them. Here is what planning needs to know of both;
// how an action is carried out is the business of actions/action.ts.
import * as z from "zod";
import type { EventType } from "../flashduty/event-type.ts";
import type { Alert, Incident, Person, Push } from "../flashduty/push.ts";
import { Policy } from "./run.ts";

/** What the playbook's functions are given. It is the push of the run's own event, so each attempt sees the same. */
export interface Context {
  event: Pick<Push, "event_id" | "event_type" | "event_time">;
  incident: Incident;
  /** Who acted; null where nobody did. */
  person: Person | null;
  /** Only a custom action's push carries alerts. */
  alerts: readonly Alert[];
}

/** What an action acts on: a host, a service. Where it is missing, the action does nothing, and says why. */
export interface Key {
  /** Where it is taken from, as a person would say it: "the label `resource`". */
  from: string;
  of: (context: Context) => string | undefined;
  /** What names one thing. Anything else is not acted on: labels are written by whoever writes alerts. */
  is?: RegExp;
}

/** One name, as hosts and services have it: no pattern, no list, no option of a command. */
const ONE_NAME = /^[\p{L}\p{N}][\p{L}\p{N}._:-]{0,252}$/u;

/** The label of that name, as what an action acts on; `is` tells what names one thing, a plain name by default. */
export function label(name: string, is = ONE_NAME): Key {
  return { from: `the label \`${name}\``, of: ({ incident }) => incident.labels[name], is };
}

/** What planning knows of an action. */
export interface Plannable {
  /** Whether its connector may be asked again is known only when it is chosen. */
  policy: Policy;
  /** Null where it acts on nothing in particular. */
  key: Key | null;
}

/** Which event types, under which condition, call for which action. */
export interface Rule<Name extends string = string> {
  /** Not the press of a button: that runs its action from the action's own address, with what the address carries. */
  on: readonly Exclude<EventType, "i_custom">[];
  when?: (context: Context) => boolean;
  /** Only in incidents for which the action was run before: to follow up what a person began. */
  follows?: boolean;
  run: Name;
}

export interface Playbook<A extends Plannable = Plannable> {
  actions: Readonly<Record<string, A>>;
  rules: readonly Rule[];
}

/** An attempt goes on after its message was acknowledged; the platform lets it for 30 s. */
const LONGEST_ATTEMPT_MS = 25_000;

/**
 * Checks a playbook: that a rule names an action that is there, when it is compiled; names and policies, when it is loaded.
 * Throws with what is wrong.
 */
export function definePlaybook<A extends Plannable, Name extends string>(playbook: {
  actions: Record<Name, A>;
  rules: readonly Rule<NoInfer<Name>>[];
}): Playbook<A> {
  for (const [name, { policy }] of Object.entries<A>(playbook.actions)) {
    if (!/^[a-z][a-z0-9-]{0,62}$/.test(name))
      throw new Error(
        `action "${name}": a name is lower-case letters, digits and dashes, for it is part of an address`,
      );
    const { success, error } = Policy.safeParse(policy);
    if (!success) throw new Error(`action "${name}": ${z.prettifyError(error)}`);
    if (policy.time_limit_ms > LONGEST_ATTEMPT_MS)
      throw new Error(`action "${name}": an attempt takes ${LONGEST_ATTEMPT_MS} ms at most; wait for longer jobs`);
  }
  return playbook;
}

/** The action of that name; names come from addresses and from storage, so what every object has is not one. */
export function actionNamed<A extends Plannable>(playbook: Playbook<A>, name: string): A | undefined {
  return Object.hasOwn(playbook.actions, name) ? playbook.actions[name] : undefined;
}

export function contextOf(push: Push): Context {
  const { event_id, event_type, event_time, incident, person } = push;
  return { event: { event_id, event_type, event_time }, incident, person, alerts: incident.alerts };
}
