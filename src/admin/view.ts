// What the admin API shows of an incident: what is kept, and what follows from it.
import { runId } from "../domain/event.ts";
import { claimsFuture, dispositions } from "../domain/order.ts";
import { isReport } from "../domain/report.ts";
import type { Run } from "../domain/run.ts";
import { parsePush } from "../flashduty/push.ts";
import type { Shown } from "../incident/object.ts";
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

/** The incident as its current event shows it, its events in order of arrival, each with its disposition, its runs. */
export function incidentView(incident_id: string, { current, events, runs }: Shown) {
  const parsed = parsePush(current.body);
  return {
    incident_id,
    current_event_id: current.event_id,
    incident: parsed.ok ? parsed.push.incident : null,
    events: dispositions(events).map(eventRowView),
    runs: runs.filter((run) => !isReport(run)).map(runView),
    reports: runs.filter(isReport).map(runView),
  };
}
