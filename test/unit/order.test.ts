import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  claimsFuture,
  CLOCK_AHEAD_MS,
  dispositions,
  newest,
  orderTime,
  type Place,
  supersedes,
} from "../../src/domain/order.ts";

const NOW = 1_700_000_000_000;
const place = (event_time: number | null, arrival = 1, received_at = NOW): Place => ({
  event_time,
  received_at,
  arrival,
});

describe("the time that orders an event", () => {
  it("may be five minutes ahead of our clock", () => {
    expect(CLOCK_AHEAD_MS).toBe(300_000);
  });

  it.each([
    ["what it claims, where that is past", NOW - 1, NOW - 1, false],
    ["what it claims, where that is long past", 0, 0, false],
    ["what it claims, where that is now", NOW, NOW, false],
    ["what it claims, where that is exactly five minutes ahead", NOW + 300_000, NOW + 300_000, false],
    ["its arrival, where it claims a millisecond more", NOW + 300_001, NOW, true],
    ["its arrival, where it claims another age", Number.MAX_SAFE_INTEGER, NOW, true],
    ["its arrival, where it claims nothing", null, NOW, false],
  ])("is %s", (_, event_time, expected, is_future) => {
    expect(orderTime(place(event_time))).toBe(expected);
    expect(claimsFuture(place(event_time))).toBe(is_future);
  });
});

describe("which of two events is the newer", () => {
  it.each<[string, Place, Place]>([
    ["the one with the later time, though it arrived first", place(NOW, 1), place(NOW - 1, 2)],
    ["the one that arrived later, where the times are the same", place(NOW, 2), place(NOW, 1)],
    ["the one that came later, where neither has a time", place(null, 2, NOW + 1), place(null, 1, NOW)],
    ["the true one, where the other claimed the future", place(NOW + 1, 2, NOW + 2), place(NOW + 9_999_999, 1, NOW)],
    ["the one that came later, where both came and claim the same", place(null, 2, NOW), place(NOW, 1, NOW)],
  ])("%s", (_, one, other) => {
    expect(supersedes(one, other)).toBe(true);
    expect(supersedes(other, one)).toBe(false);
  });

  it("no event supersedes itself", () => {
    expect(supersedes(place(NOW), place(NOW))).toBe(false);
  });
});

/** Places in the order of their arrival, with times that collide, are missing or claim the future. */
const time = fc.oneof(
  fc.integer({ min: NOW - 3, max: NOW + 3 }),
  fc.integer({ min: 0, max: NOW * 2 }),
  fc.constant(null),
);
const arrived = fc
  .array(fc.tuple(time, fc.nat(3)), { minLength: 1, maxLength: 12 })
  .map((facts) => facts.map(([event_time, later], at) => place(event_time, at + 1, NOW + at + later)));
const shuffled = arrived.chain((places) =>
  fc.tuple(fc.constant(places), fc.shuffledSubarray(places, { minLength: places.length })),
);

const believed = ({ event_time, received_at }: Place) =>
  event_time === null || event_time - received_at > 5 * 60 * 1_000 ? received_at : event_time;

/** By the words of the design: the newest time wins; on a tie, the later arrival. */
function newestByHand(places: readonly Place[]): Place | undefined {
  const latest = Math.max(...places.map(believed));
  const tied = places.filter((one) => believed(one) === latest);
  return tied.find(({ arrival }) => arrival === Math.max(...tied.map((one) => one.arrival)));
}

describe("the current event", () => {
  it("is none where there are no events", () => {
    expect(newest([])).toBeNull();
  });

  it("is the one with the newest time and, among those, the latest arrival, however they are listed", () => {
    const property = fc.property(shuffled, ([places, listed]) => {
      expect(newest(listed)).toBe(newestByHand(places));
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it("supersedes every other one", () => {
    const property = fc.property(arrived, (places) => {
      const current = newest(places);
      expect(current).not.toBeNull();
      for (const other of places)
        expect(
          other === current || (current !== null && supersedes(current, other) && !supersedes(other, current)),
        ).toBe(true);
    });
    fc.assert(property, { numRuns: 1_000 });
  });
});

describe("what became of each event", () => {
  it("accepted where it was current as it arrived, stale where a newer one was there", () => {
    const events = [place(5, 1), place(3, 2), place(5, 3), place(4, 4), place(9, 5)];
    const became = dispositions(events.toReversed()).map(({ arrival, disposition }) => [arrival, disposition]);
    expect(became).toEqual([
      [1, "accepted"],
      [2, "stale"],
      [3, "accepted"],
      [4, "stale"],
      [5, "accepted"],
    ]);
  });

  it("is told in the order of arrival, however they are listed, and the list stays as it was", () => {
    const property = fc.property(shuffled, ([places, listed]) => {
      const before = [...listed];
      expect(dispositions(listed).map(({ arrival }) => arrival)).toEqual(places.map(({ arrival }) => arrival));
      expect(listed).toEqual(before);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it("the first is accepted, the last accepted one is the current event, and all after it are stale", () => {
    const property = fc.property(shuffled, ([places, listed]) => {
      const told = dispositions(listed);
      expect(told[0]?.disposition).toBe("accepted");
      const last = told.findLast(({ disposition }) => disposition === "accepted");
      expect(last?.arrival).toBe(newestByHand(places)?.arrival);
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  it("each is as it was told when it arrived: what comes later changes nothing about it", () => {
    const property = fc.property(arrived, (places) => {
      const told = dispositions(places);
      for (const count of places.keys()) expect(dispositions(places.slice(0, count))).toEqual(told.slice(0, count));
    });
    fc.assert(property, { numRuns: 500 });
  });
});
