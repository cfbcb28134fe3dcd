// What a scene of the demo is, and what scenes are made of: events of an incident, presses of buttons, and how
// it is found out what came of them. Times are told from the documented press on.

import { INCIDENT, PAGE_ID, documented } from "./demo-systems.ts";
import type { DemoSystems } from "./demo-systems.ts";
import { actionBody, incidentBody } from "./push-body.ts";
import type { IncidentFacts, Progress } from "./push-body.ts";
import type { Receiver, RunSeen } from "./receiver.ts";
import type { Sendable } from "./sender.ts";

/** Where the story is played. */
export interface Stage {
  systems: DemoSystems;
  receiver: Receiver;
}

/** What was found, in words, and whether it is as promised. */
export type Found = [words: string, is_as_promised: boolean];

/** One push, and what it promises. */
export interface Scene {
  sent: string;
  promise: string;
  push: Sendable;
  /** What the push is to be answered with. */
  answer: string;
  /** Waits, with a bound, for what comes of it. */
  found: () => Promise<Found>;
  /** What happens just before. */
  before?: () => void | Promise<void>;
  /** Comes from an address that is not Flashduty's. */
  by_stranger?: true;
  /** The story goes on meanwhile, up to a scene that wants all of it to be over. */
  takes_long?: true;
  after_all?: true;
}

/** The longest of the runs takes some seven seconds; a busy machine takes longer. */
const ENDED_WITHIN_MS = 60_000;

/** The documented press, and its event's id. */
export const PRESS: Sendable = { address: "action/restart-host", body: documented };
export const PRESSED = documented.incident.event_id;

function factsAt(after_ms: number) {
  const { title, labels, start_time: started_at_s } = documented.incident;
  return { incident: INCIDENT, at_ms: documented.event_time + after_ms, title, labels, started_at_s };
}

/** What happens to the incident, so many milliseconds after the documented press. */
export function event(event_type: string, after_ms: number, progress: Progress, facts: Partial<IncidentFacts> = {}) {
  const body = incidentBody({ ...factsAt(after_ms), event_type, progress, ...facts });
  return { push: { address: "incident", body }, event_id: body.event_id };
}

/** The press of a button, and the run that it calls for. */
export function press(action: string, after_ms: number, facts: Partial<IncidentFacts> = {}) {
  const event_id = `press-${action}-${after_ms / 1_000}`;
  const body = actionBody({ ...factsAt(after_ms), event_id, progress: "Triggered", ...facts });
  return { push: { address: `action/${action}`, body }, run_id: runId(event_id, action, body.incident.incident_id) };
}

export function runId(event_id: string, action: string, incident = INCIDENT): string {
  return `${incident}:${event_id}:${action}`;
}

export async function ended({ receiver }: Stage, run_id: string): Promise<RunSeen> {
  return receiver.ended(run_id, ENDED_WITHIN_MS);
}

/** Whether the receiver shows the incident as it is to be. */
export async function progressIs({ receiver }: Stage, expected: Progress): Promise<Found> {
  const progress = (await receiver.incident(INCIDENT))?.incident.progress ?? "not known";
  return [`incident is ${progress}`, progress === expected];
}

/** Whether the receiver shows the incident so, and the status page its one entry. */
export async function bothShow(stage: Stage, expected: Progress, on_page: string): Promise<Found> {
  const progress = (await stage.receiver.incident(INCIDENT))?.incident.progress ?? "not known";
  const { status } = entryOn(stage);
  return [`${progress}; page: ${status}`, progress === expected && status === on_page];
}

/** The entry on the status page, where there is one and no other. */
export function entryOn({ systems }: Stage): { status: string; updates: number } {
  const [entry, ...more] = systems.api.changes(PAGE_ID);
  if (entry === undefined) return { status: "no entry", updates: 0 };
  return { status: more.length === 0 ? entry.status : `${1 + more.length} entries`, updates: entry.updates.length };
}
