// A dry run: everything happens but the call that would change something at a target, and what is told says what would have
// been sent. Of one action, as the playbook has it, or of the whole receiver, as the settings have it.
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { action } from "../../src/actions/action.ts";
import type { Connector } from "../../src/actions/connector.ts";
import { http } from "../../src/actions/http.ts";
import { rundeck } from "../../src/actions/restart/rundeck.ts";
import { flashdutyStatusPage } from "../../src/actions/status-page/flashduty.ts";
import type { RunRef } from "../../src/domain/event.ts";
import { label } from "../../src/domain/key.ts";
import { definePlaybook } from "../../src/domain/playbook.ts";
import { playbook } from "../../src/playbook.ts";
import { adminGet } from "./admin.ts";
import { APP_KEY } from "./flashduty.ts";
import { like } from "./like.ts";
import { logged } from "./logged.ts";
import { ask, type Changes, pushRequest, receiptOf } from "./push.ts";
import { openRundeck, RUNDECK_TOKEN } from "./rundeck.ts";
import { buttonOf, HOUR_MS, MINUTE_MS, openScene, type Scene, SECOND_MS, shown, trailOf } from "./scene.ts";

const PAGE_ID = 5750613685214;
const WAKE = "https://wake.example/a-path-that-opens-the-door";
Object.assign(env, {
  FLASHDUTY_PAGE_ID: String(PAGE_ID),
  FLASHDUTY_PAGE_COMPONENTS: "web",
  WAKE_URL: WAKE,
});

/** Asks a question, and tells the answer. */
const question: Connector<Record<string, never>> = {
  name: "Metrics",
  settings: [],
  repeatable: true,
  start: async ({ call }) => {
    const answer = await call({ method: "GET", url: new URL("https://metrics.example/"), headers: new Headers() });
    return { kind: "succeeded", summary: answer.kind === "answered" ? `it says ${answer.status}` : answer.reason };
  },
};

const about_host = { key: label("resource"), params: {}, destructive: false };
const restart = http<Record<string, never>>({
  settings: "RESTART_HOST",
  method: "POST",
  repeatable: true,
  body: ({ key }) => ({ host: key }),
});

const team = definePlaybook({
  actions: {
    "restart-host": action({ summary: "restart the host", ...about_host }, [restart]),
    "try-restart": action({ summary: "restart the host one day", ...about_host, dry_run: true }, [restart]),
    // What a GET does, nobody knows.
    "wake-host": action({ summary: "wake the host", ...about_host }, [
      http({ settings: "WAKE", method: "GET", query: ({ key }) => ({ host: key }) }),
    ]),
    "reimage-host": action({ summary: "set it up anew", ...about_host }, [
      rundeck({ job: "RUNDECK_RESTART_JOB", options: ({ key }) => ({ host: key }) }),
    ]),
    "update-status-page": action({ summary: "update the status page", params: {}, destructive: false }, [
      flashdutyStatusPage(),
    ]),
    enrich: action({ summary: "look at the host", params: {}, informational: true }, [question]),
  },
  rules: [],
});
Object.assign(playbook, team);

const DRY: Changes = { DRY_RUN: "on" };

let scene: Scene;
let id: string;

beforeEach(async () => {
  scene = await openScene();
  id = scene.incident("web-1");
  scene.api.add_status_page({ page_id: PAGE_ID, components: [{ component_id: "web", name: "Web" }] });
});

/** A press, and what comes of it, in these environments: of who takes the push, and of who carries it out. */
async function run(name: string, taking: Changes, carrying: Changes = taking): Promise<RunRef> {
  const { response, done } = await ask(pushRequest(buttonOf(name), scene.body(id)), taking);
  const { event_id } = await receiptOf(response);
  await done();
  await scene.pass(10 * MINUTE_MS, { changes: () => carrying });
  return { incident_id: id, event_id, action: name };
}

/** Where requests went, besides the comments that tell of the runs, and the checks before them. */
function left(): string[] {
  const told = ["/incident/comment", "/incident/info", "/member/info"];
  return vi
    .mocked(globalThis.fetch)
    .mock.calls.flatMap(([input]) => (input instanceof Request ? [input] : []))
    .map(({ method, url }) => ({ method, url: new URL(url) }))
    .filter(({ url }) => url.hostname !== "api.flashcat.cloud" || !told.includes(url.pathname))
    .map(({ method, url }) => `${method} ${url.hostname}${url.pathname}`);
}

