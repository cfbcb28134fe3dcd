// Where things stand in a picture of time: the axis, the times written above it, the marks of events.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { axisOf, QUIET_MS } from "../../src/admin/page/chart/axis.ts";
import { MARK_PX, marksOf } from "../../src/admin/page/chart/marks.ts";
import { hoursOf } from "../../src/admin/page/chart/time-axis.tsx";
import { ticksOf } from "../../src/admin/page/chart/ticks.ts";

const NOW = Date.UTC(2026, 10, 22, 3, 10);
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Minutes of action, and weeks of quiet. */
const pause = fc.oneof(fc.constant(0), fc.nat(2_000), fc.nat(5 * MINUTE_MS), fc.nat(30 * DAY_MS));
const moments = fc
  .array(pause, { minLength: 1, maxLength: 60 })
  .map((pauses) => pauses.reduce<number[]>((all, ms) => [...all, (all.at(-1) ?? NOW) + ms], []));

describe("the axis", () => {
  it("keeps the order of what happens, from one end to the other", () => {
    fc.assert(
      fc.property(moments, (times) => {
        const axis = axisOf(times.toReversed());
        const places = times.map((at) => axis.place(at));

        expect(places).toEqual(places.toSorted((one, other) => one - other));
        expect(places[0]).toBe(0);
        expect(places.at(-1)).toBe(new Set(times).size === 1 ? 0 : 1);
      }),
    );
  });

  it("never draws a longer pause narrower than a shorter one", () => {
    fc.assert(
      fc.property(moments, (times) => {
        const { place } = axisOf(times);
        const pauses = times
          .slice(1)
          .map((to, index) => ({ ms: to - (times[index] ?? to), width: place(to) - place(times[index] ?? to) }))
          .toSorted((one, other) => one.ms - other.ms);

        for (const [index, { width }] of pauses.slice(1).entries())
          expect(width).toBeGreaterThanOrEqual((pauses[index]?.width ?? 0) - 1e-9);
      }),
    );
  });

  it("leaves room for minutes of action beside a week of quiet, and says where that is", () => {
    const [closed, back] = [NOW + 4 * MINUTE_MS, NOW + 7 * DAY_MS];
    const axis = axisOf([NOW, NOW + MINUTE_MS, closed, back, back + 4 * MINUTE_MS]);

    expect(axis.place(closed)).toBeGreaterThan(0.2);
    expect(axis.quiets).toEqual([{ from: closed, to: back }]);
    expect(axisOf([NOW, NOW + QUIET_MS - 1]).quiets).toEqual([]);
  });

  it("is to scale within a minute, also between what happened", () => {
    const { place } = axisOf([0, 10_000, 40_000]);

    expect(place(10_000)).toBeCloseTo(0.25);
    expect(place(25_000)).toBeCloseTo(0.625);
    expect([place(-1), place(40_001)]).toEqual([0, 1]);
  });
});

function ticks(times: readonly number[], width_px: number) {
  return ticksOf(axisOf(times), times, { now: times.at(-1) ?? 0, zone: "Asia/Shanghai", say_now: "now", width_px });
}

describe("the times above it", () => {
  it("never run into each other or out of the picture", () => {
    fc.assert(
      fc.property(moments, fc.integer({ min: 60, max: 1_000 }), (times, width_px) => {
        const lefts = ticks(times, width_px).map(({ place, anchor }) => {
          const part = { start: 0, middle: 0.5, end: 1 }[anchor];
          return place * width_px - part * 40;
        });

        for (const [index, left] of lefts.entries()) {
          expect(left).toBeGreaterThanOrEqual(0);
          expect(left + 40).toBeLessThanOrEqual(width_px);
          if (index > 0) expect(left - (lefts[index - 1] ?? 0)).toBeGreaterThanOrEqual(40);
        }
      }),
    );
  });

  it("name now, the beginning, and where something happens again after a pause, each day once", () => {
    const times = [NOW, NOW + MINUTE_MS, NOW + 3 * DAY_MS, NOW + 3 * DAY_MS + 5 * MINUTE_MS];

    expect(ticks(times, 400).map(({ time, date }) => [time, date])).toEqual([
      ["11:10", "11-22"],
      ["11:11", ""],
      ["11:10", "11-25"],
      ["now", ""],
    ]);
  });

  it("are no more than one for each minute", () => {
    expect(ticks([NOW, NOW + 20_000, NOW + 40_000, NOW + 60_000], 900).map(({ time }) => time)).toEqual([
      "11:10",
      "now",
    ]);
  });

  it("rather name where a pause ends than what comes before it, where there is no room for both", () => {
    const back = NOW + 60 * MINUTE_MS;
    const after = [1, 2, 3, 4, 5].map((minutes) => back + minutes * MINUTE_MS);
    const times = [0, 5, 10, 13].map((minutes) => NOW + minutes * MINUTE_MS).concat(back, after);
    const { place } = axisOf(times);
    const width_px = 43 / (place(back) - place(NOW + 13 * MINUTE_MS));

    expect(ticks(times, width_px).map(({ time }) => time)).toContain("12:10");
    expect(ticks(times, width_px).map(({ time }) => time)).not.toContain("11:23");
  });

  it("begin an hour where the clocks of the zone do", () => {
    const bins = Array.from({ length: 8 }, (_, index) => ({ at: NOW + 20 * MINUTE_MS + index * 30 * MINUTE_MS }));
    const named = (zone: string) =>
      hoursOf(
        bins.map(({ at }) => ({ at, value: null })),
        3,
        zone,
      );

    // 09:00 in Kolkata is 03:30 UTC; there the first bin begins, of which nobody knows what came before.
    expect(named("Asia/Kolkata")).toEqual([{ place: 6 / 8, time: "12:00" }]);
    expect(named("UTC")).toEqual([{ place: 5 / 8, time: "06:00" }]);
  });
});

describe("the marks of events", () => {
  const parts = fc.array(fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.5, 1)), {
    minLength: 1,
    maxLength: 200,
  });

  it("stand in order, apart and inside, near their time, and leave nothing out", () => {
    fc.assert(
      fc.property(parts, fc.integer({ min: 2 * MARK_PX, max: 900 }), (some, width_px) => {
        const things = some.toSorted((one, other) => one - other);
        const marks = marksOf(things, (part) => part, width_px);

        expect(marks.flatMap((mark) => mark.things)).toEqual(things);
        for (const [index, { x_px, at_px }] of marks.entries()) {
          expect(x_px).toBeGreaterThanOrEqual(-0.001);
          expect(x_px).toBeLessThanOrEqual(width_px + 0.001);
          expect(Math.abs(x_px - at_px)).toBeLessThanOrEqual(2 * MARK_PX);
          if (index > 0) expect(x_px - (marks[index - 1]?.x_px ?? 0)).toBeGreaterThanOrEqual(MARK_PX - 0.001);
        }
      }),
    );
  });

  it("are one for each event where there is room", () => {
    const marks = marksOf([0, 0.001, 0.002, 0.5, 1], (part) => part, 300);

    expect(marks.map(({ things }) => things.length)).toEqual([1, 1, 1, 1, 1]);
    expect(marks.map(({ x_px }) => x_px)).toEqual([0, MARK_PX, 2 * MARK_PX, 150, 300]);
  });
});
