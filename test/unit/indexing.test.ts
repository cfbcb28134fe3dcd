import { describe, expect, it } from "vitest";
import { againAfter, Indexing } from "../../src/incident/indexing.ts";

const NOW = Date.UTC(2026, 10, 22);

/** One of which nothing is known, and the times by which it wants the alarm; to its incident something happened at NOW. */
function unknown() {
  const asked_for: number[] = [];
  return {
    indexing: new Indexing(
      (at) => void asked_for.push(at),
      () => NOW,
    ),
    asked_for,
  };
}

/** One that has everything in the index. */
function upToDate() {
  const one = unknown();
  one.indexing.begin();
  return one;
}

describe("the index is written", () => {
  it("at the next alarm where nothing is known, with all runs; but no alarm is needed for that", () => {
    const { indexing, asked_for } = unknown();
    expect(indexing.rang(NOW)).toBe(true);
    expect(indexing.begin()).toEqual({ changed: null, is_entered: false });
    expect(asked_for).toEqual([]);
  });

  it("five seconds after the first change, with what has changed by then; each change asks for that alarm", () => {
    const { indexing, asked_for } = upToDate();
    indexing.changed("run-1", NOW);
    indexing.changed(null, NOW + 4_000);
    indexing.changed("run-2", NOW + 4_999);
    expect(asked_for).toEqual([NOW + 5_000, NOW + 5_000, NOW + 5_000]);
    expect(indexing.rang(NOW + 5_000)).toBe(true);
    expect(indexing.begin()).toEqual({ changed: new Set(["run-1", "run-2"]), is_entered: true });
  });

  it("five seconds after a change where nothing was known before, with all runs", () => {
    const { indexing, asked_for } = unknown();
    indexing.changed("run-1", NOW);
    expect([indexing.rang(NOW), asked_for[0], indexing.begin().changed]).toEqual([false, NOW + 5_000, null]);
  });

  it("when it is due, though the alarm has come before for something else", () => {
    const { indexing, asked_for } = upToDate();
    indexing.changed("run-1", NOW);
    expect(indexing.rang(NOW + 4_999)).toBe(false);
    expect(asked_for).toEqual([NOW + 5_000, NOW + 5_000]);
  });

  it("by the alarm that has come, with what changes in it: no other is asked for", () => {
    const { indexing, asked_for } = upToDate();
    indexing.changed("run-1", NOW);
    indexing.changed("run-2", NOW + 5_000);
    expect(indexing.rang(NOW + 5_000)).toBe(true);
    indexing.changed("run-3", NOW + 5_000);
    expect(asked_for).toEqual([NOW + 5_000]);
    expect(indexing.begin().changed).toEqual(new Set(["run-1", "run-2", "run-3"]));
    expect(indexing.rang(NOW + 5_000)).toBe(false);
  });

  it("again with what changes while it is being written", () => {
    const { indexing, asked_for } = upToDate();
    indexing.changed("run-1", NOW);
    indexing.begin();
    indexing.changed("run-2", NOW + 6_000);
    expect(asked_for.at(-1)).toBe(NOW + 11_000);
    expect(indexing.begin().changed).toEqual(new Set(["run-2"]));
  });

  it("later and later while it fails, with all runs, however much changes meanwhile, be it by an object made anew", () => {
    const waits: number[] = [];
    let now = NOW;
    for (const { indexing, asked_for } of Array.from({ length: 10 }, unknown)) {
      expect(indexing.rang(now)).toBe(true);
      indexing.begin();
      indexing.failed({ now, chance: 0.5 });
      indexing.changed("run-1", now);
      const [at = Number.NaN, again] = asked_for;
      expect(again).toBe(at);
      expect(indexing.begin()).toEqual({ changed: null, is_entered: false });
      waits.push((at - now) / 1_000);
      now = at;
    }
    expect(waits).toEqual([5, 5, 10, 20, 40, 80, 160, 320, 600, 600]);
  });

  it("in time again once it has been written", () => {
    const { indexing, asked_for } = unknown();
    indexing.failed({ now: NOW + 60_000, chance: 0.5 });
    indexing.begin();
    indexing.changed("run-1", NOW + 120_000);
    expect(asked_for.at(-1)).toBe(NOW + 125_000);
  });

  it("as if nothing were known where everything is to be written anew, be it while it is written", () => {
    const { indexing } = upToDate();
    indexing.begin();
    indexing.forget();
    expect(indexing.rang(NOW)).toBe(true);
    expect(indexing.begin()).toEqual({ changed: null, is_entered: false });
  });
});

it.each([
  ["a moment ago", 0, 0.5, 5_000],
  ["in the future", -60_000, 0.5, 5_000],
  ["a minute ago", 60_000, 0.5, 60_000],
  ["a minute ago, at the soonest", 60_000, 0, 45_000],
  ["a minute ago, at the latest", 60_000, 1, 75_000],
  ["a month ago", 30 * 24 * 60 * 60_000, 0.5, 600_000],
])("an index that fails is asked again later where something happened %s", (_, quiet_ms, chance, wait_ms) => {
  expect(againAfter(quiet_ms, chance)).toBe(wait_ms);
});
