// One incident's object by itself: events and runs as the Worker hands them over, a clock that the test holds, and
// messages that go nowhere.
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import type { Event, RunRef } from "../../src/domain/event.ts";
import type { Asked } from "../../src/domain/plan.ts";
import { Policy } from "../../src/domain/run.ts";
import { eventBody } from "./push.ts";

export const SECOND_MS = 1_000;
export const DAY_MS = 24 * 60 * 60 * SECOND_MS;
export const RETENTION_MS = 30 * DAY_MS;

/** Time as the object sees it. It stands still, years ahead: no alarm that the object sets comes by itself. */
export interface Clock {
  now: number;
}

export function holdClock(): Clock {
  const clock = { now: Date.UTC(2040, 0, 1) };
  vi.spyOn(Date, "now").mockImplementation(() => clock.now);
  return clock;
}

/** Where messages go: recorded in `sent`, and carried to nobody. */
export function holdMessages(): { sent: unknown[]; sendBatch: ReturnType<typeof spyOnQueue> } {
  const sent: unknown[] = [];
  const sendBatch = spyOnQueue().mockImplementation(async (messages) => {
    sent.push(...Array.from(messages, ({ body }) => body));
    return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
  });
  return { sent, sendBatch };
}

function spyOnQueue() {
  return vi.spyOn(env.RUNS, "sendBatch");
}

/** An event of an incident, now. */
export function anEvent(incident_id: string, clock: Clock, more: Partial<Event> = {}): Event {
  const { event_id = "event-1", event_type = "i_new", event_time = clock.now, progress = "Triggered" } = more;
  const body = JSON.stringify(eventBody(incident_id, { event_id, event_type, incident: { progress } }));
  return {
    incident_id,
    event_id,
    event_type,
    event_time,
    received_at: clock.now,
    address: "incident",
    progress,
    body,
    ...more,
  };
}

/** A run that the event calls for. */
export function aRun(more: Partial<Asked> = {}): Asked {
  return {
    action: "restart-host",
    by: "command",
    asked_by: "zhangsan",
    person_id: "",
    key: "es.nj.01",
    params: {},
    connector: "HTTP (RESTART_HOST)",
    policy: { ...ONCE, once: false },
    follows: false,
    occurrence: null,
    brought_by: "",
    after: "",
    approval: null,
    refused: null,
    ...more,
  };
}

export const ONCE: Policy = Policy.parse({
  once: true,
  repeatable: true,
  attempts: 3,
  time_limit_ms: 10 * SECOND_MS,
  max_age_ms: 60 * DAY_MS, // it is never too late
});

/** The run of the event above. */
export function keyOf(incident_id: string, action = "restart-host"): RunRef {
  return { incident_id, event_id: "event-1", action };
}

/** A stub of the incident's object; a new one for each call, for one that threw is broken. */
export function incident(incident_id: string) {
  return env.INCIDENT.getByName(incident_id);
}

/** Lets the alarm ring now, where one is set. */
export async function ring(incident_id: string): Promise<boolean> {
  return runDurableObjectAlarm(incident(incident_id));
}

/** Has the index written, without time passing: the alarm is then set for what else is due. */
export async function bringIndexUpToDate(incident_id: string): Promise<void> {
  await incident(incident_id).reindex();
  await ring(incident_id);
}

/** When the alarm is set for. */
export async function alarmOf(incident_id: string): Promise<number | null> {
  return runInDurableObject(incident(incident_id), async (_, { storage }) => storage.getAlarm());
}

/** The tables that the object has made. */
export async function tablesOf(incident_id: string): Promise<string[]> {
  const query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'";
  return runInDurableObject(incident(incident_id), (_, { storage }) =>
    storage.sql
      .exec<{ name: string }>(query)
      .toArray()
      .map(({ name }) => name),
  );
}
