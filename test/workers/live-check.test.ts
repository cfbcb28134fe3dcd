// Just before a run starts, Flashduty is asked whether the incident still is as the action demands.
import "./team.ts";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { RunRef } from "../../src/domain/event.ts";
import { type Behaviour, type OpenApi, times } from "../simulator/open-api.ts";
import { changeSettings, openAccount } from "./flashduty.ts";
import { ACTION, eventBody, INCIDENT, newIncident, pressBody, push, receiptOf } from "./push.ts";
import { beginStory, type Story } from "./story.ts";
import { fakeTarget, ok } from "./target.ts";

const MINUTE_MS = 60_000;
const INFO = "/incident/info";

let story: Story;
let api: OpenApi;
let id: string;

beforeEach(() => {
  story = beginStory();
  api = openAccount(story.clock);
  id = newIncident();
});

/** A button's press; the run that it calls for. */
async function press(action = "restart-host"): Promise<RunRef> {
  await receiptOf(await push(ACTION.replace("restart-host", action), pressBody(id)));
  return { incident_id: id, event_id: "press-1", action };
}

async function shown(ref: RunRef) {
  return env.INCIDENT.getByName(ref.incident_id).showRun(ref);
}

function told(): string[] {
  return api.comments(id).map(({ comment }) => comment);
}

describe("an incident", () => {
  it.each(["Triggered", "Processing"] as const)("that is %s lets the run start", async (progress) => {
    api.add_incident(id, { progress });
    const calls = fakeTarget(id, ok);
    const run = await press();
    await story.go([id], MINUTE_MS);
    expect(await shown(run)).toMatchObject({ state: "succeeded", fence: 1 });
    expect(calls).toHaveLength(1);
    expect(api.calls(INFO)).toHaveLength(1);
  });

  it("that is closed lets the run be skipped, and says so", async () => {
    api.add_incident(id, { progress: "Closed" });
    const calls = fakeTarget(id, ok);
    const run = await press();
    await story.go([id], MINUTE_MS);
    expect(await shown(run)).toMatchObject({ state: "skipped", reason: "the incident is closed" });
    expect(told()).toEqual([
      expect.stringContaining("[restart-host] (es.nj.01) was skipped\nthe incident is closed\n"),
    ]);
    expect(calls).toEqual([]);
  });

  it("that was closed while the run waited for its next attempt lets it be skipped", async () => {
    api.add_incident(id);
    const calls = fakeTarget(id, () => new Response(null, { status: 429, headers: { "Retry-After": "120" } }));
    const run = await press();
    await story.go([id], MINUTE_MS);
    expect(calls).toHaveLength(1);
    api.change_incident(id, { progress: "Closed" });
    await story.go([id], 5 * MINUTE_MS);
    expect(await shown(run)).toMatchObject({ state: "skipped" });
    expect(calls).toHaveLength(1);
  });

  it("that Flashduty does not know lets the run be skipped, and nobody is told", async () => {
    const calls = fakeTarget(id, ok);
    const run = await press();
    await story.go([id], 60 * MINUTE_MS);
    expect(await shown(run)).toMatchObject({ state: "skipped", reason: "Flashduty has no such incident any more" });
    expect(await shown({ ...run, action: "restart-host@skipped" })).toMatchObject({ state: "failed", failures: 0 });
    expect(calls).toEqual([]);
    expect(api.calls("/incident/comment")).toHaveLength(1);
  });

  it("is not asked about for an action that demands nothing", async () => {
    api.add_incident(id, { progress: "Closed" });
    const calls = fakeTarget(id, ok);
    const run = await press("tidy-up");
    await story.go([id], MINUTE_MS);
    expect(await shown(run)).toMatchObject({ state: "succeeded" });
    expect(calls).toHaveLength(1);
    expect(api.calls(INFO)).toEqual([]);
  });

  it("is not asked about without a key", async () => {
    api.add_incident(id, { progress: "Closed" });
    const calls = fakeTarget(id, ok);
    await changeSettings(id, { FLASHDUTY_APP_KEY: "" });
    const run = await press();
    await story.go([id], MINUTE_MS, { changes: () => ({ FLASHDUTY_APP_KEY: "" }) });
    expect(await shown(run)).toMatchObject({ state: "succeeded" });
    expect(calls).toHaveLength(1);
    expect(api.calls()).toEqual([]);
  });
});

