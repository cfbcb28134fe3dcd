// What a team writes down: actions, and rules that call for them. Here is what planning needs to know of both;
// how an action is carried out is the business of actions/action.ts.
import type { EventType } from "../flashduty/event-type.ts";
import type { Alert, Incident, Person, Push } from "../flashduty/push.ts";
import type { Condition } from "./condition.ts";
import type { Guards } from "./guard.ts";
import type { Key } from "./key.ts";
import { faultsOf } from "./playbook-faults.ts";
import type { Policy } from "./run.ts";

/** What the playbook's functions are given. It is the push of the run's own event, so each attempt sees the same. */
export interface Context {
  event: Pick<Push, "event_id" | "event_type" | "event_time">;
  incident: Incident;
  /** Who acted; null where nobody did. */
  person: Person | null;
  /** Only a custom action's push carries alerts. */
  alerts: readonly Alert[];
}

/** What planning knows of an action. */
export interface Plannable {
  /** Whether its connector may be asked again is known only when it is chosen. */
  policy: Policy;
  /** Null where it acts on nothing in particular. */
  key: Key | null;
  /** The action whose run for the same event, where there is one, must have ended before; null for none. */
  after: string | null;
  guards: Guards;
  /** What it does cannot simply be done again or taken back: it needs a key and guards. */
  destructive: boolean;
  /** The types of event by which what it does comes back as a push. */
  causes: readonly EventType[];
}

/** Which event types, under which condition, call for which action. */
export interface Rule<Name extends string = string> {
  /** Not the press of a button: that runs its action from the action's own address, with what the address carries. */
  on: readonly Exclude<EventType, "i_custom">[];
  when?: Condition | ((context: Context) => boolean);
  /** Only in incidents for which the action was run before: to follow up what a person began. */
  follows?: boolean;
  /** The run waits for a person's consent. */
  approval?: ApprovalSpec;
  run: Name;
}

/** What consent a run needs. */
export interface ApprovalSpec {
  /** Without it by then, nothing is run. Milliseconds. */
  within_ms: number;
  /** Who must not give it, by `person_id` or e-mail address: who caused the event, for one. */
  not_by?: (context: Context) => readonly string[];
}

export interface Playbook<A extends Plannable = Plannable> {
  actions: Readonly<Record<string, A>>;
  rules: readonly Rule[];
}

/**
 * Checks a playbook: that a rule names an action that is there, when it is compiled; names, policies, guards, conditions
 * and loops, when it is loaded. Throws with everything that is wrong.
 */
export function definePlaybook<A extends Plannable, Name extends string>(playbook: {
  actions: Record<Name, A>;
  rules: readonly Rule<NoInfer<Name>>[];
}): Playbook<A> {
  const faults = faultsOf(playbook);
  if (faults.length > 0) throw new Error(`the playbook is wrong:\n${faults.map((fault) => `- ${fault}`).join("\n")}`);
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
