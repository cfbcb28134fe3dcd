// The pages that show: each asks the endpoint that the API has, and puts the answer into words. See decisions.tsx for those
// that change something.
import { Hono } from "hono";
import { within } from "../../deadline.ts";
import { readSettings, withoutTokens } from "../../config.ts";
import { wordsOf } from "../../domain/thrown.ts";
import { log } from "../../log.ts";
import { playbook } from "../../playbook.ts";
import { problemOf } from "../../problem.ts";
import { readTallies, type Tallies } from "../../tally/read.ts";
import { endpoints } from "../api/endpoints.ts";
import type { AdminEnv } from "../who.ts";
import { answer, ask, askBeside, pageOf } from "./answer.tsx";
import { decisions } from "./decisions.tsx";
import { DriftPage } from "./drift.tsx";
import { EventPage } from "./event.tsx";
import { IncidentPage } from "./incident.tsx";
import { IncidentsPage } from "./incidents.tsx";
import { OverviewPage } from "./overview.tsx";
import { ProblemPage } from "./problem.tsx";
import { EntryPage, QuarantinePage } from "./quarantine.tsx";
import { RunPage } from "./run.tsx";
import { RunsPage } from "./runs.tsx";
import { SwitchPage } from "./switch.tsx";
import { viewerOf } from "./viewer.ts";

/** A picture of the day is not worth more waiting. */
const TALLIES_WITHIN_MS = 1_000;

const actions = Object.keys(playbook.actions);

/** To be mounted behind the door, at /admin. */
export const pages = new Hono<AdminEnv>();

pages.get("/", async (c) => {
  const [overview, tallies] = await Promise.all([ask(c, endpoints.showOverview), talliesOf(c.env)]);
  return answer(c, overview, (viewer, overview) => (
    <OverviewPage viewer={viewer} overview={overview} tallies={tallies} />
  ));
});

async function talliesOf(env: Env): Promise<Tallies | null> {
  try {
    return await within(TALLIES_WITHIN_MS, "the tallies", readTallies(env.DB));
  } catch (error) {
    log("overview.failed", { part: "tallies", error: wordsOf(error) });
    return null;
  }
}

pages.get("/incidents", async (c) =>
  answer(c, await ask(c, endpoints.listIncidents), (viewer, list) => (
    <IncidentsPage viewer={viewer} query={c.req.query()} list={list} />
  )),
);

pages.get("/incidents/:incident_id", async (c) =>
  answer(c, await ask(c, endpoints.showIncident), (viewer, view) => <IncidentPage viewer={viewer} view={view} />),
);

pages.get("/incidents/:incident_id/events/:event_id", async (c) =>
  answer(c, await ask(c, endpoints.showEvent), (viewer, event) => (
    <EventPage viewer={viewer} incident_id={c.req.param("incident_id")} event={event} />
  )),
);

pages.get("/runs", async (c) =>
  answer(c, await ask(c, endpoints.listRuns), (viewer, list) => (
    <RunsPage viewer={viewer} query={c.req.query()} actions={actions} list={list} />
  )),
);

pages.get("/runs/:run_id", async (c) =>
  answer(c, await ask(c, endpoints.showRun), (viewer, run) => <RunPage viewer={viewer} run={run} />),
);

pages.get("/quarantine", async (c) =>
  answer(c, await ask(c, endpoints.listQuarantine), (viewer, list) => (
    <QuarantinePage viewer={viewer} query={c.req.query()} list={list} />
  )),
);

pages.get("/quarantine/:id", async (c) => {
  const [entry, preview] = await Promise.all([
    ask(c, endpoints.showQuarantined),
    askBeside(c, endpoints.previewReplay),
  ]);
  return answer(c, entry, (viewer, entry) => <EntryPage viewer={viewer} entry={entry} preview={preview} />);
});

pages.get("/switch", async (c) =>
  answer(c, await ask(c, endpoints.showSwitch), (viewer, view) => (
    <SwitchPage viewer={viewer} view={view} actions={actions} />
  )),
);

pages.get("/drift", async (c) =>
  answer(c, await ask(c, endpoints.listDrift), (viewer, { items }) => <DriftPage viewer={viewer} items={items} />),
);

pages.route("/", decisions);

pages.onError((error, c) => {
  // What stands in an address by mistake must not stand in the log.
  const path = withoutTokens(c.req.path, readSettings(c.env));
  log("request.failed", { method: c.req.method, path, error: wordsOf(error) });
  const viewer = viewerOf(c, c.get("who"));
  const problem = problemOf("failed", 500, "Something broke", "It is in the log.");
  return pageOf(<ProblemPage viewer={viewer} problem={problem} />, problem.status);
});
