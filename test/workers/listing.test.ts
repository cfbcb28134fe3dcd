// The way of an incident into the lists and out of them: in time, in nobody's way, and again from nothing.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { listIncidents } from "../../src/admin/index/incidents.ts";
import { rebuild } from "../../src/admin/index/rebuild.ts";
import { listRuns } from "../../src/admin/index/runs.ts";
import { empty } from "../../src/admin/index/table.ts";
import { registerOf } from "../../src/register.ts";
import { readTallies } from "../../src/tally/read.ts";
import { flush } from "../../src/tally/tally.ts";
import { linesOf } from "./logged.ts";
import { fail, hang, standIn } from "./platform.ts";
import { newIncident } from "./push.ts";
import {
  alarmOf,
  anEvent,
  aRun,
  type Clock,
  holdClock,
  holdMessages,
  incident,
  keyOf,
  RETENTION_MS,
  ring,
  SECOND_MS,
} from "./taken.ts";
import { passTime } from "./until.ts";

const ALL = { limit: 100 };
const CLOSING = { event_id: "closing", event_type: "i_rslv", progress: "Closed" };

let clock: Clock;
let messages: ReturnType<typeof holdMessages>;
let id: string;

beforeEach(async () => {
  clock = holdClock();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  messages = holdMessages();
  id = newIncident();
  await empty(env.DB);
});

/** Lets as much time pass as the index may be behind, and the alarm ring that is due by then. */
async function passAndRing(incident_id = id) {
  clock.now += 5 * SECOND_MS;
  await ring(incident_id);
}

/** The incidents and the runs in the lists. */
async function lists() {
  const [incidents, runs] = await Promise.all([listIncidents(env.DB, ALL), listRuns(env.DB, ALL)]);
  return { incidents: incidents.items, runs: runs.items };
}

/** An incident with a run that has succeeded. */
async function succeeded() {
  await incident(id).receive(anEvent(id, clock), [aRun()]);
  await ring(id);
  await incident(id).claim(keyOf(id), "attempt-1", true);
  await incident(id).settle(keyOf(id), 1, { kind: "succeeded", summary: "done" });
}

/** The database, or the register, does not do its work while `meanwhile` goes on. */
async function whileIll(how: typeof fail | typeof hang, meanwhile: () => Promise<unknown>) {
  const batch = vi.spyOn(env.DB, "batch").mockImplementation(how);
  await meanwhile();
  batch.mockRestore();
}

