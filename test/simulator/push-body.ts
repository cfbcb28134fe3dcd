// Bodies as Flashduty sends them: every field of the documents' tables, and the undocumented extras of the documented
// example, because a receiver that has only met tidy bodies fails on the first real one. Everything comes from the
// arguments, so that a failing test fails again: no clock, no chance.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import documented from "./fixtures/custom-action.json" with { type: "json" };

export type Severity = "Critical" | "Warning" | "Info";
export type Status = Severity | "Ok";
export type Progress = "Triggered" | "Processing" | "Closed";

/** A 64-bit integer of the vendor's. What is too large for a `number` is given as a `bigint`; `pushText` writes both as numbers. */
export type Int64 = number | bigint;

export type Person = { person_id: Int64; person_name: string; email: string };

/** `assigned_at`, `acknowledged_at`: Unix seconds, 0 for "not yet". */
export type Responder = Person & { assigned_at: number; acknowledged_at: number };

/** What a body is made from. Only the first three are needed; the rest follows from them. */
export type IncidentFacts = {
  /** A number stands for an incident of its own, always the same one; a text is taken as the incident id itself. */
  incident: number | string;
  event_type: string;
  /** When it happened, Unix milliseconds: becomes `event_time`. */
  at_ms: number;
  event_id?: string;
  /** Who did it. Left out: `someone` where the type is a person's doing. `null`: nobody. */
  person?: Person | null;
  title?: string;
  description?: string;
  severity?: Severity;
  status?: Status;
  progress?: Progress;
  cluster?: string;
  /** The label `resource`, `es.nj.01`. */
  host?: string;
  service?: string;
  check?: string;
  /** `null`, as Go writes an empty map, stands for an incident made by hand. */
  labels?: Record<string, string> | null;
  fields?: Record<string, unknown> | null;
  responders?: Responder[] | null;
  creator?: Person | null;
  closer?: Person | null;
  /** These four are Unix seconds, 0 for "not yet". */
  started_at_s?: number;
  ack_time_s?: number;
  end_time_s?: number;
  close_time_s?: number;
  account_id?: Int64;
  channel_id?: Int64;
  channel_name?: string;
};

export type AlertRecord = Record<string, unknown> & { alert_id: string; labels: Record<string, string> | null };

export type IncidentRecord = Record<string, unknown> & {
  incident_id: string;
  title: string;
  incident_severity: Severity;
  incident_status: Status;
  progress: Progress;
  labels: Record<string, string> | null;
  fields: Record<string, unknown> | null;
  responders: Responder[] | null;
};

/** The body of the incident webhook: the event's id stands at the top. */
export type IncidentBody = {
  event_id: string;
  event_type: string;
  event_time: number;
  person?: Person;
  incident: IncidentRecord;
};

/** The body of a custom action, as documented: the event's id stands inside `incident`, and `alerts` come along. */
export type ActionBody = {
  event_type: string;
  event_time: number;
  person?: Person;
  incident: IncidentRecord & { event_id: string; alerts: AlertRecord[] };
};

export type PushBody = IncidentBody | ActionBody;

/** The person behind an event, where a test does not care who. */
export const someone: Person = {
  person_id: 1999632289504,
  person_name: "zhangsan",
  email: "zhangsan@toutie.com",
};

/** Types that only a person can cause; the others happen by themselves as well. */
const by_a_person = /^i_(snooze|wake|ack|unack|custom|reopen|merge|comm|r_.+|a_rspd)$/;

function hex(of: string, length: number): string {
  return createHash("sha256").update(of).digest("hex").slice(0, length);
}

/** The incident id that a number stands for: 24 hexadecimal digits. */
export function incidentId(incident: number | string): string {
  return typeof incident === "string" ? incident : hex(`incident ${incident}`, 24);
}

/** The event id that follows from incident, type and time, where none is given: 32 hexadecimal digits. */
export function eventId(facts: Pick<IncidentFacts, "incident" | "event_type" | "at_ms" | "event_id">): string {
  return facts.event_id ?? hex(`${incidentId(facts.incident)} ${facts.event_type} ${facts.at_ms}`, 32);
}

function progressAfter(event_type: string): Progress {
  if (event_type === "i_rslv" || event_type === "i_merge") return "Closed";
  return /^i_(new|assign|unack|reopen|storm)$/.test(event_type) ? "Triggered" : "Processing";
}

function personOf(facts: IncidentFacts): { person?: Person } {
  if (facts.person === null) return {};
  if (facts.person !== undefined) return { person: facts.person };
  return by_a_person.test(facts.event_type) ? { person: someone } : {};
}

/** What incident and alert have in common. */
function subjectOf(facts: IncidentFacts) {
  const { cluster = "nj", host = "es.nj.01", service = "engine", check = "cpu idle" } = facts;
  const labels = { check, cluster, metric: "node_cpu_seconds_total", resource: host, service };
  return {
    account_id: facts.account_id ?? 74058170041504,
    data_source_id: 2398086111504,
    description: facts.description ?? "cpu.idle < 20%",
    labels: facts.labels === undefined ? labels : facts.labels,
    title: facts.title ?? `${cluster} / ${host} - ${check}`,
    severity: facts.severity ?? "Critical",
    started_at_s: facts.started_at_s ?? Math.floor(facts.at_ms / 1000),
  };
}

