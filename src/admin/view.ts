// What the admin API shows of an incident: what is kept, and what follows from it.
import { runId } from "../domain/event.ts";
import { claimsFuture, dispositions } from "../domain/order.ts";
import { isReport } from "../domain/report.ts";
import type { Run } from "../domain/run.ts";
import { parsePush } from "../flashduty/push.ts";
import type { Shown } from "../incident/shown.ts";
import type { EventRow, KeptEvent } from "../incident/event-table.ts";

/** A run, with the id that names it. */
export function runView(run: Run) {
  return { run_id: runId(run), ...run };
}

/** An event; `claims_future`: its time was not believed, and it is ordered by its arrival. */
function eventRowView<E extends EventRow>(event: E) {
  return { replayed_by: "", ...event, claims_future: claimsFuture(event) };
}

/** An event, read, with its body as received. */
export function eventView(event: KeptEvent) {
  const parsed = parsePush(event.body);
  return { ...eventRowView(event), push: parsed.ok ? { ...parsed.push } : null };
}

/** What an object tells for sure: during a rollout it may be one of a release that leaves nothing out, and says nothing of it. */
type Told = Pick<Shown, "current" | "events" | "runs"> & Partial<Shown>;

/** The incident as its current event shows it, its events in order of arrival, each with its disposition, its runs. */
export function incidentView(incident_id: string, told: Told) {
  const { current, events, runs, before = null, left_out = { events: 0, runs: 0, reports: 0 } } = told;
  const parsed = parsePush(current.body);
  const all = before === null ? events : [before, ...events];
  return {
    incident_id,
    current_event_id: current.event_id,
    incident: parsed.ok ? parsed.push.incident : null,
    opened_at: told.opened_at ?? events[0]?.received_at ?? current.received_at,
    left_out,
    events: dispositions(all)
      .slice(all.length - events.length)
      .map(eventRowView),
    runs: runs.filter((run) => !isReport(run)).map(runView),
    reports: runs.filter(isReport).map(runView),
  };
}
