// Whose turn it is: an action is carried out once at a time for an incident, and rules that follow up what was begun run only
// where it was.
import "./team.ts";
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { RunRef } from "../../src/domain/event.ts";
import { deliver } from "./deliver.ts";
import { ACTION, eventBody, INCIDENT, newIncident, pressBody, push, receiptOf } from "./push.ts";
import { beginStory, type Story } from "./story.ts";
import { alarmOf, aRun, anEvent, incident, ring } from "./taken.ts";
import { fakeTarget, ok } from "./target.ts";

const MINUTE_MS = 60_000;
const PRESSED_AT = 1_700_208_013_988;
const TURN = "an attempt at another run of this action is under way for this incident";

let story: Story;
let id: string;

beforeEach(() => {
  story = beginStory();
  id = newIncident();
});

/** A press; the run that it calls for. */
async function press(event_id: string, action = "restart-host", incident_id = id): Promise<RunRef> {
  const address = ACTION.replace("restart-host", action);
  await receiptOf(await push(address, pressBody(incident_id, { event_id, event_time: PRESSED_AT })));
  return { incident_id, event_id, action };
}

async function shown(ref: RunRef) {
  return env.INCIDENT.getByName(ref.incident_id).showRun(ref);
}

/** A target that holds its first answer back. */
function holdTarget(incident_id: string) {
  const asked = Promise.withResolvers<undefined>();
  const answer = Promise.withResolvers<Response>();
  onTestFinished(() => {
    answer.resolve(ok());
  });
  const calls = fakeTarget(incident_id, async (nth) => {
    asked.resolve(undefined);
    return nth === 1 ? answer.promise : ok();
  });
  return { calls, asked: asked.promise, release: () => answer.resolve(ok()) };
}