function alertOf(facts: IncidentFacts): AlertRecord {
  const { severity, started_at_s, ...subject } = subjectOf(facts);
  const id = incidentId(facts.incident);
  return {
    ...subject,
    alert_id: hex(`alert ${id}`, 24),
    alert_key: `key ${id}`,
    alert_severity: severity,
    alert_status: facts.status ?? severity,
    close_time: 0,
    created_at: started_at_s,
    end_time: facts.end_time_s ?? 0,
    event_cnt: 0,
    last_time: started_at_s,
    progress: (facts.end_time_s ?? 0) > 0 ? "Closed" : "Triggered",
    responder_email: "",
    responder_id: 0,
    responder_name: "",
    start_time: started_at_s,
    title_rule: "$cluster::$resource::$check",
    updated_at: Math.floor(facts.at_ms / 1000),
  };
}

function assignmentOf(facts: IncidentFacts): { assigned_to?: Record<string, unknown> } {
  const [first] = facts.responders ?? [];
  if (first === undefined) return {};
  return {
    assigned_to: {
      assigned_at: first.assigned_at,
      escalate_rule_id: "6509344bc1d50d723ca04986",
      escalate_rule_name: "策略5",
      id: "VobpBqvTuXgQ7BZzJ2Qu94",
      layer_idx: 0,
      type: "assign",
    },
  };
}

function incidentOf(facts: IncidentFacts): IncidentRecord {
  const { severity, started_at_s, ...subject } = subjectOf(facts);
  const id = incidentId(facts.incident);
  const progress = facts.progress ?? progressAfter(facts.event_type);
  const closed_at_s = progress === "Closed" ? Math.floor(facts.at_ms / 1000) : 0;
  // Closed by nobody means: closed by the recovery of its alerts. A person who closes it recovers nothing.
  const recovered = progress === "Closed" && !facts.closer;
  return {
    ...subject,
    ...assignmentOf(facts),
    ...(facts.creator && { creator: facts.creator }),
    ...(facts.closer && { closer: facts.closer }),
    account_name: "头铁科技",
    ack_time: facts.ack_time_s ?? 0,
    alert_cnt: 1,
    channel_id: facts.channel_id ?? 1973372625504,
    channel_name: facts.channel_name ?? "lim_test",
    close_time: facts.close_time_s ?? closed_at_s,
    created_at: started_at_s,
    dedup_key: `key ${id}`,
    detail_url: `https://console.flashcat.cloud/incident/detail/${id}`,
    end_time: facts.end_time_s ?? (recovered ? closed_at_s : 0),
    equals_md5: "",
    fields: facts.fields === undefined ? { impacted_services: ["passport", "order"], priority: "P3" } : facts.fields,
    group_method: "p",
    impact: "",
    incident_id: id,
    incident_severity: severity,
    incident_status: facts.status ?? (recovered ? "Ok" : severity),
    last_time: started_at_s,
    num: id.slice(-6).toUpperCase(),
    progress,
    resolution: "",
    responders: facts.responders ?? null,
    root_cause: "",
    snoozed_before: 0,
    start_time: started_at_s,
    updated_at: Math.floor(facts.at_ms / 1000),
  };
}

/** A body of the incident webhook. */
export function incidentBody(facts: IncidentFacts): IncidentBody {
  return {
    event_id: eventId(facts),
    event_type: facts.event_type,
    event_time: facts.at_ms,
    ...personOf(facts),
    incident: incidentOf(facts),
  };
}

/** A body of a custom action. One press that reaches the incident webhook as well has the same event id there. */
export function actionBody(facts: Omit<IncidentFacts, "event_type">): ActionBody {
  const pressed = { ...facts, event_type: "i_custom" };
  return {
    event_time: pressed.at_ms,
    event_type: pressed.event_type,
    ...personOf(pressed),
    incident: { event_id: eventId(pressed), ...incidentOf(pressed), alerts: [alertOf(pressed)] },
  };
}

/** The custom action of the vendor's documents, a copy of one's own each time. */
export function documentedAction(): typeof documented {
  return structuredClone(documented);
}

/** The same, byte for byte as the documents print it. */
export function documentedActionText(): string {
  return readFileSync(new URL("fixtures/custom-action.json", import.meta.url), "utf8");
}

/** The JSON of a body. A `bigint` becomes a plain number, as a sender written in Go writes it; a text stays as it is. */
export function pushText(body: unknown): string {
  if (typeof body === "string") return body;
  const marked = JSON.stringify(body, (_, value: unknown) => (typeof value === "bigint" ? `@int64 ${value}@` : value));
  return marked.replaceAll(/"@int64 (-?\d+)@"/g, "$1");
}
