// What keeps an action from being run too often, on too much, or in vain: one object of guards for all incidents, and what
// it holds back is told to whoever pressed.
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { action } from "../../src/actions/action.ts";
import { http } from "../../src/actions/http.ts";
import { rundeck } from "../../src/actions/restart/rundeck.ts";
import type { RunRef } from "../../src/domain/event.ts";
import type { Guards } from "../../src/domain/guard.ts";
import { label } from "../../src/domain/key.ts";
import { definePlaybook } from "../../src/domain/playbook.ts";
import { playbook } from "../../src/playbook.ts";
import { openBreakers, switchTo } from "./admin.ts";
import { deliver } from "./deliver.ts";
import { like } from "./like.ts";
import { fail, hang, incidentsWith } from "./platform.ts";
import { push, receiptOf } from "./push.ts";
import { openRundeck } from "./rundeck.ts";
import { buttonOf, guardsWith, HOUR_MS, MINUTE_MS, openScene, type Scene, SECOND_MS, shown, trailOf } from "./scene.ts";
import { ring } from "./taken.ts";
import { ok } from "./target.ts";
import { passTime } from "./until.ts";

const on_host = http<Record<string, never>>({
  settings: "RESTART_HOST",
  method: "POST",
  repeatable: true,
  body: ({ key }) => ({ host: key }),
});

const guarded = (guards: Guards) =>
  action({ summary: "change the host", key: label("resource"), params: {}, guards }, [on_host]);

const COOL_DOWN: Guards = {
  each: { at_once: 1, cool_down_ms: 10 * MINUTE_MS },
  override_within_ms: 5 * MINUTE_MS,
};

const team = definePlaybook({
  actions: {
    "restart-host": guarded(COOL_DOWN),
    "reimage-host": action({ summary: "set it up anew", key: label("resource"), params: {}, guards: COOL_DOWN }, [
      rundeck({ job: "RUNDECK_RESTART_JOB", options: ({ key }) => ({ host: key }) }),
    ]),
    "clear-cache": guarded({
      each: { budget: { runs: 2, window_ms: HOUR_MS } },
      all: { budget: { runs: 3, window_ms: HOUR_MS } },
    }),
    "fail-over": guarded({ breaker: { failures: 2, keys: 3, window_ms: HOUR_MS } }),
    "free-disk": guarded({
      breaker: { failures: 2, window_ms: HOUR_MS },
      comebacks: 1,
      override_within_ms: 5 * MINUTE_MS,
    }),
  },
  rules: [{ on: ["i_unack"], run: "restart-host" }],
});
Object.assign(playbook, team);

const NOT_FOUND = () => new Response(null, { status: 404 });
const later = () => new Response(null, { status: 429, headers: { "Retry-After": "900" } });

/** Cuts off the next attempt. */
function cutOffNext() {
  let attempts = 0;
  return () => {
    attempts += 1;
    return attempts === 1 ? { INCIDENT: incidentsWith({ settle: fail }) } : {};
  };
}

let scene: Scene;

beforeEach(async () => {
  scene = await openScene();
});

/** How many requests each of the incidents has led to. */
function calls(...ids: string[]): number[] {
  return ids.map((id) => scene.calls.get(id)?.length ?? 0);
}

/** Presses, and lets what comes of it come to its end. */
async function run(id: string, name: string, by: "zhangsan" | "lisi" = "zhangsan") {
  const ref = await scene.press(id, name, { by });
  await scene.pass(MINUTE_MS);
  return { ref, ...(await shown(ref)) };
}

