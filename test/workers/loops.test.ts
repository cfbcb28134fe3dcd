// Rules that would feed themselves: what the receiver itself does comes back as a push, and calls for nothing; whatever else
// goes round and round is stopped by a count.
import { beforeEach, describe, expect, it } from "vitest";
import { action } from "../../src/actions/action.ts";
import { http } from "../../src/actions/http.ts";
import type { RunRef } from "../../src/domain/event.ts";
import { label } from "../../src/domain/key.ts";
import { definePlaybook } from "../../src/domain/playbook.ts";
import { MOST_RULED } from "../../src/domain/take.ts";
import { playbook } from "../../src/playbook.ts";
import { OWN_ID } from "./flashduty.ts";
import { like } from "./like.ts";
import { ask, type Changes, INCIDENT, push, pushRequest, receiptOf } from "./push.ts";
import { buttonOf, HOUR_MS, MINUTE_MS, openScene, type Scene, shown } from "./scene.ts";

const on_host = [
  http<Record<string, never>>({
    settings: "RESTART_HOST",
    method: "POST",
    repeatable: true,
    body: ({ key }) => ({ key }),
  }),
];
const about_host = { key: label("resource"), params: {} };

const team = definePlaybook({
  actions: {
    "restart-host": action({ summary: "restart the host", ...about_host, destructive: false }, on_host),
    enrich: action({ summary: "look at the host", ...about_host, informational: true }, on_host),
  },
  rules: [
    { on: ["i_r_severity"], run: "restart-host" },
    { on: ["i_comm"], run: "enrich" },
  ],
});
Object.assign(playbook, team);

const MEMBER = "/member/info";
const THE_RECEIVER = { person_id: OWN_ID, person_name: "the receiver", email: "edge@toutie.com" };

let scene: Scene;
let id: string;

function calls(): number {
  return scene.calls.get(id)?.length ?? 0;
}

describe("what the receiver itself has done", () => {
  beforeEach(async () => {
    scene = await openScene();
    id = scene.incident("web-1");
  });

  it("calls for nothing by any rule", async () => {
    for (const event_type of ["i_r_severity", "i_comm"]) {
      const own = { ...scene.body(id, {}, event_type), person: THE_RECEIVER };
      expect(await receiptOf(await push(INCIDENT, own))).toMatchObject({ result: "accepted", runs: [] });
    }
    await scene.pass(MINUTE_MS);
    expect(calls()).toBe(0);
  });

  it("is told from what others do", async () => {
    const event_id = await scene.happen(id, "i_r_severity");
    await scene.pass(MINUTE_MS);
    expect(await shown({ incident_id: id, event_id, action: "restart-host" })).toMatchObject({ state: "succeeded" });
  });

  it("is no press: whoever uses its account and presses a button means it", async () => {
    const { runs } = await receiptOf(await push(buttonOf("restart-host"), { ...scene.body(id), person: THE_RECEIVER }));
    expect(runs).toMatchObject([{ state: "planned" }]);
    await scene.pass(MINUTE_MS);
    expect(calls()).toBe(1);
  });
});

describe("before the receiver knows who it is", () => {
  let keys = 0;
  let cold: Changes;

  beforeEach(async () => {
    keys += 1;
    // What it has learned it remembers by its key: another one, and it knows nothing.
    cold = { FLASHDUTY_APP_KEY: `an-app-key-that-is-new-to-it-${keys}` };
    scene = await openScene(cold.FLASHDUTY_APP_KEY);
    id = scene.incident("web-1");
  });

  /** An event that arrives then, with the run that it calls for. */
  async function happen(event_type: string, action: string, more: object = {}): Promise<RunRef> {
    const request = pushRequest(INCIDENT, { ...scene.body(id, {}, event_type), ...more });
    const { response, done } = await ask(request, cold);
    const { runs, event_id } = await receiptOf(response);
    await done();
    expect(runs).toMatchObject([{ action, state: "planned" }]);
    return { incident_id: id, event_id, action };
  }

  const pass = async (ms: number) => scene.pass(ms, { changes: () => cold, evicting: true });

  it("what it has done itself is planned, and skipped before it starts", async () => {
    const ref = await happen("i_r_severity", "restart-host", { person: THE_RECEIVER });
    await pass(MINUTE_MS);
    expect(await shown(ref)).toMatchObject({ state: "skipped", reason: like(/receiver .*itself/) });
    expect(calls()).toBe(0);
  });

  it("it asks once, and remembers", async () => {
    for (let n = 0; n < 3; n++) await happen("i_r_severity", "restart-host");
    await pass(MINUTE_MS);
    expect(scene.api.calls(MEMBER)).toHaveLength(1);
    expect(calls()).toBe(3);
  });

  it("and cannot find out, a run waits until it can", async () => {
    scene.api.behave(MEMBER, { status: 502 });
    const own = await happen("i_r_severity", "restart-host", { person: THE_RECEIVER });
    const other = await happen("i_r_severity", "restart-host");
    await pass(5 * MINUTE_MS);
    for (const ref of [own, other]) expect(await shown(ref)).toMatchObject({ state: "planned", failures: 0 });
    expect(calls()).toBe(0);
    scene.api.behave(MEMBER, {});
    await pass(5 * MINUTE_MS);
    expect([await shown(own), await shown(other)]).toMatchObject([{ state: "skipped" }, { state: "succeeded" }]);
    expect(calls()).toBe(1);
  });

  it("and cannot find out, what only informs goes on", async () => {
    scene.api.behave(MEMBER, { status: 502 });
    const ref = await happen("i_comm", "enrich");
    await pass(MINUTE_MS);
    expect(await shown(ref)).toMatchObject({ state: "succeeded" });
  });

  it("a push of nobody is not its own, and nobody is asked", async () => {
    const ref = await happen("i_r_severity", "restart-host", { person: null });
    scene.api.behave(MEMBER, { status: 502 });
    await pass(MINUTE_MS);
    expect(await shown(ref)).toMatchObject({ state: "succeeded" });
  });
});

describe("a loop that nothing else has stopped", () => {
  beforeEach(async () => {
    scene = await openScene();
    id = scene.incident("web-1");
  });

  it("is stopped by the count, in its incident and for a while, and the incident is told once", async () => {
    const states: (string | undefined)[] = [];
    for (let n = 0; n < MOST_RULED + 3; n++) {
      scene.story.clock.now += 1_000;
      const { runs } = await receiptOf(await push(INCIDENT, scene.body(id, {}, "i_r_severity")));
      states.push(runs[0]?.state);
    }
    const all = Array.from({ length: MOST_RULED }, () => "planned");
    expect(states).toEqual([...all, "skipped", undefined, undefined]);
    await scene.pass(10 * MINUTE_MS);
    expect(calls()).toBe(MOST_RULED);
    const skipped = scene.told(id).filter((one) => one.includes("was skipped"));
    expect(skipped).toEqual([like(/\b30 runs in this incident within 1 hour: this looks like a loop/)]);

    const ref = await scene.press(id);
    const elsewhere = scene.incident("web-2");
    const event_id = await scene.happen(elsewhere, "i_r_severity");
    await scene.pass(MINUTE_MS);
    expect(await shown(ref)).toMatchObject({ state: "succeeded" });
    expect(await shown({ ...ref, incident_id: elsewhere, event_id })).toMatchObject({ state: "succeeded" });

    await scene.pass(HOUR_MS);
    const later = await scene.happen(id, "i_r_severity");
    await scene.pass(MINUTE_MS);
    expect(await shown({ ...ref, event_id: later })).toMatchObject({ state: "succeeded" });
  });
});
