import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextPlace, PER_MINUTE, SPACING_MS } from "../../src/flashduty/place.ts";

const START = 1_700_000_000_000;
const MINUTE_MS = 60_000;
/** A sequence is told as it was found: making one of thousands of askings smaller would take hours. */
const many = { numRuns: 300, endOnFailure: true };

/** Times at which somebody asks: in bursts, after pauses, and by a clock that is put back now and then. */
const askings = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constant(0) },
      { weight: 4, arbitrary: fc.nat(40) },
      { weight: 2, arbitrary: fc.nat(5_000) },
      { weight: 1, arbitrary: fc.integer({ min: -90_000, max: 90_000 }) },
    ),
    { maxLength: 600, size: "max" },
  )
  // A burst asks many times at one moment.
  .chain((steps) => fc.tuple(fc.constant(steps), fc.integer({ min: 1, max: 5 })))
  .map(([steps, burst]) => {
    let now = START;
    return steps.flatMap((step) => {
      now += step;
      return Array.from({ length: burst }, () => now);
    });
  });

/** The places that are given, one for each time of asking; `most_wait_ms`: one that is further away is not given. */
function given(asked_at: readonly number[], most_wait_ms = Infinity): number[] {
  const all: number[] = [];
  for (const now of asked_at) {
    const at = nextPlace(all.slice(-PER_MINUTE), now);
    if (at - now <= most_wait_ms) all.push(at);
  }
  return all;
}

/** The most places in any window. `is_closed`: with both of its ends. */
function mostWithin(places: readonly number[], window_ms: number, is_closed: boolean): number {
  let first = 0;
  let most = 0;
  for (const [last, at] of places.entries()) {
    while (is_closed ? at - (places[first] ?? at) > window_ms : at - (places[first] ?? at) >= window_ms) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

describe.each([
  ["however long who asked has to wait", Infinity],
  ["where nobody waits longer than 3 s", 3_000],
])("the places of the account, %s", (_, most_wait_ms) => {
  it("are 41 at most in any 1,000 ms, both ends among them: the vendor takes 50", () => {
    const property = fc.property(askings, (asked_at) => {
      expect(mostWithin(given(asked_at, most_wait_ms), 1_000, true)).toBeLessThanOrEqual(41);
    });
    fc.assert(property, many);
  });

  it("are 900 at most in any 60,000 ms: the vendor takes 1,000", () => {
    const property = fc.property(askings, (asked_at) => {
      expect(mostWithin(given(asked_at, most_wait_ms), MINUTE_MS, false)).toBeLessThanOrEqual(900);
    });
    fc.assert(property, many);
  });

  it("never go back, and never lie before who asked", () => {
    const property = fc.property(askings, (asked_at) => {
      const places = given(asked_at, most_wait_ms);
      expect(places.every((at, index) => index === 0 || at >= (places[index - 1] ?? 0) + SPACING_MS)).toBe(true);
      if (most_wait_ms === Infinity) expect(places.every((at, index) => at >= (asked_at[index] ?? 0))).toBe(true);
    });
    fc.assert(property, many);
  });
});

describe("the next place", () => {
  it("is now, where nobody asked before or all is long ago", () => {
    expect(nextPlace([], START)).toBe(START);
    expect(nextPlace([START - 25], START)).toBe(START);
  });

  it.each([
    [0, 25],
    [10, 15],
    [24, 1],
    [25, 0],
    [26, 0],
  ])("%i ms after the last is %i ms from now", (since_ms, wait_ms) => {
    expect(nextPlace([START - since_ms], START) - START).toBe(wait_ms);
  });

  it("is 40 a second in a long burst, until 900 are given; then the minute must be over", () => {
    const places = given(Array.from({ length: 901 }, () => START));
    expect(places.slice(0, 900)).toEqual(Array.from({ length: 900 }, (_, at) => START + at * 25));
    expect(places[900]).toBe(START + MINUTE_MS);
  });

  it("looks at no more than the last 900", () => {
    const places = given(Array.from({ length: 2_000 }, () => START));
    expect(nextPlace(places, START)).toBe(nextPlace(places.slice(-PER_MINUTE), START));
    expect(PER_MINUTE).toBe(900);
  });

  it("is used in full where there is demand: who looks away for a minute finds 900 places", () => {
    const first = given(Array.from({ length: 900 }, () => START));
    const then = START + 2 * MINUTE_MS;
    expect(nextPlace(first, then)).toBe(then);
  });
});
