// What a rule calls for and a person has to agree to: it waits, is told, and is run once somebody has who may.
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { action } from "../../src/actions/action.ts";
import { http } from "../../src/actions/http.ts";
import type { RunRef } from "../../src/domain/event.ts";
import { label } from "../../src/domain/key.ts";
import { definePlaybook } from "../../src/domain/playbook.ts";
import { playbook } from "../../src/playbook.ts";
import { adminSend } from "./admin.ts";
import { standIn } from "./platform.ts";
import { ask, INCIDENT, kindOf, problemOf, push, pushRequest, receiptOf } from "./push.ts";
import { buttonOf, HOUR_MS, MINUTE_MS, type Name, openScene, person, type Scene, shown, trailOf } from "./scene.ts";

const on_host = [
  http<Record<string, never>>({ settings: "RESTART_HOST", method: "POST", body: ({ key }) => ({ host: key }) }),
];
const plain = { summary: "change the host", key: label("resource"), params: {}, destructive: false };

const team = definePlaybook({
  actions: {
    "restart-host": action(plain, on_host),
    "clear-cache": action(plain, on_host),
    "free-disk": action(plain, on_host),
  },
  rules: [
    {
      on: ["i_reopen"],
      // Neither who has reopened it, nor somebody whose shift it never is.
      approval: {
        within_ms: 30 * MINUTE_MS,
        not_by: (given) => [given.person?.person_id ?? "", "wangwu@toutie.com"],
      },
      run: "restart-host",
    },
    { on: ["i_reopen"], when: { severity: ["Critical"] }, approval: { within_ms: 10 * MINUTE_MS }, run: "clear-cache" },
    { on: ["i_unack"], approval: { within_ms: 3 * HOUR_MS }, run: "free-disk" },
  ],
});
Object.assign(playbook, team);

let scene: Scene;
let id: string;
let restart: RunRef;
let clear: RunRef;

beforeEach(async () => {
  scene = await openScene();
  id = scene.incident("web-1");
  const event_id = await scene.happen(id, "i_reopen");
  restart = { incident_id: id, event_id, action: "restart-host" };
  clear = { ...restart, action: "clear-cache" };
  await scene.pass(MINUTE_MS);
});

/** The press of the button that approves. */
async function approve(by: Name, query = ""): Promise<Response> {
  return push(buttonOf("approve", { query }), scene.body(id, { by }));
}

function calls(): string[] {
  return (scene.calls.get(id) ?? []).map(({ headers }) => headers["idempotency-key"]?.split(":").at(-1) ?? "");
}

const runIdOf = ({ incident_id, event_id, action }: RunRef) => `${incident_id}:${event_id}:${action}`;

describe("a run that needs consent", () => {
  it("waits, and its incident is told how it is given", async () => {
    const { state, due_at, planned_at } = await shown(restart);
    expect([state, (due_at ?? 0) - planned_at]).toEqual(["awaiting_approval", 30 * MINUTE_MS]);
    const told = scene.told(id).find((one) => one.startsWith("[restart-host] (web-1) waits for approval\n"));
    expect(told).toMatch(/\/webhooks\/action\/approve\b.* within 30 min/);
    expect(calls()).toEqual([]);
  });

  it.each([false, true])(
    "is run once somebody agrees who may, with the name (evicted meanwhile: %s)",
    async (evicting) => {
      const { result, runs } = await receiptOf(await approve("lisi", "?action=restart-host"));
      expect([result, runs]).toEqual([
        "accepted",
        [{ run_id: runIdOf(restart), action: "restart-host", state: "planned" }],
      ]);
      await scene.pass(MINUTE_MS, { evicting });
      expect(await shown(restart)).toMatchObject({ state: "succeeded", approved_by: "lisi" });
      expect(await trailOf(restart, "approved")).toEqual(["lisi: "]);
      expect(await shown(clear)).toMatchObject({ state: "awaiting_approval" });
      expect(calls()).toEqual(["restart-host"]);
      expect(scene.api.comments(id).at(-1)?.comment).toMatch(
        /^\[restart-host\] \(web-1\) succeeded\n.*approved by lisi/s,
      );
    },
  );

  it("is run with all others that wait where the button names no action", async () => {
    const { runs } = await receiptOf(await approve("lisi"));
    expect(runs.map(({ action }) => action).toSorted()).toEqual(["clear-cache", "restart-host"]);
    await scene.pass(MINUTE_MS);
    expect(calls().toSorted()).toEqual(["clear-cache", "restart-host"]);
  });

  it("is still checked before it starts: the incident may be closed by then", async () => {
    scene.api.change_incident(id, { progress: "Closed" });
    await receiptOf(await approve("lisi"));
    await scene.pass(MINUTE_MS);
    expect(await shown(restart)).toMatchObject({ state: "skipped", reason: "the incident is closed" });
    expect(calls()).toEqual([]);
  });

  it("is not too late because somebody took long to agree", async () => {
    const event_id = await scene.happen(id, "i_unack");
    await scene.pass(2 * HOUR_MS);
    await receiptOf(await approve("lisi"));
    await scene.pass(MINUTE_MS);
    expect(await shown({ ...restart, event_id, action: "free-disk" })).toMatchObject({ state: "succeeded" });
  });
});

