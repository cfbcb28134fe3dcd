// What comes before what, and when a rule holds: a run waits for another one of the same event where the playbook says so;
// a rule may ask whether the incident was reopened before.
import { env, exports } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { action } from "../../src/actions/action.ts";
import { http } from "../../src/actions/http.ts";
import type { RunRef } from "../../src/domain/event.ts";
import { label } from "../../src/domain/key.ts";
import { definePlaybook } from "../../src/domain/playbook.ts";
import { playbook } from "../../src/playbook.ts";
import { adminSend } from "./admin.ts";
import { like } from "./like.ts";
import { ACTION, ask, type Changes, INCIDENT, push, pushRequest, receiptOf } from "./push.ts";
import { buttonOf, HOUR_MS, MINUTE_MS, openScene, type Scene, SECOND_MS, shown } from "./scene.ts";
import { ok } from "./target.ts";

const by = (settings: string) => [
  http<Record<string, never>>({ settings, method: "POST", repeatable: true, body: ({ key }) => ({ host: key }) }),
];
Object.assign(env, { LOOK_URL: "https://look.example/host" });
const about_host = { key: label("resource"), params: {} };

/** There is nothing to look with. */
const NO_LOOK: Changes & { LOOK_URL: string } = { LOOK_URL: "" };

const team = definePlaybook({
  actions: {
    "restart-host": action(
      { summary: "restart the host", ...about_host, destructive: false, after: "enrich" },
      by("RESTART_HOST"),
    ),
    enrich: action({ summary: "look at the host", ...about_host, informational: true }, by("LOOK")),
  },
  rules: [
    // Whichever the playbook names first.
    { on: ["i_new"], run: "restart-host" },
    { on: ["i_new", "i_wake"], run: "enrich" },
    { on: ["i_wake"], run: "restart-host" },
    { on: ["i_storm"], approval: { within_ms: HOUR_MS }, run: "restart-host" },
    { on: ["i_ack"], when: { occurrence: "first" }, run: "enrich" },
    { on: ["i_unack", "i_reopen"], when: { occurrence: "reopened" }, run: "enrich" },
  ],
});
Object.assign(playbook, team);

let scene: Scene;
let id: string;

beforeEach(async () => {
  scene = await openScene();
});

/** An incident whose look at the host is answered like this at first. */
function incident(first: Response) {
  id = scene.incident("web-1", (nth) => (nth === 1 ? first : ok()));
}

/** What happens calls for both. */
async function both(event_type: "i_new" | "i_wake" = "i_new"): Promise<{ restart: RunRef; enrich: RunRef }> {
  const event_id = await scene.happen(id, event_type);
  const ref = { incident_id: id, event_id };
  return { restart: { ...ref, action: "restart-host" }, enrich: { ...ref, action: "enrich" } };
}

function calls(): string[] {
  return (scene.calls.get(id) ?? []).map(({ url }) => new URL(url).hostname);
}

const LOOK = "look.example";
const RESTART = "runner.example";
const busy = (seconds: number) => new Response(null, { status: 429, headers: { "Retry-After": String(seconds) } });

