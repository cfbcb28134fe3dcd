// The pages that show: each asks the endpoint that the API has, and puts the answer into words. See decisions.tsx for those
// that change something.
import { Hono } from "hono";
import { readSettings, withoutTokens } from "../../config.ts";
import { wordsOf } from "../../domain/thrown.ts";
import { log } from "../../log.ts";
import { playbook } from "../../playbook.ts";
import { problemOf } from "../../problem.ts";
import { readTallies } from "../../tally/read.ts";
import { endpoints } from "../api/endpoints.ts";
import { wantsPage } from "../auth.ts";
import { part } from "../part.ts";
import type { AdminEnv } from "../who.ts";
import { answer, ask, askBeside, problemPage } from "./answer.tsx";
import { decisions } from "./decisions.tsx";
import { DriftPage } from "./drift.tsx";
import { EventPage } from "./event.tsx";
import { IncidentPage } from "./incident.tsx";
import { IncidentsPage } from "./incidents.tsx";
import { OverviewPage } from "./overview.tsx";
import { EntryPage, QuarantinePage } from "./quarantine.tsx";
import { RunPage } from "./run.tsx";
import { RunsPage } from "./runs.tsx";
import { SwitchPage } from "./switch.tsx";

const actions = Object.keys(playbook.actions);

/** To be mounted behind the door, at /admin. */
export const pages = new Hono<AdminEnv>();

pages.get("/", async (c) => {
  const [overview, tallies] = await Promise.all([
    ask(c, endpoints.showOverview),
    part("tallies", async () => readTallies(c.env.DB, Date.now())),
  ]);
  return answer(c, overview, (viewer, overview) => (
    <OverviewPage viewer={viewer} overview={overview} tallies={tallies} />
  ));
});

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

pages.all("*", async (c, next) => {
  if (!wantsPage(c)) return next();
  return problemPage(c, problemOf("not_found", 404, "Not found", "There is nothing at this address."));
});

pages.onError(async (error, c) => {
  // What stands in an address by mistake must not stand in the log.
  const path = withoutTokens(c.req.path, readSettings(c.env));
  log("request.failed", { method: c.req.method, path, error: wordsOf(error) });
  return problemPage(c, problemOf("failed", 500, "Something broke", "It is in the log."));
});