describe.each([
  ["as it is", false],
  ["evicted after each step", true],
])("one host in two incidents, with the guards' object %s", (_, evicting) => {
  it("is worked on once at a time: the second press is skipped, and its incident is told why", async () => {
    const [one, other] = [scene.incident("web-1"), scene.incident("web-1")];
    const rundeck = openRundeck(scene.story.clock, 8 * MINUTE_MS);
    const first = await scene.press(one, "reimage-host");
    await scene.pass(2 * MINUTE_MS, { evicting });
    const second = await scene.press(other, "reimage-host", { by: "lisi" });
    await scene.pass(2 * MINUTE_MS, { evicting });
    const { state, reason } = await shown(second);
    const going_on = `run ${one}:${first.event_id}:reimage-host has been going on since`;
    expect([state, reason]).toEqual(["skipped", like(going_on)]);
    expect(await trailOf(second, "guard")).toEqual([`: at_once: ${reason}`]);
    expect(scene.told(other)).toEqual([`[reimage-host] (web-1) was skipped\n${reason}`]);
    await scene.pass(10 * MINUTE_MS, { evicting });
    expect(await shown(first)).toMatchObject({ state: "succeeded" });
    expect(rundeck.starts).toHaveLength(1);
  });

  it("cools down after the first run has ended, and not before", async () => {
    const [one, other] = [scene.incident("web-1"), scene.incident("web-1")];
    const first = await scene.press(one);
    await scene.pass(MINUTE_MS, { evicting });
    expect(await shown(first)).toMatchObject({ state: "succeeded" });
    const second = await scene.press(other);
    await scene.pass(8 * MINUTE_MS, { evicting });
    const { state, reason } = await shown(second);
    expect([state, reason]).toEqual([
      "skipped",
      like(
        /^"restart-host" on web-1: .* 10 minutes .*; allowed again at 20[\d-]+ 00:10 UTC; .* press again within 5 minutes/,
      ),
    ]);
    expect(scene.told(other)).toEqual([`[restart-host] (web-1) was skipped\n${reason}`]);
    await scene.pass(2 * MINUTE_MS, { evicting });
    const third = await scene.press(other);
    await scene.pass(MINUTE_MS, { evicting });
    expect(await shown(third)).toMatchObject({ state: "succeeded" });
    expect(calls(one, other)).toEqual([1, 1]);
  });

  it("is run on again where the same person presses again in time, with the name in the trail", async () => {
    const [one, other] = [scene.incident("web-1"), scene.incident("web-1")];
    await run(one, "restart-host");
    const held_back = await scene.press(other, "restart-host", { by: "lisi" });
    await scene.pass(MINUTE_MS, { evicting });
    const again = await scene.press(other, "restart-host", { by: "lisi" });
    await scene.pass(MINUTE_MS, { evicting });
    expect(await shown(held_back)).toMatchObject({ state: "skipped" });
    expect(await shown(again)).toMatchObject({ state: "succeeded" });
    expect(await trailOf(again, "overridden")).toEqual([like(/^lisi: "restart-host" on web-1: .* 10 minutes/)]);
    expect(calls(one, other)).toEqual([1, 1]);
  });
});

it("ten incidents whose presses for one host come at the same moment lead to one run", async () => {
  const ids = Array.from({ length: 10 }, () => scene.incident("web-1"));
  const refs: RunRef[] = [];
  for (const id of ids) refs.push(await scene.press(id));
  for (const id of ids) await ring(id);
  await deliver(refs);
  await scene.pass(MINUTE_MS);
  const states = await Promise.all(refs.map(async (ref) => (await shown(ref)).state));
  expect(states.toSorted()).toEqual([...Array.from({ length: 9 }, () => "skipped"), "succeeded"]);
  expect(calls(...ids).filter((count) => count > 0)).toEqual([1]);
});

it("another host is another matter", async () => {
  const [one, other] = [scene.incident("web-1"), scene.incident("web-2")];
  await run(one, "restart-host");
  expect(await run(other, "restart-host")).toMatchObject({ state: "succeeded" });
});

