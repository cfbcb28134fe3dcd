import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEEPEST, hasPlaceholder, isTooDeep, parseJson } from "../../src/flashduty/json.ts";

const MEGABYTE = 1_048_576;

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
    ['{"event_id":9007199254740993}', { event_id: 9_007_199_254_740_992 }],
    ['{"incident_id":9007199254740993}', { incident_id: 9_007_199_254_740_992 }],
    ['{"alert_id":9007199254740993}', { alert_id: 9_007_199_254_740_992 }],
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

const NUMBERS = ["1e999", "-1e999", "1E+400", "1e0999", "0.1e9999", "9".repeat(400), `-${"9".repeat(310)}.5`];

describe("a number beyond all doubles", () => {
  it.each(NUMBERS)("(%#) is null, wherever it stands", (digits) => {
    expect(parseJson(digits)).toBeNull();
    expect(parseJson(`{"a":[${digits},1],"any_id":${digits}}`)).toEqual({ a: [null, 1], any_id: null });
  });

  it.each(["1e-999", "1e308", "-1.7976931348623157e308", "1e+99"])("%s is not one", (digits) => {
    expect(parseJson(digits)).toBe(Number(digits));
  });

  it("leaves no number that is not finite, for any number of JSON", () => {
    const digits = fc.stringMatching(/^-?[1-9]\d{0,320}(\.\d{1,5})?([eE][+-]?\d{1,5})?$/);
    const property = fc.property(digits, (digits) => {
      const number = Number(digits);
      expect(parseJson(digits)).toBe(Number.isFinite(number) ? number : null);
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});

const lists = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const objects = (depth: number) => '{"a":'.repeat(depth) + "1" + "}".repeat(depth);

/** How often braces and brackets stand within each other, counted on the value. */
function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** What would mislead who counts on the text: brackets, quotes and backslashes in texts and names. */
const misleading = fc.oneof(
  fc.string({ unit: fc.constantFrom("[", "]", "{", "}", '"', "\\", ",", "a", "\n") }),
  fc.string({ unit: "binary" }),
);
const anyJson = fc.jsonValue({ maxDepth: 4, stringUnit: "binary" });
/** Values nested about as deep as is taken. */
const nested = fc
  .tuple(fc.oneof(anyJson, misleading), fc.array(misleading, { minLength: 95, maxLength: 102 }))
  .map(([inner, names]) =>
    names.reduce<unknown>((value, name, at) => (at % 2 === 0 ? { [`_${name}`]: value } : [name, value, name]), inner),
  );

describe("nesting", () => {
  it.each([lists, objects])("is taken 100 deep, and not 101 deep", (deep) => {
    expect(DEEPEST).toBe(100);
    expect([isTooDeep(deep(100)), isTooDeep(deep(101))]).toEqual([false, true]);
  });

  it.each([
    ["one after the other", `[${"[],".repeat(1_000)}[]]`],
    ["in a text", JSON.stringify("[{".repeat(1_000))],
    ["in a text after a quote", JSON.stringify(`"${"[{".repeat(1_000)}`)],
    ["in a text after a backslash", JSON.stringify(["\\", "[{".repeat(1_000), "\\"])],
    ["in a text after a backslash and a quote", JSON.stringify(`\\"${"[{".repeat(1_000)}`)],
    ["in a text after line breaks that JSON allows", JSON.stringify(`\u2028\u2029${"[{".repeat(1_000)}`)],
    ["in a name", JSON.stringify({ ["[{".repeat(1_000)]: 1 })],
  ])("is not what brackets %s are", (_, text) => {
    expect(isTooDeep(text)).toBe(false);
  });

  it("is not closed by brackets in a text", () => {
    expect(isTooDeep('["]}",'.repeat(101) + "1" + "]".repeat(101))).toBe(true);
  });

  it("is counted as on the value, however it is written", () => {
    const property = fc.property(fc.oneof(nested, anyJson), fc.constantFrom(0, 1, "\t"), (value, indent) => {
      expect(isTooDeep(JSON.stringify(value, null, indent))).toBe(depthOf(value) > 100);
    });
    fc.assert(property, { numRuns: 1_000 });
    const depths = fc.sample(nested, { numRuns: 1_000, seed: 7 }).map((value) => depthOf(value) > 100);
    expect(new Set(depths)).toEqual(new Set([true, false]));
  });

  it.each([
    ["quotes", '"'.repeat(MEGABYTE)],
    ["a text", `"${"a".repeat(MEGABYTE)}"`],
    ["a text of quotes", `"${'\\"'.repeat(MEGABYTE / 2)}"`],
    ["a text of backslashes", `"${"\\\\".repeat(MEGABYTE / 2)}"`],
    ["a text that does not end", `"${"a".repeat(MEGABYTE)}`],
    ["a text that does not end, of backslashes", `"${"\\".repeat(MEGABYTE)}`],
    ["backslashes", "\\".repeat(MEGABYTE)],
    ["escaped quotes", '\\"'.repeat(MEGABYTE / 2)],
  ])("is counted at once, not for ever, in a megabyte of %s", (_, text) => {
    expect(isTooDeep(text)).toBe(false);
  });
});

describe("an unfilled placeholder", () => {
  it.each([
    '{"a":"{{x}}"}',
    '{"a":"{{host-name}}"}',
    '{"a":"{{ labels.host-name }}"}',
    '{"a":"is {{incident.labels.host-name}} down?"}',
    '{"a":"{{person.x-1}}, {{event_type-}}"}',
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
    '{"a":"{{ -x }}"}',
    '{"a":"{{ host-name }} and more"}',
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
    expect(hasPlaceholder(text.repeat(MEGABYTE / text.length))).toBe(false);
  });
});
