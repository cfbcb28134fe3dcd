// A person's word through the admin API: the kill switch, which holds what is about to start, and what is decided about
// single runs.
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { action } from "../../src/actions/action.ts";
import { http } from "../../src/actions/http.ts";
import { rundeck } from "../../src/actions/restart/rundeck.ts";
import type { RunRef } from "../../src/domain/event.ts";
import { label } from "../../src/domain/key.ts";
import { definePlaybook } from "../../src/domain/playbook.ts";
import { playbook } from "../../src/playbook.ts";
import { adminGet, adminSend, switchTo, switchView } from "./admin.ts";
import { deliver } from "./deliver.ts";
import { like } from "./like.ts";
import { kindOf, problemOf, push, receiptOf } from "./push.ts";
import { openRundeck } from "./rundeck.ts";
import { buttonOf, HOUR_MS, MINUTE_MS, openScene, type Scene, SECOND_MS, shown, trailOf } from "./scene.ts";
import { ring } from "./taken.ts";
import { ok } from "./target.ts";
import { guessWrong, visit } from "./visitor.ts";

const on_host = [
  http<Record<string, never>>({ settings: "RESTART_HOST", method: "POST", body: ({ key }) => ({ host: key }) }),
];
const plain = { summary: "change the host", key: label("resource"), params: {}, destructive: false };
const COOL_DOWN = { each: { cool_down_ms: HOUR_MS } };

const team = definePlaybook({
  actions: {
    "restart-host": action(plain, on_host),
    "clear-cache": action({ ...plain, max_age_ms: 10 * MINUTE_MS }, on_host),
    "free-disk": action({ ...plain, guards: { ...COOL_DOWN, override_within_ms: MINUTE_MS } }, on_host),
    "fail-over": action({ ...plain, guards: COOL_DOWN }, on_host),
    "reimage-host": action(plain, [rundeck({ job: "RUNDECK_RESTART_JOB", options: ({ key }) => ({ host: key }) })]),
  },
  rules: [],
});
Object.assign(playbook, team);

const EVERYTHING = { set: "stopped", by: "wangwu", reason: "the network is being worked on" };
const ON_AGAIN = { set: "running", by: "lisi", reason: "the work is done" };
const STOPPED = /^everything .*\bwangwu\b.*: the network is being worked on$/;

let scene: Scene;
let id: string;

beforeEach(async () => {
  Object.assign(playbook, team);
  scene = await openScene();
  id = scene.incident("web-1");
});

function calls(incident_id = id): number {
  return scene.calls.get(incident_id)?.length ?? 0;
}

