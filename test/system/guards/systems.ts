// What the actions of guards.test.ts call, and how it behaves: most starts are done and answered, some are done without a
// word of it, and some are refused. Each is written down with its time, for the laws.
import * as z from "zod";
import type { Rng } from "../../simulator/life.ts";
import { rundeckStandIn } from "../../simulator/rundeck.ts";
import { type Asked, type Said, serveSystem } from "../../simulator/system.ts";

/** A start that a target was asked for, done or not. */
export interface Started {
  /** Milliseconds, like all times here. */
  at: number;
  run_id: string;
  host: string;
}

export const JOB_TAKES_MS = 5_000;

const TOKEN = "a-token-of-rundeck";
const JOB = "drain";
const Body = z.object({ host: z.string() });
const JobBody = z.object({ options: z.object({ host: z.string(), run_id: z.string() }) });

export async function startSystems(chance: Rng) {
  const started: Started[] = [];
  const rundeck = rundeckStandIn({ token: TOKEN, job: JOB, takes_ms: JOB_TAKES_MS });
  const system = await serveSystem((asked) => {
    if (asked.method === "GET") return rundeck.standIn(asked);
    started.push({ at: Date.now(), ...startIn(asked) });
    const dice = chance();
    if (dice < 0.08) return { status: 429, headers: { "Retry-After": "1" } };
    const done: Said = asked.path.startsWith("/api/") ? rundeck.standIn(asked) : { status: 200, json: {} };
    return dice < 0.16 ? "hangs" : dice < 0.22 ? "closes" : done;
  });
  const settings = {
    RESTART_HOST_URL: `${system.url}/restart`,
    REBOOT_HOST_URL: `${system.url}/reboot`,
    RUNDECK_URL: system.url,
    RUNDECK_TOKEN: TOKEN,
    RUNDECK_DRAIN_JOB: JOB,
  };
  return { settings, started, jobs: rundeck.executions, close: async () => system.close() };
}

function startIn({ path, json, headers }: Asked): Omit<Started, "at"> {
  if (path.startsWith("/api/")) return JobBody.parse(json).options;
  return { host: Body.parse(json).host, run_id: headers.get("Idempotency-Key") ?? "" };
}
