// What a team writes down: actions, and rules that call for them. Here is what planning needs to know of both;
// how an action is carried out is the business of actions/action.ts.
import type { Alert, EventType, Incident, Person, Push } from "../flashduty/push.ts";
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

/** What an action acts on: a host, a service. Where it is missing, the action does nothing, and says why. */
export interface Target {
  /** Where it is taken from, as a person would say it: "the label `resource`". */
  from: string;
  of: (context: Context) => string | undefined;
}

/** What planning knows of an action. */
export interface Plannable {
  policy: Policy;
  target: Target | null;
}

/** Which event types, under which condition, call for which action. */
export interface Rule<Name extends string = string> {
  on: readonly EventType[];
  when?: (context: Context) => boolean;
  run: Name;
}

export interface Playbook<A extends Plannable = Plannable> {
  actions: Readonly<Record<string, A>>;
  rules: readonly Rule[];
}

/** The action of that name; names come from addresses and from storage, so what every object has is not one. */
export function actionNamed<A extends Plannable>(playbook: Playbook<A>, name: string): A | undefined {
  return Object.hasOwn(playbook.actions, name) ? playbook.actions[name] : undefined;
}

export function contextOf(push: Push): Context {
  const { event_id, event_type, event_time, incident, person } = push;
  return { event: { event_id, event_type, event_time }, incident, person, alerts: incident.alerts };
}
