import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasPlaceholder, parseJson } from "../../src/flashduty/json.ts";

describe("reading JSON", () => {
  it.each(["", "{", "{'a':1}", "[1,]", "undefined", "NaN", "{}{}", "\u0000", "{{a}}"])("%j is none", (text) => {
    expect(parseJson(text)).toBeUndefined();
  });

  it("anything that is JSON is read as it is", () => {
    const property = fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(parseJson(text)).toEqual(JSON.parse(text));
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  it.each([
    ['{"person_id":9007199254740993}', { person_id: "9007199254740993" }],
    ['{"person_id":-9223372036854775808}', { person_id: "-9223372036854775808" }],
    ['{"a":[{"channel_id":18446744073709551615}]}', { a: [{ channel_id: "18446744073709551615" }] }],
    ['{"person_id":9007199254740991}', { person_id: Number.MAX_SAFE_INTEGER }],
    ['{"person_id":1552048792504}', { person_id: 1_552_048_792_504 }],
    ['{"person_id":"9007199254740993"}', { person_id: "9007199254740993" }],
    ['{"count":9007199254740993}', { count: 9_007_199_254_740_992 }],
    ['{"person_id":1234567890123456.5}', { person_id: 1_234_567_890_123_456.5 }],
    ["1234567890123456789", 1_234_567_890_123_456_800],
  ])("%s: ids are exact, and nothing else becomes a text", (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  it("any id of 64 bits keeps its digits", () => {
    const property = fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (id) => {
      const read = parseJson(`{"any_id":${id}}`);
      const is_safe = Number.isSafeInteger(Number(id));
      expect(read).toEqual({ any_id: is_safe ? Number(id) : String(id) });
    });
    fc.assert(property, { numRuns: 1_000 });
  });
});

describe("an unfilled placeholder", () => {
  it.each([
    '{"a":"{{x}}"}',
    '{"a":"{{ x }}"}',
    '{"a" : " {{ alert.name_2 }} "}',
    '["{{x}}"]',
    '{"a":"is {{incident}}"}',
    '{"a":"{{incident.labels.host}} is down"}',
    '{"a":"by {{ person.person_name }}"}',
    '{"a":{{event_time}}}',
    "{{event_id}}",
  ])("is in %s", (text) => {
    expect(hasPlaceholder(text)).toBe(true);
  });

  it.each([
    "{}",
    '{"a":{"b":{"c":{}}}}',
    '{"a":"{{ $value }}"}',
    '{"a":"{{ $labels.host }} is down"}',
    '{"a":"{{ .Labels.host }}"}',
    '{"a":"{{x}} and more"}',
    '{"a":"{{ events }} {{incidents}} {{persons}}"}',
    '{"a":"{ {incident} }"}',
    '{"a":"{{incident"}',
    '{"a":"{{}}"}',
    '{"a":"say \\"{{x}}\\" to them"}',
  ])("is not in %s", (text) => {
    expect(hasPlaceholder(text)).toBe(false);
  });

  it("is in no JSON without two braces in a row in one of its texts", () => {
    const property = fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!text.includes("{{"));
      expect(hasPlaceholder(text)).toBe(false);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it.each(['"', "{", "{{ ", '" '])("a megabyte of %j is looked through at once, not for ever", (text) => {
    expect(hasPlaceholder(text.repeat(1_048_576 / text.length))).toBe(false);
  });
});
