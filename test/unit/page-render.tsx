// Every page, rendered with one night's data.
import type { Page } from "../../src/admin/page/answer.tsx";
import type { Viewer } from "../../src/admin/page/viewer.ts";
import { ConfirmEntry, ConfirmRun, ConfirmSwitch } from "../../src/admin/page/confirm.tsx";
import { DriftPage } from "../../src/admin/page/drift.tsx";
import { EventPage } from "../../src/admin/page/event.tsx";
import { IncidentPage } from "../../src/admin/page/incident.tsx";
import { IncidentsPage } from "../../src/admin/page/incidents.tsx";
import { OverviewPage } from "../../src/admin/page/overview.tsx";
import { ProblemPage } from "../../src/admin/page/problem.tsx";
import { EntryPage, QuarantinePage } from "../../src/admin/page/quarantine.tsx";
import { RunPage } from "../../src/admin/page/run.tsx";
import { RunsPage } from "../../src/admin/page/runs.tsx";
import { SwitchPage } from "../../src/admin/page/switch.tsx";
import { playbook } from "../../src/playbook.ts";
import { CALM, type night } from "./page-data.ts";

/** By the name of the page. `text` makes the texts that stand in an address. */
export function pagesOf(
  viewer: Viewer,
  given: ReturnType<typeof night>,
  text: (calm: string) => string = (calm) => calm,
): Record<string, string> {
  const { view, runs, items, incidents, quarantined, entry, preview, refusal, switches, drift, overview, event } =
    given;
  const actions = Object.keys(playbook.actions);
  const [run] = runs.slice(1);
  const waiting = runs[2];
  if (run === undefined || waiting === undefined) throw new Error("the night has runs");
  const problem = {
    type: "urn:x",
    title: "Not possible",
    status: 409,
    detail: text("it does not wait for approval: it is failed"),
    errors: [{ path: "reason", message: text("is missing") }],
  };
  const query = { q: text("es.nj"), progress: text("Odd"), cursor: text("12") };
  const asking = { viewer, form: { reason: text("because"), by: text("me") }, problem: null };
  const at = (path: string) => ({ ...viewer, path });
  const pages = {
    overview: <OverviewPage viewer={viewer} overview={overview} tallies={{ totals: {}, intervals: [] }} />,
    "overview-calm": <OverviewPage viewer={viewer} overview={CALM} tallies={null} />,
    incidents: (
      <IncidentsPage
        viewer={at("/admin/incidents")}
        query={query}
        list={{ items: incidents, next_cursor: text("7") }}
      />
    ),
    incident: <IncidentPage viewer={at("/admin/incidents/a")} view={view} />,
    "incident-unreadable": <IncidentPage viewer={at("/admin/incidents/a")} view={{ ...view, incident: null }} />,
    event: <EventPage viewer={at("/admin/incidents/a/events/b")} incident_id={view.incident_id} event={event} />,
    runs: (
      <RunsPage viewer={at("/admin/runs")} query={query} actions={actions} list={{ items, next_cursor: text("7") }} />
    ),
    run: <RunPage viewer={at("/admin/runs/a")} run={run} />,
    quarantine: (
      <QuarantinePage viewer={at("/admin/quarantine")} query={{}} list={{ items: [quarantined], next_cursor: null }} />
    ),
    entry: <EntryPage viewer={at("/admin/quarantine/a")} entry={entry} preview={preview} />,
    "entry-refused": <EntryPage viewer={at("/admin/quarantine/a")} entry={entry} preview={refusal} />,
    switch: <SwitchPage viewer={at("/admin/switch")} view={switches} actions={actions} />,
    drift: <DriftPage viewer={at("/admin/drift")} items={drift} />,
    problem: <ProblemPage viewer={viewer} problem={problem} />,
    approve: (
      <ConfirmRun
        {...asking}
        what="approve"
        run={waiting}
        action={playbook.actions["restart-host"]}
        switches={switches}
      />
    ),
    cancel: <ConfirmRun {...asking} what="cancel" run={waiting} action={undefined} switches={null} />,
    retry: (
      <ConfirmRun
        {...asking}
        problem={problem}
        what="retry"
        run={run}
        action={playbook.actions["restart-host"]}
        switches={switches}
      />
    ),
    replay: <ConfirmEntry {...asking} what="replay" entry={entry} preview={preview} />,
    delete: <ConfirmEntry {...asking} what="delete" entry={entry} preview={null} />,
    stop: <ConfirmSwitch {...asking} what="stop" action={null} summary="" />,
    "close-breaker": <ConfirmSwitch {...asking} what="close-breaker" action={text("restart-host")} summary="restart" />,
  };
  return Object.fromEntries(Object.entries(pages).map(([name, page]) => [name, rendered(page)]));
}

/** The page as text; nothing in it is waited for. */
export function rendered(page: Page): string {
  if (page instanceof Promise) throw new Error("the page waits for something");
  return page.toString();
}