describe("a run that comes after another", () => {
  it.each([
    [false, "i_new"],
    [true, "i_wake"],
  ] as const)(
    "starts as soon as that has ended, and not before (evicted meanwhile: %s, %s)",
    async (evicting, event_type) => {
      incident(busy(30));
      const { restart, enrich } = await both(event_type);
      expect(await shown(restart)).toMatchObject({ state: "planned", reason: like('"enrich"') });
      await scene.pass(20 * SECOND_MS, { evicting, copies: () => 2 });
      expect(calls()).toEqual([LOOK]);
      await scene.pass(30 * SECOND_MS, { evicting, copies: () => 2 });
      expect(calls()).toEqual([LOOK, LOOK, RESTART]);
      const { ended_at } = await shown(enrich);
      expect(await shown(restart)).toMatchObject({ state: "succeeded", started_at: ended_at, failures: 0 });
    },
  );

  it.each([403, 404])("starts although that has failed (%i)", async (status) => {
    incident(new Response(null, { status }));
    const { restart, enrich } = await both();
    await scene.pass(SECOND_MS);
    expect(await shown(enrich)).toMatchObject({ state: "failed" });
    expect(await shown(restart)).toMatchObject({ state: "succeeded" });
  });

  it("starts when a person has cancelled that", async () => {
    incident(busy(1_800));
    const { restart, enrich } = await both();
    await scene.pass(30 * SECOND_MS);
    const path = `/admin/api/runs/${encodeURIComponent(`${id}:${enrich.event_id}:enrich`)}/cancel`;
    expect((await adminSend("POST", path, { by: "lisi", reason: "no time for it" })).status).toBe(200);
    await scene.pass(SECOND_MS);
    expect(await shown(restart)).toMatchObject({ state: "succeeded" });
    expect(calls()).toEqual([LOOK, RESTART]);
  });

  it("starts after a minute where that takes longer: it must not keep from putting things right", async () => {
    incident(busy(7_200));
    const { restart } = await both();
    await scene.pass(59 * SECOND_MS);
    expect(calls()).not.toContain(RESTART);
    await scene.pass(SECOND_MS);
    expect(await shown(restart)).toMatchObject({ state: "succeeded" });
  });

  it("starts after a minute where a person has stopped that", async () => {
    incident(ok());
    const stop = { action: "enrich", set: "stopped", by: "lisi", reason: "it costs too much" };
    expect((await adminSend("PUT", "/admin/api/switch", stop)).status).toBe(200);
    const { restart } = await both();
    await scene.pass(MINUTE_MS);
    expect(await shown(restart)).toMatchObject({ state: "succeeded" });
    expect(calls()).toEqual([RESTART]);
    expect((await adminSend("PUT", "/admin/api/switch", { ...stop, set: "running" })).status).toBe(200);
  });

  it("brings it along where somebody presses its button alone", async () => {
    incident(busy(30));
    const ref = await scene.press(id);
    await scene.pass(20 * SECOND_MS);
    expect(calls()).toEqual([LOOK]);
    await scene.pass(30 * SECOND_MS);
    expect(calls()).toEqual([LOOK, LOOK, RESTART]);
    expect(await shown({ ...ref, action: "enrich" })).toMatchObject({ by: "command", asked_by: "zhangsan" });
  });

  it("brings it along at once where somebody has to agree first", async () => {
    incident(ok());
    const event_id = await scene.happen(id, "i_storm");
    await scene.pass(MINUTE_MS);
    expect(calls()).toEqual([LOOK]);
    await receiptOf(await push(buttonOf("approve"), scene.body(id, { by: "lisi" })));
    await scene.pass(MINUTE_MS);
    expect(await shown({ incident_id: id, event_id, action: "restart-host" })).toMatchObject({ state: "succeeded" });
    expect(calls()).toEqual([LOOK, RESTART]);
  });

  it("does not wait for that of another event", async () => {
    incident(busy(1_800));
    await both();
    await scene.pass(SECOND_MS);
    const ref = await scene.press(id);
    await scene.pass(SECOND_MS);
    expect(await shown(ref)).toMatchObject({ state: "succeeded" });
  });

  it("does not wait for what cannot be run at all where somebody presses its button", async () => {
    incident(ok());
    const { response, done } = await ask(pushRequest(ACTION, scene.body(id)), NO_LOOK);
    const { runs, event_id } = await receiptOf(response);
    await done();
    expect(runs.map(({ action }) => action)).toEqual(["restart-host"]);
    const ref = { incident_id: id, event_id, action: "restart-host" };
    expect(await shown(ref)).toMatchObject({ state: "planned", after: "", reason: "" });
    await scene.pass(SECOND_MS);
    expect(await shown(ref)).toMatchObject({ state: "succeeded" });
  });

  it.each(["i_new", "i_wake"])(
    "does not wait for what cannot be run at all, and rules call for (%s)",
    async (event_type) => {
      incident(ok());
      const request = pushRequest(INCIDENT, scene.body(id, {}, event_type));
      const { response, done } = await ask(request, NO_LOOK);
      const { runs, event_id } = await receiptOf(response);
      await done();
      expect(runs).toContainEqual({
        run_id: `${id}:${event_id}:enrich`,
        action: "enrich",
        state: "failed",
        reason: like("LOOK_URL"),
      });
      await scene.pass(SECOND_MS);
      expect(await shown({ incident_id: id, event_id, action: "restart-host" })).toMatchObject({ state: "succeeded" });
    },
  );
});

/** What an event calls for. */
const called = async (event_type: string) => {
  const { runs } = await receiptOf(await exports.default.fetch(pushRequest(INCIDENT, scene.body(id, {}, event_type))));
  return runs.map(({ action }) => action);
};

describe("a rule for incidents that", () => {
  beforeEach(() => {
    incident(ok());
  });

  it("have never been reopened holds until the first time", async () => {
    expect(await called("i_ack")).toEqual(["enrich"]);
    await called("i_reopen");
    expect(await called("i_ack")).toEqual([]);
  });

  it("have been reopened holds from the reopening on", async () => {
    expect(await called("i_unack")).toEqual([]);
    expect(await called("i_reopen")).toEqual(["enrich"]);
    expect(await called("i_unack")).toEqual(["enrich"]);
  });

  it("have been reopened does not hold because another one was", async () => {
    await called("i_reopen");
    id = scene.incident("web-2");
    expect(await called("i_unack")).toEqual([]);
  });
});
