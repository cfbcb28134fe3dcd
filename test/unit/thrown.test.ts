import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wordsOf } from "../../src/domain/thrown.ts";

const hide = (text: string) => text.replaceAll(/hunter\d/g, "(hidden)");
const untellable: unknown = Object.create(null);

describe("what was thrown, in words", () => {
  it.each<[string, unknown, string]>([
    ["an error", new TypeError("not a function"), "TypeError: not a function"],
    ["a text", "no dc", "no dc"],
    ["nothing", undefined, "undefined"],
    ["an empty text", "", "nothing was said"],
    ["what cannot be turned into text", untellable, "what was thrown cannot be told"],
    ["200 characters", "x".repeat(200), "x".repeat(200)],
    ["more than 200 characters", "x".repeat(201), `${"x".repeat(199)}…`],
    ["several lines", new Error("no dc\n  at here\r\n\u2028at there"), "Error: no dc   at here at there"],
    ["what moves a cursor or hides what is there", "no\u001b[2K dc\u0000\u202e", "no [2K dc"],
    ["nothing but what cannot be seen", "\u0007\n\u200b", "nothing was said"],
    ["half a pair", "no \ud83d dc", "no   dc"],
    [
      "several at once: each of them",
      new AggregateError(
        [new Error("not seen lately"), new TypeError("broken"), "no dc"],
        "All promises were rejected",
      ),
      "Error: not seen lately; TypeError: broken; no dc",
    ],
    [
      "several, of which there are none: its own words",
      new AggregateError([], "none left"),
      "AggregateError: none left",
    ],
    ["several, of which there are none, and no words", new AggregateError([]), "AggregateError"],
    ["several, of which one has no words", new AggregateError(["", "no dc"]), "; no dc"],
    ["several, of which the only one has no words", new AggregateError([""]), "nothing was said"],
    [
      "several, of which one cannot be told",
      new AggregateError([new Error("no"), untellable]),
      "what was thrown cannot be told",
    ],
    [
      "several that say more than 200 characters",
      new AggregateError(["x".repeat(150), "y".repeat(150)]),
      `${"x".repeat(150)}; ${"y".repeat(47)}…`,
    ],
  ])("%s", (_, thrown, words) => {
    expect(wordsOf(thrown)).toBe(words);
  });

  it("holds no secret, wherever it was quoted", () => {
    expect(wordsOf(new Error("hunter2 and hunter3, hunter2"), hide)).toBe("Error: (hidden) and (hidden), (hidden)");
    expect(wordsOf(new AggregateError([], "hunter2"), hide)).toBe("AggregateError: (hidden)");
    expect(wordsOf(new AggregateError([new Error("hunter2"), "hunter3"]), hide)).toBe("Error: (hidden); (hidden)");
  });

  it("is told of anything, and nothing is thrown", () => {
    const anything = fc.oneof(fc.anything({ withNullPrototype: true }), fc.string({ unit: "binary", maxLength: 400 }));
    const property = fc.property(anything, (thrown) => {
      for (const one of [thrown, new AggregateError([thrown])]) {
        const words = wordsOf(one);
        expect(words.length).toBeGreaterThan(0);
        expect(words.length).toBeLessThanOrEqual(200);
        expect(words).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }
    });
    fc.assert(property, { numRuns: 1_000 });
  });
});
