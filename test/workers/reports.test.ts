// What the incident is told of its runs: one comment for each end, whatever happens to attempts, messages and objects.
import "./team.ts";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import type { RunRef } from "../../src/domain/event.ts";
import { COMMENT_CHARACTERS } from "../../src/domain/report.ts";
import { type Behaviour, type OpenApi, times } from "../simulator/open-api.ts";
import { adminGet } from "./admin.ts";
import { APP_KEY, changeSettings, openAccount } from "./flashduty.ts";
import { logged } from "./logged.ts";
import { fail, incidentsWith, standIn } from "./platform.ts";
import { ACTION, ask, eventBody, INCIDENT, newIncident, pressBody, push, pushRequest, receiptOf } from "./push.ts";
import { beginStory, type Mishaps, type Story } from "./story.ts";
import { anEvent, aRun, incident, ONCE, ring } from "./taken.ts";
import { fakeTarget, ok } from "./target.ts";
import { until } from "./until.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const COMMENT = "/incident/comment";
const SUCCEEDED = "restart-host@succeeded";
const FIELD = "/incident/field/reset";

let story: Story;
let api: OpenApi;
let id: string;

/** A press of `restart-host`, with labels changed. */
async function press(labels: Record<string, string | undefined> = {}, event_id = "press-1", incident_id = id) {
  const { incident } = pressBody(incident_id);
  const pressed = pressBody(incident_id, { event_id, incident: { labels: { ...incident.labels, ...labels } } });
  return push(ACTION, pressed);
}

/** An event by which a rule calls for `enrich`, whose system then finds this. */
async function enrich(values: Record<string, string | number>, more: { summary?: string; links?: string[] } = {}) {
  fakeTarget(id, () => Response.json({ summary: "looked", values, ...more }));
  return push(INCIDENT, eventBody(id));
}

/** Lets ten minutes pass. */
async function pass(mishaps: Mishaps = {}) {
  await story.go([id], 10 * MINUTE_MS, mishaps);
}

/** Lets three hours pass: what lies between is as it was before, so the alarm comes late instead. */
async function passHours() {
  await story.go([id], 10 * MINUTE_MS);
  story.clock.now += 3 * HOUR_MS;
  await story.go([id], 10 * MINUTE_MS);
}

function told(incident_id = id): string[] {
  return api.comments(incident_id).map(({ comment }) => comment);
}

/** The calls that were made about reports, in order. */
function writes(): string[] {
  return api.calls().flatMap(({ path }) => (path === "/incident/info" ? [] : [path]));
}

async function report(of: RunRef, stage: string) {
  return env.INCIDENT.getByName(of.incident_id).showRun({ ...of, action: `${of.action}@${stage}` });
}

const IncidentView = z.object({
  runs: z.array(z.object({ run_id: z.string(), by: z.string(), state: z.string() })),
  reports: z.array(z.object({ run_id: z.string(), by: z.string(), state: z.string() })),
});

/** A cache of pushes seen that has forgotten them. */
const forgetful = standIn(env.SEEN, { get: async () => null });
/** A quota that has no place. */
const full = standIn(env.QUOTA, { getByName: () => ({ take: async () => ({ full_for_ms: 10_000 }) }) });

/** Cuts off attempts at the report: the first message is that of its run. */
const cutOff = (nth: number) => (nth === 2 || nth === 3 ? { INCIDENT: incidentsWith({ settle: fail }) } : {});

/** The run of an event that was not pressed. */
const ruled = (): RunRef => ({ incident_id: id, event_id: "event-1", action: "restart-host" });

/** A run whose attempt was cut off: its outcome is unknown, until it is told after all. */
async function loseAttempt() {
  await incident(id).receive(anEvent(id, story.clock), [aRun({ policy: ONCE })]);
  await ring(id);
  expect(await incident(id).claim(ruled(), "an attempt that is slow", true)).toHaveProperty("run");
  story.clock.now += 15_000;
  await ring(id);
  expect(await incident(id).showRun(ruled())).toMatchObject({ state: "unknown", round: 0 });
}

/** The attempt is heard of although its run has ended. */
const tellAfterAll = async () => incident(id).settle(ruled(), 1, { kind: "succeeded", summary: "done at last" });

/** The first and the last line of each comment: what ended how, and which run it was. */
const ends = () => told().map((comment) => [comment.split("\n")[0], comment.split("\n").at(-1)]);

