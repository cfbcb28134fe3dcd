// The fields that count as known are those of the vendor's documents, where these are at hand.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { driftOf } from "../../src/tally/finding.ts";
import { description } from "../simulator/contract-file.ts";
import { actionBody, incidentBody, someone } from "../simulator/push-body.ts";

const folder = new URL("../../../shared/flashduty/", import.meta.url);
const pages = existsSync(folder) ? readdirSync(folder).filter((name) => /^00[0-2].*\.txt$/.test(name)) : [];

const Described = z.object({
  components: z.object({
    schemas: z.record(z.string(), z.object({ properties: z.record(z.string(), z.unknown()).default({}) })),
  }),
});

const isKnown = (body: object) => driftOf("i_new", JSON.stringify(body)).length === 0;

/** Where a field that a table names may stand. */
const PLACES: readonly ((one: object) => object)[] = [
  (one) => one,
  (one) => ({ person: one }),
  (one) => ({ incident: one }),
  (one) => ({ incident: { responders: [one] } }),
  (one) => ({ incident: { alerts: [one] } }),
];

describe.skipIf(pages.length === 0)("every field that the tables of the vendor's documents name", () => {
  it("is known", () => {
    const rows = pages.flatMap((name) => readFileSync(new URL(name, folder), "utf8").replaceAll("\\", "").split("\n"));
    // The first cell of `| event_time | int64 | …`; one table lacks the name of `email`, others list types of events.
    const cells = rows.map((row) => /^\s*\|?\s*([a-z]+(?:_[a-z]+)*)\s*\|.*\|/.exec(row)?.[1] ?? "");
    const fields = Array.from(new Set(cells.filter((name) => name !== "" && !/^i_|^string$/.test(name))));
    expect(fields.length).toBeGreaterThan(40);
    expect(fields.filter((name) => !PLACES.some((place) => isKnown(place({ [name]: 1 }))))).toEqual([]);
  });
});

describe.skipIf(description() === null)("every field that the Open API describes", () => {
  it.each([
    ["of an incident", "IncidentInfo", (one: object) => ({ incident: one })],
    ["of an alert", "AlertInfo", (one: object) => ({ incident: { alerts: [one] } })],
    ["of an alert's event", "AlertEventItem", (one: object) => ({ incident: { alerts: [{ events: [one] }] } })],
    ["of an assignment", "AssignedTo", (one: object) => ({ incident: { assigned_to: one } })],
    ["of a responder", "Responder", (one: object) => ({ incident: { responders: [one] } })],
    ["of a person", "PersonShort", (one: object) => ({ incident: { owner: one } })],
  ])("%s is known", (_, name, place) => {
    const { properties } = Described.parse(description()).components.schemas[name] ?? { properties: {} };
    expect(Object.keys(properties).length).toBeGreaterThan(2);
    expect(isKnown(place(Object.fromEntries(Object.keys(properties).map((field) => [field, 1]))))).toBe(true);
  });
});

describe("every field that the simulator's bodies have is known:", () => {
  const closed = { incident: 1, event_type: "i_rslv", at_ms: 1, closer: someone, creator: someone };
  const responders = [{ ...someone, assigned_at: 1, acknowledged_at: 0 }];
  it.each([
    ["of an event", incidentBody(closed)],
    ["of a press", actionBody({ incident: 1, at_ms: 1, responders })],
  ])("%s", (_, body) => {
    expect(isKnown(body)).toBe(true);
  });
});
