// From a press to its target, through the real queue; and the queue's consumer by itself.
import "./unguarded.ts";
import { createExecutionContext, createMessageBatch, getQueueResult, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { Event, RunRef } from "../../src/domain/event.ts";
import { consume } from "../../src/runs/consumer.ts";
import { ANSWER_BYTES } from "../../src/runs/http.ts";
import { adminGet, entriesOf, quarantineView, runView } from "./admin.ts";
import { deliver, QUEUE } from "./deliver.ts";
import { endless } from "./endless.ts";
import { like } from "./like.ts";
import { linesOf, logged } from "./logged.ts";
import { standIn } from "./platform.ts";
import { ACTION, type Changes, newIncident, pressBody, push, receiptOf } from "./push.ts";
import { aRun } from "./taken.ts";
import { fakeTarget, ok } from "./target.ts";
import { until } from "./until.ts";

/** Presses the button, and tells the run that comes of it. */
async function press(incident_id: string, query = "") {
  const { runs } = await receiptOf(await push(ACTION + query, pressBody(incident_id)));
  const [run] = runs;
  if (run === undefined) throw new Error("the press called for no run");
  return { ...keyOf(incident_id), run_id: run.run_id };
}

function keyOf(incident_id: string): RunRef {
  return { incident_id, event_id: "press-1", action: "restart-host" };
}

/** The run, once the queue has brought it into a state. */
async function runIn(state: string, key: RunRef) {
  return until(async () => {
    const run = await env.INCIDENT.getByName(key.incident_id).showRun(key);
    return run?.state === state && run;
  });
}

/** A planned run whose message goes nowhere: what is told about it is what a test hands to the consumer. */
async function plannedRun(): Promise<RunRef> {
  const incident_id = newIncident();
  vi.spyOn(env.RUNS, "sendBatch").mockImplementation(async () => ({
    metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } },
  }));
  return runIn("dispatched", await press(incident_id));
}

/** An answer that a target holds back until it is released; a test that fails releases it too. */
function heldAnswer(): PromiseWithResolvers<Response> {
  const held = Promise.withResolvers<Response>();
  onTestFinished(() => {
    held.resolve(ok());
  });
  return held;
}

describe("a press", () => {
  it("reaches its target once, with the host, the ids, its key and the credential", async () => {
    const incident_id = newIncident();
    const calls = fakeTarget(incident_id, ok);
    const { run_id, ...key } = await press(incident_id);
    const run = await runIn("succeeded", key);
    expect(calls).toEqual([
      {
        method: "POST",
        url: "https://runner.example/restart",
        redirect: "manual",
        headers: {
          accept: "application/json",
          "user-agent": "flashduty-edge",
          "content-type": "application/json",
          "idempotency-key": run_id,
          traceparent: like(/^00-[0-9a-f]{32}-[0-9a-f]{16}-03$/),
          authorization: `Bearer ${env.RESTART_HOST_TOKEN}`,
        },
        body: JSON.stringify({ host: "es.nj.01", incident_id, run_id }),
      },
    ]);
    expect(run).toMatchObject({ reason: "the target answered 200", fence: 1, failures: 0, due_at: null });
    expect(run).toMatchObject({ by: "command", key: "es.nj.01", params: {} });
  });

  it("whose target fails twice succeeds at the third attempt, under the same key", async () => {
    const incident_id = newIncident();
    const calls = fakeTarget(incident_id, (nth) => new Response(null, { status: nth < 3 ? 503 : 200 }));
    const { run_id, ...key } = await press(incident_id);
    const run = await runIn("succeeded", key);
    expect(calls.map(({ headers }) => headers["idempotency-key"])).toEqual([run_id, run_id, run_id]);
    expect(run).toMatchObject({ fence: 3, failures: 2 });
  });

  it("is not held up by another whose target is slow", async () => {
    const [slow, quick] = [newIncident(), newIncident()];
    const release = heldAnswer();
    const slow_calls = fakeTarget(slow, async () => release.promise);
    fakeTarget(quick, ok);
    const slow_key = await press(slow);
    await until(() => slow_calls.length === 1);
    await runIn("succeeded", await press(quick));
    expect(await env.INCIDENT.getByName(slow).showRun(slow_key)).toMatchObject({ state: "running" });
    release.resolve(new Response("at last"));
    await runIn("succeeded", slow_key);
  });

  it("that is followed at once by the incident's end still reaches its target", async () => {
    const incident_id = newIncident();
    const calls = fakeTarget(incident_id, ok);
    const key = keyOf(incident_id);
    const now = Date.now();
    const said = { ...key, event_type: "i_custom", event_time: now, received_at: now, progress: "Triggered" };
    const body = JSON.stringify(pressBody(incident_id, { event_time: now }));
    const pressed: Event = { ...said, address: "action/restart-host", body };
    const closed: Event = { ...pressed, event_id: "closing", event_type: "i_rslv", progress: "Closed" };
    const alarm = await runInDurableObject(env.INCIDENT.getByName(incident_id), async (object, { storage }) => {
      object.receive(pressed, [aRun()]);
      // The platform takes no time that has passed for an alarm: it is at the press's due time, or a moment later.
      const [taken_by, pressed_for] = [Date.now(), storage.getAlarm()];
      object.receive(closed, []);
      return { taken_by, pressed_for: await pressed_for, set_for: await storage.getAlarm() };
    });
    expect(alarm.set_for).not.toBeNull();
    expect(alarm.set_for).toBe(alarm.pressed_for);
    expect(alarm.set_for).toBeLessThanOrEqual(alarm.taken_by);
    await runIn("succeeded", key);
    expect(calls).toHaveLength(1);
  });

  it("that is pushed again, and whose message comes again, still reaches its target once", async () => {
    const incident_id = newIncident();
    const calls = fakeTarget(incident_id, ok);
    const { run_id, ...key } = await press(incident_id);
    await press(incident_id);
    await runIn("succeeded", key);
    await env.RUNS.send(key);
    await until(() => linesOf("run.refused").some((line) => line["run_id"] === run_id));
    expect(calls).toHaveLength(1);
  });
});

