// Bodies that no sender should send: values of any kind in every field that is known, fields that nobody knows, and
// the documented examples with bytes flipped, inserted, deleted and cut off.
import * as fc from "fast-check";
import { documented, eventBody, pressBody } from "./push.ts";

/** Objects are bounded, or a run of thousands would measure storage: the ids of these, and whatever a mutation makes of them. */
const INCIDENTS = 40;
const EVENTS = 400;

const incident_id = fc.nat(INCIDENTS - 1).map((n) => `fuzzed-${n}`);
const event_id = fc.nat(EVENTS - 1).map((n) => `event-${n}`);

/** Keys that mean something to JavaScript, and others. */
const key = fc.oneof(
  fc.constantFrom(
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "then",
    "toJSON",
    "length",
    "",
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
);

/** Texts, with lone surrogates, control characters and placeholders of others among them. */
const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.array(fc.integer({ min: 0xd7f0, max: 0xe010 }), { maxLength: 6 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    "\u0000",
    "{{ $value }}",
    "${jndi:x}",
    "'; DROP TABLE events; --",
    "\u202e",
    "=cmd|'/c calc'!A0",
    "Closed",
    "Triggered",
  ),
);

const number = fc.oneof(
  fc.integer(),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, -1, 1e308, 2 ** 53, 2 ** 63, -(2 ** 63), 1_700_208_013_988, 4e12),
);

/** Any JSON. `fromEntries` makes own properties of any key, `__proto__` too. */
const { any } = fc.letrec<{ any: unknown; map: unknown; list: unknown }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    number,
    text,
    tie("list"),
    tie("map"),
  ),
  list: fc.array(tie("any"), { maxLength: 4 }),
  map: fc.array(fc.tuple(key, tie("any")), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
}));

/** Lists or maps in each other, hundreds deep. */
const deep = fc.tuple(fc.integer({ min: 10, max: 900 }), fc.boolean()).map(([depth, isList]) => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = isList ? [value] : { deep: value };
  return value;
});

const labels = fc.array(fc.tuple(key, text), { maxLength: 5 }).map((entries) => Object.fromEntries(entries));
const person = fc.record({ person_id: fc.oneof(number, text), person_name: text, email: text }, { requiredKeys: [] });
const anything = fc.oneof({ weight: 8, arbitrary: any }, { weight: 1, arbitrary: deep });

/** Mostly what the field should hold, sometimes anything. */
const mostly = <T>(sound: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 120, arbitrary: sound }, { weight: 1, arbitrary: anything });

const alert = fc.record(
  Object.fromEntries(
    Object.keys(documented.incident.alerts[0] ?? {}).map((field) => [field, mostly(soundValue(field))]),
  ),
  { requiredKeys: [] },
);

function soundValue(field: string): fc.Arbitrary<unknown> {
  const missing = fc.constant(null);
  if (field === "labels") return fc.oneof(labels, missing);
  if (field === "alerts") return fc.oneof(fc.array(alert, { maxLength: 2 }), missing);
  if (field === "responders") return fc.oneof(fc.array(person, { maxLength: 2 }), missing);
  if (field === "creator" || field === "closer") return fc.oneof(person, missing);
  if (field === "fields") return fc.oneof(fc.dictionary(key, any, { maxKeys: 4 }), missing);
  return /(_at|_time|_before|_cnt)$/.test(field) ? fc.oneof(number, missing) : fc.oneof(text, missing);
}

const known = Object.keys({ ...documented.incident, closer: null }).filter((field) => !field.endsWith("t_id"));
const incident = fc
  .tuple(
    fc.record({ incident_id: mostly(incident_id) }, { requiredKeys: ["incident_id"] }),
    fc.record(Object.fromEntries(known.map((field) => [field, mostly(soundValue(field))])), { requiredKeys: [] }),
    fc.option(fc.record({ event_id: mostly(event_id) }), { nil: {} }),
    fc.array(fc.tuple(key, anything), { maxLength: 2 }),
  )
  .map(([id, fields, event, extra]) => ({ ...fields, ...Object.fromEntries(extra), ...event, ...id }));

/** Types, among them the one that an action's address takes. */
const event_type = fc.oneof(
  { weight: 3, arbitrary: fc.constant("i_custom") },
  {
    weight: 2,
    arbitrary: fc.constantFrom("i_new", "i_ack", "i_rslv", "i_reopen", "i_a_rspd", "constructor", "__proto__"),
  },
);
const event_time = fc.oneof(fc.integer({ min: 1_700_000_000_000, max: 1_700_000_000_400 }), number, fc.constant(null));

/** A push by the schema, with anything at any place, as JSON. */
export const pushLike: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.record(
      {
        event_type: mostly(event_type),
        event_time: mostly(event_time),
        incident: mostly(incident),
        person: mostly(person),
        event_id: mostly(event_id),
      },
      { requiredKeys: ["event_type", "incident"] },
    ),
    fc.array(fc.tuple(key, anything), { maxLength: 2 }),
  )
  .map(([body, extra]) => new TextEncoder().encode(JSON.stringify({ ...Object.fromEntries(extra), ...body })));

/** `at`: where, in ten-thousandths of the body. */
type Edit = { kind: "flip" | "insert" | "delete" | "truncate" | "repeat"; at: number; byte: number; length: number };

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom("flip", "flip", "flip", "flip", "insert", "insert", "delete", "repeat", "truncate"),
  at: fc.nat(9_999),
  byte: fc.nat(255),
  length: fc.integer({ min: 1, max: 8 }),
});

const example = fc.tuple(fc.boolean(), incident_id, event_id).map(([isPress, incident_id, event_id]) => {
  const body = isPress
    ? pressBody(incident_id, { event_id })
    : eventBody(incident_id, { event_id, event_type: "i_custom" });
  return new TextEncoder().encode(JSON.stringify(body));
});

/** A documented example with noise. */
export const noisy: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    example,
    fc.oneof(
      edit.map((one) => [one]),
      fc.array(edit, { minLength: 1, maxLength: 4 }),
    ),
  )
  .map(([bytes, edits]) => Uint8Array.from(edits.reduce(edited, Array.from(bytes))));

function edited(bytes: number[], { kind, at, byte, length }: Edit): number[] {
  const index = Math.floor((at / 10_000) * bytes.length);
  switch (kind) {
    case "flip":
      return bytes.map((one, n) => (n === index ? one ^ (1 << (byte % 8)) : one));
    case "insert":
      return bytes.toSpliced(index, 0, byte);
    case "delete":
      return bytes.toSpliced(index, length);
    case "repeat":
      return bytes.toSpliced(index, 0, ...bytes.slice(index, index + length));
    case "truncate":
      return bytes.slice(0, index);
  }
}
