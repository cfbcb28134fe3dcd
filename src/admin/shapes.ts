// What the admin API answers with. Times are in milliseconds, by the receiver's clock unless said otherwise.
import * as z from "zod";
import { Run } from "../domain/run.ts";
import { QuarantineEntry, QuarantineItem } from "../receive/quarantine.ts";
import { DRIFTS } from "../tally/metric.ts";

/** A page of a list; `next_cursor` asks for the next one, and is null on the last. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() });
export interface Listed<Item> {
  items: Item[];
  next_cursor: string | null;
}

/** A page of `rows`, of which one more than `limit` was asked for: whether there is a next page. */
export function paged<Row>(rows: readonly Row[], limit: number, cursorOf: (last: Row) => string): Listed<Row> {
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items, next_cursor: last === undefined ? null : cursorOf(last) };
}

/** An incident in a list, as the index has it: some seconds behind. */
export const IncidentItem = z.object({
  incident_id: z.string(),
  /** The short number that Flashduty shows to people; "" where the push had none. */
  number: z.string(),
  title: z.string(),
  /** Triggered, Processing, Closed; or what Flashduty says instead. */
  progress: z.string(),
  /** Critical, Warning, Info; or what Flashduty says instead. */
  severity: z.string(),
  channel_name: z.string(),
  /** Flashduty's own page of the incident; "" where the push had none. */
  detail_url: z.string(),
  /** When its first and its last event arrived. */
  opened_at: z.number(),
  last_event_at: z.number(),
  events: z.int(),
  runs: z.int(),
});
export type IncidentItem = z.output<typeof IncidentItem>;
export const IncidentList = pageOf(IncidentItem);

/** A run in a list, as the index has it: some seconds behind. */
export const RunItem = Run.pick({
  incident_id: true,
  event_id: true,
  action: true,
  by: true,
  asked_by: true,
  key: true,
  state: true,
  reason: true,
  planned_at: true,
  started_at: true,
  ended_at: true,
}).extend({ run_id: z.string() });
export type RunItem = z.output<typeof RunItem>;
export const RunList = pageOf(RunItem);

export const RunView = Run.extend({ run_id: z.string() });
export type RunView = z.output<typeof RunView>;

/** An event of an incident. */
export const EventItem = z.object({
  event_id: z.string(),
  event_type: z.string(),
  /** By the sender's clock; null where the push had none. */
  event_time: z.number().nullable(),
  received_at: z.number(),
  /** Counts the incident's events as they arrived, from 1. */
  arrival: z.int(),
  /** `incident` or `action/<name>`. */
  address: z.string(),
  progress: z.string(),
  /** Its time was not believed, and it is ordered by its arrival. */
  claims_future: z.boolean(),
  /** Who replayed it from the quarantine; "" where it came by itself. */
  replayed_by: z.string(),
});

export const EventView = EventItem.extend({
  /** As received. */
  body: z.string(),
  /** As read; null where this release cannot read it. */
  push: z.record(z.string(), z.unknown()).nullable(),
});
export type EventView = z.output<typeof EventView>;

export const IncidentView = z.object({
  incident_id: z.string(),
  current_event_id: z.string(),
  /** As its current event shows it; null where this release cannot read that. */
  incident: z.record(z.string(), z.unknown()).nullable(),
  /** When its first event arrived. */
  opened_at: z.number(),
  /** How many there are besides the newest that are shown; of runs and reports, all that have not ended come first. */
  left_out: z.object({ events: z.int(), runs: z.int(), reports: z.int() }),
  /** In order of arrival. */
  events: z.array(EventItem.extend({ disposition: z.enum(["accepted", "stale"]) })),
  runs: z.array(RunView),
  /** What the incident was told about them. */
  reports: z.array(RunView),
});
export type IncidentView = z.output<typeof IncidentView>;

export { QuarantineEntry, QuarantineItem };
export const QuarantineList = pageOf(QuarantineItem);

