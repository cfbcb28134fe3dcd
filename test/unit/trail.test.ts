import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Entry, grown, MOST_ABOUT_ONE, type Note } from "../../src/domain/trail.ts";

const EVERYTHING = Entry.shape.what.options;

const notes = (count: number, what: Note["what"] = "sent"): Note[] =>
  Array.from({ length: count }, (_, nr) => ({ what, text: `${nr}` }));

describe("a trail", () => {
  it("grows by what is added, with who did it and when", () => {
    const first = grown([], [{ what: "asked", by: "zhangsan", text: "a button was pressed" }], 7);
    expect(first).toEqual([{ at: 7, what: "asked", by: "zhangsan", text: "a button was pressed" }]);
    const both = grown(
      first,
      [
        { what: "claimed", text: "attempt 1" },
        { what: "sent", text: "POST" },
      ],
      8,
    );
    expect(both).toEqual([
      ...first,
      { at: 8, what: "claimed", by: "", text: "attempt 1" },
      { at: 8, what: "sent", by: "", text: "POST" },
    ]);
  });

  it("keeps what is there, and does not change what it was given", () => {
    const before = grown([], notes(3), 1);
    const copy = structuredClone(before);
    expect(grown(before, notes(1), 2).slice(0, 3)).toEqual(copy);
    expect(before).toEqual(copy);
    expect(grown(before, [], 3)).toEqual(copy);
  });

  it("cuts what is long, and shows that it did", () => {
    const [entry] = grown([], [{ what: "answered", by: "z".repeat(201), text: "x".repeat(601) }], 1);
    expect(entry?.text).toBe(`${"x".repeat(599)}…`);
    expect(entry?.by).toBe(`${"z".repeat(199)}…`);
    expect(grown([], [{ what: "answered", text: "x".repeat(600) }], 1)[0]?.text).toBe("x".repeat(600));
  });

  const BY_PERSONS: Note["what"][] = ["approved", "overridden", "retried", "cancelled"];

  it.each(EVERYTHING)("of a run that goes round and round takes no more of %s than that", (what) => {
    const room = BY_PERSONS.includes(what) ? 5 * MOST_ABOUT_ONE : MOST_ABOUT_ONE;
    const most = grown(grown([], notes(room - 1, what), 1), notes(3, what), 2);
    expect(most).toHaveLength(room);
    expect(most.slice(-2)).toMatchObject([{ at: 1 }, { at: 2, text: "0" }]);
  });

  it.each(EVERYTHING)("has room for %s, however often anything else has happened", (what) => {
    const others = EVERYTHING.filter((one) => one !== what);
    const full = others.reduce<Entry[]>((trail, other) => grown(trail, notes(100, other), 1), []);
    expect(grown(full, notes(1, what), 2).at(-1)).toMatchObject({ at: 2, what });
  });

  it("has room for how the run ends, whatever states it went through", () => {
    const full = grown([], notes(100, "state"), 1);
    const end: Note[] = [
      { what: "sent", text: "POST" },
      { what: "state", text: "failed: it broke" },
    ];
    expect(grown(full, end, 2).at(-1)).toMatchObject({ what: "sent" });
    expect(grown(full, end, 2, true).at(-1)).toMatchObject({ what: "state", text: "failed: it broke" });
  });

  it("only grows, and has an end, whatever is added", () => {
    const note = fc.record({ what: fc.constantFrom(...EVERYTHING), text: fc.string({ maxLength: 700 }) });
    const step = fc.tuple(fc.array(note, { maxLength: 60 }), fc.boolean());
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let trail: Entry[] = [];
        for (const [nr, [added, is_last]] of steps.entries()) {
          const before = trail;
          trail = grown(before, added, nr, is_last);
          expect(trail.slice(0, before.length)).toEqual(before);
        }
        expect(trail.length).toBeLessThanOrEqual((EVERYTHING.length + 1) * MOST_ABOUT_ONE);
        expect(Math.max(0, ...trail.map(({ text }) => text.length))).toBeLessThanOrEqual(600);
      }),
    );
    const ends = Array.from({ length: 200 }, () => notes(1, "state")).reduce<Entry[]>(
      (trail, one) => grown(trail, one, 1, true),
      [],
    );
    expect(ends).toHaveLength(2 * MOST_ABOUT_ONE);
  });

  it("can be read again as it was written", () => {
    const trail = grown(
      [],
      [
        { what: "approved", by: "lisi", text: "" },
        { what: "state", text: "planned" },
      ],
      5,
    );
    expect(trail.map((entry) => Entry.parse(JSON.parse(JSON.stringify(entry))))).toEqual(trail);
  });

  it("was written before by code that named nobody", () => {
    expect(Entry.parse({ at: 1, what: "sent", text: "" })).toEqual({ at: 1, what: "sent", by: "", text: "" });
  });
});
