import { describe, expect, it } from "vitest";
import { neverStarted, Receipt, receipt } from "../../src/domain/receipt.ts";
import { forgetAt } from "../../src/domain/retention.ts";
import { end } from "../../src/domain/run.ts";
import { next } from "../../src/domain/transitions.ts";
import { ENDED, FAILED, REF, runIn } from "./runs.ts";

describe("a receipt", () => {
  it("names each run with its state, and its reason where there is one", () => {
    const runs = [runIn("planned"), runIn("skipped", { action: "enrich", reason: "no host" })];
    expect(receipt(REF, "accepted", runs)).toEqual({
      result: "accepted",
      event_id: "event-1",
      incident_id: "incident-1",
      runs: [
        { run_id: "incident-1:event-1:restart-host", action: "restart-host", state: "planned" },
        { run_id: "incident-1:event-1:enrich", action: "enrich", state: "skipped", reason: "no host" },
      ],
    });
  });

  it.each(["accepted", "duplicate", "stale"] as const)("%s: comes back from KV as it was put there", (result) => {
    const given = receipt(REF, result, [runIn("planned"), runIn("failed", { reason: "no" })]);
    expect(Receipt.parse(JSON.parse(JSON.stringify(given)))).toEqual(given);
  });
});

describe("the runs that were never started", () => {
  it.each(["awaiting_approval", "planned", "dispatched", "running", "waiting"] as const)(
    "do not count one that is %s: it may still be",
    (state) => {
      expect(neverStarted([runIn(state), runIn(state, { fence: 0 })])).toEqual([]);
    },
  );

  it.each(ENDED)("count one that is %s, where no attempt was ever claimed", (state) => {
    expect(neverStarted([runIn(state, { fence: 0 })])).toEqual(["restart-host"]);
    expect(neverStarted([runIn(state, { fence: 1 })])).toEqual([]);
    expect(neverStarted([runIn(state, { fence: 7 })])).toEqual([]);
  });

  it("do not count one that a person started over: what came before may have done something", () => {
    const started = next(runIn("dispatched"), { kind: "claimed", claimant: "one" }, { now: 7, chance: 0 });
    const failed = next(started, { kind: "settled", fence: started.fence, outcome: FAILED }, { now: 8, chance: 0 });
    const again = next(failed, { kind: "retried", by: "wangwu", overriding: false }, { now: 9, chance: 0 });
    expect(again.started_at).toBeNull();
    expect(neverStarted([end(again, "failed", "the queue did not deliver it", 10)])).toEqual([]);
  });

  it("do not count one of a press that only repeats another: what was asked for is that one's run", () => {
    const runs = [runIn("skipped", { fence: 0, same_as: "incident-1:event-0:restart-host" })];
    expect(neverStarted(runs)).toEqual([]);
  });

  it("are named by their actions, in order", () => {
    const runs = [
      runIn("failed", { action: "enrich", fence: 0 }),
      runIn("succeeded", { action: "rollback", fence: 1 }),
      runIn("skipped", { fence: 0 }),
    ];
    expect(neverStarted(runs)).toEqual(["enrich", "restart-host"]);
    expect(neverStarted([])).toEqual([]);
  });
});

describe("an incident is forgotten", () => {
  it.each([
    ["Triggered", null],
    ["Processing", null],
    ["", null],
    ["closed", null],
    ["Closed", 1_500],
  ])("%j: at %s", (progress, expected) => {
    expect(forgetAt(progress, 1_000, 500)).toBe(expected);
  });
});
