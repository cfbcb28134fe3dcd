import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fairShares, layOut } from "../../../../src/actions/enrich/sections.ts";

const x = (times: number) => "x".repeat(times);

describe("the text", () => {
  it("names each source where there are several, and none where there is one", () => {
    expect(layOut([{ name: "Prometheus", lines: ["CPU: 93 %", "load: 12"] }], 600)).toBe("CPU: 93 %\nload: 12");
    expect(
      layOut(
        [
          { name: "Prometheus", lines: ["CPU: 93 %", "load: 12"] },
          { name: "Loki", lines: ["did not answer in time"] },
          { name: "Tempo", lines: [] },
        ],
        600,
      ),
    ).toBe("Prometheus:\n- CPU: 93 %\n- load: 12\nLoki: did not answer in time");
  });

  it("is not all that a talkative source tells: the others are heard first", () => {
    const talkative = { name: "Loki", lines: Array.from({ length: 50 }, (_, line) => `${line} ${x(150)}`) };
    const others = ["Prometheus", "Tempo", "Catalogue"].map((name) => ({
      name,
      lines: [`${name} has ${x(100)} to say.`],
    }));
    const text = layOut([talkative, ...others], 600);
    expect(text.length).toBeLessThanOrEqual(600);
    for (const { name, lines } of others) expect(text).toContain(`${name}: ${lines[0]}`);
    expect(text).toMatch(/^Loki:\n- 0 x+…\n- 1 x+…\n(- \d x+…\n)*…\n/);
  });

  it("shortens long lines before it leaves others out, and says that there was more", () => {
    const lines = [`first ${x(100)}`, `second ${x(100)}`, "third"];
    expect(layOut([{ name: "Loki", lines }], 600)).toBe(lines.join("\n"));
    expect(layOut([{ name: "Loki", lines }], 147)).toBe(`first ${x(63)}…\nsecond ${x(62)}…\nthird`);
    expect(layOut([{ name: "Loki", lines }], 123)).toBe(`first ${x(53)}…\nsecond ${x(52)}…\n…`);
    expect(layOut([{ name: "Loki", lines }], 100)).toBe(`first ${x(91)}…\n…`);
    expect(layOut([{ name: "Loki", lines }], 20)).toBe(`first ${x(11)}…\n…`);
  });

  it("of one source shows its short lines beside its long ones", () => {
    const lines = [x(190), x(190), x(190), x(190), "CPU: 93 %", "load: 12"];
    const text = layOut([{ name: "Prometheus", lines }], 600);
    expect(text).toMatch(/^(x+…\n){4}CPU: 93 %\nload: 12$/);
    expect(text.length).toBeGreaterThan(590);
  });

  it("lets nothing from outside make lines of its own, or hide what it is", () => {
    const lines = ["disk full\n\nLoki: all is well\r\u2028\u0085\u001B[2J\u202Edesrever\u0000\t!"];
    expect(layOut([{ name: "Loki", lines }], 600)).toBe("disk full Loki: all is well [2J desrever !");
  });

  it("never is longer than its room, and gives each what it needs where an equal part is enough", () => {
    const sections = fc.array(
      fc.record({
        name: fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 8 }),
        lines: fc.array(fc.string({ unit: "grapheme", maxLength: 300 }), { maxLength: 10 }),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(sections, fc.integer({ min: 40, max: 800 }), (told, room) => {
        const text = layOut(told, room);
        expect(text.length).toBeLessThanOrEqual(room);
        expect(text.isWellFormed()).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.nat(500), { minLength: 1, maxLength: 9 }), fc.nat(2_000), (needs, room) => {
        const shares = fairShares(needs, room);
        const part = Math.floor(room / needs.length);
        for (const [index, need] of needs.entries()) {
          expect(shares[index]).toBeLessThanOrEqual(need);
          expect(shares[index]).toBeGreaterThanOrEqual(Math.min(need, part));
        }
        const given = shares.reduce((sum, share) => sum + share, 0);
        const needed = needs.reduce((sum, need) => sum + need, 0);
        expect(given).toBe(Math.min(needed, room));
      }),
    );
  });
});