describe("the kill switch", () => {
  it("holds everything that is about to start, and lets it start when it goes on", async () => {
    await switchTo(EVERYTHING);
    const refs = [await scene.press(id), await scene.press(scene.incident("web-2"), "clear-cache")];
    await scene.pass(5 * MINUTE_MS, { evicting: true });
    for (const ref of refs)
      expect(await shown(ref)).toMatchObject({
        state: "planned",
        reason: like(STOPPED),
        failures: 0,
        started_at: null,
      });
    expect(calls()).toBe(0);
    const held_back = like(
      /^\[restart-host\] \(web-1\) is held back.*\neverything .*: the network is being worked on$/,
    );
    expect(scene.told(id)).toEqual([held_back]);
    await switchTo(ON_AGAIN);
    await scene.pass(2 * MINUTE_MS);
    for (const ref of refs) expect(await shown(ref)).toMatchObject({ state: "succeeded", failures: 0 });
    expect(calls()).toBe(1);
    expect(scene.told(id)).toEqual([held_back, like(/^\[restart-host\] \(web-1\) succeeded\n/)]);
  });

  it("holds what is in the queue already", async () => {
    const ref = await scene.press(id);
    await ring(id);
    expect(await shown(ref)).toMatchObject({ state: "dispatched" });
    await switchTo(EVERYTHING);
    await deliver([ref]);
    expect(await shown(ref)).toMatchObject({ state: "planned", reason: like(STOPPED) });
    expect(calls()).toBe(0);
  });

  it("holds what waits for its next try", async () => {
    id = scene.incident("web-1", (nth) => (nth === 1 ? new Response(null, { status: 429 }) : ok()));
    const ref = await scene.press(id);
    await ring(id);
    await deliver([ref]);
    expect(await shown(ref)).toMatchObject({ state: "planned", failures: 1 });
    await switchTo(EVERYTHING);
    await scene.pass(10 * MINUTE_MS);
    expect(calls()).toBe(1);
    await switchTo(ON_AGAIN);
    await scene.pass(5 * MINUTE_MS);
    expect(await shown(ref)).toMatchObject({ state: "succeeded" });
  });

  it("skips what is too old when it would go on, and tells the incident why", async () => {
    await switchTo(EVERYTHING);
    const [old, young] = [await scene.press(id, "clear-cache"), await scene.press(scene.incident("web-2"))];
    await scene.pass(11 * MINUTE_MS);
    await switchTo(ON_AGAIN);
    await scene.pass(5 * MINUTE_MS);
    const { state, reason } = await shown(old);
    expect([state, reason]).toEqual(["skipped", like(/10 minutes.*the network is being worked on/)]);
    expect(scene.told(id).at(-1)).toBe(`[clear-cache] (web-1) was skipped\n${reason}`);
    expect(calls()).toBe(0);
    expect(await shown(young)).toMatchObject({ state: "succeeded" });
  });

  it("of one action holds that one, and no other", async () => {
    await switchTo({ ...EVERYTHING, action: "clear-cache" });
    const [held, other] = [await scene.press(id, "clear-cache"), await scene.press(id)];
    await scene.pass(5 * MINUTE_MS);
    expect(await shown(held)).toMatchObject({ state: "planned", reason: like(/^"clear-cache" /) });
    expect(await shown(other)).toMatchObject({ state: "succeeded" });
    expect(calls()).toBe(1);
  });

  it("of everything leaves that of one action as it is when it goes on", async () => {
    await switchTo({ ...EVERYTHING, action: "clear-cache" });
    await switchTo(EVERYTHING);
    await switchTo(ON_AGAIN);
    const [held, other] = [await scene.press(id, "clear-cache"), await scene.press(id)];
    await scene.pass(5 * MINUTE_MS);
    expect(await shown(held)).toMatchObject({ state: "planned" });
    expect(await shown(other)).toMatchObject({ state: "succeeded" });
    expect((await switchView()).stops).toMatchObject([{ action: "clear-cache" }]);
  });

  it("of everything is not meant by an action without a name", async () => {
    await switchTo(EVERYTHING);
    expect((await adminSend("PUT", "/admin/api/switch", { ...ON_AGAIN, action: "" })).status).toBe(400);
    expect((await switchView()).stops).toMatchObject([{ action: null }]);
  });

  it("of an action that the playbook has no more is let go on, but not set again", async () => {
    const { "clear-cache": _gone, ...others } = team.actions;
    await switchTo({ ...EVERYTHING, action: "clear-cache" });
    Object.assign(playbook, { actions: others });
    expect((await switchTo({ ...ON_AGAIN, action: "clear-cache" })).stops).toEqual([]);
    for (const change of [EVERYTHING, ON_AGAIN])
      expect((await adminSend("PUT", "/admin/api/switch", { ...change, action: "clear-cache" })).status).toBe(400);
  });

  it("follows what was started before, and tells of it", async () => {
    const rundeck = openRundeck(scene.story.clock, 10 * MINUTE_MS);
    const ref = await scene.press(id, "reimage-host");
    await scene.pass(10 * SECOND_MS);
    await switchTo(EVERYTHING);
    await scene.pass(15 * MINUTE_MS, { evicting: true });
    expect(await shown(ref)).toMatchObject({ state: "succeeded" });
    expect(rundeck.starts).toHaveLength(1);
    expect(scene.told(id).at(-1)).toMatch(/^\[reimage-host\] \(web-1\) succeeded/);
  });

  it("shows what is stopped, by whom and why, and how it came to that", async () => {
    const at = scene.story.clock.now;
    await switchTo(EVERYTHING);
    scene.story.clock.now += MINUTE_MS;
    const shown_now = await switchTo({ ...ON_AGAIN, action: "clear-cache", set: "stopped" });
    const all = { action: null, by: "wangwu", reason: EVERYTHING.reason, at };
    const one = { action: "clear-cache", by: "lisi", reason: ON_AGAIN.reason, at: at + MINUTE_MS };
    expect(shown_now).toEqual({
      stops: [all, one],
      open_breakers: [],
      rulings: [
        { ...one, what: "stopped" },
        { ...all, what: "stopped" },
      ],
    });
    expect(await switchView()).toEqual(shown_now);
  });

  it.each(["GET", "PUT"])("is for whoever has the admin token (%s)", async (method) => {
    const sent = { method, ...(method === "PUT" && { body: JSON.stringify(EVERYTHING) }) };
    const headers = { Authorization: "Bearer a-token-that-is-not-the-right-one" };
    expect((await visit("/admin/api/switch", sent)).status).toBe(401);
    expect((await guessWrong("/admin/api/switch", { ...sent, headers })).status).toBe(401);
    expect((await switchView()).stops).toEqual([]);
  });

  it.each<[string, unknown, string[]]>([
    ["that is no JSON", "{", [""]],
    ["that is a list", [], [""]],
    ["that says nothing", {}, ["set", "by", "reason"]],
    ["with a word that is none", { ...EVERYTHING, set: "off" }, ["set"]],
    ["of an action that there is not", { ...EVERYTHING, action: "restart" }, ["action"]],
    ["of an action that there is not, and that nothing holds", { ...ON_AGAIN, action: "restart" }, ["action"]],
    ["of what every object has", { ...EVERYTHING, action: "constructor" }, ["action"]],
    ["of nobody", { ...EVERYTHING, by: " " }, ["by"]],
    ["without a reason", { ...EVERYTHING, reason: "" }, ["reason"]],
    ["with a novel for a reason", { ...EVERYTHING, reason: "x".repeat(501) }, ["reason"]],
    ["with more than is known", { ...EVERYTHING, until: "tomorrow" }, [""]],
    ["that closes a breaker of no action", { ...EVERYTHING, set: "breaker_closed" }, ["action"]],
  ])("is not changed by a body %s, and each fault is named", async (_, body, paths) => {
    const problem = await problemOf(await adminSend("PUT", "/admin/api/switch", body));
    expect([problem.status, kindOf(problem)]).toEqual([400, "bad-body"]);
    expect(problem.errors?.map(({ path }) => path)).toEqual(paths);
    expect(await switchView()).toEqual({ stops: [], open_breakers: [], rulings: [] });
  });
});

