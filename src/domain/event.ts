// An event, and the names that are made of it. An event is what a push says happened to an incident;
// the address a push came to decides whether it is also a person's command.
import type { Push } from "../flashduty/push.ts";

/** Where a push came to: the incident webhook's address, or that of one custom action. */
export type Address = "incident" | `action/${string}`;

/** An event as its incident takes it: what decides, and the body that tells everything else. */
export interface Event {
  incident_id: string;
  event_id: string;
  event_type: string;
  /** Milliseconds, as the sender says; null where it does not. */
  event_time: number | null;
  /** Milliseconds, by our clock. */
  received_at: number;
  address: Address;
  /** Of the incident, as this event shows it: Triggered, Processing, Closed. */
  progress: string;
  /** As received. */
  body: string;
  /** Who had it taken from the quarantine; missing where it came by itself. */
  replayed_by?: string;
  /** The span of its push; a Worker of an older release says none. Not kept but by the runs. */
  traceparent?: string;
}

export function eventOf(
  push: Push,
  arrived: Pick<Event, "received_at" | "address" | "body"> & Partial<Pick<Event, "traceparent">>,
): Event {
  const { event_id, event_type, event_time, incident } = push;
  const { incident_id, progress } = incident;
  return { incident_id, event_id, event_type, event_time, progress, ...arrived };
}

/** Names one run: one action for one event. */
export interface RunRef {
  incident_id: string;
  event_id: string;
  action: string;
}

/** `<incident_id>:<event_id>:<action>`; the first and the last part hold no colon. */
export function runId(key: RunRef): string {
  return `${key.incident_id}:${key.event_id}:${key.action}`;
}

/** The parts of a `run_id`, or null where it is none. */
export function parseRunId(run_id: string): RunRef | null {
  const parts = /^([^:]+):(.+):([^:]+)$/s.exec(run_id);
  if (parts === null) return null;
  const [, incident_id = "", event_id = "", action = ""] = parts;
  return { incident_id, event_id, action };
}

/** Names a push for those who only ask "was it here before?": the same event at another address is another push. */
export function pushKey(event: Pick<Event, "incident_id" | "event_id" | "address">): string {
  return `${event.incident_id}:${event.event_id}:${event.address}`;
}
