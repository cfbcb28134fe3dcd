// The incident's object, by itself: one alarm, runs that come to their end, and nothing lost.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Tables } from "../../src/incident/schema.ts";
import { linesOf } from "./logged.ts";
import { fail, hang } from "./platform.ts";
import { newIncident } from "./push.ts";
import {
  alarmOf,
  anEvent,
  aRun,
  bringIndexUpToDate,
  type Clock,
  DAY_MS,
  holdClock,
  holdMessages,
  incident,
  keyOf,
  ONCE,
  RETENTION_MS,
  ring,
  SECOND_MS,
  tablesOf,
} from "./taken.ts";
import { passTime } from "./until.ts";

/** The end of an incident. */
const CLOSING = { event_id: "closing", event_type: "i_rslv", progress: "Closed" };

let clock: Clock;
let messages: ReturnType<typeof holdMessages>;
let id: string;

beforeEach(() => {
  clock = holdClock();
  messages = holdMessages();
  id = newIncident();
});

/** An incident with one run, whose message is under way. */
async function dispatched(more: Parameters<typeof aRun>[0] = {}) {
  await incident(id).receive(anEvent(id, clock), [aRun(more)]);
  await ring(id);
}

/** The same, claimed: the run, as the attempt has it. */
async function claimed(more: Parameters<typeof aRun>[0] = {}) {
  await dispatched(more);
  return claim();
}

/** A claim by somebody who has not claimed before. */
async function claim(claimant: string = crypto.randomUUID()) {
  const granted = await incident(id).claim(keyOf(id), claimant, true);
  if ("refused" in granted) throw new Error(`the claim was refused: ${granted.refused}`);
  return granted.run;
}

async function shown() {
  const run = await incident(id).showRun(keyOf(id));
  if (run === null) throw new Error("there is no run");
  return run;
}

/** The actions that were never started, as the event's repetition is told. */
async function neverStarted() {
  return (await incident(id).receive(anEvent(id, clock), [])).never_started;
}

/** Lets the alarm ring when something is due, the index aside. */
async function ringWhenDue() {
  const at = await alarmOf(id);
  if (at !== null && at > clock.now) await bringIndexUpToDate(id);
  clock.now = Math.max(clock.now, (await alarmOf(id)) ?? clock.now);
  return ring(id);
}

/** Lets the alarm ring when the run is due. */
async function comeDue() {
  clock.now = (await shown()).due_at ?? clock.now;
  return ring(id);
}

/** An incident whose one run is `late_ms` overdue and whose alarm is gone; then the object is made anew, and asked. */
async function loseAlarm(late_ms: number, isOpen = true) {
  await incident(id).receive(anEvent(id, clock), [aRun()]);
  if (!isOpen) {
    await ring(id);
    const { fence } = await claim();
    await incident(id).settle(keyOf(id), fence, { kind: "succeeded", summary: "done" });
  }
  await runInDurableObject(incident(id), async (_, { storage }) => storage.deleteAlarm());
  clock.now += late_ms;
  await evictDurableObject(incident(id));
  await incident(id).showRun(keyOf(id));
  return alarmOf(id);
}

