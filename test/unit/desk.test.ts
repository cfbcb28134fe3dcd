import { describe, expect, it } from "vitest";
import type { Asked } from "../../src/domain/plan.ts";
import { SAME_PRESS_MS } from "../../src/domain/press.ts";
import type { Run } from "../../src/domain/run.ts";
import { Desk } from "../../src/incident/desk.ts";
import { EventMemory, RunMemory } from "../simulation/memory.ts";
import { POLICY, SUCCEEDED } from "./runs.ts";

const NOW = Date.UTC(2026, 10, 22, 12, 40);

/** The desk of an incident of which nothing is known, and the times by which it wants to be woken. */
function desk() {
  const kept = { events: new EventMemory(), runs: new RunMemory(true) };
  const woken_by: number[] = [];
  const house = { retention_ms: 1, tells: null };
  const wakeBy = (at: number) => void woken_by.push(at);
  const one = new Desk(kept, wakeBy, () => house);
  /** zhangsan presses a button, which calls for this. */
  const press = (event_id: string, now: number, ...asked: Asked[]): Run[] => {
    const event = { incident_id: "incident-1", event_id, event_type: "i_custom", event_time: now, received_at: now };
    const rest = { address: "action/any" as const, progress: "Triggered", body: "{}" };
    one.receive({ ...event, ...rest }, asked, null, { now, chance: 0 });
    return kept.runs.ofEvent(event_id);
  };
  /** The run is started, and succeeds. */
  const succeed = (run: Run, now: number) => {
    const at = { now, chance: 0 };
    one.wake(at);
    const claimed = one.claim(run, "one", at);
    if ("refused" in claimed) throw new Error(`the run is ${claimed.refused}`);
    one.settle(run, claimed.run.fence, SUCCEEDED, [], at);
  };
  return { press, succeed, woken_by, run: ({ event_id, action }: Run) => kept.runs.one(event_id, action) };
}

function asked(action: string, after = ""): Asked {
  const who = { by: "command" as const, asked_by: "zhangsan", person_id: "7" };
  const how = { params: {}, key: "", connector: "any", policy: POLICY };
  return {
    action,
    ...who,
    ...how,
    follows: false,
    occurrence: null,
    brought_by: "",
    after,
    approval: null,
    refused: null,
  };
}
const [ENRICH, RESTART] = [asked("enrich"), asked("restart-host", "enrich")];
const WOKEN = { state: "planned", reason: "" };

describe("a run that comes after another of its event", () => {
  it("waits, and is woken when that has ended", () => {
    const { press, succeed, run, woken_by } = desk();
    const [restart, enrich] = press("event-1", NOW, RESTART, ENRICH);
    if (restart === undefined || enrich === undefined) throw new Error("there are two runs");
    expect(run(restart)).toMatchObject({ state: "planned", reason: 'waits for "enrich"', due_at: NOW + 60_000 });
    succeed(enrich, NOW + 2_000);
    expect(run(restart)).toMatchObject({ ...WOKEN, due_at: NOW + 2_000 });
    expect(woken_by).toContain(NOW + 2_000);
  });

  it.each([
    ["before it is planned", [ENRICH, RESTART]],
    ["as soon as it is planned", [RESTART, ENRICH]],
  ])("is woken at once where that ends %s: it is one with an earlier press", (_, both) => {
    const { press, run, woken_by } = desk();
    press("event-1", NOW, ENRICH);
    const now = NOW + SAME_PRESS_MS - 1;
    const [enrich, restart] = press("event-2", now, ...both).toSorted((one, other) =>
      one.action.localeCompare(other.action),
    );
    if (restart === undefined || enrich === undefined) throw new Error("there are two runs");
    expect(enrich).toMatchObject({ state: "skipped", ended_at: now });
    expect(run(restart)).toMatchObject({ ...WOKEN, after: "enrich", due_at: now });
    expect(woken_by).toContain(now);
  });
});
