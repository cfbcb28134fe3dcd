// What tests are made of by chance: addresses, pushes, histories of an incident.
import * as fc from "fast-check";
import type { Address } from "../../src/domain/event.ts";

const VISIBLE = Array.from({ length: 0x7e - 0x20 }, (_, index) => String.fromCodePoint(0x21 + index));

/** A text of visible ASCII, without braces and what else is excluded, and no dot segment. */
export function visible(excluded: string, max: number): fc.Arbitrary<string> {
  const units = VISIBLE.filter((unit) => !`{}${excluded}`.includes(unit));
  return fc
    .string({ unit: fc.constantFrom(...units), minLength: 1, maxLength: max })
    .filter((text) => text !== "." && text !== "..");
}

export const incidentId = visible(":", 128);
export const eventId = visible("", 200);

/** Texts that no template system wrote, and no prototype: what a label or title holds. */
export const words = fc.string({ unit: "grapheme", maxLength: 30 }).filter((text) => !text.includes("{{"));
export const labels = fc.dictionary(
  words.filter((key) => key !== "__proto__"),
  words,
  { maxKeys: 6 },
);

/** A valid push: the ids as any sender may write them, `null` and missing where Go writes them. */
export const push = fc.record(
  {
    event_id: eventId,
    event_type: visible("", 64),
    event_time: fc.option(fc.integer({ min: 0, max: 4_102_444_800_000 })),
    person: fc.option(fc.record({ person_id: fc.nat(), person_name: words, email: words })),
    incident: fc.record(
      { incident_id: incidentId, title: fc.option(words), labels: fc.option(labels), fields: fc.option(labels) },
      { requiredKeys: ["incident_id"] },
    ),
  },
  { requiredKeys: ["event_id", "event_type", "incident"] },
);

/** One event of a history, before it is sent anywhere. */
export interface Happened {
  event_id: string;
  event_type: string;
  event_time: number | null;
}

/** One push of it: which event, to which address, and how long after the push before. */
export interface Delivery {
  event: Happened;
  address: Address;
  after_ms: number;
}

export const START = 1_700_000_000_000;

/** Event times that collide, are missing or claim the future; `believable` ones are distinct and past. */
const anyTime = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: START - 20, max: START + 20 }) },
  { weight: 2, arbitrary: fc.integer({ min: START - 86_400_000, max: START + 600_000 }) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const believable = fc.integer({ min: START - 86_400_000, max: START });

function eventsWith(times: fc.Arbitrary<(number | null)[]>): fc.Arbitrary<Happened[]> {
  const type = fc.constantFrom("i_new", "i_ack", "i_custom", "i_reopen", "i_rslv", "i_not_known_yet");
  return times.chain((all) =>
    fc
      .array(type, { minLength: all.length, maxLength: all.length })
      .map((types) => types.map((event_type, at) => ({ event_id: `e${at}`, event_type, event_time: all[at] ?? null }))),
  );
}

/** Types of events that reach action's addresses: presses, and one that a rule may name as well; who takes an event does not mind. */
const ANYWHERE = new Set(["i_custom", "i_reopen"]);

/** A press reaches the incident's address, an action's, or both; most other events the incident's only. */
function deliveryOf(event: Happened, addresses: readonly Address[]): fc.Arbitrary<Delivery> {
  const address = ANYWHERE.has(event.event_type) ? fc.constantFrom(...addresses) : fc.constant(addresses[0]);
  const after_ms = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 120_000 }));
  return fc.record({ address, after_ms }).map(({ address, after_ms }) => ({
    event,
    address: address ?? "incident",
    after_ms,
  }));
}

function historyOf(events: fc.Arbitrary<Happened[]>, addresses: readonly Address[]): fc.Arbitrary<Delivery[]> {
  return events
    .chain((all) => {
      const each = all.map((event) => fc.array(deliveryOf(event, addresses), { minLength: 1, maxLength: 4 }));
      return fc.tuple(...each).map((deliveries) => deliveries.flat());
    })
    .chain((all) => fc.shuffledSubarray(all, { minLength: all.length }));
}

/** Every event at least once, in any order, with repetitions, over all addresses; the first one is the incident's. */
export function history(addresses: readonly [Address, ...Address[]]): fc.Arbitrary<Delivery[]> {
  return historyOf(eventsWith(fc.array(anyTime, { minLength: 1, maxLength: 8 })), addresses);
}

/** The same of events whose times are distinct and to be believed. */
export function plainHistory(addresses: readonly [Address, ...Address[]]): fc.Arbitrary<Delivery[]> {
  return historyOf(eventsWith(fc.uniqueArray(believable, { minLength: 1, maxLength: 8 })), addresses);
}