describe("the alarm", () => {
  it("is set for the index alone by an event that calls for nothing", async () => {
    await incident(id).receive(anEvent(id, clock), []);
    expect(await alarmOf(id)).toBe(clock.now + 5 * SECOND_MS);
    clock.now += 5 * SECOND_MS;
    await ring(id);
    expect(await alarmOf(id)).toBeNull();
  });

  it("is set at once by an event that calls for runs, and sends one message for each", async () => {
    const { receipt } = await incident(id).receive(anEvent(id, clock), [aRun(), aRun({ action: "enrich" })]);
    expect(receipt.runs.map(({ state }) => state)).toEqual(["planned", "planned"]);
    expect(await alarmOf(id)).toBe(clock.now);
    expect(await ring(id)).toBe(true);
    expect(messages.sent).toEqual([keyOf(id, "enrich"), keyOf(id, "restart-host")]);
  });

  it("is set once by what happens at a time, to the soonest of what follows", async () => {
    const set = await runInDurableObject(incident(id), (object, { storage }) => {
      const setAlarm = vi.spyOn(storage, "setAlarm");
      object.receive(anEvent(id, clock, CLOSING), []); // to be forgotten one day, and in the index soon
      return setAlarm.mock.calls;
    });
    expect(set).toEqual([[clock.now + 5 * SECOND_MS]]);
  });

  it("stands at what is due first, whatever is due later", async () => {
    await incident(id).receive(anEvent(id, clock), [aRun(), aRun({ action: "enrich" })]);
    await ring(id);
    await claim();
    await bringIndexUpToDate(id);
    const runs = (await incident(id).show())?.runs ?? [];
    const first = Math.min(...runs.map(({ due_at }) => due_at ?? Infinity));
    expect(await alarmOf(id)).toBe(first);
    expect(first).toBeGreaterThan(clock.now);
  });

  it("that is due and has not come yet is not put off by what is due later", async () => {
    const due_at = clock.now;
    await incident(id).receive(anEvent(id, clock), [aRun()]);
    clock.now += SECOND_MS;
    await incident(id).receive(anEvent(id, clock, { event_id: "event-2" }), [aRun()]);
    expect(await alarmOf(id)).toBe(due_at);
  });

  it.each([0, SECOND_MS, 2 * 60 * SECOND_MS])(
    "that is due and has not come yet is not put off by the incident's end, %i ms later",
    async (late_ms) => {
      const due_at = clock.now;
      const alarm = await runInDurableObject(incident(id), async (object, { storage }) => {
        object.receive(anEvent(id, clock), [aRun()]);
        clock.now += late_ms;
        object.receive(anEvent(id, clock, CLOSING), []);
        return storage.getAlarm();
      });
      expect(alarm).toBe(due_at);
      await ring(id);
      expect(messages.sent).toEqual([keyOf(id)]);
      const { fence } = await claim();
      await incident(id).settle(keyOf(id), fence, { kind: "succeeded", summary: "done" });
      expect(await shown()).toMatchObject({ state: "succeeded", due_at: null });
      await bringIndexUpToDate(id);
      expect(await alarmOf(id)).toBe(due_at + late_ms + RETENTION_MS);
    },
  );

  it("that should have come long ago is set again", async () => {
    await incident(id).receive(anEvent(id, clock), [aRun()]);
    await runInDurableObject(incident(id), async (_, { storage }) => storage.deleteAlarm()); // lost
    clock.now += 2 * 60 * SECOND_MS;
    await incident(id).receive(anEvent(id, clock, { event_id: "event-2" }), [aRun()]);
    await ring(id);
    expect(messages.sent).toHaveLength(2);
  });

  it.each([60 * SECOND_MS, 60 * SECOND_MS + 1, DAY_MS])(
    "that is gone is set again once the object is made anew, %i ms after a run was due",
    async (late_ms) => {
      expect(await loseAlarm(late_ms)).toBe(clock.now);
      await ring(id);
      expect(messages.sent).toEqual([keyOf(id)]);
      await bringIndexUpToDate(id);
      expect(await alarmOf(id)).toBe((await shown()).due_at);
    },
  );

  it("that is not set is not set again while it could only be late, nor where no run is open", async () => {
    expect(await loseAlarm(60 * SECOND_MS - 1)).toBeNull();
    id = newIncident();
    expect(await loseAlarm(DAY_MS, false)).toBeNull();
  });

  it("that is set already is left as it is when the object is made anew", async () => {
    await incident(id).receive(anEvent(id, clock), [aRun()]);
    const before = await alarmOf(id);
    clock.now += DAY_MS;
    await evictDurableObject(incident(id));
    await incident(id).show();
    expect(await alarmOf(id)).toBe(before);
  });

  it.each([
    [500, [500]],
    [601, [500, 601]],
  ])("moves 500 of %i due runs at a time, and comes back at once for the others", async (count, sent) => {
    const runs = Array.from({ length: count }, (_, n) => aRun({ action: `action-${n}` }));
    await incident(id).receive(anEvent(id, clock), runs);
    for (const [rung, total] of sent.entries()) {
      expect([rung, await alarmOf(id)]).toEqual([rung, clock.now]);
      await ring(id);
      expect(messages.sent).toHaveLength(total);
    }
    const open = await Promise.all(runs.map(async ({ action }) => incident(id).showRun(keyOf(id, action))));
    expect(open.filter((run) => run?.state === "dispatched")).toHaveLength(count);
    expect(new Set(messages.sent.map((message) => JSON.stringify(message))).size).toBe(count);
    const sizes = messages.sendBatch.mock.calls.map(([batch]) => Array.from(batch).length);
    expect(sizes).toEqual([100, 100, 100, 100, 100, ...(count > 500 ? [100, 1] : [])]);
  });

  it("moves the others where one run cannot be read, keeps that one, and moves it once it can", async () => {
    await incident(id).receive(anEvent(id, clock, { progress: "Closed" }), [aRun({ action: "odd" }), aRun()]);
    const setState = async (state: string) =>
      runInDurableObject(incident(id), (_, { storage }) => {
        storage.sql.exec("UPDATE runs SET run = json_set(run, '$.state', ?) WHERE action = 'odd'", state);
      });
    await setState("of a later version");
    await ring(id);
    expect(messages.sent).toEqual([keyOf(id)]);
    expect((await incident(id).show())?.runs.map(({ action }) => action)).toEqual(["restart-host"]);
    await bringIndexUpToDate(id);
    expect(await alarmOf(id)).toBe(clock.now + 10 * SECOND_MS);
    clock.now += RETENTION_MS;
    expect(await incident(id).claim(keyOf(id), "somebody", true)).toMatchObject({ run: { state: "running" } });
    await incident(id).settle(keyOf(id), 1, { kind: "succeeded", summary: "done" });
    await bringIndexUpToDate(id);
    expect(await alarmOf(id)).toBe(clock.now + 30 * SECOND_MS);
    await setState("planned");
    await ring(id);
    expect(messages.sent).toEqual([keyOf(id), keyOf(id, "odd")]);
  });

  it("sets itself again for as long as a run is open, and no longer", async () => {
    await dispatched();
    for (let rings = 0; rings < 5; rings++) {
      await bringIndexUpToDate(id);
      expect(await alarmOf(id)).toBe((await shown()).due_at);
      await ringWhenDue();
    }
    const run = await claim();
    await incident(id).settle(keyOf(id), run.fence, { kind: "succeeded", summary: "done" });
    await ringWhenDue();
    expect(await alarmOf(id)).toBeNull();
  });

  it("that rings before anything is due changes nothing, and is set again", async () => {
    await dispatched();
    const before = await shown();
    clock.now = (before.due_at ?? 0) - 1;
    await ring(id);
    expect(await shown()).toEqual(before);
    expect(messages.sent).toHaveLength(1);
    expect(await alarmOf(id)).toBe(before.due_at);
  });

  it("that fails comes again, and loses nothing", async () => {
    await incident(id).receive(anEvent(id, clock), [aRun()]);
    await runInDurableObject(incident(id), (_, { storage }) => {
      vi.spyOn(storage, "transactionSync").mockImplementationOnce(() => {
        throw new Error("storage is out of order");
      });
    });
    await ring(id);
    expect(linesOf("alarm.failed")).toMatchObject([{ incident_id: id }]);
    expect(messages.sent).toEqual([]);
    expect(await alarmOf(id)).toBeGreaterThan(clock.now);
    await ringWhenDue();
    expect(messages.sent).toEqual([keyOf(id)]);
  });
});