describe("where Flashduty does not answer", () => {
  const OUTAGES: [string, Behaviour][] = [
    ["500", { status: 500 }],
    ["a proxy's page", { status: 502 }],
    ["503", { status: 503 }],
    ["nothing", { no_answer: "closes" }],
    ["nothing for as long as one waits", { no_answer: "hangs" }],
    ["429", { status: 429, code: "RequestTooFrequently" }],
    ["an error in a 200", { code: "InternalError" }],
    ["that the key is not valid", { status: 401, code: "Unauthorized" }],
  ];

  it.each(OUTAGES)("but with %s, the run waits, and starts once when it does", async (_, behaviour) => {
    api.add_incident(id);
    api.behave("*", behaviour);
    const calls = fakeTarget(id, ok);
    const run = await press();
    await story.go([id], 5 * MINUTE_MS, { evicting: true });
    const { state, failures, reason } = (await shown(run)) ?? {};
    expect([state, failures]).toEqual(["planned", 0]);
    expect(reason).toContain("whether the incident is still open is not known");
    expect(calls).toEqual([]);
    const looks = api.calls(INFO).length;
    expect(looks).toBeGreaterThanOrEqual(11); // each after 15 s, and the time that nobody answered
    expect(looks).toBeLessThanOrEqual(21);
    api.behave("*", {});
    await story.go([id], MINUTE_MS, { evicting: true, copies: () => 2 });
    expect(await shown(run)).toMatchObject({ state: "succeeded", failures: 0 });
    expect(calls).toHaveLength(1);
    expect(told()).toHaveLength(1);
  });

  it("for half an hour, it is asked less and less often", async () => {
    api.add_incident(id);
    api.behave(INFO, { status: 502 });
    await press();
    const asked_at: number[] = [];
    const meanwhile = () => {
      if (api.calls(INFO).length > asked_at.length) asked_at.push(story.clock.now);
    };
    await story.go([id], 30 * MINUTE_MS, { meanwhile });
    // The places in the quota take their milliseconds.
    const pauses = asked_at.slice(1).map((at, nth) => Math.round((at - (asked_at[nth] ?? 0)) / 1_000) * 1_000);
    expect(pauses.toSorted((one, other) => one - other)).toEqual(pauses);
    expect(pauses[0]).toBe(15_000);
    expect(pauses.at(-1)).toBeGreaterThan(2 * MINUTE_MS);
    expect(pauses.length).toBeLessThan(40);
  });

  it("the time it took is not told as the attempt's", async () => {
    api.add_incident(id);
    api.behave(INFO, { status: 502 });
    fakeTarget(id, () => {
      story.clock.now += 3_000;
      return ok();
    });
    const run = await press();
    await story.go([id], 5 * MINUTE_MS);
    expect(await shown(run)).toMatchObject({ state: "planned", started_at: null });
    api.behave(INFO, {});
    await story.go([id], 5 * MINUTE_MS);
    expect(await shown(run)).toMatchObject({ state: "succeeded", held_since: null });
    expect(told().at(-1)).toContain(" · took 3 s\n");
  });

  it("a run that waited is skipped where the incident was closed meanwhile", async () => {
    api.add_incident(id);
    api.behave("*", { status: 502 });
    const calls = fakeTarget(id, ok);
    const run = await press();
    await story.go([id], 2 * MINUTE_MS);
    api.change_incident(id, { progress: "Closed" });
    api.behave("*", {});
    await story.go([id], 10 * MINUTE_MS);
    expect(await shown(run)).toMatchObject({ state: "skipped" });
    expect(calls).toEqual([]);
  });

  it("for an hour, the run is skipped, and does not start when it is back after all", async () => {
    api.add_incident(id);
    api.behave("*", { status: 502 });
    const calls = fakeTarget(id, ok);
    const run = await press();
    await story.go([id], MINUTE_MS);
    story.clock.now += 57 * MINUTE_MS; // the alarm comes late: what is between is as it was before
    await story.go([id], MINUTE_MS);
    expect(await shown(run)).toMatchObject({ state: "planned" });
    await story.go([id], 6 * MINUTE_MS);
    const { state, reason } = (await shown(run)) ?? {};
    expect([state, reason]).toEqual(["skipped", expect.stringMatching(/^not started within 1 hour.* is not known/)]);
    api.behave("*", {});
    await story.go([id], 60 * MINUTE_MS, { copies: () => 2 });
    expect(calls).toEqual([]);
    expect(told()).toEqual([
      expect.stringMatching(/^\[restart-host\] \(es.nj.01\) was skipped\nnot started within 1 hour/),
    ]);
  });

  it("a run that the target may have carried out already does not end as if it had not been started", async () => {
    api.add_incident(id);
    const calls = fakeTarget(id, () => new Response(null, { status: 500 }));
    api.behave(INFO, {}, { status: 502 });
    const run = await press();
    await story.go([id], MINUTE_MS);
    story.clock.now += 60 * MINUTE_MS;
    await story.go([id], MINUTE_MS);
    expect(calls).toHaveLength(1);
    expect(await shown(run)).toMatchObject({ state: "unknown", may_have_acted: true });
  });

  it.each(OUTAGES)("but with %s, an action that only informs goes on", async (_, behaviour) => {
    api.add_incident(id);
    api.behave(INFO, behaviour);
    const calls = fakeTarget(id, () => Response.json({ summary: "looked", values: {} }));
    await receiptOf(await push(INCIDENT, eventBody(id)));
    await story.go([id], MINUTE_MS);
    expect(await shown({ incident_id: id, event_id: "event-1", action: "enrich" })).toMatchObject({
      state: "succeeded",
      fence: 1,
    });
    expect(calls).toHaveLength(1);
    expect(told()).toEqual([expect.stringContaining("[enrich] succeeded")]);
  });

  it("but now and then, the run still starts once", async () => {
    api.add_incident(id);
    api.behave(INFO, ...times(3, { no_answer: "hangs" }), { code: "InternalError" }, { status: 504 }, {});
    const calls = fakeTarget(id, ok);
    const run = await press();
    await story.go([id], 10 * MINUTE_MS, { evicting: true, copies: (nth) => nth % 3 });
    expect(await shown(run)).toMatchObject({ state: "succeeded" });
    expect(calls).toHaveLength(1);
  });
});
