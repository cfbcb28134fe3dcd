// Rundeck, reduced to starting a job and looking at its execution. https://docs.rundeck.com/docs/api/ : "Running a Job",
// "Execution Info". An execution goes on for some looks, so that who does not look again never sees its end; or for some time.

import * as z from "zod";
import type { Said, StandIn } from "./system.ts";

/** One execution: for which host, since when (milliseconds), and how often it was looked at. */
export interface Execution {
  host: string;
  began_at: number;
  looks: number;
}

export interface RundeckOptions {
  token: string;
  job: string;
  /** An execution succeeds with the look of that number; left out, with any. */
  looks?: number;
  /** It goes on for so long. Milliseconds. */
  takes_ms?: number;
}

export interface Rundeck {
  standIn: StandIn;
  executions: readonly Execution[];
  /** How often it was asked to run the job, refused starts included. */
  starts(): number;
  /** Answers the next starts for a host with 429, as what stands before it does where it is asked too much: nothing was started. */
  refuse(host: string, times: number): void;
}

const Run = z.object({ options: z.object({ host: z.string() }) });

/** A Rundeck with one job. */
export function rundeckStandIn({ token, job, looks = 0, takes_ms = 0 }: RundeckOptions): Rundeck {
  const executions: Execution[] = [];
  let starts = 0;
  const refused = new Map<string, number>();
  const run = (json: unknown): Execution | null => {
    starts += 1;
    const { host } = Run.parse(json).options;
    const times = refused.get(host) ?? 0;
    refused.set(host, times - 1);
    if (times > 0) return null;
    const execution = { host, began_at: Date.now(), looks: 0 };
    executions.push(execution);
    return execution;
  };
  const standIn: StandIn = ({ method, path, headers, json }): Said => {
    if (headers.get("X-Rundeck-Auth-Token") !== token) return error(403, "unauthorized", "(unauthenticated)");
    const shown = (id: number, { looks: seen, began_at }: Execution): Said => {
      const permalink = `http://${headers.get("Host")}/project/operations/execution/show/${id}`;
      const is_over = seen >= looks && Date.now() >= began_at + takes_ms;
      return { status: 200, json: { id, permalink, status: is_over ? "succeeded" : "running" } };
    };
    if (method === "POST" && path === `/api/41/job/${job}/run`) {
      const started = run(json);
      if (started === null)
        return { ...error(429, "too.many.requests", "too many requests"), headers: { "Retry-After": "1" } };
      return shown(executions.length, started);
    }
    const [, id] = /^\/api\/41\/execution\/(\d+)$/.exec(path) ?? [];
    const execution = executions[Number(id) - 1];
    if (method !== "GET" || execution === undefined) return error(404, "api.error.item.doesnotexist", `no ${path}`);
    execution.looks += 1;
    return shown(Number(id), execution);
  };
  return {
    standIn,
    executions,
    starts: () => starts,
    refuse: (host, times) => {
      refused.set(host, times);
    },
  };
}

function error(status: number, errorCode: string, message: string) {
  return { status, json: { error: true, apiversion: 41, errorCode, message } };
}