describe("what is on disk", () => {
  it("is all that there is: an evicted object knows events, runs, their order and its alarm", async () => {
    await dispatched();
    const [before, alarm] = [await incident(id).show(), await alarmOf(id)];
    await evictDurableObject(incident(id));
    expect(await incident(id).show()).toEqual(before);
    expect(await alarmOf(id)).toBe(alarm);
  });

  it("tells an evicted object what is a duplicate, stale, and next to arrive", async () => {
    await incident(id).receive(anEvent(id, clock), []);
    await evictDurableObject(incident(id));
    const { receipt: again } = await incident(id).receive(anEvent(id, clock), []);
    const passed = anEvent(id, clock, { event_id: "older", event_time: clock.now - 1 });
    const { receipt: older } = await incident(id).receive(passed, []);
    const { receipt: tied } = await incident(id).receive(anEvent(id, clock, { event_id: "tied" }), []);
    expect([again.result, older.result, tied.result]).toEqual(["duplicate", "stale", "accepted"]);
    const kept = await incident(id).show();
    expect(kept?.events.map(({ event_id, arrival }) => [event_id, arrival])).toEqual([
      ["event-1", 1],
      ["older", 2],
      ["tied", 3],
    ]);
  });

  it("lets an evicted object see that an attempt does not come back", async () => {
    await claimed();
    await evictDurableObject(incident(id));
    await comeDue();
    expect(await shown()).toMatchObject({ state: "planned", failures: 1 });
  });

  it("is nothing for an incident that was only asked after", async () => {
    const { claim, settle, show, showEvent, showRun } = incident(id);
    expect(await claim(keyOf(id), "anybody")).toEqual({ refused: "not known" });
    expect(await settle(keyOf(id), 1, { kind: "succeeded", summary: "" })).toBe(false);
    expect([await show(), await showEvent("event-1"), await showRun(keyOf(id))]).toEqual([null, null, null]);
    expect(await tablesOf(id)).toEqual([]);
    expect(await alarmOf(id)).toBeNull();
  });

  it("is the same after migrations ran twice", async () => {
    await dispatched();
    const before = await incident(id).show();
    await runInDurableObject(incident(id), (_, { storage }) => {
      storage.transactionSync(() => {
        new Tables(storage.sql).prepare();
        new Tables(storage.sql).prepare();
      });
    });
    expect(await incident(id).show()).toEqual(before);
  });
});

