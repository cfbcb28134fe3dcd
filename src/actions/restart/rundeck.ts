// Rundeck (also PagerDuty Runbook Automation): runs a job, and follows its execution to the end.
// https://docs.rundeck.com/docs/api/ : "Running a Job", "Execution Info". Version 41 is that of Rundeck 4.0.
import * as z from "zod";
import type { Outcome } from "../../domain/run.ts";
import { readLook, readStart } from "../answer.ts";
import type { Connector, Given } from "../connector.ts";
import { target } from "../target.ts";

const API = ["api", "41"];

interface RundeckSpec<Params> {
  /** The settings' prefix. */
  settings?: string;
  /** The name of the setting that holds the job's id (a UUID). */
  job: string;
  /** The job's options, by name. */
  options?: (given: Given<Params>) => Readonly<Record<string, string | undefined>>;
}

const Execution = z.object({
  id: z.int(),
  permalink: z.string().optional(),
  status: z.string(),
  customStatus: z.string().optional(),
  /** Of one that failed with a retry: the execution that tries it again. */
  retriedExecution: z.object({ id: z.int() }).optional(),
});

/** Needs `RUNDECK_URL`, `RUNDECK_TOKEN` (of a user that may run the job and read its executions) and the job's id. */
export function rundeck<Params>({ settings = "RUNDECK", job, options }: RundeckSpec<Params>): Connector<Params> {
  const server = target(settings, { token: "required", authorize: (token) => ({ "X-Rundeck-Auth-Token": token }) });
  return {
    name: `Rundeck (${settings}, ${job})`,
    settings: [...server.settings, { name: job, kind: "text", required: true }],
    repeatable: false,
    start: async (given) => {
      const path = [...API, "job", given.settings[job] ?? "", "run"];
      const answer = await server.ask(given, { method: "POST", path, json: { options: options?.(given) ?? {} } });
      const started = readStart(answer, Execution);
      return started.ok ? follow(started.value) : started.outcome;
    },
    look: async (handle, given) => {
      const answer = await server.ask(given, { method: "GET", path: [...API, "execution", handle] });
      const seen = readLook(answer, Execution);
      if (!seen.ok) return seen.outcome;
      if (String(seen.value.id) === handle) return follow(seen.value);
      return {
        kind: "unclear",
        reason: `Rundeck was asked about execution ${handle}, and answered about ${seen.value.id}`,
      };
    },
  };
}

const GOING_ON = new Set(["running", "queued", "scheduled"]);

function follow({ id, permalink, status, customStatus, retriedExecution }: z.output<typeof Execution>): Outcome {
  const links = permalink === undefined ? [] : [permalink];
  const execution = `execution ${id}`;
  if (GOING_ON.has(status)) return { kind: "waiting", handle: String(id), summary: `${execution} is ${status}`, links };
  if (status === "succeeded") return { kind: "succeeded", summary: `${execution} succeeded`, links };
  if (status === "failed-with-retry") {
    if (retriedExecution === undefined)
      return { kind: "unclear", reason: `${execution} failed, and Rundeck tries it again by itself: look there` };
    const summary = `${execution} failed; execution ${retriedExecution.id} tries it again`;
    return { kind: "waiting", handle: String(retriedExecution.id), summary, links };
  }
  return { kind: "failed", reason: `${execution} ended: ${customStatus ?? status}`, links };
}