describe("a second press", () => {
  let id: string;

  beforeEach(async () => {
    id = scene.incident("web-1");
    await run(id, "restart-host", "lisi");
  });

  it("of somebody else overrides nothing", async () => {
    await run(id, "restart-host");
    expect(await run(id, "restart-host", "lisi")).toMatchObject({ state: "skipped" });
    expect(calls(id)).toEqual([1]);
  });

  it("behind the time that the playbook sets overrides nothing", async () => {
    await run(id, "restart-host");
    await scene.pass(5 * MINUTE_MS);
    expect(await run(id, "restart-host")).toMatchObject({ state: "skipped" });
    expect(calls(id)).toEqual([1]);
  });

  it("overrides once: the next one is held back again", async () => {
    await run(id, "restart-host");
    expect(await run(id, "restart-host")).toMatchObject({ state: "succeeded" });
    expect(await run(id, "restart-host")).toMatchObject({ state: "skipped" });
    expect(calls(id)).toEqual([2]);
  });

  it("does not override where the playbook sets no time for it", async () => {
    for (let n = 0; n < 2; n++) await run(id, "clear-cache");
    for (let n = 0; n < 2; n++) expect(await run(id, "clear-cache")).toMatchObject({ state: "skipped" });
  });

  it("does not override what goes on right now", async () => {
    openRundeck(scene.story.clock, 30 * MINUTE_MS);
    await run(id, "reimage-host");
    for (let n = 0; n < 2; n++) expect(await run(id, "reimage-host", "lisi")).toMatchObject({ state: "skipped" });
  });

  it("is not made by a rule, which may call twice", async () => {
    for (let n = 0; n < 2; n++) {
      const event_id = await scene.happen(id, "i_unack");
      await scene.pass(MINUTE_MS);
      const { state, reason } = await shown({ incident_id: id, event_id, action: "restart-host" });
      expect(state).toBe("skipped");
      expect(reason).not.toContain("press again");
    }
    expect(calls(id)).toEqual([1]);
  });
});

describe("a double press", () => {
  it("of one person within 10 s is one press, and both are answered with 200", async () => {
    const id = scene.incident("web-1");
    const first = await scene.press(id);
    scene.story.clock.now += 9_999;
    const { runs, event_id } = await receiptOf(await push(buttonOf("restart-host"), scene.body(id)));
    const same_as = `${id}:${first.event_id}:restart-host`;
    expect(runs).toMatchObject([{ action: "restart-host", state: "skipped", reason: like(same_as) }]);
    await scene.pass(HOUR_MS);
    expect(await shown(first)).toMatchObject({ state: "succeeded" });
    expect(await shown({ ...first, event_id })).toMatchObject({ fence: 0, same_as });
    expect(calls(id)).toEqual([1]);
  });

  it.each([
    ["of two people", "lisi", 1_000],
    ["after 10 s", "zhangsan", 10_000],
  ] as const)("%s is two", async (_, by, later_ms) => {
    const id = scene.incident("web-1");
    const refs = [await scene.press(id, "clear-cache")];
    scene.story.clock.now += later_ms;
    refs.push(await scene.press(id, "clear-cache", { by }));
    await scene.pass(MINUTE_MS);
    for (const ref of refs) expect(await shown(ref)).toMatchObject({ state: "succeeded" });
    expect(calls(id)).toEqual([2]);
  });
});

describe("a budget", () => {
  it("for each key is used up, and free again when its window has passed", async () => {
    const id = scene.incident("web-1");
    for (let n = 0; n < 2; n++) expect(await run(id, "clear-cache")).toMatchObject({ state: "succeeded" });
    const { state, reason } = await run(id, "clear-cache");
    expect([state, reason]).toEqual([
      "skipped",
      like(/^"clear-cache" on web-1: .*\b2 runs within 1 hour.*; allowed again at .* 01:00 UTC$/),
    ]);
    await scene.pass(57 * MINUTE_MS);
    expect(await run(id, "clear-cache")).toMatchObject({ state: "succeeded" });
    expect(await run(id, "clear-cache")).toMatchObject({ state: "succeeded" });
    expect(await run(id, "clear-cache")).toMatchObject({ state: "skipped" });
  });

  it("over all keys is used up by whichever", async () => {
    for (const host of ["web-1", "web-2", "web-3"])
      expect(await run(scene.incident(host), "clear-cache")).toMatchObject({ state: "succeeded" });
    expect(await run(scene.incident("web-4"), "clear-cache")).toMatchObject({
      state: "skipped",
      reason: like(/^"clear-cache" in all: .*\b3 runs within 1 hour.*; allowed again at .* 01:00 UTC$/),
    });
  });
});