describe("an event that cannot be stored as a whole", () => {
  beforeEach(async () => {
    await runInDurableObject(incident(id), (_, { storage }) => {
      vi.spyOn(storage, "setAlarm").mockImplementationOnce(() => {
        throw new Error("storage is out of order"); // after the rows were written
      });
    });
    const call = runInDurableObject(incident(id), (object) => object.receive(anEvent(id, clock), [aRun()]));
    await expect(call).rejects.toThrow("out of order");
  });

  it("leaves nothing behind", async () => {
    expect(await incident(id).show()).toBeNull();
    expect(await tablesOf(id)).toEqual([]);
    expect(await alarmOf(id)).toBeNull();
  });

  it("is taken when it comes again, and its runs are carried out", async () => {
    const { receipt } = await incident(id).receive(anEvent(id, clock), [aRun()]);
    expect(receipt).toMatchObject({ result: "accepted", runs: [{ state: "planned" }] });
    expect(await alarmOf(id)).toBe(clock.now);
    await ring(id);
    expect(messages.sent).toEqual([keyOf(id)]);
  });
});

describe("a message", () => {
  it("that nobody claims in time is sent again", async () => {
    await dispatched();
    await ringWhenDue();
    expect(messages.sent).toEqual([keyOf(id), keyOf(id)]);
    expect(await shown()).toMatchObject({ state: "dispatched", sends: 2 });
  });

  it("is not sent again once its run is claimed", async () => {
    const run = await claimed();
    clock.now = (run.due_at ?? 0) - 1;
    await ring(id);
    expect(messages.sent).toHaveLength(1);
  });

  it("that nobody ever claims is given up in the end, and its run with it", async () => {
    await dispatched();
    for (let rings = 0; rings < 30 && (await shown()).ended_at === null; rings++) await ringWhenDue();
    expect(await shown()).toMatchObject({ state: "failed", reason: "the queue did not deliver it in 14 tries" });
    expect(messages.sent).toHaveLength(14);
    await bringIndexUpToDate(id);
    expect(await alarmOf(id)).toBeNull();
  });

  it("that the queue refuses is sent again", async () => {
    messages.sendBatch.mockImplementationOnce(fail);
    await dispatched();
    expect(messages.sent).toEqual([]);
    expect(linesOf("runs.unsent")).toMatchObject([{ incident_id: id, count: 1 }]);
    await ringWhenDue();
    expect(messages.sent).toEqual([keyOf(id)]);
  });

  it("that hangs in the queue does not hold the incident up", async () => {
    messages.sendBatch.mockImplementationOnce(hang);
    await incident(id).receive(anEvent(id, clock), [aRun()]);
    const ringing = ring(id);
    await passTime(5 * SECOND_MS, async (pass) => runInDurableObject(incident(id), pass));
    await ringing;
    const { receipt } = await incident(id).receive(anEvent(id, clock, { event_id: "event-2" }), []);
    expect(receipt.result).toBe("accepted");
    await ringWhenDue();
    expect(messages.sent).toEqual([keyOf(id)]);
  });

  it("is one of a batch of 100 at most", async () => {
    const runs = Array.from({ length: 101 }, (_, n) => aRun({ action: `action-${n}` }));
    await incident(id).receive(anEvent(id, clock), runs);
    await ring(id);
    expect(messages.sendBatch.mock.calls.map(([batch]) => Array.from(batch).length)).toEqual([100, 1]);
  });
});

