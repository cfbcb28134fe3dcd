import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { duration, moment } from "../../src/domain/time.ts";

const at = (time: string) => Date.parse(time);

describe("a moment", () => {
  it.each([
    ["2026-11-22T12:40:00.000Z", "2026-11-22 12:40 UTC", "2026-11-22 12:40 UTC"],
    ["2026-11-22T12:40:00.001Z", "2026-11-22 12:40 UTC", "2026-11-22 12:41 UTC"],
    ["2026-11-22T12:40:59.999Z", "2026-11-22 12:40 UTC", "2026-11-22 12:41 UTC"],
    ["2026-11-22T00:00:00.000Z", "2026-11-22 00:00 UTC", "2026-11-22 00:00 UTC"],
    ["2026-11-22T23:59:30.000Z", "2026-11-22 23:59 UTC", "2026-11-23 00:00 UTC"],
    ["2026-12-31T23:59:59.999Z", "2026-12-31 23:59 UTC", "2027-01-01 00:00 UTC"],
    ["2026-01-02T03:04:05.000Z", "2026-01-02 03:04 UTC", "2026-01-02 03:05 UTC"],
  ])("%s is %s, or the next minute", (time, down, up) => {
    expect(moment(at(time))).toBe(down);
    expect(moment(at(time), "up")).toBe(up);
  });

  it("is never later than it is, and rounded up never earlier: who comes then does not come too early", () => {
    const read = (text: string) => at(text.replace(" UTC", ":00Z").replace(" ", "T"));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: at("2999-12-31T00:00:00Z") }), (time) => {
        expect(read(moment(time))).toBe(Math.floor(time / 60_000) * 60_000);
        expect(read(moment(time, "up"))).toBe(Math.ceil(time / 60_000) * 60_000);
      }),
    );
  });
});

describe("a stretch of time", () => {
  it.each([
    [0, "0 seconds"],
    [1_000, "1 second"],
    [45_000, "45 seconds"],
    [60_000, "1 minute"],
    [61_000, "61 seconds"],
    [90_000, "90 seconds"],
    [600_000, "10 minutes"],
    [3_600_000, "1 hour"],
    [5_400_000, "90 minutes"],
    [3 * 3_600_000, "3 hours"],
    [24 * 3_600_000, "24 hours"],
    [1_400, "1 second"],
    [1_600, "2 seconds"],
  ])("of %d ms is %s", (ms, expected) => {
    expect(duration(ms)).toBe(expected);
  });
});