/** What a replay would do now. */
export const Preview = z.discriminatedUnion("result", [
  z.object({
    result: z.literal("taken"),
    incident_id: z.string(),
    event_id: z.string(),
    event_type: z.string(),
    /** The incident has the event already, by whichever address: it would not be taken twice. */
    is_known: z.boolean(),
    /** What its receipt would say. */
    disposition: z.enum(["accepted", "duplicate", "stale"]),
    /** The runs it would call for. */
    runs: z.array(z.object({ action: z.string(), key: z.string(), by: z.string(), refused: z.string().nullable() })),
    /** It is the press of the button that approves. */
    approves: z.boolean(),
  }),
  /** It would be refused again. */
  z.object({ result: z.literal("refused"), why: z.string(), detail: z.string() }),
]);
export type Preview = z.output<typeof Preview>;

export const SwitchView = z.object({
  /** What is stopped; `action` null: everything. */
  stops: z.array(z.object({ action: z.string().nullable(), by: z.string(), reason: z.string(), at: z.number() })),
  open_breakers: z.array(z.object({ action: z.string(), opened_at: z.number(), reason: z.string() })),
  /** How it came to this, the newest first. */
  rulings: z.array(
    z.object({
      at: z.number(),
      what: z.enum(["stopped", "running", "breaker_opened", "breaker_closed"]),
      action: z.string().nullable(),
      by: z.string(),
      reason: z.string(),
    }),
  ),
});
export type SwitchView = z.output<typeof SwitchView>;

/** What the vendor, or a setting in its console, has changed. */
export const DriftItem = z.object({
  kind: z.enum(DRIFTS),
  /** The type, the field's path, the address. */
  what: z.string(),
  first_at: z.number(),
  last_at: z.number(),
  /** One that came with it: the field's value, in JSON and cut. */
  example: z.string(),
  /** Where that one can be looked at; "" where nowhere. */
  incident_id: z.string(),
  event_id: z.string(),
});
export type DriftItem = z.output<typeof DriftItem>;
export const DriftList = pageOf(DriftItem);

/** How many there are of each, without what is over. */
export const Open = z.object({
  incidents: z.array(z.object({ progress: z.string(), count: z.int() })),
  runs: z.array(z.object({ state: z.string(), count: z.int() })),
});
export type Open = z.output<typeof Open>;

/** An action of the playbook as things are set up now. */
export const ActionItem = z.object({
  action: z.string(),
  summary: z.string(),
  /** What carries it out; null where nothing can. */
  connector: z.string().nullable(),
  /** What is to be set, and how; "" where it is ready. */
  unable: z.string(),
  /** Everything is done but the call to its target. */
  dry_run: z.boolean(),
});
export type ActionItem = z.output<typeof ActionItem>;

/** What is set up, without the value of any setting that is secret. */
export const Setup = z.object({
  /** What is wrong with the settings, each with its remedy. */
  faults: z.array(z.string()),
  dry_run: z.boolean(),
  /** Whether incidents are told what was done. */
  writes_back: z.boolean(),
  source_check: z.enum(["enforce", "report"]),
  actions: z.array(ActionItem),
});
export type Setup = z.output<typeof Setup>;

/** Everything at a glance. A part is null where its source did not answer in time: the others are shown nevertheless. */
export const Overview = z.object({
  /** By the receiver's clock. */
  at: z.number(),
  /** Runs that wait for a person's consent, the newest first. */
  awaiting_approval: z.array(RunItem).nullable(),
  /** The newest runs that failed, or whose outcome is unknown. */
  ended_badly: z.array(RunItem).nullable(),
  open: Open.nullable(),
  /** The newest that are not closed. */
  open_incidents: z.array(IncidentItem).nullable(),
  newest_incidents: z.array(IncidentItem).nullable(),
  /** How many pushes are in the quarantine. */
  quarantined: z.int().nullable(),
  switch: SwitchView.nullable(),
  drift: z.array(DriftItem).nullable(),
  setup: Setup,
});
export type Overview = z.output<typeof Overview>;

export const Rebuilt = z.object({
  /** Incidents that were told to write themselves into the index anew. */
  incidents: z.int(),
  /** The ids of those that could not be told: to be tried again, for they are in no list. */
  failed: z.array(z.string()),
  /** What to go on with; null when all are done. */
  next_cursor: z.string().nullable(),
});
export type Rebuilt = z.output<typeof Rebuilt>;

export const Deleted = z.object({
  /** The id of what is gone. */
  deleted: z.string(),
});
export type Deleted = z.output<typeof Deleted>;

/** What is said instead of an answer (RFC 9457). */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  /** Where a query or a body is wrong: each fault with its path. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
