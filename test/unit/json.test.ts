import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { excess, hasPlaceholder, MOST, parseJson } from "../../src/flashduty/json.ts";

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

/** What JSON allows between any two of its signs. */
const blank = fc.string({ unit: fc.constantFrom(" ", "\t", "\n", "\r"), maxLength: 4 });
const id64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n });
const HUGE = "9".repeat(400);

/** JSON of an object that holds an id, numbers and texts, written with blanks anywhere. */
function written(id: bigint, text: string, blanks: readonly string[], order: number): string {
  const members = [
    ["any_id", String(id)],
    ["list", `[|${HUGE}|,|1|,|[|${HUGE}|]|]`],
    ["text", JSON.stringify(text)],
  ];
  const turned = [...members.slice(order), ...members.slice(0, order)];
  const json = `|[|{|${turned.map(([name, value]) => `"${name}"|:|${value}`).join("|,|")}|}|]|`;
  // Every other one is a place for blanks; texts hold none of these signs.
  return json.split("|").reduce((all, part, at) => all + (blanks[at % blanks.length] ?? "") + part);
}

describe("a number, wherever JSON lets it stand", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 20 }).filter((one) => !one.includes("|"));
  const blanks = fc.array(blank, { minLength: 1, maxLength: 7 });

  it("is exact where it is an id, and null where it is beyond all doubles", () => {
    const property = fc.property(id64, text, blanks, fc.nat(2), (id, text, blanks, order) => {
      const any_id = Number.isSafeInteger(Number(id)) ? Number(id) : String(id);
      expect(parseJson(written(id, text, blanks, order))).toEqual([{ any_id, list: [null, 1, [null]], text }]);
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it.each([
    ["after a colon", '{"any_id":9007199254740993}'],
    ["after a colon and blanks", '{"any_id" : \t\r\n 9007199254740993 }'],
    ["after a comma", '{"a":1,"any_id":9007199254740993}'],
    ["after a comma and a line break", '{\n  "a": 1,\n  "any_id": 9007199254740993\n}'],
    ["within a list", '[{"any_id":9007199254740993}]'],
    ["in a later part of a list", '[1,\n{"any_id":\n9007199254740993}]'],
    ["after a text that holds digits", '{"text":"1234567890123456","any_id":9007199254740993}'],
  ])("%s: the id is exact", (_, json) => {
    expect(JSON.stringify(parseJson(json))).toContain('"any_id":"9007199254740993"');
  });

  it.each([
    ["first in a list", "[1e999]", [null]],
    ["first in a list, after blanks", "[ \n\t1e999]", [null]],
    ["later in a list", "[1,-1e999]", [1, null]],
    ["later in a list, after blanks", "[1,\r\n -1e999]", [1, null]],
    ["in a list of a list", "[[1e+999]]", [[null]]],
    ["in an object", '{"a":-1.5E999}', { a: null }],
    ["in an object, after blanks", '{"a": \n1.5E+999}', { a: null }],
    ["alone, after blanks", " \n1e999 ", null],
  ])("%s: beyond all doubles, it is null", (_, json, value) => {
    expect(parseJson(json)).toEqual(value);
  });
});

/** What looks like a number, and is part of a text: ids in hexadecimal, digits, exponents, with signs before them. */
const looks = fc.oneof(
  fc.stringMatching(/^[0-9a-f]{24}$/),
  fc.stringMatching(/^\d{16,24}$/),
  fc.stringMatching(/^\d{1,3}[eE]\+?\d{3,20}$/),
  fc.stringMatching(/^[:,[] ?-?\d{16,24}$/),
  fc.stringMatching(/^"?[:,[]\n?-?\d[\d.]{0,5}e\d{3}$/),
);

describe("a text that looks like a number", () => {
  it("stays as it is, as value, in a list and as name, beside an id that stays exact", () => {
    const property = fc.property(looks, looks, id64, fc.boolean(), (one, other, id, has_id) => {
      const value = { incident_id: one, any_id: other, list: [one, other, ""], [`_${other}`]: one };
      const text = JSON.stringify(value);
      const read = parseJson(has_id ? `{"person_id":${id},${text.slice(1)}` : text);
      const person_id = Number.isSafeInteger(Number(id)) ? Number(id) : String(id);
      expect(read).toEqual(has_id ? { person_id, ...value } : value);
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it.each([
    ["colons", ":"],
    ["commas and blanks", ", "],
    ["blanks", " "],
    ["digits", "1"],
    ["digits and dots", "1."],
    ["lists that open", "["],
    ["a minus after each comma", ",-"],
  ])("is told at once, not for ever, in a megabyte of %s", (_, part) => {
    const text = part.repeat(MEGABYTE / part.length);
    expect(parseJson(JSON.stringify(text))).toBe(text);
    expect(parseJson(`["a":${text}`)).toBeUndefined();
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
const listOf = (count: number, item = "1") => `[${Array.from({ length: count }, () => item).join()}]`;
/** A list with so many commas. */
const commas = (count: number) => listOf(count + 1);

/** A map with so many commas. */
const names = (count: number) =>
  JSON.stringify(Object.fromEntries(Array.from({ length: count + 1 }, (_, at) => [`n${at}`, at])));

/** How much a value holds, counted on the value: `values` counts those that stand beside another. */
function holds(value: unknown): { deep: number; lists_and_maps: number; values: number } {
  if (typeof value !== "object" || value === null) return { deep: 0, lists_and_maps: 0, values: 0 };
  const inner = Object.values(value).map(holds);
  return {
    deep: 1 + Math.max(0, ...inner.map(({ deep }) => deep)),
    lists_and_maps: inner.reduce((sum, one) => sum + one.lists_and_maps, 1),
    values: inner.reduce((sum, one) => sum + one.values, Math.max(inner.length - 1, 0)),
  };
}

/** What there is too much of in a value. */
function tooMuchIn(value: unknown): string[] {
  const found = holds(value);
  return (["deep", "lists_and_maps", "values"] as const).filter((what) => found[what] > MOST[what]);
}

/** Holds `excess` to the count: where several things are too much, it may name any of them. */
function agrees(value: unknown, indent: string | number = 0): string | null {
  const found = excess(JSON.stringify(value, null, indent));
  const expected = tooMuchIn(value);
  if (found === null) expect(expected).toEqual([]);
  else expect(expected).toContain(found);
  return found;
}

/** What would mislead who counts on the text: brackets, commas, quotes and backslashes in texts and names. */
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
const filled = (count: number, item: unknown): unknown[] => Array.from({ length: count }, () => item);
/** Values with about as many lists and maps, or values, as are taken. */
const wide = fc
  .tuple(
    fc.oneof(fc.constant(0), fc.integer({ min: 9_990, max: 10_003 })),
    fc.oneof(fc.constant(0), fc.integer({ min: 39_990, max: 40_003 }), fc.integer({ min: 49_995, max: 50_005 })),
    fc.constantFrom<unknown>([], {}),
    misleading,
  )
  .map(([containers, values, container, text]) => ({
    containers: filled(containers, container),
    [`_${text}`]: filled(values, 1),
    text,
  }));

describe("what a text of JSON holds", () => {
  it("is limited", () => {
    expect(MOST).toEqual({ deep: 100, lists_and_maps: 10_000, values: 50_000 });
  });

  it.each([lists, objects])("may be nested 100 deep, and not 101 deep", (deep) => {
    expect([excess(deep(100)), excess(deep(101))]).toEqual([null, "deep"]);
  });

  it.each(["[]", "{}", '{"a":1}'])("may be 10,000 lists and maps, and not 10,001: %s", (item) => {
    expect([excess(listOf(9_999, item)), excess(listOf(10_000, item))]).toEqual([null, "lists_and_maps"]);
  });

  it("may be 50,000 values beside others, and not 50,001", () => {
    expect([excess(commas(50_000)), excess(commas(50_001))]).toEqual([null, "values"]);
    expect([excess(names(50_000)), excess(names(50_001))]).toEqual([null, "values"]);
  });

  it("may be that much of all three at once", () => {
    const deep = `${"[".repeat(99)}${"]".repeat(99)}`;
    // 1 + 99 + 9,900 lists; 1 + 9,899 + 40,100 commas.
    const most = (values: number) => `[${deep},${listOf(9_900, "[]").slice(1, -1)},${listOf(values).slice(1, -1)}]`;
    expect([excess(most(40_100)), excess(most(40_101))]).toEqual([null, "values"]);
    expect(excess(most(40_000).replace("1]", "[]]"))).toBe("lists_and_maps");
    expect(excess(most(40_000).replace("[[[", "[[[["))).toBe("deep");
  });

  const MARKS = "[{,]}:".repeat(60_000);
  it.each([
    ["in a text", JSON.stringify(MARKS)],
    ["in a text after a quote", JSON.stringify(`"${MARKS}`)],
    ["in a text after a backslash", JSON.stringify(["\\", MARKS, "\\"])],
    ["in a text after a backslash and a quote", JSON.stringify(`\\"${MARKS}`)],
    ["in a text after line breaks that JSON allows", JSON.stringify(`\u2028\u2029${MARKS}`)],
    ["in a name", JSON.stringify({ [MARKS]: 1 })],
  ])("is not the marks %s", (_, text) => {
    expect(excess(text)).toBeNull();
  });

  it("nests no deeper for lists one after the other", () => {
    expect(excess(`[${"[],".repeat(1_000)}[]]`)).toBeNull();
  });

  it("is not closed by brackets in a text", () => {
    expect(excess('["]}",'.repeat(101) + "1" + "]".repeat(101))).toBe("deep");
  });

  it("is counted as on the value, however it is written", () => {
    const property = fc.property(fc.oneof(nested, anyJson), fc.constantFrom(0, 1, "\t"), (value, indent) => {
      agrees(value, indent);
    });
    fc.assert(property, { numRuns: 1_000 });
    const found = fc.sample(nested, { numRuns: 1_000, seed: 7 }).map((value) => agrees(value));
    expect(new Set(found)).toEqual(new Set([null, "deep"]));
  });

  it("is counted as on the value, near the limits for lists, maps and values", () => {
    const property = fc.property(wide, fc.constantFrom(0, 1, "\t"), (value, indent) => {
      agrees(value, indent);
    });
    fc.assert(property, { numRuns: 100 });
    const found = fc.sample(wide, { numRuns: 100, seed: 7 }).map((value) => agrees(value));
    expect(new Set(found)).toEqual(new Set([null, "lists_and_maps", "values"]));
  });

  it("is counted where there are some hundred brackets, in texts or not", () => {
    const some = fc
      .tuple(fc.integer({ min: 90, max: 110 }), fc.integer({ min: 0, max: 110 }), misleading)
      .map(([depth, width, text]) => {
        const side: unknown[] = Array.from({ length: width }, (_, at) => (at % 2 === 0 ? [] : {}));
        const deep = Array.from({ length: depth - 1 }).reduce<unknown>((value) => [value], text);
        return [deep, side, "[{".repeat(width)];
      });
    const property = fc.property(some, (value) => {
      agrees(value);
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  it.each([
    ["quotes", '"'.repeat(MEGABYTE), null],
    ["a text", `"${"a".repeat(MEGABYTE)}"`, null],
    ["a text of quotes", `"${'\\"'.repeat(MEGABYTE / 2)}"`, null],
    ["a text of backslashes", `"${"\\\\".repeat(MEGABYTE / 2)}"`, null],
    ["a text of commas", `"${",".repeat(MEGABYTE)}"`, null],
    ["a text of brackets", `"${"[".repeat(MEGABYTE)}"`, null],
    ["a text of escaped quotes and commas", `"${'\\",'.repeat(MEGABYTE / 3)}"`, null],
    ["a text that does not end", `"${"a".repeat(MEGABYTE)}`, null],
    ["a text that does not end, of backslashes", `"${"\\".repeat(MEGABYTE)}`, null],
    ["a text that does not end, of backslashes and commas", `"${"\\,".repeat(MEGABYTE / 2)}`, null],
    ["backslashes", "\\".repeat(MEGABYTE), null],
    ["escaped quotes", '\\"'.repeat(MEGABYTE / 2), null],
    ["texts of a comma", '",",'.repeat(MEGABYTE / 4), "values"],
    ["texts of brackets", '"[{"'.repeat(MEGABYTE / 4), null],
    ["brackets that close", "]".repeat(MEGABYTE), null],
    ["brackets that open", "[".repeat(MEGABYTE), "deep"],
    ["commas", ",".repeat(MEGABYTE), "values"],
    ["lists", "[]".repeat(MEGABYTE / 2), "lists_and_maps"],
  ])("is counted at once, not for ever, in a megabyte of %s", (_, text, found) => {
    expect(excess(text)).toBe(found);
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