describe("the breaker", () => {
  it("opens after failures, says so, and stays open until a person closes it", async () => {
    const broken = scene.incident("web-1", NOT_FOUND);
    for (let n = 0; n < 2; n++) expect(await run(broken, "fail-over")).toMatchObject({ state: "failed" });
    const id = scene.incident("web-2");
    const { state, reason } = await run(id, "fail-over");
    expect([state, reason]).toEqual([
      "skipped",
      like(/\bbreaker\b.*: 2 of its runs within 1 hour failed.*\/admin\/api\/switch$/),
    ]);
    expect(scene.told(id)).toEqual([`[fail-over] (web-2) was skipped\n${reason}`]);
    await scene.pass(24 * HOUR_MS);
    expect(await run(id, "fail-over")).toMatchObject({ state: "skipped" });
    expect(await openBreakers()).toEqual(["fail-over"]);
    await switchTo({ action: "fail-over", set: "breaker_closed", by: "wangwu", reason: "the pool is back" });
    expect(await run(id, "fail-over")).toMatchObject({ state: "succeeded" });
    expect(await openBreakers()).toEqual([]);
  });

  it("is closed by a person even where the playbook has its action no more", async () => {
    const broken = scene.incident("web-1", NOT_FOUND);
    for (let n = 0; n < 2; n++) await run(broken, "fail-over");
    const { "fail-over": _gone, ...others } = team.actions;
    Object.assign(playbook, { actions: others });
    onTestFinished(() => void Object.assign(playbook, team));
    expect(await openBreakers()).toEqual(["fail-over"]);
    await switchTo({ action: "fail-over", set: "breaker_closed", by: "wangwu", reason: "it is gone" });
    expect(await openBreakers()).toEqual([]);
  });

  it("opens before one key too many, and only for its action", async () => {
    for (const host of ["web-1", "web-2", "web-3"]) await run(scene.incident(host), "fail-over");
    const id = scene.incident("web-4");
    expect(await run(id, "fail-over")).toMatchObject({
      state: "skipped",
      reason: like(/"fail-over" .* more than 3 different .* within 1 hour/),
    });
    expect(await run(scene.incident("web-1"), "fail-over")).toMatchObject({ state: "skipped" });
    expect(await run(id, "restart-host")).toMatchObject({ state: "succeeded" });
    expect(await openBreakers()).toEqual(["fail-over"]);
  });
});

describe("an incident that comes back", () => {
  it("is not treated once more with what did not help", async () => {
    const id = scene.incident("web-1");
    await run(id, "free-disk");
    await scene.happen(id, "i_reopen");
    expect(await run(id, "free-disk")).toMatchObject({
      state: "skipped",
      reason: like(/^"free-disk" has succeeded once for this incident, .*; to run it all the same, /),
    });
    expect(await run(id, "free-disk")).toMatchObject({ state: "succeeded" });
    expect(calls(id)).toEqual([2]);
  });

  it("leaves other incidents alone, until the breaker has seen two of them", async () => {
    const ids = ["web-1", "web-2", "web-3"].map((host) => scene.incident(host));
    for (const id of ids) expect(await run(id, "free-disk")).toMatchObject({ state: "succeeded" });
    for (const id of ids.slice(0, 2)) {
      await scene.happen(id, "i_reopen");
      await run(id, "free-disk");
    }
    expect(await openBreakers()).toEqual(["free-disk"]);
    expect(await run(ids[2] ?? "", "free-disk")).toMatchObject({ state: "skipped" });
  });
});

