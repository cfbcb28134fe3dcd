// An incident as the tests of the status pages send it, and what they say of it.
import type { Push } from "../../../../src/flashduty/push.ts";
import { pushOf } from "../../bodies.ts";
import { START } from "../../arbitraries.ts";

export const INCIDENT = "69da451ef77b1b51f40e83ee";

export interface Moved {
  /** Seconds after the incident began. */
  at?: number;
  event_type?: string;
  progress?: string;
  severity?: string;
  title?: string;
  labels?: Record<string, string>;
}

/** A push of the incident, as it is at that time. By default: the button is pressed, and it is Triggered and Critical. */
export function pushAt(moved: Moved = {}): Push {
  const {
    at = 0,
    event_type = "i_custom",
    progress = "Triggered",
    severity = "Critical",
    title = "",
    labels = {},
  } = moved;
  const event_time = START + at * 1_000;
  const incident = { incident_id: INCIDENT, progress, incident_severity: severity, title, labels };
  return pushOf(
    { event_id: `e-${at}-${event_type}`, event_type, event_time },
    { ...incident, start_time: START / 1_000 },
  );
}

/** A run is planned after its event. */
export const RUN = { incident_id: INCIDENT, action: "update-status-page", planned_at: START + 3_600_000 };
