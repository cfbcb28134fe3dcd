// The trail of a run, as the admin API tells it: who asked, what decided, what was sent, what came back, who approved,
// overrode or stopped. Whatever becomes of a run, its trail only grows, and holds no secret.
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { action } from "../../src/actions/action.ts";
import { http } from "../../src/actions/http.ts";
import { rundeck } from "../../src/actions/restart/rundeck.ts";
import type { RunRef } from "../../src/domain/event.ts";
import { label } from "../../src/domain/key.ts";
import { definePlaybook } from "../../src/domain/playbook.ts";
import { playbook } from "../../src/playbook.ts";
import { adminSend, runView } from "./admin.ts";
import { like } from "./like.ts";
import { problemOf, push, receiptOf } from "./push.ts";
import { openRundeck } from "./rundeck.ts";
import { buttonOf, MINUTE_MS, type Name, openScene, type Scene, shown } from "./scene.ts";
import { ok } from "./target.ts";

const on_host = [
  http<Record<string, never>>({ settings: "RESTART_HOST", method: "POST", body: ({ key }) => ({ host: key }) }),
];
const about_host = { key: label("resource"), params: {} };
const guards = { each: { cool_down_ms: 10 * MINUTE_MS }, override_within_ms: 5 * MINUTE_MS };

const team = definePlaybook({
  actions: {
    "restart-host": action({ summary: "restart the host", ...about_host, guards }, on_host),
    "reimage-host": action({ summary: "set it up anew", ...about_host, guards }, [
      rundeck({ job: "RUNDECK_RESTART_JOB", options: ({ key }) => ({ host: key }) }),
    ]),
  },
  rules: [
    {
      on: ["i_reopen"],
      approval: { within_ms: 30 * MINUTE_MS, not_by: () => ["wangwu@toutie.com"] },
      run: "restart-host",
    },
  ],
});
Object.assign(playbook, team);

let scene: Scene;
let id: string;

beforeEach(async () => {
  scene = await openScene();
  id = scene.incident("web-1");
});

const runIdOf = ({ incident_id, event_id, action }: RunRef) => `${incident_id}:${event_id}:${action}`;

/** The trail, each entry as a line. */
async function trail(run_id: string): Promise<string[]> {
  const { trail } = await runView(run_id);
  return trail.map(({ what, by, text }) => [what, by, text].filter((part) => part !== "").join(" | "));
}

const approve = async (by: Name) => push(buttonOf("approve"), scene.body(id, { by }));
const JOB = "https://rundeck.example/api/41/job/a7b8c9d0-1111-2222-3333-444455556666/run";

it("tells a job from the press to its end, and nothing of the looks between", async () => {
  openRundeck(scene.story.clock, 5 * MINUTE_MS);
  const ref = await scene.press(id, "reimage-host");
  await scene.pass(10 * MINUTE_MS, { evicting: true });
  expect(await trail(runIdOf(ref))).toEqual([
    "asked | zhangsan | a button was pressed",
    "claimed | attempt 1",
    `sent | POST ${JOB} {"options":{"host":"web-1"}}`,
    like(/^answered \| 200 \{"id":1,.*"status":"running"\}$/),
    "state | waiting: execution 1 is running",
    "sent | GET https://rundeck.example/api/41/execution/1",
    like(/^answered \| 200 \{"id":1,.*"status":"succeeded"\}$/),
    "state | succeeded: execution 1 succeeded",
  ]);
});

it("tells who was refused, who agreed, what the guards had against it, and who had it started all the same", async () => {
  await scene.press(id);
  await scene.pass(MINUTE_MS);
  const event_id = await scene.happen(id, "i_reopen");
  const ref = { incident_id: id, event_id, action: "restart-host" };
  expect((await approve("wangwu")).status).toBe(422);
  await receiptOf(await approve("lisi"));
  await scene.pass(MINUTE_MS);
  const { reason } = await shown(ref);
  const retry = await adminSend("POST", `/admin/api/runs/${encodeURIComponent(runIdOf(ref))}/retry`, {
    by: "the night shift",
    override: true,
  });
  expect(retry.status).toBe(200);
  await scene.pass(MINUTE_MS);
  expect(await trail(runIdOf(ref))).toEqual([
    "asked | i_reopen | a rule called for it",
    like(/^approval_refused \| wangwu \| ./),
    "approved | lisi",
    "claimed | attempt 1",
    `guard | cool_down: ${reason}`,
    `state | skipped: ${reason}`,
    like(/^retried \| the night shift \| ./),
    like(/^claimed \| attempt \d$/),
    like(/^overridden \| the night shift \| "restart-host" on web-1: .* 10 minutes/),
    like(/^sent \| POST \(hidden\) \{"host":"web-1"\}$/),
    "answered | 200 done",
    "state | succeeded: the target answered 200",
  ]);
});

