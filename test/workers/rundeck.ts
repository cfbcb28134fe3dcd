// A Rundeck as its API documents it (https://docs.rundeck.com/docs/api/), whose one job takes its time by the clock of the test. Importing
// this gives the Worker its settings, for the whole file of tests.
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import type { Clock } from "./taken.ts";

const JOB = "a7b8c9d0-1111-2222-3333-444455556666";
export const RUNDECK_TOKEN = "a-rundeck-token-that-only-tests-use";
Object.assign(env, { RUNDECK_URL: "https://rundeck.example", RUNDECK_TOKEN, RUNDECK_RESTART_JOB: JOB });

/** Where a person sees the first execution. */
export const LINK = "https://rundeck.example/project/ops/execution/show/1";

export interface Rundeck {
  /** When executions were started, Unix milliseconds. */
  starts: number[];
  /** When they were looked at. */
  looks: number[];
  /** Does the next start, but its answer is lost. */
  loseStart: boolean;
  /** Answers no look for now. */
  isDown: boolean;
}

/** Its executions run for `takes_ms`, and end as `end`. Everything else outside goes on as it did. */
export function openRundeck(clock: Clock, takes_ms: number, end = "succeeded"): Rundeck {
  const rundeck: Rundeck = { starts: [], looks: [], loseStart: false, isDown: false };
  const execution = (id: number) => {
    const is_over = clock.now >= (rundeck.starts[id - 1] ?? Infinity) + takes_ms;
    const permalink = `https://rundeck.example/project/ops/execution/show/${id}`;
    return Response.json({ id, permalink, status: is_over ? end : "running" });
  };
  const answer = (method: string, path: string): Response => {
    if (method === "POST" && path === `/api/41/job/${JOB}/run`) {
      rundeck.starts.push(clock.now);
      if (rundeck.loseStart) throw new Error("the connection ended without an answer");
      return execution(rundeck.starts.length);
    }
    const id = Number(/^\/api\/41\/execution\/(\d+)$/.exec(path)?.[1]);
    if (method !== "GET" || rundeck.starts[id - 1] === undefined) return new Response(null, { status: 404 });
    rundeck.looks.push(clock.now);
    return rundeck.isDown ? new Response(null, { status: 502 }) : execution(id);
  };
  const elsewhere = vi.mocked(globalThis.fetch).getMockImplementation();
  vi.mocked(globalThis.fetch).mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const { hostname, pathname } = new URL(request.url);
    if (hostname !== "rundeck.example") return elsewhere?.(request) ?? new Response(null, { status: 204 });
    if (request.headers.get("X-Rundeck-Auth-Token") !== RUNDECK_TOKEN) return new Response(null, { status: 403 });
    return answer(request.method, pathname);
  });
  return rundeck;
}
