import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leaseMs } from "../../src/domain/lease.ts";
import type { Run } from "../../src/domain/run.ts";
import { afterLook, begun, isBusy, LATE_COUNTS_MS, type Start } from "../../src/domain/start.ts";
import { ENDED, POLICY, runIn } from "./runs.ts";

const CLOCKS_DIFFER_MS = 10_000;
/** As long after its end may a run with an unknown outcome come back, whatever the clocks say. */
const COMES_BACK_MS = LATE_COUNTS_MS + CLOCKS_DIFFER_MS;
const NOW = 1_000_000;
const OPEN = ["planned", "dispatched", "running", "waiting"] as const;

const names = { start_id: "i:e:restart-host#0", run_id: "i:e:restart-host", action: "restart-host", key: "es.nj.01" };

function start(changed: Partial<Start> = {}): Start {
  return { ...begun(names, 1_000), ...changed };
}

describe("a start", () => {
  it("takes its key until nobody knows when", () => {
    expect(begun(names, 7)).toEqual({ ...names, started_at: 7, ended_at: null, free_at: null, outcome: null });
    expect(isBusy(begun(names, 7), Number.MAX_SAFE_INTEGER)).toBe(true);
  });

  it.each([
    [NOW - 1, true],
    [NOW, false],
    [NOW + 1, false],
  ])("whose key is free at a million ms is busy at %d: %j", (now, busy) => {
    expect(isBusy(start({ ended_at: NOW - 5, free_at: NOW }), now)).toBe(busy);
  });
});

describe("after a look at its run, a start", () => {
  it.each(OPEN)("goes on while the run is %s", (state) => {
    expect(afterLook(start(), runIn(state), 0, NOW)).toEqual(start());
  });

  it.each(["succeeded", "failed"] as const)("is over, and its key free, where the run has %s", (state) => {
    expect(afterLook(start(), runIn(state, { ended_at: NOW - 500 }), 0, NOW)).toEqual(
      start({ ended_at: NOW, free_at: NOW, outcome: state }),
    );
  });

  it("leaves the key taken for as long as the attempt of a cancelled run may still be under way", () => {
    const free_at = NOW + leaseMs({ policy: POLICY }) + CLOCKS_DIFFER_MS;
    expect(afterLook(start(), runIn("cancelled"), 0, NOW)).toEqual(
      start({ ended_at: NOW, free_at, outcome: "cancelled" }),
    );
  });

  it("is not known where the run was skipped in the end: nothing was done", () => {
    expect(afterLook(start(), runIn("skipped"), 0, NOW)).toBeNull();
  });

  it("counts all the same where something had been started at the target", () => {
    expect(afterLook(start(), runIn("skipped", { handle: "job-7" }), 0, NOW)).toMatchObject({ outcome: "skipped" });
  });

  it("frees the key where the incident has forgotten the run: nobody could ever free it otherwise", () => {
    expect(afterLook(start(), null, 0, NOW)).toEqual(start({ ended_at: NOW, free_at: NOW, outcome: "unknown" }));
  });

  it.each([
    [NOW - COMES_BACK_MS + 1, true],
    [NOW - COMES_BACK_MS, false],
  ])("of an unknown outcome since %d keeps the key as long as the run may come back: %j", (ended_at, busy) => {
    const after = afterLook(start(), runIn("unknown", { ended_at }), 0, NOW);
    const end = { ended_at: NOW, free_at: busy ? null : NOW };
    expect(after).toEqual(start({ ...end, outcome: "unknown" }));
  });

  it("has ended when that was seen first, however often it is looked at", () => {
    const unknown = runIn("unknown", { ended_at: NOW - 1 });
    const first = afterLook(start(), unknown, 0, NOW) ?? start();
    expect(afterLook(first, unknown, 0, NOW + COMES_BACK_MS)).toMatchObject({ ended_at: NOW, outcome: "unknown" });
  });

  it("goes on again where the run came back, with a job at the target", () => {
    const unclear = afterLook(start(), runIn("unknown", { ended_at: NOW - 1 }), 0, NOW) ?? start();
    const back = runIn("waiting", { round: 1, handle: "job-7" });
    expect(afterLook(unclear, back, 0, NOW + 1)).toEqual(start());
    expect(afterLook(start(), { ...back, state: "dispatched" }, 0, NOW)).toEqual(start());
  });

  it("is over some time after its run began anew without a job at the target", () => {
    const anew = runIn("running", { round: 1 });
    expect(afterLook(start(), anew, 0, NOW)).toEqual(
      start({ ended_at: NOW, free_at: NOW + COMES_BACK_MS, outcome: "unknown" }),
    );
  });

  it("is over where its run came back and has ended", () => {
    const back = runIn("succeeded", { round: 1, handle: "job-7" });
    expect(afterLook(start(), back, 0, NOW)).toMatchObject({ ended_at: NOW, outcome: "unknown" });
  });

  it("is not touched but for its end, whatever the run", () => {
    const run: fc.Arbitrary<Run> = fc
      .record({
        state: fc.constantFrom(...OPEN, ...ENDED),
        round: fc.nat(2),
        handle: fc.constantFrom(null, "job-7"),
        ended_at: fc.nat(2 * NOW),
      })
      .map(({ state, ended_at, ...run }) =>
        runIn(state, ENDED.some((one) => one === state) ? { ...run, ended_at } : run),
      );
    fc.assert(
      fc.property(fc.option(run), fc.nat(2), (run, round) => {
        const after = afterLook(start(), run, round, NOW);
        if (after === null) return;
        expect({ ...after, ended_at: null, free_at: null, outcome: null }).toEqual(start());
        // Nobody looks at it again once its key is free: by then its end must be known, and what it came to.
        if (after.free_at !== null) expect([after.ended_at, after.outcome]).not.toContain(null);
        expect(after.ended_at === null).toBe(after.outcome === null);
        expect(after.free_at ?? NOW).toBeGreaterThanOrEqual(after.ended_at ?? NOW);
      }),
    );
  });

  it("has an end, once its run has one: no key is taken for ever", () => {
    fc.assert(
      fc.property(fc.constantFrom(...ENDED), fc.nat(2), fc.nat(2), fc.nat(NOW), (state, round, started, ended_at) => {
        const run = runIn(state, { round, ended_at });
        const after = afterLook(start(), run, started, NOW + COMES_BACK_MS);
        if (after !== null) expect(isBusy(after, NOW + 2 * COMES_BACK_MS)).toBe(false);
      }),
    );
  });
});