describe("while a run of an action is under way for an incident", () => {
  it("another one waits for its turn, and goes on at once afterwards", async () => {
    const target = holdTarget(id);
    const [first, second] = [await press("press-1"), await press("press-2")];
    await ring(id);
    const attempt = deliver([first]);
    await target.asked;
    const over_at = (await shown(first))?.due_at;
    for (let turn = 0; turn < 3; turn++) {
      await deliver([second]);
      // It is not asked for again before the other's time is over.
      const waits = { state: "planned", failures: 0, fence: 0, held_since: null, reason: TURN, due_at: over_at };
      expect(await shown(second)).toMatchObject(waits);
      story.clock.now += 1_000;
    }
    expect(target.calls).toHaveLength(1);
    expect(await shown(first)).toMatchObject({ state: "running" });
    target.release();
    await attempt;
    expect(await shown(second)).toMatchObject({ state: "planned", due_at: story.clock.now });
    expect(await alarmOf(id)).toBeLessThanOrEqual(story.clock.now);
    await story.go([id], 1_000);
    expect(await shown(first)).toMatchObject({ state: "succeeded", fence: 1 });
    expect(await shown(second)).toMatchObject({ state: "succeeded", fence: 1, failures: 0 });
    expect(target.calls).toHaveLength(2);
  });

  it("another one goes on when its lease is over, too", async () => {
    const [first, second] = [await press("press-1"), await press("press-2")];
    await ring(id);
    expect(await env.INCIDENT.getByName(id).claim(first, "an attempt that does not come back", true)).toHaveProperty(
      "run",
    );
    const calls = fakeTarget(id, ok);
    await deliver([second]);
    expect(calls).toEqual([]);
    await story.go([id], 5 * MINUTE_MS);
    expect(await shown(first)).toMatchObject({ state: "succeeded", failures: 1 });
    expect(await shown(second)).toMatchObject({ state: "succeeded", failures: 0 });
    expect(calls).toHaveLength(2);
  });

  it("another one goes on when its lease is over although no alarm has rung since", async () => {
    const [first, second] = [await press("press-1"), await press("press-2")];
    await ring(id);
    expect(await env.INCIDENT.getByName(id).claim(first, "an attempt that does not come back", true)).toHaveProperty(
      "run",
    );
    const { due_at: over_at } = (await shown(first)) ?? {};
    story.clock.now = over_at ?? 0;
    expect(await shown(first)).toMatchObject({ state: "running" });
    expect(await env.INCIDENT.getByName(id).claim(second, "another attempt", true)).toMatchObject({
      run: { fence: 1 },
    });
  });

  it("those that wait go on in the order in which they were planned", async () => {
    const target = holdTarget(id);
    const runs: RunRef[] = [];
    for (const n of [1, 2, 3, 4]) {
      runs.push(await press(`press-${n}`));
      story.clock.now += 10;
    }
    await ring(id);
    const attempt = deliver(runs.slice(0, 1));
    await target.asked;
    for (const run of runs.slice(1).toReversed()) await deliver([run]);
    target.release();
    await attempt;
    await story.go([id], 1_000);
    const called = target.calls.map(({ headers }) => headers["idempotency-key"]?.split(":")[1]);
    expect(called).toEqual(["press-1", "press-2", "press-3", "press-4"]);
  });

  it("a run that has waited for days for its turn is not given up for it", async () => {
    const [first, second] = [await press("press-1"), await press("press-2")];
    await ring(id);
    for (let day = 1; day <= 3; day++) {
      // Whatever is sent meanwhile is lost on its way.
      while ((await shown(second))?.state !== "dispatched") {
        story.clock.now = (await alarmOf(id)) ?? story.clock.now;
        await ring(id);
      }
      const before = await shown(first);
      await runInDurableObject(env.INCIDENT.getByName(id), (_, { storage }) => {
        const running = { ...before, state: "running", due_at: story.clock.now + 1_000 };
        const set = "UPDATE runs SET run = ?, due_at = ? WHERE event_id = 'press-1' AND action = 'restart-host'";
        storage.sql.exec(set, JSON.stringify(running), running.due_at);
      });
      story.clock.now += 1;
      expect(await env.INCIDENT.getByName(id).claim(second, "an attempt", true)).toEqual({ refused: "planned" });
      story.clock.now += 24 * 60 * MINUTE_MS;
    }
    expect(await shown(second)).toMatchObject({ state: "planned", reason: TURN, ended_at: null });
  });

  it.each([
    ["at once", 0],
    ["in a second", 1_000],
    ["just in its time", 9_000],
  ])(
    "and fifty presses want theirs, each of which is done %s, few messages are sent",
    { timeout: 120_000 },
    async (_, takes_ms) => {
      const calls = fakeTarget(id, () => {
        story.clock.now += takes_ms;
        return ok();
      });
      const events = Array.from({ length: 50 }, (_, n) => `press-${n}`);
      for (const event_id of events) await incident(id).receive(anEvent(id, story.clock, { event_id }), [aRun()]);
      let messages = 0;
      const copies = () => {
        messages += 1;
        return 1;
      };
      await story.go([id], 30 * MINUTE_MS, { copies });
      for (const event_id of events)
        expect(await shown({ incident_id: id, event_id, action: "restart-host" })).toMatchObject({
          state: "succeeded",
        });
      expect(calls).toHaveLength(50);
      // One for each that finds others before it, and one for each when its turn has come.
      expect(messages).toBeLessThanOrEqual(2 * 50);
    },
  );

  it("a repeated claim of the same attempt is still granted", async () => {
    const first = await press("press-1");
    await ring(id);
    const claims = [1, 2].map(async () => env.INCIDENT.getByName(id).claim(first, "the same", true));
    for (const claimed of await Promise.all(claims)) expect(claimed).toMatchObject({ run: { fence: 1 } });
  });

  it("another action of it is not held", async () => {
    const target = holdTarget(id);
    const [first, second] = [await press("press-1"), await press("press-2", "tidy-up")];
    await ring(id);
    const attempt = deliver([first]);
    await target.asked;
    await deliver([second]);
    expect(await shown(second)).toMatchObject({ state: "succeeded" });
    expect(await shown(first)).toMatchObject({ state: "running" });
    target.release();
    await attempt;
  });

  it("that of another incident is not held", async () => {
    const other = newIncident();
    const target = holdTarget(id);
    const calls = fakeTarget(other, ok);
    const [first, second] = [await press("press-1"), await press("press-1", "restart-host", other)];
    await ring(id);
    await ring(other);
    const attempt = deliver([first]);
    await target.asked;
    await deliver([second]);
    expect(await shown(second)).toMatchObject({ state: "succeeded" });
    expect(calls).toHaveLength(1);
    target.release();
    await attempt;
  });

  it("ten presses reach the target one after another, each once", async () => {
    let under_way = 0;
    let most = 0;
    const calls = fakeTarget(id, async () => {
      under_way += 1;
      most = Math.max(most, under_way);
      await env.SEEN.get("anything that takes a moment");
      under_way -= 1;
      return ok();
    });
    const runs: RunRef[] = [];
    for (let n = 0; n < 10; n++) runs.push(await press(`press-${n}`));
    await story.go([id], 5 * MINUTE_MS, { copies: () => 2, evicting: true });
    for (const run of runs) expect(await shown(run)).toMatchObject({ state: "succeeded", failures: 0 });
    const called = calls.map(({ headers }) => headers["idempotency-key"]);
    expect(new Set(called)).toEqual(new Set(runs.map(({ event_id }) => `${id}:${event_id}:restart-host`)));
    expect(called).toHaveLength(runs.length);
    expect(most).toBe(1);
  });
});

