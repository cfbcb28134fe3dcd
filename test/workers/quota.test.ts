// The one object through which all runs share the account's quota: it spaces calls, counts them by the minute, and forgets
// nothing; and where it has no place, or does not answer, nothing fails.
import "./team.ts";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { PER_MINUTE, SPACING_MS } from "../../src/flashduty/place.ts";
import { takePlace } from "../../src/flashduty/quota.ts";
import { mostWithin } from "../simulator/open-api-limits.ts";
import type { OpenApi } from "../simulator/open-api.ts";
import { openAccount } from "./flashduty.ts";
import { fail, hang, standIn } from "./platform.ts";
import { ACTION, eventBody, INCIDENT, newIncident, pressBody, push, receiptOf } from "./push.ts";
import { beginStory, type Story } from "./story.ts";
import { fakeTarget, ok } from "./target.ts";
import { passTime } from "./until.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

let story: Story;

beforeEach(() => {
  story = beginStory();
});

/** The account's object; a new stub for each call. */
function quota() {
  return env.QUOTA.getByName("account");
}

/** Takes a place: when the call may go, or null where there is none for now. */
async function take(): Promise<number | null> {
  const place = await quota().take();
  return "wait_ms" in place ? story.clock.now + place.wait_ms : null;
}

/** Takes so many places at one go; whoever is told to come again comes when told. */
async function takeMany(count: number): Promise<number[]> {
  return runInDurableObject(quota(), (object) => {
    const taken: number[] = [];
    while (taken.length < count) {
      const place = object.take();
      if ("wait_ms" in place) taken.push(story.clock.now + place.wait_ms);
      else story.clock.now += place.full_for_ms;
    }
    return taken;
  });
}

/** Quotas whose object answers otherwise. */
const quotaWith = (replaced: () => Promise<unknown>) =>
  standIn(env.QUOTA, { getByName: () => standIn(quota(), { take: replaced }) });

describe("places", () => {
  it("are given at once, where nobody called just before", async () => {
    expect(await quota().take()).toEqual({ wait_ms: 0 });
    story.clock.now += SPACING_MS;
    expect(await quota().take()).toEqual({ wait_ms: 0 });
  });

  it("are spaced, where all come at once", async () => {
    const begun_at = story.clock.now;
    const places = await Promise.all(Array.from({ length: 40 }, take));
    expect(places).toEqual(Array.from({ length: 40 }, (_, n) => begun_at + n * SPACING_MS));
  });

  it("stay spaced where the object is evicted between them", async () => {
    const begun_at = story.clock.now;
    for (let n = 0; n < 10; n++) {
      expect(await take()).toBe(begun_at + n * SPACING_MS);
      await evictDurableObject(quota());
    }
  });

  it("that are more than three seconds away are not given, and not counted either", async () => {
    const places = await Promise.all(Array.from({ length: 200 }, take));
    const given = places.filter((place) => place !== null);
    expect(Math.max(...given)).toBe(story.clock.now + 3 * SECOND_MS);
    expect(await quota().take()).toEqual({ full_for_ms: 3 * SECOND_MS + SPACING_MS });
    story.clock.now += 3 * SECOND_MS;
    expect(await quota().take()).toEqual({ wait_ms: SPACING_MS });
  });

  it("are as many as fit in a minute, and no more, whoever asks how often, and evictions included", async () => {
    const begun_at = story.clock.now;
    const first = await takeMany(PER_MINUTE);
    expect(Math.max(...first)).toBeLessThan(begun_at + 30 * SECOND_MS);
    await evictDurableObject(quota());
    const full = await quota().take();
    expect(full).toEqual({ full_for_ms: begun_at + MINUTE_MS - story.clock.now });
    story.clock.now += 10 * SECOND_MS;
    await evictDurableObject(quota());
    expect(await quota().take()).toEqual({ full_for_ms: begun_at + MINUTE_MS - story.clock.now });
    story.clock.now = begun_at + MINUTE_MS;
    const second = await takeMany(PER_MINUTE);
    expect(second[0]).toBe(begun_at + MINUTE_MS);
    const all = [...first, ...second];
    expect(mostWithin(all, MINUTE_MS)).toBe(PER_MINUTE);
    expect(mostWithin(all, SECOND_MS)).toBe(SECOND_MS / SPACING_MS);
  });
});