const pathOf = ({ incident_id, event_id, action }: RunRef) =>
  `/admin/api/runs/${encodeURIComponent(`${incident_id}:${event_id}:${action}`)}`;

/** A person decides about a run. */
async function rule(ref: RunRef, what: "approve" | "cancel" | "retry", body: unknown): Promise<Response> {
  return adminSend("POST", `${pathOf(ref)}/${what}`, body);
}

const CANCEL = { by: "lisi", reason: "not any more" };

describe("a person who cancels a run", () => {
  it("that has not started keeps it from that, and the incident is told", async () => {
    await switchTo(EVERYTHING);
    const ref = await scene.press(id);
    await scene.pass(MINUTE_MS);
    const response = await rule(ref, "cancel", CANCEL);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ state: "cancelled", reason: "not any more" });
    await switchTo(ON_AGAIN);
    await scene.pass(HOUR_MS);
    expect(calls()).toBe(0);
    expect(await trailOf(ref, "cancelled")).toEqual(["lisi: not any more"]);
    expect(scene.told(id).at(-1)).toBe("[restart-host] (web-1) was cancelled\nnot any more");
  });

  it("that has ended is told that it has", async () => {
    const ref = await scene.press(id);
    await scene.pass(MINUTE_MS);
    const problem = await problemOf(await rule(ref, "cancel", CANCEL));
    expect([problem.status, kindOf(problem), problem.detail]).toEqual([409, "not-possible", like("succeeded")]);
    expect(await shown(ref)).toMatchObject({ state: "succeeded" });
  });
});