describe("consent", () => {
  it.each<[string, Name]>([
    ["who caused the event", "zhangsan"],
    ["whom the playbook excludes by address", "wangwu"],
  ])("of somebody %s is refused, and the refusal is in the trail", async (_, by) => {
    const problem = await problemOf(await approve(by, "?action=restart-host"));
    expect([problem.status, kindOf(problem)]).toEqual([422, "cannot-approve"]);
    expect(await shown(restart)).toMatchObject({ state: "awaiting_approval" });
    expect(await trailOf(restart, "approval_refused")).toEqual([`${by}: ${problem.detail}`]);
    await receiptOf(await approve("lisi", "?action=restart-host"));
    expect(await shown(restart)).toMatchObject({ state: "planned", approved_by: "lisi" });
  });

  it("of nobody is none", async () => {
    for (const person_id of [undefined, null, "", 0]) {
      const nobody = person_id === undefined ? null : { person_id, person_name: "", email: "" };
      const problem = await problemOf(await push(buttonOf("approve"), { ...scene.body(id), person: nobody }));
      expect([problem.status, kindOf(problem)]).toEqual([422, "cannot-approve"]);
    }
    expect(await shown(clear)).toMatchObject({ state: "awaiting_approval" });
    expect(await trailOf(clear, "approval_refused")).toHaveLength(4);
  });

  it("of one counts for what this one may agree to, and for no more", async () => {
    const { runs } = await receiptOf(await approve("wangwu"));
    expect(runs.map(({ action }) => action)).toEqual(["clear-cache"]);
    expect(await trailOf(restart, "approval_refused")).toHaveLength(1);
  });

  it("where nothing waits for it is refused", async () => {
    const other = scene.incident("web-2");
    const problem = await problemOf(await push(buttonOf("approve"), scene.body(other, { by: "lisi" })));
    expect([problem.status, kindOf(problem)]).toEqual([422, "cannot-approve"]);
  });

  it("that comes again starts nothing again", async () => {
    const body = scene.body(id, { by: "lisi" });
    await receiptOf(await push(buttonOf("approve"), body));
    await scene.pass(MINUTE_MS);
    for (const SEEN of [env.SEEN, standIn(env.SEEN, { get: async () => null })]) {
      const { response, done } = await ask(pushRequest(buttonOf("approve"), body), { SEEN });
      expect(await receiptOf(response)).toMatchObject({ result: "duplicate" });
      await done();
    }
    await scene.pass(MINUTE_MS);
    expect(calls()).toHaveLength(2);
    expect(await trailOf(restart, "approved")).toHaveLength(1);
  });

  it("that came by the incident webhook first is given by the button's own address, once", async () => {
    const body = scene.body(id, { by: "lisi" });
    await receiptOf(await push(INCIDENT, body));
    expect(await shown(restart)).toMatchObject({ state: "awaiting_approval" });
    expect(await receiptOf(await push(buttonOf("approve"), body))).toMatchObject({ result: "accepted" });
    expect(await shown(restart)).toMatchObject({ state: "planned", approved_by: "lisi" });
    expect(await receiptOf(await push(INCIDENT, body))).toMatchObject({ result: "duplicate" });
    await scene.pass(MINUTE_MS);
    expect(calls()).toHaveLength(2);
  });

  it("is given by a press, and by a button whose address is right", async () => {
    const event = await problemOf(await push(buttonOf("approve"), scene.body(id, { by: "lisi" }, "i_ack")));
    expect([event.status, kindOf(event)]).toEqual([400, "not-a-press"]);
    const odd = await problemOf(await approve("lisi", "?actions=restart-host"));
    expect([odd.status, kindOf(odd)]).toEqual([400, "bad-params"]);
    expect(await shown(restart)).toMatchObject({ state: "awaiting_approval" });
  });
});

describe("a run that nobody agrees to", () => {
  it("expires in its time, is told as such, and is run by no later press", async () => {
    await scene.pass(8 * MINUTE_MS);
    expect(await shown(clear)).toMatchObject({ state: "awaiting_approval" });
    await scene.pass(2 * MINUTE_MS, { evicting: true });
    expect(await shown(clear)).toMatchObject({ state: "expired", due_at: null });
    expect(scene.told(id).at(-1)).toMatch(/^\[clear-cache\] \(web-1\) was not approved in time/);
    const problem = await problemOf(await approve("lisi", "?action=clear-cache"));
    expect(kindOf(problem)).toBe("cannot-approve");
    await scene.pass(HOUR_MS);
    expect(await shown(restart)).toMatchObject({ state: "expired" });
    expect(calls()).toEqual([]);
  });
});

/** Approves through the admin API. */
const approveBy = async (ref: RunRef, by: string) =>
  adminSend("POST", `/admin/api/runs/${encodeURIComponent(runIdOf(ref))}/approve`, { by });

describe("through the admin API", () => {
  it("consent is given by the name that is told, once", async () => {
    const response = await approveBy(restart, "lisi");
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ run_id: runIdOf(restart), state: "planned", approved_by: "lisi" });
    const again = await problemOf(await approveBy(restart, "lisi"));
    expect([again.status, kindOf(again)]).toEqual([409, "not-possible"]);
    await scene.pass(MINUTE_MS);
    expect(calls()).toEqual(["restart-host"]);
    expect(await trailOf(restart, "approved")).toEqual(["lisi: "]);
  });

  it("it is refused to whom the playbook excludes by that name, too", async () => {
    const problem = await problemOf(await approveBy(restart, person("wangwu").email));
    expect(problem.status).toBe(409);
    expect(await trailOf(restart, "approval_refused")).toEqual([`wangwu@toutie.com: ${problem.detail}`]);
    expect(await shown(restart)).toMatchObject({ state: "awaiting_approval" });
  });
});
