import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { line, visible } from "../../src/domain/text.ts";

describe("text of others", () => {
  it.each([
    ["what is harmless", "es.nj.01: 头铁 🔥", "es.nj.01: 头铁 🔥"],
    ["blanks around it", " \t es.nj.01 \n", "es.nj.01"],
    ["breaks of a line", "a\nb\r\nc\u0085d\u2028e\u2029f\vg\fh", "a b c d e f g h"],
    ["marks that hide or turn what stands there", "a\u0000b\u001b[31mc\u202ed\u200be\ufeff", "a b [31mc d e"],
    ["halves of pairs", "a\ud83db", "a b"],
    ["nothing to see", "\u0000\u200b", ""],
  ])("is one line: %s", (_, text, expected) => {
    expect(visible(text)).toBe(expected);
    expect(line(text, 100)).toBe(expected);
  });

  it("keeps its breaks where it may, and no other", () => {
    expect(visible("a\n\nb\r\nc\u2028d\u0000\ne", "keep_breaks")).toBe("a\n\nb \nc d \ne");
  });

  it("is one line of at most so many characters, without half of a pair", () => {
    const text = fc.string({ unit: "binary", maxLength: 60 });
    const property = fc.property(text, fc.integer({ min: 1, max: 60 }), (text, most) => {
      const one = line(text, most);
      expect(one.length).toBeLessThanOrEqual(most);
      expect(one.isWellFormed()).toBe(true);
      expect(one).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});