describe("a person who has a run started over", () => {
  it("that has failed gets another start, under another key, with the name in the trail", async () => {
    id = scene.incident("web-1", (nth) => (nth === 1 ? new Response(null, { status: 404 }) : ok()));
    const ref = await scene.press(id);
    await scene.pass(MINUTE_MS);
    const response = await rule(ref, "retry", { by: "lisi" });
    expect(await response.json()).toMatchObject({ state: "planned", round: 1 });
    await scene.pass(MINUTE_MS);
    expect(await shown(ref)).toMatchObject({ state: "succeeded" });
    expect(await trailOf(ref, "retried")).toEqual(["lisi: "]);
    const keys = scene.calls.get(id)?.map(({ headers }) => headers["idempotency-key"]);
    expect(new Set(keys).size).toBe(2);
    expect(scene.told(id).map((one) => one.split("\n")[0])).toEqual([
      "[restart-host] (web-1) failed",
      "[restart-host] (web-1) succeeded",
    ]);
  });

  it.each([
    ["free-disk", { by: "lisi" }, "skipped"],
    ["free-disk", { by: "lisi", override: true }, "succeeded"],
    ["fail-over", { by: "lisi", override: true }, "skipped"], // its playbook lets nobody override
  ])("that the guards of %s held back (%j): it is %s", async (name, body, state) => {
    await scene.press(id, name);
    await scene.pass(MINUTE_MS);
    const held_back = await scene.press(id, name, { by: "zhangsan" });
    await scene.pass(MINUTE_MS);
    expect(await shown(held_back)).toMatchObject({ state: "skipped" });
    expect((await rule(held_back, "retry", body)).status).toBe(200);
    await scene.pass(MINUTE_MS);
    expect(await shown(held_back)).toMatchObject({ state });
    expect(calls()).toBe(state === "succeeded" ? 2 : 1);
    const overridden = state === "succeeded" ? [like(/^lisi: "free-disk" on web-1: .* 1 hour/)] : [];
    expect(await trailOf(held_back, "overridden")).toEqual(overridden);
  });

  it.each(["open", "succeeded"])("that is %s is told so, and it stays as it is", async (what) => {
    const ref = await scene.press(id);
    if (what === "succeeded") await scene.pass(MINUTE_MS);
    const before = await shown(ref);
    const problem = await problemOf(await rule(ref, "retry", { by: "lisi" }));
    expect([problem.status, kindOf(problem)]).toEqual([409, "not-possible"]);
    expect(await shown(ref)).toEqual(before);
  });
});

describe.each(["approve", "cancel", "retry"] as const)("the route to %s a run", (what) => {
  const body = what === "cancel" ? CANCEL : { by: "lisi" };

  it("knows no run that is not there, and makes none", async () => {
    for (const run_id of ["nonsense", `${id}:push-1:restart-host`, `${id}::`]) {
      const path = `/admin/api/runs/${encodeURIComponent(run_id)}/${what}`;
      const problem = await problemOf(await adminSend("POST", path, body));
      expect([problem.status, kindOf(problem)]).toEqual([404, "not-found"]);
    }
    expect((await adminGet(`/admin/api/incidents/${id}`)).status).toBe(404);
  });

  it.each<[string, unknown, string]>([
    ["names nobody", { ...body, by: "" }, "by"],
    ["says more than is known", { ...body, state: "succeeded" }, ""],
    ["is no JSON", "by=lisi", ""],
  ])("takes no body that %s", async (_, wrong, path) => {
    const ref = await scene.press(id);
    const problem = await problemOf(await rule(ref, what, wrong));
    expect([problem.status, kindOf(problem), problem.errors?.[0]?.path]).toEqual([400, "bad-body", path]);
    expect(await shown(ref)).toMatchObject({ state: "planned" });
  });

  it("is for whoever has the admin token", async () => {
    const { runs } = await receiptOf(await push(buttonOf("restart-host"), scene.body(id)));
    const path = `/admin/api/runs/${encodeURIComponent(runs[0]?.run_id ?? "")}/${what}`;
    // The token of the pushes is another one.
    const headers = { Authorization: `Bearer ${env.WEBHOOK_TOKEN}` };
    const response = await guessWrong(path, { method: "POST", headers, body: JSON.stringify(body) });
    expect(response.status).toBe(401);
  });
});
