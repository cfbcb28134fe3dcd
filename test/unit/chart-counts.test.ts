// From counts to what the charts of the last day show.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  added,
  answerTimesOf,
  BIN_MS,
  binsOf,
  partWithin,
  quantileOf,
  resultsOf,
  scaleTo,
  statesByAction,
  statesOf,
} from "../../src/admin/page/chart/series.ts";
import { counterKey, observed } from "../../src/tally/metric.ts";

const NOW = Date.UTC(2026, 10, 22, 3, 10);
const INTERVAL_MS = 10 * 60_000;
const EMPTY = { succeeded: 0, failed: 0, skipped: 0, unknown: 0, expired: 0, cancelled: 0 };

describe("the halves of an hour", () => {
  it("hold everything that was counted in them, once, and end with the present", () => {
    const ago = fc.nat(47 * 3 - 1);
    fc.assert(
      fc.property(fc.uniqueArray(ago, { maxLength: 60 }), (agos) => {
        const intervals = agos.map((ago) => ({ at: NOW - ago * INTERVAL_MS, counts: { [`x|${ago}`]: 1, all: 1 } }));
        const bins = binsOf(intervals, NOW + 60_000);

        expect(added(bins.map(({ value }) => value))).toEqual(added(intervals.map(({ counts }) => counts)));
        expect(bins).toHaveLength(48);
        expect(bins.at(-1)?.at).toBe(NOW - INTERVAL_MS);
        for (const { at, counts } of intervals)
          expect(Object.keys(bins.find((bin) => at >= bin.at && at < bin.at + BIN_MS)?.value ?? {})).toEqual(
            expect.arrayContaining(Object.keys(counts)),
          );
      }),
    );
  });

  it("leave out what is older or claims the future", () => {
    const counts = { all: 1 };
    const bins = binsOf(
      [NOW - 25 * 2 * BIN_MS, 0, NOW + BIN_MS].map((at) => ({ at, counts })),
      NOW,
    );

    expect(added(bins.map(({ value }) => value))).toEqual({});
  });
});

describe("what was counted", () => {
  const counts = added([
    { [counterKey("pushes", { type: "i_new", result: "accepted" })]: 3 },
    { [counterKey("pushes", { type: "i_ack", result: "accepted" })]: 2 },
    { [counterKey("pushes", { type: "i_ack", result: "stale" })]: 1 },
    { [counterKey("refusals", { reason: "wrong_token" })]: 4 },
    { [counterKey("refusals", { reason: "bad_body" })]: 5 },
    { [counterKey("runs", { action: "restart-host", state: "failed" })]: 1 },
    { [counterKey("runs", { action: "restart-host", state: "succeeded" })]: 6 },
    { [counterKey("runs", { action: "restart", state: "unknown" })]: 7 },
  ]);

  it("is told by result, with what was refused", () => {
    expect(resultsOf(counts)).toEqual({ accepted: 5, duplicate: 0, stale: 1, refused: 9 });
  });

  it("is told by state, for each action by itself and for all", () => {
    expect(statesOf(counts)).toEqual({ ...EMPTY, succeeded: 6, failed: 1, unknown: 7 });
    expect(statesByAction(counts)).toEqual([
      { action: "restart", states: { ...EMPTY, unknown: 7 } },
      { action: "restart-host", states: { ...EMPTY, succeeded: 6, failed: 1 } },
    ]);
  });
});

function answered(...seconds: number[]) {
  return added(seconds.map((one) => observed("answer_seconds", one)));
}

describe("the time to answer", () => {
  it.each([
    ["evenly within a bucket", [[1, 4]], 0.5, 0.5],
    ["up to the bucket's end", [[1, 4]], 1, 1],
    [
      "in the bucket that it falls into",
      [
        [1, 1],
        [2, 0],
        [4, 1],
      ],
      0.75,
      3,
    ],
    [
      "beyond the last bucket with an end",
      [
        [1, 1],
        [Infinity, 9],
      ],
      0.5,
      Infinity,
    ],
  ])("is estimated %s", (_, buckets, part, expected) => {
    const counted = buckets.map(([most = 0, count = 0]) => ({ most, count }));

    expect(quantileOf(counted, part)).toBeCloseTo(expected);
  });

  it("lies in the bucket in which the answer does that stands there in order", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.001, max: 3, noNaN: true }), { minLength: 1 }), (seconds) => {
        const times = answerTimesOf(answered(...seconds));
        const sorted = seconds.toSorted((one, other) => one - other);
        const exact = sorted[Math.ceil(0.95 * sorted.length) - 1] ?? 0;
        const ends = [0, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.7, 1, 2.5, Infinity];
        const most = ends.find((end) => exact <= end) ?? 0;

        expect(times?.p95).toBeLessThanOrEqual(most);
        expect(times?.p95).toBeGreaterThanOrEqual(ends[ends.indexOf(most) - 1] ?? 0);
        expect(times?.p50).toBeLessThanOrEqual(times?.p99 ?? 0);
      }),
    );
  });

  it("is told as the part within a second, and not at all where nothing was answered", () => {
    expect(partWithin(answered(0.2, 0.9, 1, 1.2), 1)).toBe(0.75);
    expect([partWithin({}, 1), answerTimesOf({})]).toEqual([null, null]);
  });
});

it("a scale reaches far enough and not much farther, with a whole number in its middle", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000_000 }), (most) => {
      const end = scaleTo(most);

      expect(end).toBeGreaterThanOrEqual(most);
      expect(end).toBeLessThanOrEqual(2 * most);
      expect(Number.isInteger(end / 2)).toBe(true);
    }),
  );
});
