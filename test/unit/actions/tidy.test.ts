import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tidy } from "../../../src/actions/tidy.ts";
import { cut } from "../../../src/domain/text.ts";
import type { Outcome, Values } from "../../../src/domain/run.ts";
import { hiding } from "../../../src/secret.ts";

const SECRET = "hunter2-hunter2";
const none = (): Values => ({});
const tidied = (outcome: Outcome) => tidy(outcome, none, hiding([SECRET]));

const linked = (...links: string[]): string[] => {
  const outcome = tidied({ kind: "waiting", handle: "j", summary: "", links });
  return "links" in outcome ? [...(outcome.links ?? [])] : [];
};

describe("a link", () => {
  it.each([
    "https://runner.example/jobs/7",
    "http://runner.internal:8080/jobs/7?tab=log#end",
    "HTTPS://runner.example",
    "https://runner.example/头铁",
    `https://runner.example/${"x".repeat(500 - 23)}`,
  ])("is kept where it is an address of the web: %s", (link) => {
    expect(linked(link)).toEqual([link]);
  });

  it.each([
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\nscript:alert(1)",
    " javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "ftp://runner.example/jobs/7",
    "https://user:hunter3@runner.example",
    "https://:hunter3@runner.example",
    "/jobs/7",
    "runner.example/jobs/7",
    "https://",
    "",
    `https://runner.example/${"x".repeat(501 - 23)}`,
  ])("is left out otherwise: %j", (link) => {
    expect(linked("https://a.example", link, "https://b.example")).toEqual(["https://a.example", "https://b.example"]);
  });

  it("shows no secret", () => {
    expect(linked(`https://runner.example/${SECRET}/jobs/7`)).toEqual(["https://runner.example/(hidden)/jobs/7"]);
  });

  it("is one of five at most: the first that are fit", () => {
    const links = ["javascript:x", ...Array.from({ length: 9 }, (_, at) => `https://${at}.example`)];
    expect(linked(...links)).toEqual([0, 1, 2, 3, 4].map((at) => `https://${at}.example`));
  });

  it.each<Outcome>([
    { kind: "succeeded", summary: "", links: ["javascript:x"] },
    { kind: "failed", reason: "", links: ["javascript:x"] },
    { kind: "waiting", handle: "j", summary: "", links: ["javascript:x"] },
  ])("is looked at in each outcome that has any: $kind", (outcome) => {
    expect(tidied(outcome)).toMatchObject({ links: [] });
  });

  it("holds no control character", () => {
    expect(linked("https://runner.example/\njobs/7").join()).not.toMatch(/\p{Cc}/u);
  });

  it.each<Outcome>([
    { kind: "succeeded", summary: "" },
    { kind: "failed", reason: "" },
    { kind: "waiting", handle: "j", summary: "" },
  ])("of before stays where an outcome ($kind) says nothing of links", (outcome) => {
    const left = tidied(outcome);
    expect("links" in left ? left.links : undefined).toBeUndefined();
  });
});

const reasoned = ["failed", "skipped", "later", "not_sent", "unclear"] as const;
/** What is left of a text in each kind of outcome. */
const saidBy: Record<string, (text: string) => string> = {
  ...Object.fromEntries(
    reasoned.map((kind) => [
      kind,
      (text: string) => {
        const outcome = tidied({ kind, reason: text });
        return "reason" in outcome ? outcome.reason : "";
      },
    ]),
  ),
  held: (text) => {
    const outcome = tidied({ kind: "held", reason: text, after_ms: 7 });
    return "reason" in outcome ? outcome.reason : "";
  },
  succeeded: (text) => {
    const outcome = tidied({ kind: "succeeded", summary: text });
    return "summary" in outcome ? outcome.summary : "";
  },
  waiting: (text) => {
    const outcome = tidied({ kind: "waiting", handle: "j", summary: text });
    return "summary" in outcome ? outcome.summary : "";
  },
};