describe("a run", () => {
  it("is handed out to one of two that claim it", async () => {
    await dispatched();
    const both = await Promise.all(
      ["one", "other"].map(async (claimant) => incident(id).claim(keyOf(id), claimant, true)),
    );
    expect(both.filter((one) => "run" in one)).toHaveLength(1);
    expect(both.filter((one) => "refused" in one)).toEqual([{ refused: "running" }]);
  });

  it("is not handed out to be started by who does not ask the guards: the consumer of an older release", async () => {
    await dispatched();
    expect(await incident(id).claim(keyOf(id), "attempt-1")).toEqual({ refused: "dispatched" });
    expect(await shown()).toMatchObject({ state: "dispatched", fence: 0 });
  });

  it("is handed out to be looked at by who does not ask the guards: that starts nothing", async () => {
    const run = await claimed();
    const job = { kind: "waiting" as const, handle: "job-7", summary: "job 7 is running", after_ms: 1_000 };
    await incident(id).settle(keyOf(id), run.fence, job);
    clock.now += 1_000;
    await ring(id);
    expect(await incident(id).claim(keyOf(id), "attempt-2")).toMatchObject({ run: { handle: "job-7" } });
  });

  it("is handed out with the body of its event", async () => {
    await dispatched();
    const granted = await incident(id).claim(keyOf(id), "attempt-1", true);
    expect(granted).toMatchObject({ body: anEvent(id, clock).body, run: { fence: 1, claimant: "attempt-1" } });
  });

  it("is handed out again, under the same fence and lease, to the same claimant, and to no other", async () => {
    await dispatched();
    const first = await incident(id).claim(keyOf(id), "attempt-1", true);
    const alarm = await alarmOf(id);
    clock.now += 3 * SECOND_MS;
    await evictDurableObject(incident(id));
    expect(await incident(id).claim(keyOf(id), "attempt-1", true)).toEqual(first);
    expect(await incident(id).claim(keyOf(id), "attempt-2", true)).toEqual({ refused: "running" });
    expect(await incident(id).claim(keyOf(id), "", true)).toEqual({ refused: "running" });
    expect(first).toMatchObject({ run: { fence: 1, due_at: clock.now + 12 * SECOND_MS } });
    expect(await alarmOf(id)).toBe(alarm);
    expect(await shown()).toMatchObject({ fence: 1, claimant: "attempt-1" });
  });

  it.each([
    ["planned", { kind: "later", reason: "busy", after_ms: 60 * SECOND_MS }],
    ["waiting", { kind: "waiting", handle: "job-7", after_ms: 60 * SECOND_MS, summary: "started" }],
    ["succeeded", { kind: "succeeded", summary: "done" }],
    ["failed", { kind: "failed", reason: "404" }],
  ] as const)(
    "that is %s after its attempt is not handed out again, even to the same claimant",
    async (state, outcome) => {
      await dispatched();
      const { fence } = await claim("attempt-1");
      await incident(id).settle(keyOf(id), fence, outcome);
      expect(await incident(id).claim(keyOf(id), "attempt-1", true)).toEqual({ refused: state });
      expect(await shown()).toMatchObject({ state, fence: 1 });
    },
  );

  it("whose lease is over has a new fence, even for the same claimant", async () => {
    await dispatched();
    await claim("attempt-1");
    await comeDue();
    expect(await incident(id).claim(keyOf(id), "attempt-1", true)).toEqual({ refused: "planned" });
    await comeDue();
    expect((await claim("attempt-1")).fence).toBe(2);
  });

  it.each([
    ["succeeded", { kind: "succeeded", summary: "done" }],
    ["failed", { kind: "failed", reason: "404" }],
    ["waiting", { kind: "waiting", handle: "job-7", after_ms: 60 * SECOND_MS, summary: "started" }],
  ] as const)("whose lease is over, and nobody else has it, is %s all the same", async (state, outcome) => {
    const states = [];
    for (const [policy, rings] of [
      [aRun().policy, 1],
      [aRun().policy, 2],
      [ONCE, 1],
    ] as const) {
      id = newIncident();
      const { fence } = await claimed({ policy });
      for (let rung = 0; rung < rings; rung++) await comeDue();
      states.push((await shown()).state);
      expect(await incident(id).settle(keyOf(id), fence, outcome)).toBe(true);
      const due_at = state === "waiting" ? clock.now + 60 * SECOND_MS : null;
      expect(await shown()).toMatchObject({ state, due_at, ended_at: due_at === null ? clock.now : null });
    }
    expect(states).toEqual(["planned", "dispatched", "unknown"]);
  });

  it.each([
    { kind: "unclear", reason: "no answer" },
    { kind: "later", reason: "busy", after_ms: 60 * SECOND_MS },
    { kind: "not_sent", reason: "too late" },
    { kind: "skipped", reason: "it is off" },
  ] as const)("whose lease is over is not changed by %j", async (outcome) => {
    const { fence } = await claimed();
    await comeDue();
    const before = await shown();
    expect(await incident(id).settle(keyOf(id), fence, outcome)).toBe(false);
    expect(await shown()).toEqual(before);
  });

  it("whose attempt does not come back is tried again, with another fence", async () => {
    await claimed();
    await comeDue();
    expect(await shown()).toMatchObject({ state: "planned", failures: 1 });
    await comeDue();
    expect(messages.sent).toHaveLength(2);
    expect((await claim()).fence).toBe(2);
  });

  it("marked `once` whose attempt does not come back is unknown, and never started again", async () => {
    await claimed({ policy: ONCE });
    await comeDue();
    expect(await shown()).toMatchObject({ state: "unknown", due_at: null });
    expect(await incident(id).claim(keyOf(id), "anybody", true)).toEqual({ refused: "unknown" });
    expect(await alarmOf(id)).toBeNull();
    expect(messages.sent).toHaveLength(1);
  });

  it("that loses every lease is unknown in the end: each attempt may have acted", async () => {
    await claimed();
    for (let turn = 0; turn < 20 && (await shown()).ended_at === null; turn++) {
      await ringWhenDue();
      await incident(id).claim(keyOf(id), `attempt-${turn}`, true);
    }
    expect(await shown()).toMatchObject({ state: "unknown", failures: 3, fence: 3 });
  });

  it("takes no settlement from an attempt that is over", async () => {
    const late = await claimed();
    await comeDue(); // its lease is over
    await comeDue(); // and it is sent again
    await claim();
    const before = await shown();
    const settled = await incident(id).settle(keyOf(id), late.fence, { kind: "failed", reason: "late" });
    expect(settled).toBe(false);
    expect(await shown()).toEqual(before);
  });

  it("whose lease is over takes nothing from an attempt before the last one, even once it has ended", async () => {
    await claimed({ policy: { ...ONCE, once: false, attempts: 2 } });
    for (const state of ["planned", "dispatched"]) {
      await comeDue();
      expect(await shown()).toMatchObject({ state });
    }
    await claim();
    await comeDue();
    const before = await shown();
    expect(before).toMatchObject({ state: "unknown", fence: 2 });
    expect(await incident(id).settle(keyOf(id), 1, { kind: "succeeded", summary: "done" })).toBe(false);
    expect(await shown()).toEqual(before);
  });

  it("takes one settlement of an attempt", async () => {
    const { fence } = await claimed();
    const first = await incident(id).settle(keyOf(id), fence, { kind: "succeeded", summary: "done" });
    const second = await incident(id).settle(keyOf(id), fence, { kind: "failed", reason: "again" });
    expect([first, second]).toEqual([true, false]);
    expect(await shown()).toMatchObject({ state: "succeeded", reason: "done" });
  });

  it("waits for as long as its target asked", async () => {
    const { fence } = await claimed();
    const outcome = { kind: "later", reason: "busy", after_ms: 120 * SECOND_MS } as const;
    await incident(id).settle(keyOf(id), fence, outcome);
    expect(await shown()).toMatchObject({ state: "planned", due_at: clock.now + 120 * SECOND_MS, reason: "busy" });
    clock.now += 119 * SECOND_MS;
    await ring(id);
    expect(messages.sent).toHaveLength(1);
    await comeDue();
    expect(messages.sent).toHaveLength(2);
  });

  it("that was started at its target is looked at again, with its handle", async () => {
    const { fence } = await claimed({ policy: ONCE });
    const outcome = { kind: "waiting", handle: "job-7", after_ms: 60 * SECOND_MS, summary: "started" } as const;
    await incident(id).settle(keyOf(id), fence, outcome);
    expect(await shown()).toMatchObject({ state: "waiting", due_at: clock.now + 60 * SECOND_MS });
    await comeDue();
    expect(await claim()).toMatchObject({ state: "running", handle: "job-7", fence: 2 });
  });

  it("that could not be carried out from the start is recorded as ended", async () => {
    const refused = { state: "skipped", reason: "nothing to act on" } as const;
    const { receipt, never_started } = await incident(id).receive(anEvent(id, clock), [aRun({ refused })]);
    expect(receipt.runs).toMatchObject([{ state: "skipped", reason: "nothing to act on" }]);
    expect(never_started).toEqual(["restart-host"]);
    await bringIndexUpToDate(id);
    expect(await alarmOf(id)).toBeNull();
  });

  it("is kept with what it acts on, who called for it and its parameters", async () => {
    const asked = [aRun({ params: { dc: "nj" } }), aRun({ action: "enrich", by: "rule", key: "" })];
    await incident(id).receive(anEvent(id, clock), asked);
    expect((await incident(id).show())?.runs).toMatchObject([
      { action: "enrich", by: "rule", key: "", params: {} },
      { action: "restart-host", by: "command", key: "es.nj.01", params: { dc: "nj" } },
    ]);
  });

  it("of a rule is not planned for an event that came too late", async () => {
    await incident(id).receive(anEvent(id, clock, { event_id: "newer", event_time: clock.now + 1 }), []);
    const { receipt } = await incident(id).receive(anEvent(id, clock), [aRun({ by: "rule" })]);
    expect(receipt).toMatchObject({ result: "stale", runs: [] });
  });
});

