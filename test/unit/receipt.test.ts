import { describe, expect, it } from "vitest";
import { Receipt, receipt } from "../../src/domain/receipt.ts";
import { forgetAt } from "../../src/domain/retention.ts";
import { KEY, runIn } from "./runs.ts";

describe("a receipt", () => {
  it("names each run with its state, and its reason where there is one", () => {
    const runs = [runIn("planned"), runIn("skipped", { action: "enrich", reason: "no host" })];
    expect(receipt(KEY, "accepted", runs)).toEqual({
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
    const given = receipt(KEY, result, [runIn("planned"), runIn("failed", { reason: "no" })]);
    expect(Receipt.parse(JSON.parse(JSON.stringify(given)))).toEqual(given);
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
    expect(forgetAt({ progress, received_at: 1_000 }, 500)).toBe(expected);
  });
});