describe.each(Object.entries(saidBy))("what an outcome says, %s,", (_, said) => {
  it.each([
    ["is left as it is", "execution 17 succeeded: 头铁 🔥", "execution 17 succeeded: 头铁 🔥"],
    ["keeps its lines", "cpu 93 %\nmemory 41 %", "cpu 93 %\nmemory 41 %"],
    ["has no blanks around it", " \n done \t", "done"],
    ["has no control characters", "a\u0000b\u001b[31mc\rd\u0085e\tf", "a b [31mc d e f"],
    ["has no marks that turn the direction of writing", "a\u202egnp.exe", "a gnp.exe"],
    ["has no halves of pairs", "a\ud83db\udd25c", "a b c"],
    ["has no secret", `with ${SECRET}, ${btoa(SECRET)}`, "with (hidden), (hidden)"],
    ["has no secret in what is cut off", `${"x".repeat(690)}${SECRET}`, `${"x".repeat(690)}(hidden)`],
    ["has 700 characters", "x".repeat(700), "x".repeat(700)],
    ["has no more than 700 characters, and shows that there was more", "x".repeat(701), `${"x".repeat(699)}…`],
  ])("%s", (_, text, expected) => {
    expect(said(text)).toBe(expected);
  });
});

describe("an outcome", () => {
  it("keeps what else it has", () => {
    expect(tidied({ kind: "later", reason: "busy", after_ms: 7 })).toEqual({
      kind: "later",
      reason: "busy",
      after_ms: 7,
    });
    expect(tidied({ kind: "held", reason: "busy", after_ms: 7 })).toEqual({
      kind: "held",
      reason: "busy",
      after_ms: 7,
    });
    const waiting: Outcome = { kind: "waiting", handle: "job-7", after_ms: 7, summary: "at it" };
    expect(tidied(waiting)).toMatchObject(waiting);
  });

  it("tells which fields are set by what is left of its values", () => {
    const values = { note: `with ${SECRET}` };
    const outcome = tidy(
      { kind: "succeeded", summary: "", values, fields: { other: 1 } },
      (left) => left,
      hiding([SECRET]),
    );
    expect(outcome).toMatchObject({ values: { note: "with (hidden)" }, fields: { note: "with (hidden)" } });
    expect(outcome).not.toHaveProperty("fields.other");
  });
});

const valued = (values: Values) => {
  const outcome = tidied({ kind: "succeeded", summary: "", values });
  return outcome.kind === "succeeded" ? outcome.values : undefined;
};

describe("values", () => {
  it("are kept as they are: numbers, truth, texts", () => {
    const values = { cpu: 0.93, count: 0, is_up: false, host: "es.nj.01", none: "" };
    expect(valued(values)).toEqual(values);
  });

  it("are fifty at most, the first ones", () => {
    const names = Array.from({ length: 60 }, (_, at) => `value_${at}`);
    const kept = valued(Object.fromEntries(names.map((name, at) => [name, at])));
    expect(Object.keys(kept ?? {})).toEqual(names.slice(0, 50));
  });

  it("that are texts have 500 characters at most", () => {
    expect(valued({ text: "x".repeat(500) })).toEqual({ text: "x".repeat(500) });
    expect(valued({ text: "x".repeat(501) })).toEqual({ text: `${"x".repeat(499)}…` });
  });

  it.each([Number.NaN, Infinity, -Infinity])("that are no numbers (%d) are left out: they cannot be kept", (cpu) => {
    expect(valued({ cpu, host: "a" })).toEqual({ host: "a" });
  });
});

describe("cutting", () => {
  it.each([
    ["abc", 3, "abc"],
    ["abcd", 3, "ab…"],
    ["", 3, ""],
    ["a🔥", 3, "a🔥"],
    ["a🔥b", 3, "a…"],
    ["🔥🔥", 3, "🔥…"],
    ["ab", 1, "…"],
  ])("%j to %i: %j", (text, most, expected) => {
    expect(cut(text, most)).toBe(expected);
  });

  it("never makes a half of a pair, nor more than it may, and begins as the text does", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 40 });
    const property = fc.property(text, fc.integer({ min: 1, max: 40 }), (text, most) => {
      const short = cut(text, most);
      expect(short.length).toBeLessThanOrEqual(most);
      expect(short.isWellFormed()).toBe(true);
      expect(text.startsWith(short.replace(/…$/, ""))).toBe(true);
      // A pair may take two places.
      if (text.length > most) expect(short.length).toBeGreaterThanOrEqual(most - 1);
      else expect(short).toBe(text);
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});