const ACTING: [string, RegExp][] = [
  ["restart-host", /would have sent POST .*\{"host":"web-1"\}$/],
  ["wake-host", /would have sent GET /],
  ["reimage-host", /would have sent POST https:\/\/rundeck\.example\/api\/41\/job\/.*"host":"web-1"/],
  ["update-status-page", /would have sent POST https:\/\/api\.flashcat\.cloud\//],
];

describe("of the whole receiver", () => {
  it.each(ACTING)("%s calls nobody, and says what would have been sent", async (name, summary) => {
    const job = openRundeck(scene.story.clock, MINUTE_MS);
    const ref = await run(name, DRY);
    const { state, reason } = await shown(ref);
    expect([state, reason]).toEqual(["succeeded", like(summary)]);
    const [told, ...others] = scene.told(id);
    expect(others).toEqual([]);
    for (const said of ["dry run", reason.slice(0, 200)]) expect(told).toContain(said);
    expect(await trailOf(ref, "would_send")).toHaveLength(1);
    expect(left().filter((one) => !one.startsWith("GET api.flashcat.cloud/status-page/"))).toEqual([]);
    expect([scene.api.changes(PAGE_ID), job.starts]).toEqual([[], []]);
  });

  it.each(ACTING)("%s tells no secret by it", async (name) => {
    const { event_id } = await run(name, DRY);
    const paths = [`/admin/api/runs/${encodeURIComponent(`${id}:${event_id}:${name}`)}`, `/admin/api/incidents/${id}`];
    const answers = await Promise.all(paths.map(async (path) => (await adminGet(path)).text()));
    const seen = [...answers, ...logged(), ...scene.told(id)].join("\n");
    expect(seen).toContain("would have sent");
    for (const secret of [APP_KEY, env.RESTART_HOST_TOKEN, env.RESTART_HOST_URL, WAKE, "opens-the-door", RUNDECK_TOKEN])
      expect(seen).not.toContain(secret);
  });

  it("reads what there is to read, and says that it was a dry run", async () => {
    const ref = await run("enrich", DRY);
    expect(await shown(ref)).toMatchObject({ state: "succeeded", reason: like("it says 204") });
    expect(scene.told(id)).toEqual([like(/^\[enrich\].*dry run.*\n?.*it says 204/)]);
    expect(left()).toEqual(["GET metrics.example/"]);
    await run("update-status-page", DRY);
    expect(new Set(left().slice(1))).toEqual(new Set(["GET api.flashcat.cloud/status-page/change/list"]));
  });

  it("that is misspelled is meant", async () => {
    await run("restart-host", { DRY_RUN: "yes" });
    expect(left()).toEqual([]);
  });

  it("that is switched on later holds for runs that were planned before", async () => {
    await run("restart-host", {}, DRY);
    expect(left()).toEqual([]);
  });

  it("that is switched off meanwhile leaves a run that was planned dry as it is", async () => {
    await run("restart-host", DRY, {});
    expect(left()).toEqual([]);
  });

  it("that is switched on meanwhile follows what was started, and does not call it dry", async () => {
    const job = openRundeck(scene.story.clock, 5 * MINUTE_MS);
    const ref = await scene.press(id, "reimage-host");
    await scene.pass(10 * SECOND_MS);
    await scene.pass(10 * MINUTE_MS, { changes: () => DRY });
    expect(await shown(ref)).toMatchObject({ state: "succeeded", reason: "execution 1 succeeded" });
    expect(scene.told(id).at(-1)).not.toContain("dry");
    expect(job.starts).toHaveLength(1);
  });

  it("that is switched on after an attempt which may have done it does not say that nothing was done", async () => {
    id = scene.incident("web-1", () => new Response(null, { status: 500 }));
    const ref = await scene.press(id);
    await scene.pass(0);
    expect(await shown(ref)).toMatchObject({ state: "planned", may_have_acted: true });
    await scene.pass(HOUR_MS, { changes: () => DRY });
    expect(await shown(ref)).toMatchObject({ state: "unknown", reason: like("dry run") });
    expect(scene.calls.get(id)).toHaveLength(1);
  });

  it("is off by default", async () => {
    await run("restart-host", {});
    await run("wake-host", {});
    expect(left()).toEqual(["POST runner.example/restart", "GET wake.example/a-path-that-opens-the-door"]);
  });
});

describe("of one action", () => {
  it("calls nobody, and others go on as they are", async () => {
    const dry = await run("try-restart", {});
    expect(await shown(dry)).toMatchObject({
      state: "succeeded",
      reason: like(/would have sent /),
    });
    expect(left()).toEqual([]);
    await run("restart-host", {});
    expect(left()).toEqual(["POST runner.example/restart"]);
  });

  it("is checked like any other before it would start", async () => {
    scene.api.change_incident(id, { progress: "Closed" });
    expect(await shown(await run("try-restart", {}))).toMatchObject({ state: "skipped" });
  });
});
