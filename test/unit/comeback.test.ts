import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cameBack } from "../../src/domain/comeback.ts";
import { POLICY, runIn } from "./runs.ts";

const ID = "incident-1:event-1:restart-host";

describe("an incident that came back", () => {
  it.each<[string, number[], boolean]>([
    ["was never reopened", [], false],
    ["was reopened before the end of the run", [499], false],
    ["was reopened at that very moment", [500], false],
    ["was reopened afterwards", [501], true],
    ["was reopened before and afterwards", [1, 501], true],
    ["was reopened afterwards, as told out of order", [501, 1], true],
    ["was reopened twice afterwards: the run counts once", [501, 502], true],
  ])("%s", (_, reopened_at, expected) => {
    expect(cameBack([runIn("succeeded", { ended_at: 500 })], reopened_at)).toEqual(expected ? [ID] : []);
  });

  it.each(["planned", "running", "waiting", "failed", "skipped", "unknown", "expired", "cancelled"] as const)(
    "is none of a run that is %s: it has not claimed to help",
    (state) => {
      expect(cameBack([runIn(state)], [1_000_000])).toEqual([]);
    },
  );

  it("is none of a dry run: nothing was done that could have helped", () => {
    expect(cameBack([runIn("succeeded", { policy: { ...POLICY, dry_run: true } })], [1_000_000])).toEqual([]);
  });

  it("names each run that was in vain", () => {
    const runs = [1, 2, 3].map((nr) => runIn("succeeded", { event_id: `event-${nr}`, ended_at: nr * 100 }));
    expect(cameBack(runs, [250])).toEqual(["incident-1:event-1:restart-host", "incident-1:event-2:restart-host"]);
    expect(cameBack([], [250])).toEqual([]);
  });

  it("is the newest reopening's matter alone", () => {
    const times = fc.array(fc.nat(1_000), { minLength: 1 });
    fc.assert(
      fc.property(times, fc.nat(1_000), (reopened_at, ended_at) => {
        const expected = Math.max(...reopened_at) > ended_at ? [ID] : [];
        expect(cameBack([runIn("succeeded", { ended_at })], reopened_at)).toEqual(expected);
      }),
    );
  });
});