describe("the actions that were never started", () => {
  it("are none while their runs are open", async () => {
    const asked = [aRun(), aRun({ action: "enrich" })];
    expect((await incident(id).receive(anEvent(id, clock), asked)).never_started).toEqual([]);
    await ring(id);
    expect(await neverStarted()).toEqual([]);
    await claim();
    expect(await neverStarted()).toEqual([]);
  });

  it.each([
    ["succeeded", { kind: "succeeded", summary: "done" }],
    ["failed", { kind: "failed", reason: "the target answered 404" }],
    ["skipped", { kind: "skipped", reason: "it is off" }],
    ["unknown", { kind: "unclear", reason: "the target did not answer in time" }],
  ] as const)("are none of those whose attempt ended as %s", async (state, outcome) => {
    const { fence } = await claimed({ policy: ONCE });
    await incident(id).settle(keyOf(id), fence, outcome);
    expect(await shown()).toMatchObject({ state });
    expect(await neverStarted()).toEqual([]);
  });

  it("are those that could not be carried out, among others, and those that the queue never delivered", async () => {
    const refused = { state: "failed", reason: "a setting is missing" } as const;
    const asked = [aRun(), aRun({ action: "enrich", refused })];
    expect((await incident(id).receive(anEvent(id, clock), asked)).never_started).toEqual(["enrich"]);
    for (let rings = 0; rings < 30 && (await shown()).ended_at === null; rings++) await ringWhenDue();
    expect(await neverStarted()).toEqual(["enrich", "restart-host"]);
  });
});

