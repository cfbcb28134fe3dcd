import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoff } from "../../src/domain/backoff.ts";

const HOUR_MS = 3_600_000;
const failures = fc.integer({ min: 1, max: 2_000 });
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const fullOf = (count: number) => Math.min(1_000 * 2 ** (count - 1), 300_000);

describe("the wait before an attempt is made again", () => {
  it.each([
    [1, 0, 500],
    [1, 0.5, 750],
    [1, 1, 1_000],
    [2, 0, 1_000],
    [3, 1, 4_000],
    [9, 1, 256_000],
    [10, 0, 150_000],
    [10, 1, 300_000],
    [2_000, 1, 300_000],
  ])("after %i failures, with a chance of %d: %i ms", (count, chance, expected) => {
    expect(backoff(count, chance)).toBe(expected);
  });

  it.each([
    ["is kept to where it asked for more", 20_000, 20_000],
    ["counts for nothing where we wait longer anyway", 100, 1_000],
    ["of an hour is honoured", HOUR_MS, HOUR_MS],
    ["of more than an hour is cut to it", HOUR_MS + 1, HOUR_MS],
    ["without end is cut to an hour", Infinity, HOUR_MS],
    ["of less than nothing counts for nothing", -5_000, 1_000],
    ["that is no number counts for nothing", Number.NaN, 1_000],
  ])("a target's wish %s", (_, asked_ms, expected) => {
    expect(backoff(1, 1, asked_ms)).toBe(expected);
  });

  it("lies between half and all of the exponential, in whole milliseconds", () => {
    const property = fc.property(failures, chance, (count, chance) => {
      const wait_ms = backoff(count, chance);
      expect(wait_ms).toBeGreaterThanOrEqual(fullOf(count) / 2);
      expect(wait_ms).toBeLessThanOrEqual(fullOf(count));
      expect(Number.isInteger(wait_ms)).toBe(true);
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  it("is never shorter than the target asked, up to an hour, and never longer than both", () => {
    const property = fc.property(failures, chance, fc.nat(2 * HOUR_MS), (count, chance, asked_ms) => {
      const wait_ms = backoff(count, chance, asked_ms);
      expect(wait_ms).toBeGreaterThanOrEqual(Math.min(asked_ms, HOUR_MS));
      expect(wait_ms).toBeLessThanOrEqual(Math.max(Math.min(asked_ms, HOUR_MS), fullOf(count)));
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  it("never shrinks with another failure, whatever chance says", () => {
    const property = fc.property(failures, chance, chance, (count, one, other) => {
      expect(backoff(count + 1, other)).toBeGreaterThanOrEqual(Math.min(backoff(count, one), 150_000));
    });
    fc.assert(property, { numRuns: 1_000 });
  });
});
