// Where the pages are. Ids come from outside: each is encoded as a part of a path.

const part = encodeURIComponent;

export const toIncident = (incident_id: string) => `/admin/incidents/${part(incident_id)}`;
export const toEvent = (incident_id: string, event_id: string) =>
  `/admin/incidents/${part(incident_id)}/events/${part(event_id)}`;
export const toRun = (run_id: string) => `/admin/runs/${part(run_id)}`;
export const toEntry = (id: string) => `/admin/quarantine/${part(id)}`;

export type RunDecision = "approve" | "cancel" | "retry";
export const toDecide = (run_id: string, what: RunDecision) => `${toRun(run_id)}/${what}`;

export type EntryDecision = "replay" | "delete";
export const toDecideEntry = (id: string, what: EntryDecision) => `${toEntry(id)}/${what}`;

export type SwitchDecision = "stop" | "go-on" | "close-breaker";
/** `action` null: everything. */
export const toSwitch = (what: SwitchDecision, action: string | null) =>
  `/admin/switch/${what}${action === null ? "" : `?action=${part(action)}`}`;