/** What the incident's end, or another event, calls for. */
async function follow(event_type: string, event_id: string, event_time = PRESSED_AT + MINUTE_MS) {
  const { runs } = await receiptOf(await push(INCIDENT, eventBody(id, { event_id, event_type, event_time })));
  return runs.map(({ action }) => action);
}

describe("a rule that follows", () => {
  it("does nothing where the action was not run before", async () => {
    expect(await follow("i_rslv", "resolved")).toEqual([]);
  });

  it("does nothing where another action was run before", async () => {
    fakeTarget(id, ok);
    await press("press-1");
    await story.go([id], MINUTE_MS);
    expect(await follow("i_rslv", "resolved")).toEqual([]);
  });

  it("does nothing where it was run for another incident", async () => {
    fakeTarget(id, ok);
    await press("press-1", "tidy-up");
    await story.go([id], MINUTE_MS);
    id = newIncident();
    expect(await follow("i_rslv", "resolved")).toEqual([]);
  });

  it("does nothing where it was run before without success", async () => {
    fakeTarget(id, () => new Response(null, { status: 403 }));
    const run = await press("press-1", "tidy-up");
    await story.go([id], 10 * MINUTE_MS);
    expect(await shown(run)).toMatchObject({ state: "failed" });
    expect(await follow("i_rslv", "resolved")).toEqual([]);
  });

  it("runs where it is not known what became of it before: it may have done something", async () => {
    fakeTarget(id, () => new Response(null, { status: 500 }));
    const run = await press("press-1", "tidy-up");
    await story.go([id], 10 * MINUTE_MS);
    expect(await shown(run)).toMatchObject({ state: "unknown" });
    expect(await follow("i_rslv", "resolved")).toEqual(["tidy-up"]);
  });

  it("runs where it was run before, again with each event, and once for each", async () => {
    const calls = fakeTarget(id, ok);
    await press("press-1", "tidy-up");
    await story.go([id], MINUTE_MS);
    expect(await follow("i_rslv", "resolved")).toEqual(["tidy-up"]);
    await story.go([id], MINUTE_MS);
    expect(await follow("i_rslv", "resolved-again", PRESSED_AT + 2 * MINUTE_MS)).toEqual(["tidy-up"]);
    await follow("i_rslv", "resolved");
    await story.go([id], MINUTE_MS);
    const called = calls.map(({ headers }) => headers["idempotency-key"]);
    expect(called.map((key) => key?.split(":")[1])).toEqual(["press-1", "resolved", "resolved-again"]);
  });

  it("runs where it was begun and has not ended yet, after that", async () => {
    const target = holdTarget(id);
    const run = await press("press-1", "tidy-up");
    await ring(id);
    const attempt = deliver([run]);
    await target.asked;
    expect(await follow("i_rslv", "resolved")).toEqual(["tidy-up"]);
    await ring(id);
    await deliver([{ ...run, event_id: "resolved" }]);
    expect(target.calls).toHaveLength(1);
    target.release();
    await attempt;
    await story.go([id], MINUTE_MS);
    expect(await shown({ ...run, event_id: "resolved" })).toMatchObject({ state: "succeeded", by: "rule" });
    expect(target.calls).toHaveLength(2);
  });

  it("runs for an event that another one overtook: the end of an incident must not be missed", async () => {
    const calls = fakeTarget(id, ok);
    await press("press-1", "tidy-up");
    await story.go([id], MINUTE_MS);
    expect(await follow("i_rslv", "resolved", PRESSED_AT - MINUTE_MS)).toEqual(["tidy-up"]);
    await story.go([id], MINUTE_MS);
    expect(calls).toHaveLength(2);
  });

  it("does nothing for other events", async () => {
    fakeTarget(id, ok);
    await press("press-1", "tidy-up");
    await story.go([id], MINUTE_MS);
    expect(await follow("i_assign", "assigned")).toEqual([]);
  });
});
