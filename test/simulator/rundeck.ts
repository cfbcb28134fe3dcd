// Rundeck, reduced to starting a job and looking at its execution. https://docs.rundeck.com/docs/api/ : "Running a Job",
// "Execution Info". An execution goes on for some looks, so that who does not look again never sees its end.

import * as z from "zod";
import type { Said, StandIn } from "./system.ts";

/** One execution: for which host, and how often it was looked at. */
export interface Execution {
  host: string;
  looks: number;
}

export interface Rundeck {
  standIn: StandIn;
  executions: readonly Execution[];
  /** How often it was asked to run the job, refused starts included. */
  starts(): number;
  /** Answers the next starts with 429, as what stands before it does where it is asked too much: nothing was started. */
  refuse(times: number): void;
}

const Run = z.object({ options: z.object({ host: z.string() }) });

/** A Rundeck with one job; each of its executions succeeds with the look of that number. */
export function rundeckStandIn({ token, job, looks }: { token: string; job: string; looks: number }): Rundeck {
  const executions: Execution[] = [];
  let starts = 0;
  let refused = 0;
  const run = (json: unknown): Execution | null => {
    starts += 1;
    if (refused > 0) {
      refused -= 1;
      return null;
    }
    const execution = { host: Run.parse(json).options.host, looks: 0 };
    executions.push(execution);
    return execution;
  };
  const standIn: StandIn = ({ method, path, headers, json }): Said => {
    if (headers.get("X-Rundeck-Auth-Token") !== token) return error(403, "unauthorized", "(unauthenticated)");
    const shown = (id: number, { looks: seen }: Execution): Said => {
      const permalink = `http://${headers.get("Host")}/project/operations/execution/show/${id}`;
      return { status: 200, json: { id, permalink, status: seen < looks ? "running" : "succeeded" } };
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
    refuse: (times) => {
      refused = times;
    },
  };
}

function error(status: number, errorCode: string, message: string) {
  return { status, json: { error: true, apiversion: 41, errorCode, message } };
}
