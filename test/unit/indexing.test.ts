import { describe, expect, it } from "vitest";
import { Indexing } from "../../src/incident/indexing.ts";

const NOW = Date.UTC(2026, 10, 22);

/** One that has everything in the index. */
function upToDate(): Indexing {
  const indexing = new Indexing();
  indexing.begin();
  indexing.done();
  return indexing;
}

describe("the index is written", () => {
  it("at the next alarm where nothing is known, with all runs; but no alarm is needed for that", () => {
    const indexing = new Indexing();
    expect([indexing.isDue(NOW), indexing.wake_at, indexing.begin()]).toEqual([true, null, null]);
  });

  it("five seconds after the first change, with what has changed by then", () => {
    const indexing = upToDate();
    indexing.changed("run-1", NOW);
    indexing.changed(null, NOW + 4_000);
    indexing.changed("run-2", NOW + 4_999);
    expect(indexing.wake_at).toBe(NOW + 5_000);
    expect([indexing.isDue(NOW + 4_999), indexing.isDue(NOW + 5_000)]).toEqual([false, true]);
    expect([...(indexing.begin() ?? [])]).toEqual(["run-1", "run-2"]);
  });

  it("five seconds after a change where nothing was known before, with all runs", () => {
    const indexing = new Indexing();
    indexing.changed("run-1", NOW);
    expect([indexing.isDue(NOW), indexing.wake_at, indexing.begin()]).toEqual([false, NOW + 5_000, null]);
  });

  it("again with what changes while it is being written", () => {
    const indexing = upToDate();
    indexing.changed("run-1", NOW);
    indexing.begin();
    indexing.changed("run-2", NOW + 6_000);
    indexing.done();
    expect(indexing.wake_at).toBe(NOW + 11_000);
    expect([...(indexing.begin() ?? [])]).toEqual(["run-2"]);
  });

  it("later and later while it fails, with all runs, however much changes meanwhile; and in time once it has succeeded", () => {
    const indexing = upToDate();
    const waits = Array.from({ length: 10 }, () => {
      indexing.changed("run-1", NOW);
      indexing.begin();
      indexing.failed(NOW);
      indexing.changed("run-1", NOW);
      return (indexing.wake_at ?? 0) - NOW;
    });
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 600, 600, 600].map((s) => s * 1_000));
    expect(indexing.begin()).toBeNull();
    indexing.done();
    indexing.changed("run-1", NOW);
    expect(indexing.wake_at).toBe(NOW + 5_000);
  });

  it("as if nothing were known where everything is to be written anew", () => {
    const indexing = upToDate();
    indexing.is_entered = true;
    indexing.forget();
    expect([indexing.isDue(NOW), indexing.begin(), indexing.is_entered]).toEqual([true, null, false]);
  });
});