describe("an incident", () => {
  it("that was closed is forgotten, wholly, when its time is over", async () => {
    await incident(id).receive(anEvent(id, clock), []);
    await incident(id).receive(anEvent(id, clock, CLOSING), []);
    await bringIndexUpToDate(id);
    expect(await alarmOf(id)).toBe(clock.now + RETENTION_MS);
    await ringWhenDue();
    expect(await incident(id).show()).toBeNull();
    expect(await tablesOf(id)).toEqual([]);
    expect(await alarmOf(id)).toBeNull();
    expect(linesOf("incident.forgotten")).toMatchObject([{ incident_id: id }]);
  });

  it("that was closed is kept until then", async () => {
    await incident(id).receive(anEvent(id, clock, CLOSING), []);
    const forget_at = clock.now + RETENTION_MS;
    clock.now = forget_at - 1;
    await ring(id);
    expect((await incident(id).show())?.events).toHaveLength(1);
    expect(await alarmOf(id)).toBe(forget_at);
  });

  it("that is not closed is not forgotten", async () => {
    await dispatched();
    const { fence } = await claim();
    await incident(id).settle(keyOf(id), fence, { kind: "succeeded", summary: "done" });
    clock.now += 10 * RETENTION_MS;
    await ring(id);
    expect(await incident(id).show()).not.toBeNull();
  });

  it("that was reopened is not forgotten", async () => {
    await incident(id).receive(anEvent(id, clock, CLOSING), []);
    clock.now += DAY_MS;
    await incident(id).receive(anEvent(id, clock, { event_id: "reopening", event_type: "i_reopen" }), []);
    clock.now += RETENTION_MS;
    await ring(id);
    expect(await incident(id).show()).toMatchObject({ current: { event_id: "reopening" } });
  });

  it("is not forgotten while a run is open, and is once it has ended", async () => {
    await incident(id).receive(anEvent(id, clock, CLOSING), []);
    clock.now += RETENTION_MS - 1;
    await incident(id).receive(anEvent(id, clock, { event_time: 0 }), [aRun()]);
    await ring(id);
    const { fence } = await claim();
    clock.now += 2;
    await ring(id);
    expect(await shown()).toMatchObject({ state: "running" });
    await incident(id).settle(keyOf(id), fence, { kind: "succeeded", summary: "done" });
    const ended_at = clock.now;
    await bringIndexUpToDate(id);
    expect(await alarmOf(id)).toBe(ended_at + RETENTION_MS);
    clock.now = ended_at + RETENTION_MS - 1;
    await ring(id);
    expect(await shown()).toMatchObject({ state: "succeeded" });
    await ringWhenDue();
    expect(await incident(id).show()).toBeNull();
  });

  it("is not forgotten sooner than the retention after its last event arrived, even one that came too late to matter", async () => {
    await incident(id).receive(anEvent(id, clock, CLOSING), []);
    clock.now += RETENTION_MS - SECOND_MS;
    const stale = anEvent(id, clock, { event_time: clock.now - RETENTION_MS });
    expect((await incident(id).receive(stale, [])).receipt.result).toBe("stale");
    const forget_at = clock.now + RETENTION_MS;
    await ringWhenDue();
    expect(await alarmOf(id)).toBe(forget_at);
    await evictDurableObject(incident(id)); // what it remembered of its events is read again
    clock.now = forget_at - 1;
    await ring(id);
    expect((await incident(id).show())?.events).toHaveLength(2);
    await ringWhenDue();
    expect(await incident(id).show()).toBeNull();
  });

  it("whose last run is given up by the alarm is kept from then on", async () => {
    await incident(id).receive(anEvent(id, clock, CLOSING), [aRun({ policy: ONCE })]);
    await ring(id);
    const key = { ...keyOf(id), event_id: "closing" };
    await incident(id).claim(key, "attempt-1", true);
    clock.now += 2 * RETENTION_MS; // the alarm comes very late
    await ring(id);
    expect(await incident(id).showRun(key)).toMatchObject({ state: "unknown", ended_at: clock.now });
    expect(await alarmOf(id)).toBe(clock.now + RETENTION_MS);
    await ringWhenDue();
    expect(await incident(id).show()).toBeNull();
  });

  it("that is forgotten takes what comes afterwards as new", async () => {
    await incident(id).receive(anEvent(id, clock, CLOSING), [aRun({ by: "rule" })]);
    await ring(id);
    const key = { ...keyOf(id), event_id: "closing" };
    const granted = await incident(id).claim(key, "attempt-1", true);
    if ("run" in granted) await incident(id).settle(key, granted.run.fence, { kind: "succeeded", summary: "" });
    for (let rings = 0; rings < 5 && (await incident(id).show()) !== null; rings++) await ringWhenDue();
    const { receipt } = await incident(id).receive(anEvent(id, clock), [aRun()]);
    expect(receipt.result).toBe("accepted");
    expect(await alarmOf(id)).toBe(clock.now);
    expect((await incident(id).show())?.events).toMatchObject([{ event_id: "event-1", arrival: 1 }]);
  });

  it("loses no event that arrives while it is being forgotten", async () => {
    await incident(id).receive(anEvent(id, clock, CLOSING), []);
    clock.now += RETENTION_MS;
    const [, { receipt }] = await Promise.all([
      ring(id),
      incident(id).receive(anEvent(id, clock, { event_type: "i_reopen" }), [aRun()]),
    ]);
    expect(receipt.result).toBe("accepted");
    const kept = await incident(id).show();
    expect(kept?.events.map(({ event_id }) => event_id)).toContain("event-1");
    expect(await alarmOf(id)).not.toBeNull();
  });
});
