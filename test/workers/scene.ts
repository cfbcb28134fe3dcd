// A team at work: incidents, what people press in them, what its systems are asked, and what is told. Time passes as a story
// has it, and the guards have no memory of the test before.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { onTestFinished } from "vitest";
import type { RunRef } from "../../src/domain/event.ts";
import type { Run } from "../../src/domain/run.ts";
import type { Guard } from "../../src/runs/guard.ts";
import { guardOf } from "../../src/runs/guard-stub.ts";
import type { OpenApi } from "../simulator/open-api.ts";
import { openAccount } from "./flashduty.ts";
import { standIn } from "./platform.ts";
import { type Changes, eventBody, INCIDENT, newIncident, pressBody, push, receiptOf } from "./push.ts";
import { beginStory, type Mishaps, type Story } from "./story.ts";
import { type Called, fakeTarget, ok } from "./target.ts";

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;

const PEOPLE = ["zhangsan", "lisi", "wangwu"] as const;
export type Name = (typeof PEOPLE)[number];

/** Somebody of the team, as a push tells. */
export function person(person_name: Name) {
  return { person_id: 1_000 + PEOPLE.indexOf(person_name), person_name, email: `${person_name}@toutie.com` };
}

/** What is particular about a push. */
interface Said {
  by?: Name;
  /** The query of the button's address. */
  query?: string;
  progress?: string;
}

export class Scene {
  readonly story: Story;
  readonly api: OpenApi;
  /** What the team's systems were asked, by incident. */
  readonly calls = new Map<string, Called[]>();
  readonly #hosts = new Map<string, string>();
  #pushes = 0;

  constructor(app_key?: string) {
    this.story = beginStory();
    this.api = openAccount(this.story.clock, app_key);
  }

  /** An incident about a host. */
  incident(host: string, answer: (nth: number) => Response | Promise<Response> = ok): string {
    const id = newIncident();
    this.#hosts.set(id, host);
    this.api.add_incident(id);
    this.calls.set(id, fakeTarget(id, answer));
    return id;
  }

  /** The body of a press in the incident, or of an event where `event_type` says of which type. */
  body(id: string, { by = "zhangsan", progress = "Triggered" }: Said = {}, event_type?: string) {
    this.#pushes += 1;
    const labels = { resource: this.#hosts.get(id), service: "engine" };
    const said = { event_id: `push-${this.#pushes}`, event_time: this.story.clock.now, person: person(by) };
    const more = { ...said, incident: { labels, progress } };
    return event_type === undefined ? pressBody(id, more) : eventBody(id, { ...more, event_type });
  }

  /** Somebody presses the button of an action, and it is taken; the run. */
  async press(id: string, action = "restart-host", said: Said = {}): Promise<RunRef> {
    const { event_id } = await receiptOf(await push(buttonOf(action, said), this.body(id, said)));
    return { incident_id: id, event_id, action };
  }

  /** Something happens to the incident; its id. */
  async happen(id: string, event_type: string, said: Said = {}): Promise<string> {
    return (await receiptOf(await push(INCIDENT, this.body(id, said, event_type)))).event_id;
  }

  /** Lets time pass for all incidents. */
  async pass(ms: number, mishaps: Mishaps = {}): Promise<void> {
    await this.story.go([...this.#hosts.keys()], ms, mishaps);
  }

  /** What has been told of an incident's runs, without the lines that only name them. */
  told(id: string): string[] {
    return this.api.comments(id).map(({ comment }) => comment.split("\n").slice(0, 2).join("\n"));
  }
}

/** The address of an action's button. */
export function buttonOf(action: string, { query = "" }: Said = {}): string {
  return `/webhooks/action/${action}${query}`;
}

/** A scene whose guards know nothing yet; `app_key`: of the account at Flashduty, where it is not the usual one. */
export async function openScene(app_key?: string): Promise<Scene> {
  await forgetGuards();
  // What a test leaves behind is not to wake up in the real time of another one.
  onTestFinished(forgetGuards);
  return new Scene(app_key);
}

async function forgetGuards(): Promise<void> {
  await runInDurableObject(guardOf(env), async (_, { storage }) => storage.deleteAll());
  await evictDurableObject(guardOf(env));
}

/** The run as it is. */
export async function shown(ref: RunRef): Promise<Run> {
  const run = await env.INCIDENT.getByName(ref.incident_id).showRun(ref);
  if (run === null) throw new Error(`there is no run ${JSON.stringify(ref)}`);
  return run;
}

/** What the trail of a run tells of this kind: who, and what. */
export async function trailOf(ref: RunRef, what: Run["trail"][number]["what"]): Promise<string[]> {
  const { trail } = await shown(ref);
  return trail.flatMap((entry) => (entry.what === what ? [`${entry.by}: ${entry.text}`] : []));
}

/** An environment whose guards answer some calls otherwise. */
export function guardsWith(replaced: Partial<Record<keyof Guard, unknown>>): Changes {
  return { GUARD: standIn(env.GUARD, { getByName: () => standIn(guardOf(env), replaced) }) };
}
