// What the load is made of: pushes of the incident webhook as the vendor's example shows them, of its size, each another
// event. Nothing closes an incident and no rule is met, so none calls for a run.
import { createHash } from "node:crypto";
import { actionBody, incidentBody, type Person, pushText } from "../simulator/push-body.ts";
import type { Series } from "./order.ts";

/** As a push goes out. */
export interface Outgoing {
  event_id: string;
  incident_id: string;
  body: string;
}

const TYPES = ["i_new", "i_assign", "i_ack", "i_comm", "i_r_title", "i_a_rspd", "i_r_field"] as const;

/** An hour ago, so that no event claims the future. Milliseconds. */
const START_MS = Date.now() - 60 * 60_000;

const people: Person[] = ["zhangsan", "lisi", "wangwu", "zhaoliu"].map((name, index) => ({
  person_id: 1_999_632_289_504 + index,
  person_name: name,
  email: `${name}@toutie.com`,
}));

/** What alerts of a Kubernetes cluster carry: with it a push has the size of the documented one, 3.7 KB. */
const labels = Object.fromEntries(
  [
    "alertname",
    "availability_zone",
    "container",
    "endpoint",
    "instance",
    "job",
    "namespace",
    "node",
    "pod",
    "prometheus",
  ]
    .concat(["check", "cluster", "metric", "resource", "service", "runbook_url"])
    .map((name) => [name, `${name}-of-nj-prod-7f9c6d5b4-es.nj.01:9100`]),
);

/** The pushes of a series, in the order of their events, spread evenly over its incidents. */
export function incidentPushes(series: Series): Outgoing[] {
  return events(series).map((event, index) => {
    const event_type = TYPES[index % TYPES.length] ?? "i_comm";
    return { ...event, body: pushText(incidentBody({ ...facts(event, index), event_type })) };
  });
}

/** The same as presses of a button. */
export function presses(series: Series): Outgoing[] {
  return events(series).map((event, index) => ({ ...event, body: pushText(actionBody(facts(event, index))) }));
}

type Ids = Omit<Outgoing, "body">;

function events({ scene, name, incidents, count }: Series): Ids[] {
  return Array.from({ length: count }, (_, index) => ({
    incident_id: hex(`${scene} ${index % incidents}`, 24),
    event_id: hex(`${scene} ${name} ${index}`, 32),
  }));
}

function facts({ incident_id, event_id }: Ids, index: number) {
  return {
    incident: incident_id,
    event_id,
    at_ms: START_MS + index,
    labels,
    responders: people.map((person) => ({ ...person, assigned_at: 1_700_000_000, acknowledged_at: 0 })),
    description: "cpu.idle < 20% for 5 minutes on es.nj.01. ".repeat(25),
  };
}

function hex(of: string, length: number): string {
  return createHash("sha256").update(of).digest("hex").slice(0, length);
}
