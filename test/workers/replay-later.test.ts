// What a replay means some time after the push: it was called for then, and is carried out now.
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { action } from "../../src/actions/action.ts";
import { http } from "../../src/actions/http.ts";
import { label } from "../../src/domain/key.ts";
import { definePlaybook } from "../../src/domain/playbook.ts";
import { playbook } from "../../src/playbook.ts";
import { preview } from "../../src/receive/replay.ts";
import { like } from "./like.ts";
import { eventBody, INCIDENT, newIncident, push, receiptOf } from "./push.ts";
import { eventIn, gist, isKept, keptAt, replayed } from "./replaying.ts";
import { buttonOf, HOUR_MS, MINUTE_MS, openScene, type Scene, SECOND_MS, shown, trailOf } from "./scene.ts";
import { alarmOf, DAY_MS, holdClock, RETENTION_MS, ring } from "./taken.ts";

const on_host = [
  http<Record<string, never>>({ settings: "RESTART_HOST", method: "POST", body: ({ key }) => ({ host: key }) }),
];
const plain = { summary: "change the host", key: label("resource"), params: {}, destructive: false };
const guards = { each: { cool_down_ms: 10 * MINUTE_MS }, override_within_ms: 5 * MINUTE_MS };

const team = definePlaybook({
  actions: {
    "restart-host": action({ ...plain, destructive: true, guards }, on_host),
    "clear-cache": action(plain, on_host),
    "free-disk": action(plain, on_host),
  },
  rules: [
    { on: ["i_reopen"], approval: { within_ms: 12 * HOUR_MS, not_by: () => ["wangwu"] }, run: "clear-cache" },
    { on: ["i_unack"], when: { hours: { zone: "UTC", from: "09:00", to: "18:00" } }, run: "free-disk" },
  ],
});
Object.assign(playbook, team);

let scene: Scene;
let id: string;

beforeEach(async () => {
  scene = await openScene();
  id = scene.incident("web-1");
});

describe("a press that is replayed", () => {
  it("a day later is run: somebody has decided that it is not too late", async () => {
    const entry = await keptAt(scene.story.clock.now, scene.body(id), buttonOf("restart-host"));
    await scene.pass(DAY_MS);
    const event_id = eventIn(await replayed(entry));
    await scene.pass(MINUTE_MS);
    const ref = { incident_id: id, event_id, action: "restart-host" };
    expect(await shown(ref)).toMatchObject({ state: "succeeded", replayed_by: "lisi" });
    expect(scene.api.comments(id).at(-1)?.comment).toContain("pressed by zhangsan · replayed by lisi");
  });

  it("overrides nothing: whoever pressed had not been told yet that another press is held back", async () => {
    const pressed_at = scene.story.clock.now;
    const early = scene.body(id);
    await scene.press(id);
    await scene.pass(MINUTE_MS);
    const held_back = await scene.press(id);
    await scene.pass(MINUTE_MS);
    expect(await shown(held_back)).toMatchObject({
      state: "skipped",
      reason: like("not again within"),
    });
    const event_id = eventIn(await replayed(await keptAt(pressed_at, early, buttonOf("restart-host"))));
    await scene.pass(MINUTE_MS);
    expect(await shown({ ...held_back, event_id })).toMatchObject({ state: "skipped" });
    expect(scene.calls.get(id)).toHaveLength(1);
  });

  it("counts as one with another of the same person that is replayed right after it", async () => {
    const presses = [scene.body(id), scene.body(id)];
    for (const body of presses) {
      await replayed(await keptAt(scene.story.clock.now, body, buttonOf("clear-cache")));
      scene.story.clock.now += SECOND_MS;
    }
    const states = (await env.INCIDENT.getByName(id).show())?.runs.flatMap(({ by, state }) =>
      by === "command" ? [state] : [],
    );
    expect(states).toEqual(["planned", "skipped"]);
  });
});

describe("consent that is replayed", () => {
  const approval = buttonOf("approve");

  it("is given, and says by whom it was pressed and replayed", async () => {
    const event_id = await scene.happen(id, "i_reopen");
    await scene.pass(MINUTE_MS);
    const entry = await keptAt(scene.story.clock.now, scene.body(id), approval);
    await scene.pass(HOUR_MS);
    expect(await preview(env, entry)).toMatchObject({ approves: true });
    expect(gist(await replayed(entry))).toBe("accepted");
    const run = { incident_id: id, event_id, action: "clear-cache" };
    expect(await shown(run)).toMatchObject({ state: "planned" });
    expect(await trailOf(run, "approved")).toEqual(["zhangsan: replayed by lisi"]);
  });

  it("is none for what was not there yet when the button was pressed", async () => {
    const entry = await keptAt(scene.story.clock.now, scene.body(id), approval);
    await scene.pass(MINUTE_MS);
    const event_id = await scene.happen(id, "i_reopen");
    expect(gist(await replayed(entry))).toBe("422 cannot-approve");
    expect(await shown({ incident_id: id, event_id, action: "clear-cache" })).toMatchObject({
      state: "awaiting_approval",
    });
    expect(await isKept(entry)).toBe(false);
  });

  it("of somebody who must not give it is refused whoever replays it", async () => {
    await scene.happen(id, "i_reopen");
    await scene.pass(MINUTE_MS);
    const entry = await keptAt(scene.story.clock.now, scene.body(id, { by: "wangwu" }), approval);
    expect(gist(await replayed(entry))).toBe("422 cannot-approve");
  });
});

const at = (hour: number) => Date.UTC(2040, 5, 1, hour);

describe("a rule for some hours of the day", () => {
  it.each([
    ["night", 3, "noon", 12, ["free-disk"]],
    ["noon", 12, "night", 23, []],
  ] as const)("calls for a run by when it is replayed: came at %s (%i h), replayed at %s (%i h)", async (...row) => {
    const [, came, , now, actions] = row;
    const entry = await keptAt(at(came), scene.body(id, {}, "i_unack"));
    scene.story.clock.now = at(now);
    const foretold = await preview(env, entry);
    const answer = await replayed(entry);
    expect([foretold, answer]).toMatchObject([
      { runs: actions.map((name) => ({ action: name, by: "rule" })) },
      { receipt: { runs: actions.map((name) => ({ action: name })) } },
    ]);
  });
});

describe("a closed incident", () => {
  it.each([
    ["accepted", -DAY_MS],
    ["stale", -3 * DAY_MS],
  ])("is kept as long after a replay (%s) as after anything else that happens to it", async (result, ahead_ms) => {
    const clock = holdClock();
    const closed = newIncident();
    const event = (event_id: string, event_time: number) =>
      eventBody(closed, { event_id, event_time, incident: { progress: "Closed" } });
    const entry = await keptAt(clock.now - DAY_MS, event("kept", clock.now + ahead_ms));
    await receiptOf(await push(INCIDENT, event("event-1", clock.now - 2 * DAY_MS)));
    clock.now += RETENTION_MS - DAY_MS;
    const replayed_at = clock.now;
    expect(gist(await replayed(entry))).toBe(result);
    clock.now += DAY_MS;
    await ring(closed);
    expect(await alarmOf(closed)).toBe(replayed_at + RETENTION_MS);
    clock.now = replayed_at + RETENTION_MS;
    await ring(closed);
    expect(await env.INCIDENT.getByName(closed).show()).toBeNull();
    // What was forgotten begins anew, without the marks of before.
    await receiptOf(await push(INCIDENT, event("kept", clock.now)));
    expect((await env.INCIDENT.getByName(closed).show())?.events[0]?.replayed_by).toBeUndefined();
  });
});