describe("that a run has ended", () => {
  const deaf = { changes: () => guardsWith({ look: fail }) };

  it("is found out by the alarm where nobody told it", async () => {
    const broken = scene.incident("web-1", NOT_FOUND);
    for (let n = 0; n < 2; n++) {
      const ref = await scene.press(broken, "fail-over");
      await scene.pass(20 * SECOND_MS, deaf);
      expect(await shown(ref)).toMatchObject({ state: "failed" });
    }
    expect(await openBreakers()).toEqual([]);
    await scene.pass(2 * MINUTE_MS, deaf);
    expect(await openBreakers()).toEqual(["fail-over"]);
  });

  it("is found out when another run is in its way", async () => {
    const [one, other] = [scene.incident("web-1"), scene.incident("web-1")];
    await scene.press(one);
    await scene.pass(SECOND_MS, deaf);
    const second = await scene.press(other);
    await scene.pass(SECOND_MS, deaf);
    // It cools down: it does not go on any more.
    expect(await trailOf(second, "guard")).toEqual([like(/^: cool_down: /)]);
  });

  it("is believed of nobody but the incident: a hint while it goes on frees nothing", async () => {
    openRundeck(scene.story.clock, 30 * MINUTE_MS);
    const [one, other] = [scene.incident("web-1"), scene.incident("web-1")];
    const { event_id } = await scene.press(one, "reimage-host");
    await scene.pass(MINUTE_MS);
    await env.GUARD.getByName("guard").look(`${one}:${event_id}:reimage-host#0`);
    expect(await run(other, "reimage-host")).toMatchObject({ state: "skipped" });
  });
});

describe("a run that was let pass", () => {
  it("and was cut off starts again: its own start is not in its way", async () => {
    const id = scene.incident("web-1");
    const ref = await scene.press(id);
    await scene.pass(5 * MINUTE_MS, { changes: cutOffNext(), evicting: true });
    expect(await shown(ref)).toMatchObject({ state: "succeeded", failures: 1 });
    expect(calls(id)).toEqual([2]);
    expect(await trailOf(ref, "guard")).toEqual([]);
  });

  it("and waits for its next try keeps its key", async () => {
    const [one, other] = [scene.incident("web-1", (nth) => (nth === 1 ? later() : ok())), scene.incident("web-1")];
    const first = await scene.press(one);
    await scene.pass(5 * MINUTE_MS);
    const second = await scene.press(other);
    await scene.pass(20 * MINUTE_MS);
    expect(await trailOf(second, "guard")).toEqual([like(/^: at_once: /)]);
    expect(await shown(first)).toMatchObject({ state: "succeeded" });
    expect(calls(one, other)).toEqual([2, 0]);
  });
});

describe("a run that a person has let pass", () => {
  it.each(["waits for its next try", "was cut off"])("and %s needs nobody a second time", async (what) => {
    const is_cut_off = what === "was cut off";
    const one = scene.incident("web-1");
    const other = scene.incident("web-1", (nth) => (nth === 1 && !is_cut_off ? later() : ok()));
    await run(one, "restart-host");
    await run(other, "restart-host");
    const ref = await scene.press(other);
    await scene.pass(20 * MINUTE_MS, { changes: is_cut_off ? cutOffNext() : () => ({}), evicting: true });
    expect(await shown(ref)).toMatchObject({ state: "succeeded", failures: 1 });
    expect(calls(one, other)).toEqual([1, 2]);
    for (const told of await trailOf(ref, "overridden")) expect(told).toMatch(/^zhangsan: "restart-host" on web-1: /);
  });
});

describe("where the guards do not answer", () => {
  it("a run is held, and nothing starts until they do", async () => {
    const id = scene.incident("web-1");
    const ref = await scene.press(id);
    await scene.pass(5 * MINUTE_MS, { changes: () => guardsWith({ admit: fail }), evicting: true });
    expect(await shown(ref)).toMatchObject({ state: "planned", reason: "the guards do not answer", failures: 0 });
    expect(calls(id)).toEqual([0]);
    await scene.pass(MINUTE_MS);
    expect(await shown(ref)).toMatchObject({ state: "succeeded" });
    expect(calls(id)).toEqual([1]);
  });

  it("they are waited for no longer than 3 s", async () => {
    const id = scene.incident("web-1");
    const ref = await scene.press(id);
    await ring(id);
    const asked = Promise.withResolvers<undefined>();
    const admit = async () => {
      asked.resolve(undefined);
      return hang();
    };
    const delivering = deliver([ref], guardsWith({ admit }));
    await asked.promise;
    await passTime(3 * SECOND_MS);
    await delivering;
    expect(await shown(ref)).toMatchObject({ state: "planned", reason: "the guards do not answer" });
    expect(calls(id)).toEqual([0]);
  });
});