describe("an incident is in the lists", () => {
  it("five seconds after its first event, with all that has happened by then, written once", async () => {
    const batch = vi.spyOn(env.DB, "batch");
    await succeeded();
    expect(await lists()).toEqual({ incidents: [], runs: [] });
    await passAndRing();
    expect(await lists()).toMatchObject({
      incidents: [{ incident_id: id, progress: "Triggered", events: 1, runs: 1, opened_at: clock.now - 5 * SECOND_MS }],
      runs: [{ incident_id: id, action: "restart-host", state: "succeeded", reason: "done" }],
    });
    expect(batch).toHaveBeenCalledTimes(1);
  });

  it("as it has become, five seconds after each change", async () => {
    await succeeded();
    await passAndRing();
    await incident(id).receive(anEvent(id, clock, CLOSING), [aRun({ action: "enrich", by: "rule" })]);
    await ring(id);
    expect((await lists()).incidents).toMatchObject([{ progress: "Triggered" }]);
    await passAndRing();
    const { incidents, runs } = await lists();
    expect(incidents).toMatchObject([{ progress: "Closed", events: 2, runs: 2 }]);
    expect(runs.map(({ action, state }) => [action, state])).toEqual([
      ["enrich", "dispatched"],
      ["restart-host", "succeeded"],
    ]);
  });

  it("though its object was made anew before it was written", async () => {
    await succeeded();
    await evictDurableObject(incident(id));
    await passAndRing();
    expect((await lists()).runs).toMatchObject([{ state: "succeeded" }]);
  });

  it("though a change before it was rolled back, and its alarm with it", async () => {
    await succeeded();
    await passAndRing();
    await runInDurableObject(incident(id), (object, { storage }) => {
      const transaction = storage.transactionSync.bind(storage);
      vi.spyOn(storage, "transactionSync").mockImplementationOnce((work) =>
        transaction(() => {
          work();
          throw new Error("storage is out of order");
        }),
      );
      const lost = anEvent(id, clock, { event_id: "event-2" });
      expect(() => object.receive(lost, [])).toThrow("out of order");
    });
    expect(await alarmOf(id)).toBeNull();
    clock.now += 6 * SECOND_MS;
    await incident(id).receive(anEvent(id, clock, { event_id: "event-3" }), []);
    expect(await alarmOf(id)).toBe(clock.now + 5 * SECOND_MS);
  });

  it("with what a person has decided", async () => {
    await incident(id).receive(anEvent(id, clock), [aRun()]);
    await ring(id);
    await incident(id).claim(keyOf(id), "attempt-1", true);
    await passAndRing();
    expect(await alarmOf(id)).toBeGreaterThan(clock.now + 5 * SECOND_MS);
    await incident(id).rule(keyOf(id), { what: "cancel", by: "lisi", reason: "not needed" });
    expect(await alarmOf(id)).toBe(clock.now + 5 * SECOND_MS);
    await passAndRing();
    expect((await lists()).runs).toMatchObject([{ state: "cancelled", reason: "not needed" }]);
  });

  it("found by what it is about", async () => {
    await incident(id).receive(anEvent(id, clock), [aRun({ key: "db-7.example" })]);
    await passAndRing();
    for (const q of [id, "db-7", "db-7.example"])
      expect((await listIncidents(env.DB, { ...ALL, q })).items).toMatchObject([{ incident_id: id }]);
  });

  it("not for reports, which are in no list", async () => {
    await succeeded();
    await passAndRing();
    await runInDurableObject(incident(id), (_, { storage }) => {
      storage.sql.exec("UPDATE runs SET run = json_set(run, '$.by', 'report')");
    });
    await empty(env.DB);
    await incident(id).reindex();
    await ring(id);
    expect(await lists()).toMatchObject({ incidents: [{ runs: 0 }], runs: [] });
  });

  it("and nothing is set or written where nothing has changed", async () => {
    await succeeded();
    await passAndRing();
    await ring(id);
    expect(await alarmOf(id)).toBeNull();
    await incident(id).receive(anEvent(id, clock), [aRun()]);
    expect(await alarmOf(id)).toBeNull();
    await evictDurableObject(incident(id));
    await incident(id).receive(anEvent(id, clock), [aRun()]);
    expect(await alarmOf(id)).toBeNull();
  });
});

describe("a database that is ill", () => {
  it.each([
    ["fails", fail],
    ["hangs", hang],
  ])("and %s holds up neither event nor run, and is written to later and later", async (_, how) => {
    await whileIll(how, async () => {
      expect((await incident(id).receive(anEvent(id, clock), [])).receipt.result).toBe("accepted");
      const waits: number[] = [];
      for (let nth = 0; nth < 4; nth += 1) {
        clock.now = (await alarmOf(id)) ?? clock.now;
        const ringing = ring(id);
        if (how === hang) await passTime(2 * SECOND_MS, async (pass) => runInDurableObject(incident(id), pass));
        await ringing;
        waits.push(((await alarmOf(id)) ?? 0) - clock.now);
        // It has nothing else to do for longer than the platform keeps it in memory.
        await evictDurableObject(incident(id));
      }
      expect(waits).toEqual([5, 10, 20, 40].map((s) => s * SECOND_MS));
      expect(linesOf("index.failed")).toMatchObject(Array.from({ length: 4 }, () => ({ incident_id: id })));
      await incident(id).receive(anEvent(id, clock, { event_id: "event-2" }), [aRun()]);
      await ring(id);
      expect(messages.sent).toEqual([{ ...keyOf(id), event_id: "event-2" }]);
    });
    clock.now += 40 * SECOND_MS;
    await ring(id);
    expect(await lists()).toMatchObject({
      incidents: [{ incident_id: id, events: 2 }],
      runs: [{ event_id: "event-2" }],
    });
  });

  it("keeps what changes meanwhile for when it is well again", async () => {
    await incident(id).receive(anEvent(id, clock), [aRun()]);
    await whileIll(fail, passAndRing);
    await incident(id).claim(keyOf(id), "attempt-1", true);
    await incident(id).settle(keyOf(id), 1, { kind: "succeeded", summary: "done" });
    await passAndRing();
    expect((await lists()).runs).toMatchObject([{ state: "succeeded" }]);
  });

  it("is not asked where the register does not answer: what is in the index is in the register", async () => {
    const getByName = vi.spyOn(env.REGISTER, "getByName");
    getByName.mockImplementationOnce((name) => standIn(env.REGISTER.getByName(name), { enter: fail }));
    await incident(id).receive(anEvent(id, clock), []);
    await passAndRing();
    expect((await lists()).incidents).toEqual([]);
    await passAndRing();
    expect((await lists()).incidents).toMatchObject([{ incident_id: id }]);
    expect(await registered()).toContain(id);
  });
});

