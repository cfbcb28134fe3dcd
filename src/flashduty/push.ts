// What Flashduty sends: the shape of a push, from the tables and examples of its documents on the
// incident webhook and the custom action. The sender is written in Go: an empty value may be null or missing.
// Refused is only what cannot be told apart or ordered; everything else is read with patience.
import * as z from "zod";
import { type Fault, faultsOf } from "../fault.ts";
import { excess, hasPlaceholder, MOST, parseJson } from "./json.ts";

z.config({ jitless: true }); // workerd has no eval; without this every schema would try it first

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const number = z
  .number()
  .nullish()
  .transform((value) => value ?? 0);

/** A 64-bit id. Kept as text: a number of JavaScript holds only 53 bits. "" where the push has none. */
const id = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => (value === null || value === undefined ? "" : String(value)));

/** A map of Go; entries without a value are left out. */
const labels = z
  .record(z.string(), z.string().nullable())
  .nullish()
  .transform((map) => Object.fromEntries(Object.entries(map ?? {}).filter((entry) => entry[1] !== null)))
  .pipe(z.record(z.string(), z.string()));

const fields = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((map) => map ?? {});

const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((list) => list ?? []);

/** An id that this project builds keys and addresses of: visible ASCII, no braces (an unfilled placeholder), no dot segment. */
const key = (maximum: number, excluded: string) =>
  z.string().regex(new RegExp(`^(?!\\.{1,2}$)(?!.*[{}${excluded}])[!-~]{1,${maximum}}$`), {
    error: `must be 1 to ${maximum} visible ASCII characters without braces${excluded && ` or "${excluded}"`}`,
  });

/** Of a person; nobody is 0 in Go. */
const person_id = id.transform((value) => (value === "0" ? "" : value));

const Person = z.looseObject({ person_id, person_name: text, email: text });

const Responder = z.looseObject({ ...Person.shape, assigned_at: number, acknowledged_at: number });

const Alert = z.looseObject({
  alert_id: text,
  data_source_id: id,
  title: text,
  description: text,
  alert_key: text,
  alert_severity: text,
  alert_status: text,
  progress: text,
  created_at: number,
  updated_at: number,
  start_time: number,
  last_time: number,
  end_time: number,
  close_time: number,
  labels,
});

const Incident = z.looseObject({
  // Stands before the ":" of a run_id, and names the object: see domain/event.ts.
  incident_id: key(128, ":"),
  title: text,
  description: text,
  impact: text,
  root_cause: text,
  resolution: text,
  incident_severity: text,
  incident_status: text,
  progress: text,
  created_at: number,
  updated_at: number,
  start_time: number,
  last_time: number,
  end_time: number,
  ack_time: number,
  close_time: number,
  snoozed_before: number,
  labels,
  fields,
  creator: Person.nullish(),
  closer: Person.nullish(),
  responders: listOf(Responder),
  alerts: listOf(Alert),
  alert_cnt: number,
  channel_id: id,
  channel_name: text,
  detail_url: text,
  group_method: text,
});

/** An empty one is none, as the sender's language has it. */
const event_id = z
  .string()
  .nullish()
  .transform((value) => value || null)
  .pipe(key(200, "").nullable());

/** Milliseconds. A number that no clock means (0 is Go's "unset") is as good as none: arrival then orders the event. */
const event_time = z
  .number()
  .nullish()
  .transform((value) => (value === null || value === undefined ? null : Math.trunc(value)))
  .transform((value) => (value !== null && value > 0 && Number.isSafeInteger(value) ? value : null));

/** The wire's shape: `event_id` at the top (the field tables), or inside `incident` (the documented custom action). */
const Wire = z
  .looseObject({
    event_id,
    event_type: key(64, ""),
    event_time,
    person: Person.nullish(),
    incident: z.looseObject({ ...Incident.shape, event_id }),
  })
  .refine((wire) => (wire.event_id ?? wire.incident.event_id ?? wire.event_time) !== null, {
    path: ["event_id"],
    error: "is missing, and so is event_time: the event cannot be told from others",
  });

/** A person, as far as the push tells; `email` may be "". */
export type Person = z.output<typeof Person>;
/** An alert of an incident: only custom actions carry them. */
export type Alert = z.output<typeof Alert>;
/** The whole incident as the push shows it. Times in seconds, 0 where unset; missing texts are "", lists and maps empty. */
export type Incident = z.output<typeof Incident>;

/** What a push says, read. */
export interface Push {
  event_id: string;
  /** The push carried no `event_id`; this one was derived from type, time and person. */
  event_id_derived: boolean;
  /** One of the documented types (`i_new` …), or one added since. */
  event_type: string;
  /** Milliseconds, by the sender's clock; null where the push has none. */
  event_time: number | null;
  /** Who did it; null where nobody did. */
  person: Person | null;
  incident: Incident;
}

/** What can be wrong with a body: its form, or that it is a custom one with unfilled placeholders. */
export type PushFault = { why: "bad_body"; faults: Fault[] } | { why: "placeholders" };

const TOO_MUCH = {
  deep: `is nested deeper than ${MOST.deep} times`,
  lists_and_maps: `holds more than ${MOST.lists_and_maps} lists and maps`,
  values: `holds more than ${MOST.values} values`,
};

/** Reads the text of a push's body. Never throws. */
export function parsePush(body: string): { ok: true; push: Push } | { ok: false; fault: PushFault } {
  const too_much = excess(body);
  if (too_much !== null)
    return { ok: false, fault: { why: "bad_body", faults: [{ path: "", message: TOO_MUCH[too_much] }] } };
  const json = parseJson(body);
  if (json === undefined)
    return { ok: false, fault: { why: "bad_body", faults: [{ path: "", message: "is not JSON" }] } };
  if (hasPlaceholder(body)) return { ok: false, fault: { why: "placeholders" } };
  const wire = Wire.safeParse(json);
  if (!wire.success) return { ok: false, fault: { why: "bad_body", faults: faultsOf(wire.error) } };
  return { ok: true, push: read(wire.data) };
}

function read(wire: z.output<typeof Wire>): Push {
  const { event_time, event_type, incident } = wire;
  const person = wire.person ?? null;
  const given = wire.event_id ?? incident.event_id;
  const who = /^\d{1,20}$/.test(person?.person_id ?? "") ? person?.person_id : "nobody";
  return {
    event_id: given ?? `derived-${event_type}-${event_time}-${who}`,
    event_id_derived: given === null,
    event_type,
    event_time,
    person,
    incident,
  };
}
