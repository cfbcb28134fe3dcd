// A job that goes on after it was started: it is followed to its end, and the incident is told that it goes on, and how it
// ended.
import "./team.ts";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { RunRef } from "../../src/domain/event.ts";
import type { Claimed } from "../../src/incident/desk.ts";
import type { Incident } from "../../src/incident/object.ts";
import { playbook } from "../../src/playbook.ts";
import { type OpenApi, times } from "../simulator/open-api.ts";
import { deliver } from "./deliver.ts";
import { openAccount } from "./flashduty.ts";
import { fail, incidentsWith } from "./platform.ts";
import { ACTION, newIncident, pressBody, push, receiptOf } from "./push.ts";
import { LINK, openRundeck } from "./rundeck.ts";
import { beginStory, type Mishaps, type Story } from "./story.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const COMMENT = "/incident/comment";

let story: Story;
let api: OpenApi;
let id: string;

beforeEach(() => {
  story = beginStory();
  api = openAccount(story.clock);
  id = newIncident();
  api.add_incident(id);
});

async function press(): Promise<RunRef> {
  await receiptOf(await push(ACTION, pressBody(id)));
  return { incident_id: id, event_id: "press-1", action: "restart-host" };
}

async function shown(ref: RunRef) {
  return env.INCIDENT.getByName(ref.incident_id).showRun(ref);
}

/** The first lines of the comments: which run, and what is said of it. */
function told(): (string | undefined)[] {
  return api.comments(id).map(({ comment }) => comment.split("\n")[0]);
}

/** Cuts off every third attempt. */
const cutOff = (nth: number) => (nth % 3 === 0 ? { INCIDENT: incidentsWith({ settle: fail }) } : {});

/** Loses the messages about reports that a job goes on. */
const losingReports = (_: number, body: unknown) => (JSON.stringify(body).includes("@started") ? 0 : 1);

/** A claim as it is, of an event whose body is. */
async function unreadable(...given: Parameters<Incident["claim"]>): Promise<Claimed> {
  const claimed = await env.INCIDENT.getByName(id).claim(...given);
  return "run" in claimed ? { ...claimed, body: "{" } : claimed;
}

const STARTED = "[restart-host] (es.nj.01) has started, and goes on";
const SUCCEEDED = "[restart-host] (es.nj.01) succeeded";

describe("a job of ten minutes", () => {
  it("is started once and followed to its end, whatever becomes of objects and messages", async () => {
    const rundeck = openRundeck(story.clock, 10 * MINUTE_MS);
    const run = await press();
    await story.go([id], 5 * MINUTE_MS, { evicting: true, copies: (nth) => [1, 0, 2][nth % 3] ?? 1 });
    expect(await shown(run)).toMatchObject({ handle: "1", reason: "execution 1 is running" });
    await story.go([id], 15 * MINUTE_MS, { evicting: true, copies: (nth) => [1, 0, 2][nth % 3] ?? 1 });
    expect(await shown(run)).toMatchObject({ state: "succeeded", reason: "execution 1 succeeded", links: [LINK] });
    expect(rundeck.starts).toHaveLength(1);
    expect(told()).toEqual([STARTED, SUCCEEDED]);
    expect(api.comments(id)[1]?.comment.split("\n")).toEqual([
      SUCCEEDED,
      "execution 1 succeeded",
      LINK,
      expect.stringMatching(/^pressed by zhangsan · by Rundeck \(RUNDECK, RUNDECK_RESTART_JOB\) · took 6\d\d s$/),
      `run ${id}:press-1:restart-host`,
    ]);
  });

  it("is looked at less and less often, and its end is seen within a minute", async () => {
    const rundeck = openRundeck(story.clock, 10 * MINUTE_MS);
    const run = await press();
    await story.go([id], 15 * MINUTE_MS);
    const [started_at = 0] = rundeck.starts;
    const times_ms = [started_at, ...rundeck.looks];
    const pauses = rundeck.looks.map((at, nth) => at - (times_ms[nth] ?? 0));
    expect(pauses.slice(0, -1).toSorted((one, other) => one - other)).toEqual(pauses.slice(0, -1));
    expect(pauses[0]).toBe(2 * SECOND_MS);
    expect(Math.max(...pauses)).toBe(MINUTE_MS);
    expect(rundeck.looks.length).toBeLessThan(45);
    const { ended_at } = (await shown(run)) ?? {};
    expect((ended_at ?? Infinity) - (started_at + 10 * MINUTE_MS)).toBeLessThanOrEqual(MINUTE_MS);
  });

  it("that fails is told as failed, with its link", async () => {
    const rundeck = openRundeck(story.clock, 10 * MINUTE_MS, "failed");
    const run = await press();
    await story.go([id], 15 * MINUTE_MS);
    expect(await shown(run)).toMatchObject({ state: "failed", reason: "execution 1 ended: failed", links: [LINK] });
    expect(rundeck.starts).toHaveLength(1);
    expect(told()).toEqual([STARTED, "[restart-host] (es.nj.01) failed"]);
    expect(api.comments(id)[1]?.comment).toContain(`\nexecution 1 ended: failed\n${LINK}\n`);
  });

  it("is followed although the incident is closed meanwhile", async () => {
    const rundeck = openRundeck(story.clock, 10 * MINUTE_MS);
    const run = await press();
    await story.go([id], MINUTE_MS);
    api.change_incident(id, { progress: "Closed" });
    await story.go([id], 15 * MINUTE_MS);
    expect(await shown(run)).toMatchObject({ state: "succeeded" });
    expect(api.calls("/incident/info")).toHaveLength(1);
    expect(rundeck.starts).toHaveLength(1);
  });

  it("is followed although looks are cut off or not answered now and then", async () => {
    const rundeck = openRundeck(story.clock, 10 * MINUTE_MS);
    const run = await press();
    let step = 0;
    const meanwhile = () => {
      step += 1;
      rundeck.isDown = step % 5 === 0;
    };
    await story.go([id], 15 * MINUTE_MS, { changes: cutOff, meanwhile, evicting: true });
    expect(await shown(run)).toMatchObject({ state: "succeeded" });
    expect(rundeck.starts).toHaveLength(1);
    expect(told()).toEqual([STARTED, SUCCEEDED]);
  });

  it.each<[string, Mishaps["changes"], RegExp]>([
    ["its settings are gone", () => ({ ...env, RUNDECK_TOKEN: "" }), /RUNDECK_TOKEN is missing/],
    ["its playbook has it no more", undefined, /^the playbook has no action "restart-host" any more$/],
    [
      "its event can no longer be read",
      () => ({ INCIDENT: incidentsWith({ claim: unreadable }) }),
      /can no longer be read/,
    ],
  ])("is followed although %s for a while", async (what, changes = () => ({}), reason) => {
    const rundeck = openRundeck(story.clock, 10 * MINUTE_MS);
    const run = await press();
    await story.go([id], MINUTE_MS);
    const { "restart-host": action, ...others } = playbook.actions;
    if (what.includes("playbook")) Object.assign(playbook, { actions: others });
    onTestFinished(() => {
      Object.assign(playbook, { actions: { ...others, "restart-host": action } });
    });
    await story.go([id], 5 * MINUTE_MS, { changes });
    const seen = await shown(run);
    expect(["waiting", "dispatched"]).toContain(seen?.state);
    expect(seen?.handle).toBe("1");
    expect(seen?.reason).toMatch(reason);
    Object.assign(playbook, { actions: { ...others, "restart-host": action } });
    await story.go([id], 15 * MINUTE_MS);
    expect(await shown(run)).toMatchObject({ state: "succeeded" });
    expect(rundeck.starts).toHaveLength(1);
    expect(told()).toEqual([STARTED, SUCCEEDED]);
  });

  it.each([
    ["answer", {}],
    ["outcome", { INCIDENT: incidentsWith({ settle: fail }) }],
  ])("whose start's %s is lost is not started again, and a person is asked to look", async (what, changes) => {
    const rundeck = openRundeck(story.clock, 10 * MINUTE_MS);
    rundeck.loseStart = what === "answer";
    const run = await press();
    await story.go([id], 15 * MINUTE_MS, { evicting: true, changes: (nth) => (nth === 1 ? changes : {}) });
    expect(await shown(run)).toMatchObject({ state: "unknown" });
    expect(rundeck.starts).toHaveLength(1);
    expect(told()).toEqual([expect.stringContaining("please look at the target")]);
  });
});

