// The words that everyone may read: what was written elsewhere is shown as it is, and does nothing.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainMarkdown, textOf, titleOf, withoutTags } from "../../../../src/actions/status-page/text.ts";
import { words } from "../../arbitraries.ts";
import { pushAt } from "./incident.ts";

describe("the words on a status page", () => {
  const { incident } = pushAt();
  const shown = (text: string) => textOf({ texts: { resolved: () => text } }, "resolved", incident);

  it.each([
    ["**bold** _it_ `x`", String.raw`\*\*bold\*\* \_it\_ \`x\``],
    ["[pay](https://evil.example)", String.raw`\[pay\](https:// evil.example)`],
    ["<b>x</b>", String.raw`\<b\>x\</b\>`],
    ["# title\n- one\n1. two\n    code", "\\# title\n\\- one\n1\\. two\ncode"],
    ["at www.evil.example", "at www. evil.example"],
    [String.raw`\*`, String.raw`\\\*`],
    ["It's 99.5 % - done!", "It's 99.5 % - done!"],
  ])("%s is shown as it is, as Markdown", (text, expected) => {
    expect(plainMarkdown(shown(text))).toBe(expected);
  });

  it("hold no tag and no link where a page takes some of HTML", () => {
    expect(withoutTags(shown("<a href='x'>y</a> [a](https://b.example)"))).toBe(
      "‹a href='x'›y‹/a› [a] (https:// b.example)",
    );
  });

  it("fit, and are of one line where they are a title", () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 400 }), (word, times) => {
        const long = `x${word}\n`.repeat(times);
        const title = titleOf({ title: () => long }, incident);
        expect(title.length).toBeLessThanOrEqual(255);
        expect(title).not.toMatch(/[\n<>]|:\/\/\S/);
        expect(title.isWellFormed()).toBe(true);
        expect(shown(long.repeat(20)).length).toBeLessThanOrEqual(4_000);
      }),
    );
  });

  it("are a fault of the playbook where there are none", () => {
    expect(() => shown(" \n ")).toThrow('text for "resolved"');
    expect(() => titleOf({ title: () => "" }, incident)).toThrow("title");
  });
});
