// The demo as a function: starts everything, plays the story, and tells what came of it and what the incident shows at
// Flashduty in the end. What takes longer (a job, a roll-back, a source that does not answer) goes on while the story does.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import { contractFromFile } from "./contract-file.ts";
import type { Found, Scene } from "./demo-scene.ts";
import { storyOn } from "./demo-story.ts";
import { INCIDENT, OTHERS, PAGE_ID, startSystems } from "./demo-systems.ts";
import type { DemoSystems } from "./demo-systems.ts";
import { DEMO } from "./entries.ts";
import type { OpenApi } from "./open-api.ts";
import { receiverAt } from "./receiver.ts";
import type { Receiver } from "./receiver.ts";
import { startRuntime } from "./runtime.ts";
import type { Runtime } from "./runtime.ts";
import { createSender } from "./sender.ts";
import type { Delivery } from "./sender.ts";
import type { Step } from "./table.ts";

/** What came of the demo. */
export interface Played {
  /** In the order in which they were sent. */
  steps: readonly Step[];
  /** The incident's comments at Flashduty, and those of the others. */
  comments: ReturnType<OpenApi["comments"]>;
  others: ReturnType<OpenApi["comments"]>;
  /** The status page's entries. */
  entries: ReturnType<OpenApi["changes"]>;
  /** What every push was answered with. */
  deliveries: readonly Delivery[];
}

/** The demo while it is up. */
export interface Demo {
  runtime: Runtime;
  receiver: Receiver;
  systems: DemoSystems;
  /** The folder of everything that survives. */
  persist_to: string;
}

export interface DemoOptions {
  /** Settings that go before the demo's own, secrets among them. */
  settings?: Readonly<Record<string, string>>;
  /** Called as each step comes out. */
  onStep?: (step: Step) => void;
  /** Called once all is played, while everything is still up. */
  whileUp?: (demo: Demo, played: Played) => Promise<void>;
}

/** Reports follow their runs within a second or two; a busy machine takes longer. */
const TOLD_WITHIN_MS = 30_000;

/** Plays the demo. Rejects where it cannot be played; what did not come true is in the steps. */
export async function playDemo({ settings = {}, onStep, whileUp }: DemoOptions = {}): Promise<Played> {
  const persist_to = mkdtempSync(join(tmpdir(), "flashduty-edge-demo-"));
  const systems = await startSystems(settings);
  try {
    const runtime = await startRuntime({ persist_to, entry: DEMO, vars: systems.settings });
    try {
      const receiver = receiverAt(runtime.url, systems.settings["ADMIN_TOKEN"] ?? "");
      const demo = { runtime, receiver, systems, persist_to };
      const played = await play(demo, onStep ?? (() => undefined));
      await whileUp?.(demo, played);
      return played;
    } finally {
      await runtime.stop();
    }
  } finally {
    await systems.close();
    rmSync(persist_to, { recursive: true, force: true });
  }
}

async function play({ runtime, receiver, systems }: Demo, onStep: (step: Step) => void): Promise<Played> {
  const { api, settings } = systems;
  const { WEBHOOK_TOKEN: token = "" } = settings;
  const flashduty = createSender({ url: runtime.url, token });
  const stranger = createSender({ url: runtime.url, token, source: "203.0.113.7" });
  const steps: Step[] = [];
  const deliveries: Delivery[] = [];
  const going_on: Promise<void>[] = [];
  const note = async (place: number, coming: Promise<Step>) => {
    const step = await coming;
    steps[place] = step;
    onStep(step);
  };
  for (const [place, scene] of storyOn({ systems, receiver }).entries()) {
    if (scene.after_all) await Promise.all(going_on);
    await scene.before?.();
    const delivery = await (scene.by_stranger ? stranger : flashduty).send(scene.push);
    deliveries.push(delivery);
    const noting = note(place, stepOf(scene, delivery));
    going_on.push(noting);
    if (!scene.takes_long) await noting;
  }
  flashduty.close();
  stranger.close();
  await note(steps.length, eachTold(receiver, api));
  await note(steps.length, Promise.resolve(asDocumented(api)));
  const others = Object.values(OTHERS).flatMap(({ incident }) => api.comments(incident));
  return { steps, comments: api.comments(INCIDENT), others, entries: api.changes(PAGE_ID), deliveries };
}

/** The scene as it came out. */
async function stepOf({ sent, promise, answer, found }: Scene, delivery: Delivery): Promise<Step> {
  const said = inWords(delivery);
  const [words, holds] = await found().catch((error: unknown): Found => [String(error), false]);
  return { sent, promise, answer: said, found: words, came_true: holds && said === answer };
}

/** What a delivery says, in few words. */
function inWords({ status, body }: Delivery): string {
  const { result, title } = Answer.parse(body.startsWith("{") ? JSON.parse(body) : {});
  return `${status ?? "no answer"} ${result ?? title ?? ""}`.trim();
}

const Answer = z.object({ result: z.string().optional(), title: z.string().optional() });

/** Whether each run is told in its incident, once, and once more where it waited for approval. A comment's last line names its run. */
async function eachTold(receiver: Receiver, api: OpenApi): Promise<Step> {
  const incidents = [INCIDENT, ...Object.values(OTHERS).map(({ incident }) => incident)];
  const runs = (await Promise.all(incidents.map(async (id) => receiver.incident(id)))).flatMap(
    (one) => one?.runs ?? [],
  );
  const wanted = runs.flatMap(({ run_id, approval }) => (approval === null ? [run_id] : [run_id, run_id]));
  const comments = () => incidents.flatMap((id) => api.comments(id));
  const until = performance.now() + TOLD_WITHIN_MS;
  while (comments().length < wanted.length && performance.now() < until) await pause(50);
  const told = comments().map(({ comment }) => /\nrun (.+)$/.exec(comment)?.[1] ?? "");
  return {
    sent: "(what the incidents were told)",
    promise: "each run, once",
    answer: "",
    found: `${runs.length} runs, ${told.length} comments`,
    came_true: runs.length > 0 && told.toSorted().join("\n") === wanted.toSorted().join("\n"),
  };
}

/** Whether the calls to Flashduty's API are as its description has them, where that is at hand. */
function asDocumented(api: OpenApi): Step {
  const [fault, ...more] = api.violations;
  const found = fault === undefined ? "no fault" : `${1 + more.length} faults: ${fault}`;
  return {
    sent: "(calls to Flashduty's API)",
    promise: "as documented",
    answer: "",
    found: `${api.calls().length} calls, ${contractFromFile() === null ? "not held against it" : found}`,
    came_true: fault === undefined,
  };
}
