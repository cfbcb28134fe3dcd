// What is new about a push: nothing in what is documented, and what it is in everything else.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EVENT_TYPES } from "../../src/flashduty/event-type.ts";
import { driftOf } from "../../src/tally/finding.ts";
import { REMEDIES } from "../../src/tally/remedy.ts";
import { DRIFTS } from "../../src/tally/metric.ts";
import documented from "../simulator/fixtures/custom-action.json" with { type: "json" };
import info from "../simulator/fixtures/incident-info.json" with { type: "json" };

const { incident, person } = documented;
const SECRET = '{"header":"x","api_key":"(hidden)","Password":"(hidden)"}';
const fieldsIn = (body: unknown) => driftOf("i_new", JSON.stringify(body));

describe("nothing is new about", () => {
  it.each([
    ["the documented custom action", documented],
    ["an incident as the Open API shows it", { ...documented, incident: info.data }],
    [
      "labels and custom fields, which are the user's",
      { incident: { labels: { new: "x" }, fields: { new: { deep: 1 } } } },
    ],
    ["null for missing", { person: null, incident: { labels: null, alerts: null, responders: null, fields: null } }],
    ["what has another shape", { person: 3, incident: { alerts: "none", responders: [1, null, [[]]] } }],
    ["what is no object", []],
  ])("%s", (_, body) => {
    expect(fieldsIn(body)).toEqual([]);
  });

  it.each(EVENT_TYPES)("the type %s", (type) => {
    expect(driftOf(type, "{}")).toEqual([]);
  });
});

describe("is new", () => {
  it("a type", () => {
    expect(driftOf("i_sing", "{}")).toEqual([{ kind: "event_type", what: "i_sing", example: '"i_sing"' }]);
  });

  it.each([
    ["at the top", { ...documented, trace: 1 }, "trace", "1"],
    ["of the incident", { incident: { ...incident, mood: null } }, "incident.mood", "null"],
    ["of the person", { person: { ...person, phone: "1" } }, "person.phone", '"1"'],
    ["of one alert", { incident: { alerts: [{}, { mood: { a: 1 } }] } }, "incident.alerts[].mood", '{"a":1}'],
    ["that holds a secret", { auth: { header: "x", api_key: "y", Password: ["z"] } }, "auth", SECRET],
    ["that is a secret", { incident: { access_token: "x" } }, "incident.access_token", '"(hidden)"'],
    ["named like what every object has", JSON.parse('{"incident":{"constructor":1}}'), "incident.constructor", "1"],
    ["named __proto__", '{"incident":{"__proto__":{"labels":1}}}', "incident.__proto__", '{"labels":1}'],
  ] as [string, unknown, string, string][])("a field %s", (_, body, what, example) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    expect(driftOf("i_new", text)).toEqual([{ kind: "field", what, example }]);
  });

  it("a field of many alerts, once", () => {
    expect(fieldsIn({ incident: { alerts: Array.from({ length: 9 }, () => ({ mood: 1 })) } })).toHaveLength(1);
  });

  it("a large id, told exactly", () => {
    expect(driftOf("i_new", '{"team_id":9007199254740993}')).toEqual([
      { kind: "field", what: "team_id", example: '"9007199254740993"' },
    ]);
  });

  it("only so much of a push, and only so much of each, whatever it holds", () => {
    fc.assert(
      fc.property(fc.string(), fc.json({ maxDepth: 6 }), (type, text) => {
        const found = driftOf(
          type,
          `{"incident":{"alerts":[${text}],"x${"y".repeat(500)}":"${"😀".repeat(300)}"},"more":${text}}`,
        );
        expect(found.length).toBeLessThanOrEqual(20);
        for (const { what, example } of found) {
          expect([what.length <= 100, example.length <= 200]).toEqual([true, true]);
          expect([what.isWellFormed(), example.isWellFormed()]).toEqual([true, true]);
        }
      }),
    );
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`new${n}`, n]));
    expect(driftOf("i_sing", JSON.stringify({ ...many, incident: many }))).toHaveLength(20);
  });

  it("nothing in what cannot be read", () => {
    expect(driftOf("i_new", "{")).toEqual([]);
  });
});

describe("what to do", () => {
  it.each(DRIFTS)("about %s is said in both languages", (kind) => {
    for (const text of Object.values(REMEDIES[kind])) expect(text.length).toBeGreaterThan(20);
  });
});
