// A trace, from the push to the target and to the report, through the real queue's consumer and the incident's object.
import "./team.ts";
import { env, exports } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { parseTraceparent } from "../../src/trace.ts";
import { like } from "./like.ts";
import { logged } from "./logged.ts";
import { fail, incidentsWith, standIn } from "./platform.ts";
import { ACTION, ask, eventBody, INCIDENT, pushRequest, receiptOf } from "./push.ts";
import { guardsWith, MINUTE_MS, openScene, type Scene, SECOND_MS, shown } from "./scene.ts";
import { anEvent, aRun, incident, keyOf } from "./taken.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";
const HEADER = `00-${TRACE}-${SPAN}-00`;
const OTHER = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;

const Line = z.looseObject({
  what: z.string(),
  trace_id: z.string(),
  span_id: z.string(),
  parent_span_id: z.string().optional(),
});

let scene: Scene;
let id: string;

beforeEach(async () => {
  scene = await openScene();
  id = scene.incident("es.nj.01");
});

/** Somebody presses the button; `body`: the same press again. */
async function press(traceparent: string | null, body: object = scene.body(id)) {
  const response = await exports.default.fetch(pushRequest(ACTION, body, { traceparent }));
  const { event_id } = await receiptOf(response);
  return { body, run: { incident_id: id, event_id, action: "restart-host" } };
}

/** What was logged about the incident; each line with its trace. */
function lines(): z.output<typeof Line>[] {
  return logged()
    .filter((line) => line.includes(id))
    .map((line) => Line.parse(JSON.parse(line)));
}

/** The traces that others were told, each with its span: the target, and Flashduty. */
function toldTo(hostname: string) {
  const requests = vi
    .mocked(globalThis.fetch)
    .mock.calls.map(([input, init]) => (input instanceof Request ? input : new Request(input, init)));
  return requests
    .filter(({ url }) => new URL(url).hostname === hostname)
    .map(({ headers }) => parseTraceparent(headers.get("traceparent") ?? ""));
}

describe("a trace", () => {
  it("that comes with a push goes on to the target and to Flashduty, each under the span of the attempt", async () => {
    await press(HEADER);
    await scene.pass(MINUTE_MS);
    const told = [...toldTo("runner.example"), ...toldTo("api.flashcat.cloud")];
    expect(toldTo("runner.example")).toHaveLength(1);
    expect(new Set(told.map((one) => [one?.trace_id, one?.flags].join("-")))).toEqual(new Set([`${TRACE}-00`]));
    const spans = lines().flatMap(({ what, span_id }) => (what === "run.attempted" ? [span_id] : []));
    expect(spans).toEqual(expect.arrayContaining(told.map((one) => one?.span_id)));
    expect(toldTo("runner.example")[0]?.span_id).not.toBe(SPAN);
  });

  it.each([
    ["that comes with a push", HEADER],
    ["that begins with the push", null],
    ["that begins with the push, whose header is none", `00-${"0".repeat(32)}-${SPAN}-01`],
  ])("%s is that of the push, its attempts and its reports", async (_, traceparent) => {
    await press(traceparent);
    await scene.pass(MINUTE_MS);
    const [pushed, ...attempts] = lines();
    expect(pushed?.what).toBe("push.received");
    expect(pushed?.parent_span_id).toBe(traceparent === HEADER ? SPAN : undefined);
    expect(attempts.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["restart-host", "restart-host@succeeded"]),
    );
    for (const line of attempts) {
      expect([line.what, line.parent_span_id]).toEqual(["run.attempted", pushed?.span_id]);
      expect(line).toMatchObject({ incident_id: id, event_id: like(/./), run_id: like(id) });
    }
    expect(new Set(lines().map(({ trace_id }) => trace_id)).size).toBe(1);
    expect(new Set(lines().map(({ span_id }) => span_id)).size).toBe(attempts.length + 1);
    if (traceparent === HEADER) expect(pushed?.trace_id).toBe(TRACE);
  });

  it("of a run stays that of the push that called for it, whatever comes again", async () => {
    const { body, run } = await press(HEADER);
    const { traceparent } = await shown(run);
    await press(OTHER, body);
    await scene.pass(MINUTE_MS);
    expect((await shown(run)).traceparent).toBe(traceparent);
    expect(toldTo("runner.example").map((one) => one?.trace_id)).toEqual([TRACE]);
  });

  it("is told of with what fails on the way of the push", async () => {
    const changes = {
      INCIDENT: incidentsWith({ receive: fail }),
      SEEN: standIn(env.SEEN, { get: fail }),
      DB: standIn(env.DB, { prepare: () => ({ bind: () => ({ run: fail }) }) }),
    };
    const { done } = await ask(pushRequest(INCIDENT, eventBody(id), { traceparent: HEADER }), changes);
    await done();
    const told = lines().map(({ what, trace_id }) => [what, trace_id]);
    expect(told).toEqual(
      expect.arrayContaining([
        ["seen.failed", TRACE],
        ["storage.failed", TRACE],
        ["push.received", TRACE],
        ["quarantine.failed", TRACE],
      ]),
    );
    expect(new Set(lines().map(({ span_id }) => span_id)).size).toBe(1);
  });

  it("is told of with a push that is refused", async () => {
    await ask(pushRequest(INCIDENT, "{", { traceparent: HEADER }));
    const refused = logged().filter((line) => line.includes("push.refused"));
    expect(refused.map((line) => Line.parse(JSON.parse(line)))).toMatchObject([
      { trace_id: TRACE, parent_span_id: SPAN },
    ]);
  });

  it("is told of with guards and a quota that do not answer an attempt", async () => {
    const QUOTA = standIn(env.QUOTA, { getByName: () => standIn(env.QUOTA.getByName("account"), { take: fail }) });
    await press(HEADER);
    await scene.pass(SECOND_MS, { changes: () => guardsWith({ admit: fail }) });
    await scene.pass(MINUTE_MS, { changes: () => ({ QUOTA }) });
    for (const what of ["guard.failed", "quota.failed"]) {
      const [line] = lines().filter((one) => one.what === what);
      expect(line).toMatchObject({ trace_id: TRACE, incident_id: id, run_id: like(id) });
    }
  });

  it("is a new one for each attempt at a run of an older release, which knows of none", async () => {
    await incident(id).receive(anEvent(id, scene.story.clock), [aRun()]);
    expect((await shown(keyOf(id))).traceparent).toBe("");
    await scene.pass(MINUTE_MS);
    const attempted = lines().filter(({ what }) => what === "run.attempted");
    expect(attempted.length).toBeGreaterThan(1);
    for (const { parent_span_id } of attempted) expect(parent_span_id).toBeUndefined();
    expect(new Set(attempted.map(({ trace_id }) => trace_id)).size).toBe(attempted.length);
  });
});