describe("an incident that is forgotten", () => {
  it("is in no list and in no register any more", async () => {
    await closed();
    await ring(id);
    expect(await incident(id).show()).toBeNull();
    expect(await lists()).toEqual({ incidents: [], runs: [] });
    expect(await registered()).not.toContain(id);
  });

  it("is kept until it can be taken out of the lists", async () => {
    await closed();
    await whileIll(fail, async () => ring(id));
    expect(await incident(id).show()).not.toBeNull();
    expect(linesOf("index.failed")).toMatchObject([{ incident_id: id }]);
    expect(((await alarmOf(id)) ?? 0) - clock.now).toBe(600 * SECOND_MS);
    clock.now = (await alarmOf(id)) ?? 0;
    await ring(id);
    expect(await incident(id).show()).toBeNull();
    expect(await lists()).toEqual({ incidents: [], runs: [] });
  });

  it("does not put off what comes while it cannot be taken out of the lists", async () => {
    await closed();
    vi.spyOn(env.DB, "batch").mockImplementationOnce(async () => {
      await incident(id).receive(anEvent(id, clock, { event_id: "late", event_type: "i_reopen" }), [aRun()]);
      return fail();
    });
    await ring(id);
    expect(await alarmOf(id)).toBe(clock.now);
  });

  it("is kept, and is in the lists again, where an event comes while it is taken out of them", async () => {
    await closed();
    const batch = env.DB.batch.bind(env.DB);
    vi.spyOn(env.DB, "batch").mockImplementationOnce(async (statements) => {
      await incident(id).receive(anEvent(id, clock, { event_id: "late", event_type: "i_reopen" }), [aRun()]);
      return batch(statements);
    });
    await ring(id);
    expect((await incident(id).show())?.events).toHaveLength(3);
    await ring(id);
    expect(messages.sent).toContainEqual({ ...keyOf(id), event_id: "late" });
    await passAndRing();
    expect(await lists()).toMatchObject({ incidents: [{ incident_id: id, progress: "Triggered", events: 3 }] });
    expect((await lists()).runs).toHaveLength(2);
    expect(await registered()).toContain(id);
  });

  it("stays in the lists where it is opened again before a removal lands that was given up", async () => {
    await closed();
    const batch = env.DB.batch.bind(env.DB);
    let land: () => Promise<unknown> = fail;
    vi.spyOn(env.DB, "batch").mockImplementationOnce(async (statements) => {
      land = async () => batch(statements);
      return hang();
    });
    const ringing = ring(id);
    await passTime(2 * SECOND_MS, async (pass) => runInDurableObject(incident(id), pass));
    await ringing;
    await incident(id).receive(anEvent(id, clock, { event_id: "late", event_type: "i_reopen" }), []);
    await passAndRing();
    await runInDurableObject(incident(id), async () => land());
    expect((await lists()).incidents).toMatchObject([{ incident_id: id, progress: "Triggered", events: 3 }]);
    expect((await lists()).runs).toHaveLength(1);
    expect(await registered()).toContain(id);
  });

  it("is all in the lists again where it is opened again after such a removal", async () => {
    await closed();
    const batch = env.DB.batch.bind(env.DB);
    vi.spyOn(env.DB, "batch").mockImplementationOnce(async (statements) => {
      await batch(statements);
      return hang();
    });
    const ringing = ring(id);
    await passTime(2 * SECOND_MS, async (pass) => runInDurableObject(incident(id), pass));
    await ringing;
    expect(await lists()).toEqual({ incidents: [], runs: [] });
    expect(await registered()).toContain(id);
    await incident(id).receive(anEvent(id, clock, { event_id: "late", event_type: "i_reopen" }), []);
    await ring(id);
    clock.now += 5 * SECOND_MS;
    await ring(id);
    const { incidents, runs } = await lists();
    expect([incidents.length, runs.length]).toEqual([1, 1]);
  });

  it("is new in the lists when it comes again", async () => {
    await closed();
    await ring(id);
    await incident(id).receive(anEvent(id, clock, { event_id: "again" }), []);
    await passAndRing();
    expect((await lists()).incidents).toMatchObject([{ incident_id: id, events: 1, runs: 0 }]);
    expect(await registered()).toContain(id);
  });
});