function respond(status: number, headers: Record<string, string> = {}): () => Response {
  return () => new Response(status === 204 ? null : "an answer", { status, headers });
}

describe("a target", () => {
  it.each([
    [204, {}, "succeeded", "the target answered 204"],
    [302, { Location: "https://elsewhere.example/" }, "failed", "the target answered 302: redirects are not followed"],
    [307, { Location: "/restart" }, "failed", "the target answered 307: redirects are not followed"],
    [400, {}, "failed", "the target answered 400 (an answer)"],
    [
      404,
      {},
      "failed",
      "the target answered 404: there is no such thing there, or its credential may not see it (an answer)",
    ],
  ])("that answers %i is asked once", async (status, headers, state, reason) => {
    const incident_id = newIncident();
    const calls = fakeTarget(incident_id, respond(status, headers));
    const run = await runIn(state, await press(incident_id));
    expect(run).toMatchObject({ state, reason });
    expect(calls).toHaveLength(1);
  });

  it.each([
    ["429 and names the seconds", respond(429, { "Retry-After": "1800" })],
    [
      "425 and names the time",
      async () => respond(425, { "Retry-After": new Date(Date.now() + 1_802_000).toUTCString() })(),
    ],
  ])("that answers %s is left alone until then", async (_, answer) => {
    const incident_id = newIncident();
    fakeTarget(incident_id, answer);
    const asked_at = Date.now();
    const key = await press(incident_id);
    const run = await until(async () => {
      const run = await env.INCIDENT.getByName(incident_id).showRun(key);
      return run?.failures === 1 && run;
    });
    expect(run.due_at).toBeGreaterThanOrEqual(asked_at + 1_800_000);
  });

  it("that cannot be reached is asked again, and what went wrong is told without its address", async () => {
    const incident_id = newIncident();
    const calls = fakeTarget(incident_id, async (nth) => {
      if (nth > 1) return ok();
      throw new Error(`connect https://runner.example/restart Bearer ${env.RESTART_HOST_TOKEN}`);
    });
    const key = await press(incident_id);
    const reason = await until(async () => (await env.INCIDENT.getByName(incident_id).showRun(key))?.reason || null);
    expect(reason).toBe("the target could not be reached");
    await runIn("succeeded", key);
    expect(calls).toHaveLength(2);
  });

  it("whose answer has no end is read up to a limit, and then left", async () => {
    const incident_id = newIncident();
    const answer = endless();
    fakeTarget(incident_id, () => new Response(answer.stream));
    await runIn("succeeded", await press(incident_id));
    expect(answer.told.isLeft).toBe(true);
    expect(answer.told.read).toBeLessThan(2 * ANSWER_BYTES);
  });

  it("has its answer in the trail and nowhere else, but for its error, and its address and credential in no log and no answer of ours", async () => {
    const incident_id = newIncident();
    const [page, secret] = ["a page of its own", "a-secret-beside-an-answer"];
    const answered = (status: number, text: string) =>
      new Response(text, { status, statusText: secret, headers: { "X-Secret": secret } });
    const said = `no ${env.RESTART_HOST_TOKEN} here`;
    fakeTarget(incident_id, (nth) => (nth === 1 ? answered(500, page) : answered(403, said)));
    const { run_id, ...key } = await press(incident_id);
    const { reason, trail, ...run } = await runIn("unknown", key);
    expect(reason).toMatch(
      /^the target answered 403.* \(no \(hidden\) here\); but an earlier attempt may have done it$/,
    );
    await until(() => linesOf("run.attempted").length === 2);
    const paths = ["", "/events/press-1"].map((rest) => `/admin/api/incidents/${incident_id}${rest}`);
    const answers = [...paths, `/admin/api/runs/${run_id}`].map(async (path) => (await adminGet(path)).text());
    const seen = [...(await Promise.all(answers)), ...logged()].join("\n");
    expect(seen).toContain(run_id);
    expect(trail.flatMap(({ what, text }) => (what === "answered" ? [text] : []))).toEqual([
      `500 ${page}`,
      "403 no (hidden) here",
    ]);
    expect([...logged(), JSON.stringify(run)].join("\n")).not.toContain(page);
    for (const hidden of [secret, "runner.example", env.RESTART_HOST_TOKEN, env.WEBHOOK_TOKEN, env.ADMIN_TOKEN])
      expect(seen).not.toContain(hidden);
  });
});