describe("who takes a place", () => {
  it("waits for it, and then may call", async () => {
    expect(await takePlace(env)).toBeNull();
    expect(story.pauses).toEqual([]);
    expect(await takePlace(env)).toBeNull();
    expect(story.pauses).toEqual([SPACING_MS]);
  });

  it("is told when to come again, where there is none", async () => {
    await takeMany(PER_MINUTE);
    story.clock.now += 5 * SECOND_MS;
    const full = await quota().take();
    expect("full_for_ms" in full && full.full_for_ms > 10 * SECOND_MS).toBe(true);
    expect({ full_for_ms: await takePlace(env) }).toEqual(full);
  });

  it("comes again in five seconds, where the object fails", async () => {
    expect(await takePlace({ ...env, QUOTA: quotaWith(fail) })).toBe(5 * SECOND_MS);
  });

  it("comes again in five seconds, where the object does not answer", async () => {
    const place = takePlace({ ...env, QUOTA: quotaWith(hang) });
    await passTime(2 * SECOND_MS);
    expect(await place).toBe(5 * SECOND_MS);
  });
});

describe("while there is no place", () => {
  let api: OpenApi;
  let id: string;

  beforeEach(() => {
    api = openAccount(story.clock);
    id = newIncident();
    api.add_incident(id);
  });

  const shown = async (action: string, event_id = "press-1") =>
    env.INCIDENT.getByName(id).showRun({ incident_id: id, event_id, action });

  /** The comments that tell that a run has succeeded. */
  const succeeded = (incident_id: string) =>
    api.comments(incident_id).filter(({ comment }) => / succeeded\n/.test(comment));

  const WITHOUT: [string, () => Env["QUOTA"]][] = [
    ["the object does not answer", () => quotaWith(fail)],
    ["the quota is used up", () => quotaWith(async () => ({ full_for_ms: 20 * SECOND_MS }))],
  ];

  it.each(WITHOUT)("because %s, a run is held, does not fail, and starts once there is one", async (_, without) => {
    const calls = fakeTarget(id, ok);
    await receiptOf(await push(ACTION, pressBody(id)));
    await story.go([id], 2 * MINUTE_MS, { changes: () => ({ QUOTA: without() }), evicting: true });
    expect(await shown("restart-host")).toMatchObject({ state: "planned", failures: 0, ended_at: null });
    expect(calls).toEqual([]);
    expect(api.calls()).toEqual([]);
    await story.go([id], MINUTE_MS);
    expect(await shown("restart-host")).toMatchObject({ state: "succeeded", failures: 0 });
    expect(calls).toHaveLength(1);
    expect(succeeded(id)).toHaveLength(1);
  });

  it.each(WITHOUT)("because %s, a report is held, does not fail, and comes once there is one", async (_, without) => {
    fakeTarget(id, ok);
    await receiptOf(await push(ACTION, pressBody(id)));
    // The first message is that of the run.
    const changes = (nth: number) => (nth === 1 ? {} : { QUOTA: without() });
    await story.go([id], 2 * MINUTE_MS, { changes, evicting: true });
    expect(await shown("restart-host@succeeded")).toMatchObject({ state: "planned", failures: 0, ended_at: null });
    expect(api.comments(id)).toEqual([]);
    await story.go([id], MINUTE_MS);
    expect(api.comments(id)).toHaveLength(1);
  });

  it.each(WITHOUT)("because %s, what only informs goes on", async (_, without) => {
    const calls = fakeTarget(id, () => Response.json({ summary: "looked", values: {} }));
    await receiptOf(await push(INCIDENT, eventBody(id)));
    await story.go([id], MINUTE_MS, { changes: () => ({ QUOTA: without() }) });
    expect(await shown("enrich", "event-1")).toMatchObject({ state: "succeeded", fence: 1 });
    expect(calls).toHaveLength(1);
  });

  it("for all who come at once, everybody comes to it in the end, and Flashduty has to refuse nobody", async () => {
    const all = Array.from({ length: 10 }, newIncident);
    for (const one of all) {
      api.add_incident(one);
      fakeTarget(one, ok);
      await receiptOf(await push(ACTION, pressBody(one)));
    }
    await takeMany(PER_MINUTE);
    const used_up_until = story.clock.now;
    await story.go(all, 10 * MINUTE_MS);
    expect(all.map((one) => succeeded(one).length)).toEqual(all.map(() => 1));
    expect(api.calls().every(({ at_ms, status }) => at_ms >= used_up_until && status === 200)).toBe(true);
    expect(api.most_calls_within(SECOND_MS)).toBeLessThanOrEqual(50);
  });
});