const pressed = (incident_id = id): RunRef => ({ incident_id, event_id: "press-1", action: "restart-host" });

it("a press is reported by itself, through the real queue", async () => {
  id = newIncident();
  api = openAccount({
    get now() {
      return Date.now();
    },
    set now(_) {
      throw new Error("nobody is silent here");
    },
  });
  api.add_incident(id);
  fakeTarget(id, ok);
  await receiptOf(await press());
  await until(async () => (await report(pressed(), "succeeded"))?.state === "succeeded");
  expect(told()).toEqual([expect.stringContaining("[restart-host] (es.nj.01) succeeded")]);
});

describe("of a run", () => {
  beforeEach(() => {
    story = beginStory();
    api = openAccount(story.clock);
    id = newIncident();
    api.add_incident(id);
  });

  describe("the end", () => {
    it("of a press says what it acted on, who pressed, what came of it and how long it took", async () => {
      fakeTarget(id, () => {
        story.clock.now += 4_000;
        return ok();
      });
      await receiptOf(await press());
      await pass();
      expect(api.comments(id)).toMatchObject([{ mute_reply: true }]);
      expect(told()[0]?.split("\n")).toEqual([
        "[restart-host] (es.nj.01) succeeded",
        "the target answered 200",
        "pressed by zhangsan · by HTTP (RESTART_HOST) · took 4 s",
        `run ${id}:press-1:restart-host`,
      ]);
    });

    it("of a rule's run says which event called for it, and where to look", async () => {
      await enrich({}, { summary: "all is well", links: ["https://board.example/1", "https://board.example/2"] });
      await pass();
      expect(api.comments(id)).toMatchObject([{ mute_reply: true }]);
      expect(told()[0]?.split("\n")).toEqual([
        "[enrich] succeeded",
        "all is well",
        "https://board.example/1",
        "https://board.example/2",
        "called for by i_new · by Metrics · took 0 s",
        `run ${id}:event-1:enrich`,
      ]);
    });

    it.each([
      [404, "failed", "the target answered 404: there is no such thing there"],
      [429, "failed", "the target answered 429 (5 attempts)"],
      [500, "ended with an unknown outcome", "the target answered 500 (5 attempts)"],
    ])("of a run whose target answers %i: %s", async (status, outcome, reason) => {
      fakeTarget(id, () => new Response(null, { status }));
      await receiptOf(await press());
      await pass();
      expect(told()).toHaveLength(1);
      expect(told()[0]?.split("\n")).toEqual([
        expect.stringContaining(`[restart-host] (es.nj.01) ${outcome}`),
        expect.stringContaining(reason),
        expect.stringContaining("pressed by zhangsan"),
        `run ${id}:press-1:restart-host`,
      ]);
    });

    it("of a run that had nothing to act on gives the reason", async () => {
      expect((await press({ resource: undefined })).status).toBe(422);
      await pass();
      expect(told()).toHaveLength(1);
      expect(told()[0]?.split("\n")).toEqual([
        "[restart-host] was skipped",
        "the label `resource` is missing, so there is nothing to act on",
        "pressed by zhangsan · by HTTP (RESTART_HOST)",
        `run ${id}:press-1:restart-host`,
      ]);
    });

    it("of a run that could not be carried out names the missing setting", async () => {
      const { response } = await ask(pushRequest(ACTION, pressBody(id)), { RESTART_HOST_URL: "" });
      expect(response.status).toBe(422);
      await pass();
      expect(told()).toEqual([expect.stringMatching(/\] \(es\.nj\.01\) failed\n.*RESTART_HOST_URL is missing/)]);
    });

    it("has no more characters than Flashduty takes, and still names the run", async () => {
      const links = Array.from({ length: 9 }, (_, n) => `https://board.example/${n}${"x".repeat(400)}`);
      await enrich({}, { summary: "🔥 all is well, ".repeat(200), links });
      await receiptOf(await press({ resource: `h${"o".repeat(252)}` }));
      await pass();
      expect(told()).toHaveLength(2);
      for (const comment of told()) {
        expect(comment.length).toBeLessThanOrEqual(COMMENT_CHARACTERS);
        expect(comment).toMatch(new RegExp(`^\\[(enrich|restart-host)\\].*\\nrun ${id}:.*$`, "s"));
      }
      expect(told().some(({ length }) => length > COMMENT_CHARACTERS - 10)).toBe(true);
    });

    it.each([
      ["es.nj.01; reboot", "es.nj.01; reboot"],
      ["host ".repeat(500), `${"host ".repeat(16).slice(0, 79)}…`],
    ])("of a run whose label names no one host (%#) says what it has there", async (resource, quoted) => {
      expect((await press({ resource })).status).toBe(422);
      await pass();
      expect(told()).toHaveLength(1);
      expect(told()[0]?.split("\n").slice(0, 2)).toEqual([
        "[restart-host] was skipped",
        `the label \`resource\` is "${quoted}", which does not name one thing to act on`,
      ]);
    });

    it("of a run that only tells something is a failure where nobody answered: nothing was done", async () => {
      fakeTarget(id, () => {
        throw new Error("the connection ended without an answer");
      });
      await push(INCIDENT, eventBody(id));
      await pass();
      const run = await env.INCIDENT.getByName(id).showRun({ ...pressed(), event_id: "event-1", action: "enrich" });
      expect(run).toMatchObject({ state: "failed", may_have_acted: false, unclear_at: null });
      expect(told()).toEqual([
        expect.stringContaining("[enrich] failed\nthe target could not be reached (5 attempts)\n"),
      ]);
    });

    it("is told in Chinese where that is set", async () => {
      fakeTarget(id, ok);
      await changeSettings(id, { REPORT_LANGUAGE: "zh" });
      await receiptOf(await press());
      await pass();
      expect(told()[0]?.split("\n")).toEqual([
        "[restart-host] (es.nj.01) 成功",
        "the target answered 200",
        "由 zhangsan 触发 · 通过 HTTP (RESTART_HOST) · 耗时 0 秒",
        `运行 ${id}:press-1:restart-host`,
      ]);
    });
  });

  describe("custom fields", () => {
    it("are set with what was found, once, and before the comment", async () => {
      await enrich({ cpu: 93.5, unmapped: "x" });
      await pass({ copies: () => 2, evicting: true });
      expect(writes()).toEqual([FIELD, COMMENT]);
      expect(api.fields(id)).toEqual({ cpu_at_incident: 93.5 });
    });

    it("that Flashduty refuses are named in the comment, and hold nothing up", async () => {
      await enrich({ cpu: 93.5, board: "no such field" });
      await pass();
      expect(told()).toEqual([expect.stringMatching(/\[enrich\] succeeded.*\nlooked_at: .*InvalidParameter/s)]);
      expect(api.fields(id)).toEqual({ cpu_at_incident: 93.5 });
    });

    it("that Flashduty refuses are named once, although the answer is lost", async () => {
      api.behave(COMMENT, { no_answer: "closes", done: true }, {});
      await enrich({ board: "no such field" });
      await pass();
      expect(told()).toEqual([expect.stringContaining("\nlooked_at: ")]);
    });

    it("of a long comment are named in it, too", async () => {
      await enrich({ board: "no such field" }, { summary: "all is well, ".repeat(200) });
      await pass();
      expect(told()).toEqual([expect.stringContaining("\nlooked_at: ")]);
    });

    it("that Flashduty could not set at first are set before the comment all the same", async () => {
      api.behave(FIELD, { status: 502 }, { no_answer: "hangs" }, {});
      await enrich({ cpu: 93.5 });
      await pass();
      // Set with each attempt: the last one was held until it was sure that nothing of the second would come.
      expect(writes()).toEqual([FIELD, FIELD, FIELD, FIELD, "/incident/feed", COMMENT]);
      expect(api.fields(id)).toEqual({ cpu_at_incident: 93.5 });
    });

    it("that Flashduty cannot set in three tries are named in the comment, and hold it up no longer", async () => {
      api.behave(FIELD, { status: 502 });
      await enrich({ cpu: 93.5 });
      await pass();
      expect(told()).toEqual([
        expect.stringContaining("\ncpu_at_incident: Flashduty refused it (no reason given)\nrun "),
      ]);
      expect(await report({ ...pressed(), event_id: "event-1", action: "enrich" }, "succeeded")).toMatchObject({
        state: "succeeded",
        failures: 3,
      });
    });

    it("are left alone where nothing was found", async () => {
      fakeTarget(id, () => new Response(null, { status: 403 }));
      await push(INCIDENT, eventBody(id));
      await pass();
      expect(writes()).toEqual([COMMENT]);
    });
  });

  describe("a report", () => {
    it("is in no receipt", async () => {
      fakeTarget(id, ok);
      await receiptOf(await press());
      await pass();
      // Forgotten by the cache of pushes seen, the incident itself answers.
      const again = await receiptOf((await ask(pushRequest(ACTION, pressBody(id)), { SEEN: forgetful })).response);
      expect(again).toMatchObject({ result: "duplicate", runs: [{ run_id: `${id}:press-1:restart-host` }] });
      expect(again.runs).toHaveLength(1);
    });

    it("stands apart from the runs in the admin's view", async () => {
      fakeTarget(id, ok);
      await receiptOf(await press());
      await pass();
      const shown = IncidentView.parse(await (await adminGet(`/admin/api/incidents/${id}`)).json());
      expect(shown.runs).toEqual([{ run_id: `${id}:press-1:restart-host`, by: "command", state: "succeeded" }]);
      expect(shown.reports).toEqual([
        { run_id: `${id}:press-1:restart-host@succeeded`, by: "report", state: "succeeded" },
      ]);
    });

    it("can be looked at by its id", async () => {
      fakeTarget(id, ok);
      await receiptOf(await press());
      await pass();
      const run_id = `${id}:press-1:restart-host@succeeded`;
      for (const written of [run_id, encodeURIComponent(run_id)]) {
        const answer = await adminGet(`/admin/api/runs/${written}`);
        expect(answer.status).toBe(200);
        expect(await answer.json()).toMatchObject({ run_id, by: "report", params: { text: told()[0] } });
      }
    });

    it("is not written without a key", async () => {
      fakeTarget(id, ok);
      await changeSettings(id, { FLASHDUTY_APP_KEY: "" });
      await receiptOf(await press());
      await pass({ changes: () => ({ FLASHDUTY_APP_KEY: "" }) });
      const shown = await env.INCIDENT.getByName(id).show();
      expect(shown?.runs).toMatchObject([{ action: "restart-host", state: "succeeded" }]);
      expect(api.calls()).toEqual([]);
    });

    it("is given up where the key was taken away meanwhile", async () => {
      fakeTarget(id, ok);
      await receiptOf(await press());
      await pass({ changes: () => ({ FLASHDUTY_APP_KEY: "" }) });
      expect(await report(pressed(), "succeeded")).toMatchObject({ state: "skipped" });
      expect(api.calls()).toEqual([]);
    });

    it.each<Behaviour>([
      { code: "AccessDenied", status: 403 },
      { code: "Unauthorized", status: 401 },
      { code: "NoLicense" },
    ])("waits where the key may not write (%j), and comes once it may", async (refusal) => {
      fakeTarget(id, ok);
      api.behave(COMMENT, refusal);
      await receiptOf(await press());
      await story.go([id], 20 * MINUTE_MS);
      expect(told()).toEqual([]);
      api.behave(COMMENT, {});
      await pass();
      expect(told()).toHaveLength(1);
    });

    it("that Flashduty will never take is tried once", async () => {
      fakeTarget(id, ok);
      api.behave(COMMENT, { code: "InvalidParameter", status: 400 });
      await receiptOf(await press());
      await pass();
      const { state, reason } = (await report(pressed(), "succeeded")) ?? {};
      expect([state, reason]).toEqual(["failed", expect.stringContaining("InvalidParameter")]);
      expect(api.calls(COMMENT)).toHaveLength(1);
    });

    it("shows the key nowhere", async () => {
      fakeTarget(id, ok);
      api.behave(COMMENT, { status: 502 }, { status: 500 }, { no_answer: "closes" }, { code: "Unauthorized" }, {});
      await receiptOf(await press());
      await pass();
      expect(told()).toHaveLength(1);
      const seen = [...told(), ...logged(), await (await adminGet(`/admin/api/incidents/${id}`)).text()].join("\n");
      expect(seen).toContain("@succeeded");
      expect(seen).not.toContain(APP_KEY);
    });
  });

  describe("there is exactly one comment", () => {
    it.each<[string, Behaviour[], Mishaps]>([
      ["the answer is lost", [{ no_answer: "closes", done: true }, {}], {}],
      ["the answer is lost again and again", [...times(5, { no_answer: "closes", done: true }), {}], {}],
      ["no answer comes in time", [{ no_answer: "hangs", done: true }, {}], {}],
      ["a proxy answers instead", [{ status: 502, done: true }, {}], {}],
      ["the answer is an error", [{ status: 500, done: true }, {}], {}],
      ["the answer is an error in a 200", [{ code: "InternalError", done: true }, {}], {}],
      ["nothing arrives at first", [{ no_answer: "closes" }, { no_answer: "hangs" }, {}], {}],
      ["Flashduty is out of order at first", [{ status: 500 }, { status: 502 }, { status: 503 }, {}], {}],
      ["Flashduty is asked too often at first", [{ code: "RequestTooFrequently", status: 429 }, {}], {}],
      ["Flashduty is asked too often, and says so in a 200", [{ code: "RequestTooFrequently" }, {}], {}],
      ["attempts are cut off", [{}], { changes: cutOff }],
      ["attempts are cut off before anything arrives", [...times(2, { no_answer: "closes" }), {}], { changes: cutOff }],
      ["messages come twice", [{}], { copies: () => 2 }],
      ["every other message is lost", [{}], { copies: (nth) => nth % 2 }],
      ["the object is evicted between all steps", [{}], { evicting: true }],
      [
        "all of that happens at once",
        [{ status: 502 }, { no_answer: "hangs", done: true }, { no_answer: "closes", done: true }, {}],
        { evicting: true, changes: cutOff, copies: (nth) => [2, 0, 1, 3][nth % 4] ?? 1 },
      ],
    ])("although %s", async (_, behaviours, mishaps) => {
      fakeTarget(id, ok);
      api.behave(COMMENT, ...behaviours);
      await receiptOf(await press());
      await pass(mishaps);
      expect(told()).toEqual([expect.stringContaining("[restart-host] (es.nj.01) succeeded")]);
      expect(await report(pressed(), "succeeded")).toMatchObject({ state: "succeeded", due_at: null });
    });

    it("although the look for it is not answered at first", async () => {
      fakeTarget(id, ok);
      api.behave(COMMENT, { no_answer: "closes", done: true }, {});
      api.behave("/incident/feed", { status: 502 }, { no_answer: "hangs" }, {});
      await receiptOf(await press());
      await pass();
      expect(told()).toHaveLength(1);
    });

    it("although people comment meanwhile", async () => {
      fakeTarget(id, ok);
      api.behave(COMMENT, { no_answer: "closes", done: true }, {});
      await receiptOf(await press());
      await pass({
        meanwhile: () => {
          for (let n = 0; n < 5; n++) api.note(id, { type: "i_comm", detail: { comment: `${n}`, mute_reply: false } });
        },
      });
      expect(told().filter((comment) => comment.startsWith("[restart-host]"))).toHaveLength(1);
    });

    it("for each run of an incident", async () => {
      fakeTarget(id, ok);
      api.behave(COMMENT, ...times(4, { no_answer: "closes", done: true }), {});
      for (let n = 1; n <= 4; n++) await receiptOf(await press({}, `press-${n}`));
      await pass({ evicting: true, copies: () => 2 });
      const runs = told().map((comment) => comment.split("\n").at(-1));
      expect(runs).toHaveLength(4);
      expect(new Set(runs)).toEqual(new Set([1, 2, 3, 4].map((n) => `run ${id}:press-${n}:restart-host`)));
    });
  });

  describe("while the Open API is down", () => {
    /** Everything that can be wrong with it, a minute each. */
    const OUTAGE: Behaviour[] = [
      { status: 500 },
      { status: 502 },
      { no_answer: "hangs" },
      { status: 429, code: "RequestTooFrequently" },
      { no_answer: "closes", done: true },
    ];

    it("for five minutes, reports wait, and all arrive afterwards, once each", async () => {
      const [restarted, looked_at, failed, skipped] = [id, newIncident(), newIncident(), newIncident()];
      const all = [restarted, looked_at, failed, skipped];
      for (const one of all.slice(1)) api.add_incident(one);
      fakeTarget(restarted, ok);
      fakeTarget(looked_at, () => Response.json({ summary: "looked", values: { cpu: 7 } }));
      fakeTarget(failed, () => new Response(null, { status: 403 }));
      const began_at = story.clock.now;
      const meanwhile = () => {
        api.behave("*", OUTAGE[Math.floor((story.clock.now - began_at) / MINUTE_MS)] ?? {});
        // The checks before the start are answered: what is told of here are the runs' ends.
        api.behave("/incident/info", {});
      };
      for (const n of [1, 2]) await receiptOf(await press({}, `press-${n}`, restarted));
      await receiptOf(await push(INCIDENT, eventBody(looked_at)));
      await receiptOf(await press({}, "press-1", failed));
      await press({ resource: undefined }, "press-1", skipped);

      await story.go(all, 4 * MINUTE_MS, { meanwhile, evicting: true });
      expect(all.flatMap(told)).toEqual([]);
      expect(writes().length).toBeGreaterThan(20);
      await story.go(all, 20 * MINUTE_MS, { meanwhile, evicting: true });
      expect(all.map((one) => told(one).map((comment) => comment.split("\n")[0]))).toEqual([
        ["[restart-host] (es.nj.01) succeeded", "[restart-host] (es.nj.01) succeeded"],
        ["[enrich] succeeded"],
        ["[restart-host] (es.nj.01) failed"],
        ["[restart-host] was skipped"],
      ]);
      expect(new Set(told(restarted)).size).toBe(2);
      expect(api.fields(looked_at)).toEqual({ cpu_at_incident: 7 });
    });

    it("for three hours, and then with its quota used up, the report still arrives", async () => {
      fakeTarget(id, ok);
      api.behave(COMMENT, { status: 502 });
      await receiptOf(await press());
      await passHours();
      api.behave(COMMENT, {});
      await story.go([id], 10 * MINUTE_MS, { changes: () => ({ QUOTA: full }) });
      expect(told()).toEqual([]);
      await pass();
      expect(told()).toHaveLength(1);
    });

    it("for three hours, a report does not give way to another one that is just being sent", async () => {
      fakeTarget(id, ok);
      api.behave(COMMENT, { status: 502 });
      for (const n of [1, 2]) await receiptOf(await press({}, `press-${n}`));
      await passHours();
      const [one, other] = [1, 2].map((n) => ({ ...pressed(), event_id: `press-${n}`, action: SUCCEEDED }));
      if (one === undefined || other === undefined) throw new Error("there are two");
      // Messages come late: both reports are waited for by their incident now.
      const areSent = async () => {
        const states = [one, other].map(async (ref) => (await env.INCIDENT.getByName(id).showRun(ref))?.state);
        return (await Promise.all(states)).every((state) => state === "dispatched");
      };
      for (let turn = 0; turn < 20 && !(await areSent()); turn++) await story.go([id], MINUTE_MS, { copies: () => 0 });
      for (const ref of [one, other])
        expect(await env.INCIDENT.getByName(id).claim(ref, "an attempt", true)).toMatchObject({
          run: { state: "running" },
        });
      api.behave(COMMENT, {});
      await story.go([id], 20 * MINUTE_MS);
      expect(told()).toHaveLength(2);
    });
  });

  describe("of a run that has moved on", () => {
    const [UNKNOWN, DONE] = ["ended with an unknown outcome: please look at the target", "succeeded"].map(
      (end) => `[restart-host] (es.nj.01) ${end}`,
    );

    it("both ends are told, the second one as such", async () => {
      await loseAttempt();
      await story.go([id], MINUTE_MS);
      expect(await tellAfterAll()).toBe(true);
      await pass();
      expect(await incident(id).showRun(ruled())).toMatchObject({ state: "succeeded", round: 1 });
      const run_id = `run ${id}:event-1:restart-host`;
      expect(ends()).toEqual([
        [UNKNOWN, run_id],
        [DONE, `${run_id} #2`],
      ]);
    });

    it("what it came to before is not told any more where it could not be told then", async () => {
      api.behave(COMMENT, { code: "RequestTooFrequently", status: 429 });
      await loseAttempt();
      await story.go([id], MINUTE_MS);
      expect(api.calls(COMMENT).length).toBeGreaterThan(0);
      expect(await tellAfterAll()).toBe(true);
      api.behave(COMMENT, {});
      await pass();
      expect(ends()).toEqual([[DONE, `run ${id}:event-1:restart-host #2`]]);
      expect(await report(ruled(), "unknown")).toMatchObject({
        state: "cancelled",
        reason: "the run has moved on since",
        due_at: null,
      });
    });
  });
});
