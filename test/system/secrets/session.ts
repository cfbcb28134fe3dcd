// A receiver with marked settings, a Flashduty that pushes to it and is asked by it, and in the end everything that it has
// said, kept and sent.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { UNGUARDED } from "../../simulator/entries.ts";
import { createOpenApi } from "../../simulator/open-api.ts";
import type { OpenApi } from "../../simulator/open-api.ts";
import { recorded } from "../../simulator/open-api-recorded.ts";
import { serveOpenApi } from "../../simulator/open-api-server.ts";
import { actionBody, incidentId } from "../../simulator/push-body.ts";
import type { IncidentFacts } from "../../simulator/push-body.ts";
import { receiverAt } from "../../simulator/receiver.ts";
import type { Receiver } from "../../simulator/receiver.ts";
import { startRuntime } from "../../simulator/runtime.ts";
import { createSender } from "../../simulator/sender.ts";
import type { Delivery, Sendable, SenderOptions } from "../../simulator/sender.ts";
import type { System } from "../../simulator/system.ts";
import type { Marks } from "./marks.ts";
import { adminAnswers, asked, persisted } from "./places.ts";
import type { Place } from "./places.ts";
import type { Settings } from "./settings.ts";

/** The press of a button that was sent. */
export interface Press {
  incident: string;
  run_id: string;
  delivery: Delivery;
}

/** Whoever pushes to a receiver. */
export interface Pusher {
  /** Presses a button in an incident of its own. */
  press: (action: string, facts?: Partial<IncidentFacts>) => Promise<Press>;
  /** `by`: who sends, where it is not Flashduty with the token. */
  push: (push: Sendable, by?: Partial<SenderOptions>) => Promise<Delivery>;
  /** What the pushes were answered with. */
  answers: readonly Place[];
  /** Of all presses. */
  incidents: readonly string[];
}

/** Pushes to the receiver at `url`, and lets Flashduty's API know the incidents. */
export function pusherTo(url: string, token: string, api: OpenApi): Pusher {
  const answers: Place[] = [];
  const incidents: string[] = [];
  const push: Pusher["push"] = async (push, by = {}) => {
    const sender = createSender({ url, token, ...by });
    const delivery = await sender.send(push);
    sender.close();
    const where = `POST /webhooks/${push.address}`;
    answers.push({ kind: "answer to a push", where, text: `${delivery.status}\n${delivery.body}` });
    return delivery;
  };
  const press: Pusher["press"] = async (action, facts = {}) => {
    const incident = incidentId(incidents.length);
    const event_id = facts.event_id ?? "press-1";
    incidents.push(incident);
    api.add_incident(incident);
    const body = actionBody({ incident, event_id, at_ms: Date.now(), progress: "Triggered", ...facts });
    const delivery = await push({ address: `action/${action}`, body });
    return { incident, run_id: `${incident}:${event_id}:${action}`, delivery };
  };
  return { press, push, answers, incidents };
}

export interface Session extends Pusher {
  url: string;
  api: OpenApi;
  receiver: Receiver;
  /** Ends it, and tells everything. */
  places: () => Promise<Place[]>;
}

export interface SessionOptions {
  settings: Settings;
  /** By the prefix of their settings. */
  systems?: Readonly<Record<string, System>>;
  /** Stands before the Open API. */
  before?: (api: OpenApi) => OpenApi;
}

/** Starts one; the settings hold the receiver's tokens, too. */
export async function startSession({
  settings,
  systems = {},
  before = (api) => api,
}: SessionOptions): Promise<Session> {
  const persist_to = mkdtempSync(join(tmpdir(), "flashduty-edge-secrets-"));
  const { WEBHOOK_TOKEN: token = "", ADMIN_TOKEN = "", FLASHDUTY_APP_KEY: app_key = "" } = settings;
  const api = createOpenApi({ app_key, now: () => Date.now() });
  const { listening, calls } = recorded(before(api));
  const flashduty = await serveOpenApi(listening);
  const vars = { ...settings, FLASHDUTY_API_URL: flashduty.url };
  // Buttons are pressed more often than any guard lets pass.
  const runtime = await startRuntime({ persist_to, entry: UNGUARDED, vars });
  const pusher = pusherTo(runtime.url, token, api);
  const places: Session["places"] = async () => {
    const by_admin = await adminAnswers(runtime.url, ADMIN_TOKEN, pusher.incidents);
    await runtime.stop();
    await Promise.all([flashduty, ...Object.values(systems)].map(async (one) => one.close()));
    const kept = persisted(persist_to);
    rmSync(persist_to, { recursive: true, force: true });
    const log: Place = { kind: "log", where: "the runtime's log", text: runtime.log() };
    return [...pusher.answers, ...by_admin, ...kept, log, ...asked(calls, systems)];
  };
  return { ...pusher, url: runtime.url, api, receiver: receiverAt(runtime.url, ADMIN_TOKEN), places };
}

/** Plants a mark to be found in every kind of place: in an event, in what is acted on, and in the quarantine, in base64. */
export async function plant({ press, push }: Pusher, api: OpenApi, control: Marks): Promise<void> {
  const mark = control.of("the control");
  const labels = { resource: mark, service: mark, namespace: mark };
  const { incident } = await press("restart-host", { event_id: mark, labels });
  await push({ address: "incident", body: `{ "broken": "${btoa(`and ${mark}`)}"` });
  await until("the control's run is told of", () => api.comments(incident).length > 0);
}

const ENDED = new Set(["succeeded", "failed", "skipped", "unknown"]);

/** Waits until something has come of each press, and of its report: an end, or a reason why not yet. */
export async function settled(presses: readonly Press[], { receiver }: Session): Promise<void> {
  const isSettled = async (run_id: string): Promise<boolean> => {
    const { state = "", reason = "" } = (await receiver.run(run_id)) ?? {};
    if (!ENDED.has(state)) return reason !== "";
    return run_id.includes("@") || isSettled(`${run_id}@${state}`);
  };
  await Promise.all(presses.map(async ({ run_id }) => until(`${run_id} has settled`, async () => isSettled(run_id))));
}

/** So many at a time: each has a runtime, and two of them keep a small machine busy. */
export function atMost(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (work) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

/** Waits until it is so; rejects after a minute and a half. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, within_ms = 90_000): Promise<void> {
  const give_up_at = performance.now() + within_ms;
  while (!(await isSo())) {
    if (performance.now() > give_up_at) throw new Error(`not in ${within_ms / 1_000} s: ${what}`);
    await pause(200);
  }
}
