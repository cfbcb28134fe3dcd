import { describe, expect, it } from "vitest";
import { indexed, phrase, phrases } from "../../src/admin/index/words.ts";

describe("what is typed", () => {
  it.each([
    ["", []],
    ["   ", []],
    ["cpu", ['"cpu" *']],
    ["cpu idle", ['"cpu" *', '"idle" *']],
    ["es.nj.01", ['"es.nj.01" *']],
    ["e", ['"e"']],
    ["node-7", ['"node-7"']],
    ["磁盘", ['"磁 盘"']],
    ["磁盘full", ['"磁 盘 full" *']],
    ["ＣＰＵ", ['"CPU" *']],
    ['say "no"', ['"say" *', '"""no"""']],
    ["a\u0000b", ['"a b"']],
    ["NEAR(a b)", ['"NEAR(a"', '"b)"']],
    ["title:x*", ['"title:x*"']],
  ])("%j is searched as %j", (typed, wanted) => {
    expect(phrases(typed)).toEqual(wanted);
  });

  it("is bounded: ten words of 200 characters", () => {
    expect(phrases("word ".repeat(1_000))).toHaveLength(10);
    expect(phrases("x".repeat(10_000)).join("").length).toBeLessThan(210);
  });
});

describe("what is indexed", () => {
  it("is each text once, its ideographs apart", () => {
    expect(indexed(["es.nj.01", "", "磁盘 full", "es.nj.01"])).toBe("es.nj.01 磁 盘 full");
  });

  it("is no more than it may be, the first texts first, and never half of a character", () => {
    const words = indexed(["title", "😀".repeat(5_000)]);
    expect(words.startsWith("title ")).toBe(true);
    expect(words.length).toBeLessThanOrEqual(4_000);
    expect(words.isWellFormed()).toBe(true);
  });
});

it("a phrase is a phrase, whatever is in it", () => {
  expect(phrase('" OR \0"')).toBe('""" OR  """');
});
