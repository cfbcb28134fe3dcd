// Everything that is counted, in one table: what the counting, the scrape and the pages know of a metric is written here.
import { EndState } from "../domain/run.ts";
import { EVENT_TYPES } from "../flashduty/event-type.ts";
import type { Refusal } from "../receive/refusal.ts";

/** What the names of all metrics begin with. */
export const PREFIX = "flashduty_edge_";

export interface Metric {
  kind: "counter" | "histogram" | "gauge";
  /** What it says, in a line. */
  help: string;
  /** Each label with the values it can have; null where the playbook names them. Any other value counts as `other`. */
  labels: Readonly<Record<string, readonly string[] | null>>;
  /** Of a histogram, in seconds: how long at most. */
  buckets?: readonly number[];
}

/** Each way to be refused; a new one does not compile until it stands here. */
const REASONS = Object.keys({
  not_set_up: 0,
  unknown_source: 0,
  through_worker: 0,
  wrong_token: 0,
  wrong_method: 0,
  wrong_content_type: 0,
  too_large: 0,
  bad_body: 0,
  placeholders: 0,
  not_a_press: 0,
  unknown_address: 0,
  unknown_action: 0,
  bad_params: 0,
  cannot_run: 0,
  cannot_approve: 0,
  storage_silent: 0,
} satisfies Record<Refusal["why"], 0>);

/** The kinds of drift: see drift.ts. */
export const DRIFTS = ["event_type", "field", "source", "custom_body"] as const;

/** Added up by all isolates, and kept in D1. */
export const COUNTED = {
  pushes: {
    kind: "counter",
    help: "Pushes that were answered with a receipt, by event type and result.",
    labels: { type: [...EVENT_TYPES, "other"], result: ["accepted", "duplicate", "stale"] },
  },
  refusals: {
    kind: "counter",
    help: "Pushes that were refused, by reason.",
    labels: { reason: REASONS },
  },
  answer_seconds: {
    kind: "histogram",
    help: "From the arrival of a push with the right token to its answer.",
    labels: {},
    // The sender waits for one second by one edition of its documents; our own deadline is 0.7.
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.7, 1, 2.5],
  },
  runs: {
    kind: "counter",
    help: "Runs that came to their end, by action and final state.",
    labels: { action: null, state: EndState.options },
  },
  queue_age_seconds: {
    kind: "histogram",
    help: "How old a run's message was when it reached the consumer.",
    labels: {},
    buckets: [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  },
  drift: {
    kind: "counter",
    help: "What pushes showed that no document of the vendor names, by kind.",
    labels: { kind: DRIFTS },
  },
  unlisted_sources: {
    kind: "counter",
    help: "Pushes with the right token from an address that is not listed, refused or let in.",
    labels: {},
  },
} as const satisfies Record<string, Metric>;

/** Looked up when they are asked for. */
export const GAUGES = {
  quarantine_entries: { kind: "gauge", help: "What is kept in the quarantine.", labels: {} },
  open_incidents: {
    kind: "gauge",
    help: "Incidents that are not closed, by progress.",
    labels: { progress: ["Triggered", "Processing"] },
  },
  open_runs: {
    kind: "gauge",
    help: "Runs that have not ended, by state.",
    labels: { state: ["awaiting_approval", "planned", "dispatched", "running", "waiting"] },
  },
  breaker_open: { kind: "gauge", help: "1 where the action's breaker is open.", labels: { action: null } },
  stopped: {
    kind: "gauge",
    help: '1 where the action is stopped; "*" stands for everything.',
    labels: { action: null },
  },
  scrape_errors: {
    kind: "gauge",
    help: "1 where a source did not answer, so that its metrics are left out.",
    labels: { source: ["tallies", "quarantine", "index", "guard"] },
  },
} as const satisfies Record<string, Metric>;

type Counted = typeof COUNTED;
type Named<Kind> = { [Name in keyof Counted]: Counted[Name]["kind"] extends Kind ? Name : never }[keyof Counted];
export type CounterName = Named<"counter">;
export type HistogramName = Named<"histogram">;
export type LabelsOf<Name extends CounterName> = Readonly<Record<keyof Counted[Name]["labels"], string>>;

/**
 * Counts by key: the metric's name and the values of its labels, in the table's order, with `|` between: `pushes|i_new|stale`.
 * A histogram has `answer_seconds|0.05` (what took longer than the bucket before, and at most so long), `answer_seconds|+Inf`,
 * and `answer_seconds|sum_ms`. All are whole numbers, so that adding them up in any order gives the same.
 */
export type Counts = Readonly<Record<string, number>>;

/** The key under which one of these is counted. */
export function counterKey<Name extends CounterName>(name: Name, labels: LabelsOf<Name>): string {
  const given: Readonly<Record<string, string>> = labels;
  const allowed: Metric["labels"] = COUNTED[name].labels;
  const values = Object.entries(allowed).map(([label, values]) => bounded(given[label] ?? "", values));
  return [name, ...values].join("|");
}

/** What comes from outside must not make series without end. */
function bounded(value: string, values: readonly string[] | null): string {
  if (values !== null) return values.includes(value) ? value : "other";
  return /^[\w-]{1,64}$/.test(value) ? value : "other";
}

/** What one observation adds. */
export function observed(name: HistogramName, seconds: number): Counts {
  const sound = Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
  const bucket = COUNTED[name].buckets.find((most) => sound <= most) ?? "+Inf";
  return { [`${name}|${bucket}`]: 1, [`${name}|sum_ms`]: Math.round(sound * 1_000) };
}

/** A counter's counts, added up by one of its labels. */
export function sumBy<Name extends CounterName>(
  counts: Counts,
  name: Name,
  label: keyof LabelsOf<Name>,
): Record<string, number> {
  const place = 1 + Object.keys(COUNTED[name].labels).indexOf(String(label));
  const sums: Record<string, number> = {};
  for (const [key, count] of Object.entries(counts)) {
    const parts = key.split("|");
    const value = parts[place];
    if (parts[0] === name && value !== undefined) sums[value] = (sums[value] ?? 0) + count;
  }
  return sums;
}

/** A histogram's buckets, the last without an end: how many fell into each alone. */
export function bucketsOf(counts: Counts, name: HistogramName): { most: number; count: number }[] {
  const buckets = [...COUNTED[name].buckets, Infinity];
  return buckets.map((most) => ({ most, count: counts[`${name}|${most === Infinity ? "+Inf" : most}`] ?? 0 }));
}
