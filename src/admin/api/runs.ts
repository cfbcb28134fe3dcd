// Runs: the list of them from the index, one of them from its incident, and what a person decides about it.
import * as z from "zod";
import { parseRunId, runId } from "../../domain/event.ts";
import { Run } from "../../domain/run.ts";
import type { Ruling } from "../../incident/desk.ts";
import { incidentOf } from "../../incident/stub.ts";
import { log } from "../../log.ts";
import { type Asked, decidedBy, Decision, decision, Nothing, notPossible, Reason, unknown, view } from "../endpoint.ts";
import { RunList, RunView } from "../shapes.ts";
import { runView } from "../view.ts";
import * as index from "../index/runs.ts";
import { cursorOf, filter, limit, orNone } from "./query.ts";

export const listRuns = view({
  path: "/api/runs",
  summary: "Runs, the one that was asked for last first; reports are not listed",
  query: z.object({
    state: orNone(Run.shape.state),
    action: filter("Its name in the playbook"),
    incident_id: filter("Runs of this incident only"),
    cursor: cursorOf(index.RunCursor),
    limit,
  }),
  answer: RunList,
  answerTo: async ({ query, env }) => index.listRuns(env.DB, query),
});

export const showRun = view({
  path: "/api/runs/:run_id",
  summary: "A run with its trail",
  query: Nothing,
  answer: RunView,
  problems: { 404: "It is not known, or was forgotten" },
  answerTo: async ({ params: { run_id = "" }, env }) => {
    const ref = parseRunId(run_id);
    const run = ref && (await incidentOf(env, ref.incident_id).showRun(ref));
    return run === null ? unknown("run") : runView(run);
  },
});

const PROBLEMS = { 404: "It is not known, or was forgotten", 409: "Its state does not allow it: detail says why" };

export const approveRun = decision({
  method: "POST",
  path: "/api/runs/:run_id/approve",
  summary: "Gives the consent that the run waits for",
  body: Decision,
  answer: RunView,
  problems: PROBLEMS,
  answerTo: async (asked) => rule(asked, { what: "approve", by: asked.body.by }),
});

export const cancelRun = decision({
  method: "POST",
  path: "/api/runs/:run_id/cancel",
  summary: "Ends a run that has not ended; a job at its target goes on",
  body: Decision.extend({ reason: Reason }),
  answer: RunView,
  problems: PROBLEMS,
  answerTo: async (asked) => rule(asked, { what: "cancel", ...asked.body }),
});

export const retryRun = decision({
  method: "POST",
  path: "/api/runs/:run_id/retry",
  summary: "Starts a run over that has ended otherwise than well",
  body: Decision.extend({
    override: z.boolean().default(false).describe("In spite of those guards that the playbook lets a person override"),
  }),
  answer: RunView,
  problems: PROBLEMS,
  answerTo: async (asked) => rule(asked, { what: "retry", by: asked.body.by, overriding: asked.body.override }),
});

async function rule(asked: Asked<undefined, { by: string }>, ruling: Ruling) {
  const { params, env } = asked;
  const ref = parseRunId(params["run_id"] ?? "");
  if (ref === null || (await incidentOf(env, ref.incident_id).showRun(ref)) === null) return unknown("run");
  const ruled = await incidentOf(env, ref.incident_id).rule(ref, ruling);
  log("run.decided", {
    ...decidedBy(asked),
    incident_id: ref.incident_id,
    event_id: ref.event_id,
    run_id: runId(ref),
    decision: ruling.what,
    done: "run" in ruled,
  });
  return "refused" in ruled ? notPossible(ruled.refused) : runView(ruled.run);
}