it("tells who cancelled it, and why", async () => {
  const event_id = await scene.happen(id, "i_reopen");
  const ref = { incident_id: id, event_id, action: "restart-host" };
  const path = `/admin/api/runs/${encodeURIComponent(runIdOf(ref))}/cancel`;
  await adminSend("POST", path, { by: "lisi", reason: "it is the switch" });
  expect((await trail(runIdOf(ref))).slice(1)).toEqual([
    "cancelled | lisi | it is the switch",
    "state | cancelled: it is the switch",
  ]);
});

it("tells that nobody agreed, that it was the same press, and that there was nothing to act on", async () => {
  const event_id = await scene.happen(id, "i_reopen");
  await scene.pass(30 * MINUTE_MS);
  const expired = await trail(`${id}:${event_id}:restart-host`);
  expect(expired.at(-1)).toMatch(/^state \| expired: ./);

  await scene.press(id);
  const same = await trail(runIdOf(await scene.press(id)));
  expect(same.at(-1)).toMatch(/^state \| skipped: .*same press/);

  const body = scene.body(id);
  const nameless = { ...body, incident: { ...body.incident, labels: {} } };
  const { run_id } = await problemOf(await push(buttonOf("restart-host"), nameless));
  expect((await trail(run_id ?? "")).at(-1)).toMatch(/^state \| skipped: .*`resource` is missing/);
});

describe("whatever happens", () => {
  it("it only grows, and its times go on", async () => {
    id = scene.incident("web-1", (nth) => (nth === 1 ? new Response(null, { status: 429 }) : ok()));
    const event_id = await scene.happen(id, "i_reopen");
    const ref = { incident_id: id, event_id, action: "restart-host" };
    const seen: unknown[][] = [];
    const look = async () => seen.push((await shown(ref)).trail);
    await look();
    for (const by of ["wangwu", "lisi"] as const) {
      await approve(by);
      await look();
    }
    for (let step = 0; step < 10; step++) {
      await scene.pass(MINUTE_MS / 2, { evicting: true, copies: (nth) => nth % 3 });
      await look();
    }
    for (const [nth, before] of seen.entries())
      expect(seen[nth + 1]?.slice(0, before.length) ?? before).toEqual(before);
    const { state, trail } = await shown(ref);
    expect(state).toBe("succeeded");
    expect(trail.map(({ at }) => at)).toEqual(trail.map(({ at }) => at).toSorted((one, other) => one - other));
    expect(trail.at(-1)?.at).toBe((await shown(ref)).ended_at);
  });

  it("it holds no secret, whatever the target quotes", async () => {
    const { RESTART_HOST_TOKEN, RESTART_HOST_URL } = env;
    const quoted = [RESTART_HOST_TOKEN, RESTART_HOST_URL, btoa(`x:${RESTART_HOST_TOKEN}`)];
    id = scene.incident("web-1", () => Response.json({ message: quoted.join(" ") }, { status: 403 }));
    const ref = await scene.press(id);
    await scene.pass(MINUTE_MS);
    const told = (await trail(runIdOf(ref))).join("\n");
    expect(told).toContain("answered | 403");
    for (const secret of quoted) expect(told).not.toContain(secret);
  });

  it("reports have none: what they did is seen in the incident", async () => {
    const ref = await scene.press(id);
    await scene.pass(MINUTE_MS);
    expect(await shown({ ...ref, action: "restart-host@succeeded" })).toMatchObject({ state: "succeeded", trail: [] });
  });
});