describe("runs that end", () => {
  it("are counted, each once, without their reports", async () => {
    await incident(id).receive(anEvent(id, clock), [aRun({ action: "counted" })]);
    const cancelling = { what: "cancel", by: "lisi", reason: "not needed" } as const;
    await incident(id).rule(keyOf(id, "counted"), cancelling);
    await incident(id).rule(keyOf(id, "counted"), cancelling);
    expect(await countsOf("counted")).toEqual({ "runs|counted|cancelled": 1 });
  });

  it("are not counted where that was not kept", async () => {
    await incident(id).receive(anEvent(id, clock), [aRun({ action: "lost" })]);
    const cancelling = { what: "cancel", by: "lisi", reason: "not needed" } as const;
    await runInDurableObject(incident(id), (object, { storage }) => {
      vi.spyOn(storage, "transactionSync").mockImplementationOnce((work) => {
        work();
        throw new Error("storage is out of order");
      });
      expect(() => object.rule(keyOf(id, "lost"), cancelling)).toThrow("out of order");
    });
    await incident(id).receive(anEvent(id, clock, { event_id: "event-2" }), []);
    expect(await countsOf("lost")).toEqual({});
  });
});

describe("rebuilding", () => {
  it("makes the same lists from nothing, page by page", async () => {
    const all = Array.from({ length: 60 }, newIncident);
    for (const [nth, one] of all.entries()) {
      clock.now += SECOND_MS;
      await incident(one).receive(anEvent(one, clock), nth % 2 === 0 ? [aRun()] : []);
    }
    clock.now += 5 * SECOND_MS;
    await Promise.all(all.map(ring));
    const before = await lists();
    expect(before).toMatchObject({ incidents: { length: 60 }, runs: { length: 30 } });
    await env.DB.exec("UPDATE incidents SET title = 'wrong'");
    let told = 0;
    let cursor: string | null = null;
    do {
      const page = await rebuild(env, cursor);
      told += page.incidents;
      if (cursor === null) expect((await lists()).incidents).toEqual([]);
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(told).toBeGreaterThanOrEqual(60);
    await Promise.all((await registered()).map(ring));
    const { incidents, runs } = await lists();
    const mine = <T extends { incident_id: string }>(items: T[]) =>
      items.filter(({ incident_id }) => all.includes(incident_id));
    expect({ incidents: mine(incidents), runs: mine(runs) }).toEqual(before);
  });

  it("goes on where an incident cannot be asked, and names it", async () => {
    const [broken, sound] = [newIncident(), newIncident()];
    for (const one of [broken, sound]) await incident(one).receive(anEvent(one, clock), []);
    clock.now += 5 * SECOND_MS;
    for (const one of [broken, sound]) await ring(one);
    const getByName = env.INCIDENT.getByName.bind(env.INCIDENT);
    vi.spyOn(env.INCIDENT, "getByName").mockImplementation((name) =>
      name === broken ? standIn(getByName(name), { reindex: fail }) : getByName(name),
    );
    const failed: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await rebuild(env, cursor);
      failed.push(...page.failed);
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(failed).toEqual([broken]);
    await ring(sound);
    expect((await listIncidents(env.DB, { ...ALL, q: sound })).items).toHaveLength(1);
  });

  it("asks nothing of an incident of which nothing is kept", async () => {
    expect(await incident(id).reindex()).toBe(false);
    expect(await alarmOf(id)).toBeNull();
  });
});

/** What is in the register. */
async function registered(): Promise<string[]> {
  return registerOf(env).page("", 1_000);
}

/** How many were counted, by state. */
async function countsOf(action: string) {
  await flush(env);
  const { totals } = await readTallies(env.DB, clock.now);
  return Object.fromEntries(Object.entries(totals).filter(([key]) => key.startsWith(`runs|${action}|`)));
}

/** One that was closed, and is in the lists. */
async function closed() {
  await succeeded();
  await incident(id).receive(anEvent(id, clock, CLOSING), []);
  await passAndRing();
  expect((await lists()).incidents).toMatchObject([{ progress: "Closed" }]);
  expect(await registered()).toContain(id);
  clock.now += RETENTION_MS;
}
