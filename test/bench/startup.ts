// How long it takes until a Worker answers: from the start of the runtime's process, and what of it is the Worker's own
// script, compiled and run. The second is what the platform limits, and what a first push on a new machine waits for.
import type { V4ModuleDefinition } from "miniflare";
import type { Bundle } from "./bundle.ts";
import { serve } from "./runtime.ts";
import { median } from "./statistics.ts";

export interface Startup {
  first_answer_ms: number;
  script_ms: number;
}

const TIMES = 5;
/** Nothing is called while a Worker starts. */
const NO_TARGET = "http://127.0.0.1:9/";

/** Imports the script when it is first asked to, so that this can be timed from outside: clocks stand still inside. */
const LATE = `
export class Incident {}
export class Quota {}
export class Guard {}
export class Register {}
export default {
  async fetch(request) {
    if (request.method === "PUT") await import("./script.js");
    return new Response("up");
  },
};`;

/** Medians over a few starts. */
export async function startup({ script }: Bundle): Promise<Startup> {
  const whole: V4ModuleDefinition[] = [{ type: "ESModule", path: "index.js", contents: script }];
  const late: V4ModuleDefinition[] = [
    { type: "ESModule", path: "index.js", contents: LATE },
    { type: "ESModule", path: "script.js", contents: script },
  ];
  const answers: number[] = [];
  const imports: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    answers.push(await firstAnswer(whole));
    imports.push(await ownTime(late));
  }
  return { first_answer_ms: median(answers), script_ms: median(imports) };
}

async function firstAnswer(modules: V4ModuleDefinition[]): Promise<number> {
  const began = performance.now();
  const runtime = await serve(modules, NO_TARGET);
  await ask(runtime.url, "GET");
  const took_ms = performance.now() - began;
  await runtime.stop();
  return took_ms;
}

/** The request that imports, less one that finds it imported. */
async function ownTime(modules: V4ModuleDefinition[]): Promise<number> {
  const runtime = await serve(modules, NO_TARGET);
  for (let warm = 0; warm < 5; warm += 1) await ask(runtime.url, "GET");
  const first_ms = await ask(runtime.url, "PUT");
  const second_ms = await ask(runtime.url, "PUT");
  await runtime.stop();
  return first_ms - second_ms;
}

/** Milliseconds until the answer is there. */
async function ask(url: string, method: string): Promise<number> {
  const began = performance.now();
  const response = await fetch(`${url}/healthz`, { method });
  await response.text();
  if (!response.ok) throw new Error(`a Worker that starts answered ${response.status}`);
  return performance.now() - began;
}
