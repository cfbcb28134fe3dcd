// The page of an incident: it says what it leaves out, and goes on as long as anything may happen.
import { expect, it } from "vitest";
import { IncidentPage } from "../../src/admin/page/incident.tsx";
import type { IncidentView } from "../../src/admin/shapes.ts";
import { night, viewer } from "./page-data.ts";
import { rendered } from "./page-render.tsx";

const { view } = night();
const page = (changes: Partial<IncidentView>, language: "en" | "zh" = "en") =>
  rendered(IncidentPage({ viewer: viewer({ language }), view: { ...view, ...changes } }));

const closed = { ...view.incident, progress: "Closed" };
const ended = view.runs.map((run) => ({ ...run, ended_at: run.planned_at }));

it.each<[string, Partial<IncidentView>, boolean]>([
  ["is open", { runs: [] }, true],
  ["is closed, and a run goes on", { incident: closed }, true],
  [
    "is closed, and is still to be told of a run",
    { incident: closed, runs: ended, reports: view.reports.map((report) => ({ ...report, ended_at: null })) },
    true,
  ],
  ["cannot be read", { incident: null, runs: ended }, true],
  ["is closed, and nothing goes on", { incident: closed, runs: ended }, false],
])("is kept up to date as is due where the incident %s", (_, changes, is_live) => {
  expect(page(changes).includes("<script")).toBe(is_live);
});

it.each([
  ["en", ["3 events that arrived earlier", "4 runs that ended earlier", "5 reports that were made earlier"]],
  ["zh", ["3 个较早到达的事件", "4 个较早结束的执行", "5 条较早的写回"]],
] as const)("says how much it leaves out, and where the runs are (%s)", (language, said) => {
  const html = page({ left_out: { events: 3, runs: 4, reports: 5 } }, language);
  for (const text of [...said, `href="/admin/runs?incident_id=${view.incident_id}"`]) expect(html).toContain(text);
  const whole = page({}, language);
  for (const text of [...said.map((text) => text.slice(2)), "?incident_id="]) expect(whole).not.toContain(text);
});

it("says when the incident was opened, though its first events are left out", () => {
  const opened_at = Date.UTC(2026, 9, 1, 4, 5);
  expect(page({ opened_at, left_out: { events: 9, runs: 0, reports: 0 } })).toContain(
    new Date(opened_at).toISOString(),
  );
});