describe("the consumer", () => {
  it.each([
    [null],
    ["text"],
    [7],
    [{}],
    [[]],
    [{ incident_id: "a", event_id: "b" }],
    [{ incident_id: 1, event_id: "b", action: "c" }],
  ])("leaves a message it cannot read (%j) to the queue's retries", async (body) => {
    expect(await deliver([body])).toMatchObject({ acked: [], retried: ["message-0"] });
    expect(linesOf("message.malformed")).toHaveLength(1);
  });

  it("acknowledges a message once its run is claimed, and carries the run out", async () => {
    const key = await plannedRun();
    const calls = fakeTarget(key.incident_id, ok);
    expect(await deliver([key])).toEqual({ acked: ["message-0"], retried: [], delays: [] });
    await runIn("succeeded", key);
    expect(calls).toHaveLength(1);
  });

  it("acknowledges a message about a run that nobody knows, and calls nobody", async () => {
    const incident_id = newIncident();
    const calls = fakeTarget(incident_id, ok);
    expect(await deliver([keyOf(incident_id)])).toMatchObject({ acked: ["message-0"], retried: [] });
    expect(await env.INCIDENT.getByName(incident_id).show()).toBeNull();
    expect(calls).toEqual([]);
  });

  it("makes one call where the same message is twice in a batch", async () => {
    const key = await plannedRun();
    const calls = fakeTarget(key.incident_id, ok);
    expect(await deliver([key, key])).toMatchObject({ acked: ["message-0", "message-1"] });
    await runIn("succeeded", key);
    expect(calls).toHaveLength(1);
  });

  it("does not let a slow target hold the others of its batch, nor their messages", async () => {
    const [slow, quick] = [await plannedRun(), await plannedRun()];
    const release = heldAnswer();
    fakeTarget(slow.incident_id, async () => release.promise);
    fakeTarget(quick.incident_id, ok);
    const messages = [slow, quick].map((body, n) => ({ id: `m${n}`, timestamp: Date.now(), attempts: 1, body }));
    const batch = createMessageBatch(QUEUE, messages);
    const ctx = createExecutionContext();
    await consume(batch, env, ctx); // comes back although one target has not
    await runIn("succeeded", quick);
    await runIn("running", slow);
    release.resolve(ok());
    expect((await getQueueResult(batch, ctx)).explicitAcks).toEqual(["m0", "m1"]);
  });

  it.each<[string, Changes, RegExp]>([
    ["its settings are gone", { RESTART_HOST_URL: "" }, /RESTART_HOST_URL is missing/],
    ["its settings are malformed", { RESTART_HOST_TOKEN: "two\nlines" }, /RESTART_HOST_TOKEN must be/],
  ])("fails a run of which %s meanwhile, and calls nobody", async (_, changes, reason) => {
    const key = await plannedRun();
    const calls = fakeTarget(key.incident_id, ok);
    await deliver([key], changes);
    const run = await runIn("failed", key);
    expect(run.reason).toMatch(reason);
    expect(calls).toEqual([]);
  });
});

describe("a message that spent its retries", () => {
  it("is kept in the quarantine, and its run is not lost", async () => {
    const key = await plannedRun();
    expect(await deliver([key], {}, "flashduty-edge-dead")).toMatchObject({ acked: ["message-0"], retried: [] });
    const { items } = await quarantineView();
    expect(items).toMatchObject([{ why: "dead_message", path_and_query: "queue", source: "" }]);
    expect(await entriesOf(JSON.stringify(key))).toMatchObject([{ id: items[0]?.id }]);
    expect(await runView(`${key.incident_id}:press-1:restart-host`)).toMatchObject({ state: "dispatched" });
  });

  it("is kept whatever it says", async () => {
    await deliver([null, "text", { incident_id: 5 }], {}, "flashduty-edge-dead");
    const bodies = (await quarantineView()).items.map(({ body_head }) => body_head);
    expect(bodies).toEqual(expect.arrayContaining(["null", '"text"', '{"incident_id":5}']));
  });

  it("stays in its queue for as long as the quarantine does not take it", async () => {
    const DB = standIn(env.DB, { prepare: failAtOnce });
    const told = await deliver([{}], { DB }, "flashduty-edge-dead");
    expect(told).toEqual({ acked: [], retried: ["message-0"], delays: [60] });
  });

  it("is brought there by the real queue", async () => {
    const nonsense = { nonsense: newIncident() };
    await env.RUNS.send(nonsense);
    await until(async () => (await entriesOf(JSON.stringify(nonsense))).length === 1);
    expect(linesOf("message.malformed")).toHaveLength(4);
  });
});

function failAtOnce(): never {
  throw new Error("the platform is out of order");
}