describe("that a job goes on", () => {
  it("is told after 30 seconds, with the link", async () => {
    openRundeck(story.clock, 10 * MINUTE_MS);
    const began_at = story.clock.now;
    await press();
    await story.go([id], 2 * MINUTE_MS);
    const [comment] = api.comments(id);
    expect(comment).toMatchObject({ mute_reply: true });
    expect(comment?.comment.split("\n")).toEqual([
      STARTED,
      "execution 1 is running",
      LINK,
      "pressed by zhangsan · by Rundeck (RUNDECK, RUNDECK_RESTART_JOB)",
      `run ${id}:press-1:restart-host`,
    ]);
    const told_after_ms = (comment?.at_ms ?? 0) - began_at;
    expect(told_after_ms).toBeGreaterThanOrEqual(30 * SECOND_MS);
    expect(told_after_ms).toBeLessThan(35 * SECOND_MS);
  });

  it.each([1, 20])("is not told of one that takes %i s", async (seconds) => {
    openRundeck(story.clock, seconds * SECOND_MS);
    const run = await press();
    await story.go([id], 15 * MINUTE_MS, { evicting: true });
    expect(told()).toEqual([SUCCEEDED]);
    const report = await shown({ ...run, action: "restart-host@started" });
    expect(report).toMatchObject({ state: "cancelled", fence: 0 });
  });

  it("is told once, however often it is looked at, and whatever happens", async () => {
    const rundeck = openRundeck(story.clock, 20 * MINUTE_MS);
    api.behave(COMMENT, ...times(3, { no_answer: "closes", done: true }), { status: 502 }, {});
    await press();
    await story.go([id], 15 * MINUTE_MS, { evicting: true, copies: () => 2 });
    expect(rundeck.looks.length).toBeGreaterThan(20);
    expect(told()).toEqual([STARTED]);
  });

  it("is not told any more after its end, where it could not be told before", async () => {
    openRundeck(story.clock, 2 * MINUTE_MS);
    api.behave(COMMENT, { status: 429, code: "RequestTooFrequently" });
    const run = await press();
    await story.go([id], 5 * MINUTE_MS);
    expect(told()).toEqual([]);
    expect(api.calls(COMMENT).length).toBeGreaterThan(5);
    expect(await shown({ ...run, action: "restart-host@started" })).toMatchObject({ due_at: null });
    api.behave(COMMENT, {});
    await story.go([id], 15 * MINUTE_MS);
    expect(told()).toEqual([SUCCEEDED]);
  });

  it("is not told any more after its end, where the message about it comes late", async () => {
    openRundeck(story.clock, 33 * SECOND_MS);
    const run = await press();
    const report = { ...run, action: "restart-host@started" };

    await story.go([id], MINUTE_MS, { copies: losingReports });
    expect(told()).toEqual([SUCCEEDED]);
    await deliver([report]);
    await story.go([id], 15 * MINUTE_MS);
    expect(told()).toEqual([SUCCEEDED]);
  });
});
