import { describe, expect, it } from "vitest";
import * as z from "zod";
import { action, DEFAULT_POLICY } from "../../src/actions/action.ts";
import { attempt, type Tools } from "../../src/actions/attempt.ts";
import type { Connector, Given, RawParams } from "../../src/actions/connector.ts";
import { http } from "../../src/actions/http.ts";
import type { Key } from "../../src/domain/key.ts";
import type { Outcome, Run } from "../../src/domain/run.ts";
import { openApi } from "../../src/flashduty/open-api.ts";
import type { Answer, Call, OutgoingRequest } from "../../src/runs/http.ts";
import { hiding } from "../../src/secret.ts";
import { documentedBody, pushIn } from "./bodies.ts";
import { runOf, SUCCEEDED, WAITING } from "./runs.ts";

const push = pushIn(documentedBody);
const SECRETS = { JOB_URL: "https://runner.example/jobs?key=hunter2", JOB_TOKEN: "hunter3" };
const REQUEST = { method: "GET", url: new URL("https://runner.example"), headers: new Headers() };
const OK: Answer = { kind: "answered", status: 200, headers: new Headers(), text: '{"request_id":"r","data":null}' };

interface Circumstances extends Partial<Omit<Tools, "call">> {
  run?: Partial<Run>;
  answer?: () => Promise<Answer>;
  /** Of the action around the connector. */
  key?: Key;
  fields?: Record<string, string>;
  params?: z.ZodRawShape;
}

/** A connector that succeeds, but for what a test says. */
function connectorOf(changed: Partial<Connector>): Connector {
  return { name: "a job", settings: [], repeatable: true, start: () => Promise.resolve(SUCCEEDED), ...changed };
}

async function tried(
  connector: Connector,
  { run, answer = () => Promise.resolve(OK), key, fields = {}, params, ...tools }: Circumstances = {},
): Promise<{ outcome: Outcome; calls: OutgoingRequest[] }> {
  const calls: OutgoingRequest[] = [];
  const call: Call = (request) => {
    calls.push(request);
    return answer();
  };
  const spec = { summary: "run a job", fields, ...(key && { key }) };
  const around = action({ ...spec, params: params ?? { dc: z.string().optional() } }, []);
  const hide = hiding(Object.values(SECRETS));
  const all = { settings: SECRETS, call, hide, flashduty: () => null, deadline_at: Infinity, earlier: {}, ...tools };
  return { outcome: await attempt(around, connector, runOf(run), push, all), calls };
}

function lookedFor(): never {
  throw new Error("looked for");
}

/** A connector that notes what it is given. */
function noting(): { connector: Connector; given: Given<RawParams>[] } {
  const given: Given<RawParams>[] = [];
  const note = (one: Given<RawParams>) => {
    given.push(one);
    return Promise.resolve(SUCCEEDED);
  };
  return { connector: connectorOf({ start: note, look: (_, one) => note(one) }), given };
}

describe("an attempt", () => {
  it("starts the action where nothing was started yet", async () => {
    const connector = connectorOf({ start: () => Promise.resolve(WAITING), look: lookedFor });
    expect((await tried(connector)).outcome).toMatchObject(WAITING);
  });

  it("looks at what was started, under its handle, and starts nothing", async () => {
    const looked: string[] = [];
    const connector = connectorOf({
      start: () => Promise.reject(new Error("started twice")),
      look: (handle) => {
        looked.push(handle);
        return Promise.resolve(SUCCEEDED);
      },
    });
    expect((await tried(connector, { run: { handle: "job-7" } })).outcome).toMatchObject(SUCCEEDED);
    expect(looked).toEqual(["job-7"]);
  });

  it("fails where something was started that the action cannot look at", async () => {
    const { outcome, calls } = await tried(http({ settings: "JOB", method: "POST" }), { run: { handle: "job-7" } });
    expect(outcome).toEqual({ kind: "failed", reason: "the action cannot look at what it started" });
    expect(calls).toEqual([]);
  });

  it("is given the push of its own event, the run, its key, its params and the settings", async () => {
    const { connector, given } = noting();
    await tried(connector, { run: { params: { dc: "nj" } } });
    const { incident, person } = push;
    expect(given).toMatchObject([
      { incident, person, alerts: incident.alerts, key: "es.nj.01", params: { dc: "nj" }, settings: SECRETS },
    ]);
    expect(given).toMatchObject([{ run_id: "incident-1:event-1:restart-host", action: "restart-host" }]);
  });

  it.each([
    { may_have_acted: true, planned_at: 7 },
    { may_have_acted: false, planned_at: 0 },
  ])("is given what it needs to find an earlier one: %j", async (run) => {
    const { connector, given } = noting();
    await tried(connector, { run });
    await tried(connector, { run: { ...run, handle: "job-7" } });
    expect(given).toMatchObject([run, run]);
  });

  it("is given what the last run found, and Flashduty's own API where there is a key for it", async () => {
    const { connector, given } = noting();
    const flashduty = openApi({ url: "https://api.example", app_key: "k" }, () => Promise.resolve(OK), lookedFor);
    await tried(connector, { earlier: { change_id: 7 }, flashduty: () => flashduty });
    await tried(connector);
    expect(given.map(({ earlier }) => earlier)).toEqual([{ change_id: 7 }, {}]);
    expect(given.map((one) => one.flashduty)).toEqual([flashduty, null]);
  });

  it.each(["es.sh.02", ""])(
    "acts on the key that its run was planned with, %j, and looks for no other",
    async (key) => {
      const { connector, given } = noting();
      const rack = { from: "the label `rack`", of: lookedFor };
      expect((await tried(connector, { run: { key }, key: rack })).outcome).toMatchObject(SUCCEEDED);
      expect((await tried(connector, { run: { key, handle: "job-7" }, key: rack })).outcome).toMatchObject(SUCCEEDED);
      expect(given.map((one) => one.key)).toEqual([key, key]);
    },
  );

  it.each([
    ["fails", null, "failed"],
    ["does not know how its job goes on", "job-7", "unclear"],
  ])("with parameters that are not taken any more %s, and does nothing", async (_, handle, kind) => {
    const { connector, given } = noting();
    const { outcome, calls } = await tried(connector, { run: { handle, params: { dc: "nj", other: "x" } } });
    expect(outcome).toEqual({ kind, reason: "the playbook no longer takes the parameters of this run" });
    expect([given, calls]).toEqual([[], []]);
  });

  it("sets the custom fields that the playbook maps, of what was found", async () => {
    const values = { cpu: 0.93, is_up: false, none: 0, said: "hunter3" };
    const connector = connectorOf({
      start: () => Promise.resolve({ ...SUCCEEDED, kind: "succeeded", summary: "", values }),
    });
    const fields = { cpu_now: "cpu", up: "is_up", count: "none", note: "said", gone: "missing" };
    const { outcome } = await tried(connector, { fields });
    expect(outcome).toMatchObject({ values: { ...values, said: "(hidden)" } });
    expect(outcome).toHaveProperty("fields", { cpu_now: 0.93, up: false, count: 0, note: "(hidden)" });
  });

  it("sets none but those that the playbook maps", async () => {
    const outcome: Outcome = { kind: "succeeded", summary: "", values: { cpu: 1 }, fields: { cpu: 1 } };
    expect((await tried(connectorOf({ start: () => Promise.resolve(outcome) }))).outcome).toHaveProperty("fields", {});
  });

  it.each<[string, Outcome]>([
    ["succeeded", { kind: "succeeded", summary: "with hunter3" }],
    ["waiting", { kind: "waiting", handle: "j", summary: "with hunter3" }],
    ["failed", { kind: "failed", reason: "with hunter3" }],
    ["unclear", { kind: "unclear", reason: "with hunter3" }],
  ])("%s: what it says holds no secret", async (_, said) => {
    const says = () => Promise.resolve(said);
    for (const run of [{}, { handle: "j" }]) {
      const { outcome } = await tried(connectorOf({ start: says, look: says }), { run });
      expect(JSON.stringify(outcome)).toContain("with (hidden)");
    }
  });
});

/** A connector that makes so many calls, and throws. */
function throwsAfter(calls: number): Connector {
  const start: Connector["start"] = async ({ call }) => {
    for (let count = 0; count < calls; count += 1) await call(REQUEST);
    throw new Error("no such field");
  };
  return connectorOf({ start, look: (_, given) => start(given) });
}

const done = () => Promise.resolve(OK);
const flashduty = (call: Call) =>
  openApi({ url: "https://api.example", app_key: "k" }, call, () => Promise.resolve(null));
const notSent = () => Promise.resolve<Answer>({ kind: "not_sent", reason: "the attempt's time was up" });
const silent = () => Promise.resolve<Answer>({ kind: "silent", reason: "the target could not be reached" });
const broken = () => Promise.reject(new TypeError("not a method"));

describe("an action that throws", () => {
  it("before it called anything has failed: nothing was done", async () => {
    const { outcome } = await tried(connectorOf({ start: () => Promise.reject(new Error("no dc")) }));
    expect(outcome).toEqual({ kind: "failed", reason: "the action broke: Error: no dc" });
  });

  it("after it called something is unclear: that may have been done", async () => {
    const { outcome } = await tried(throwsAfter(1));
    expect(outcome).toEqual({ kind: "unclear", reason: "the action broke: Error: no such field" });
  });

  it("after a call that never left has failed: nothing was done", async () => {
    expect((await tried(throwsAfter(2), { answer: notSent })).outcome.kind).toBe("failed");
  });

  it("after a call that was not answered is unclear", async () => {
    expect((await tried(throwsAfter(1), { answer: silent })).outcome.kind).toBe("unclear");
  });

  it("because its request cannot be made has failed, unless another was made before", async () => {
    expect((await tried(throwsAfter(1), { answer: broken })).outcome).toEqual({
      kind: "failed",
      reason: "the action broke: TypeError: not a method",
    });
    const answers = [done, broken];
    const answer = async () => (answers.shift() ?? broken)();
    expect((await tried(throwsAfter(2), { answer })).outcome.kind).toBe("unclear");
  });

  it.each([0, 1])("while it looks is unclear, after %i calls: what was started goes on", async (calls) => {
    const { outcome } = await tried(throwsAfter(calls), { run: { handle: "job-7" } });
    expect(outcome).toEqual({ kind: "unclear", reason: "the action broke: Error: no such field" });
  });

  it("after it called Flashduty is unclear: that may have been done", async () => {
    const connector = connectorOf({
      start: async (given) => {
        await given.flashduty?.comment("incident-1", "done");
        throw new Error("no such field");
      },
    });
    expect((await tried(connector, { flashduty })).outcome.kind).toBe("unclear");
  });

  it("at once, without a promise, is an outcome as well", async () => {
    const connector = connectorOf({
      start: () => {
        throw new TypeError("labels is undefined");
      },
    });
    expect((await tried(connector)).outcome.kind).toBe("failed");
  });

  it("cannot tell the settings it was given", async () => {
    const { outcome } = await tried(
      connectorOf({ start: ({ settings }) => Promise.reject(new Error(JSON.stringify(settings))) }),
    );
    expect(JSON.stringify(outcome)).toContain("(hidden)");
    expect(JSON.stringify(outcome)).not.toMatch(/hunter|runner\.example/);
  });
});

describe("an action of the playbook", () => {
  const spec = { summary: "run a job", params: {} };

  it("is carried out as the playbook says, with defaults for the rest", () => {
    const times = { time_limit_ms: 10_000, max_age_ms: 3_600_000 };
    expect(DEFAULT_POLICY).toEqual({ once: false, repeatable: true, attempts: 5, dry_run: false, ...times });
    expect(action(spec, []).policy).toEqual(DEFAULT_POLICY);
    const said = { once: true, attempts: 1, time_limit_ms: 5_000, max_age_ms: 60_000, dry_run: true };
    expect(action({ ...spec, ...said }, []).policy).toEqual({ ...DEFAULT_POLICY, ...said });
  });

  it.each([
    [{}, { informational: false, demands: "open", unanswered: "wait" }],
    [{ informational: true }, { informational: true, demands: "open", unanswered: "go_on" }],
    [{ informational: true, unanswered: "wait" as const }, { unanswered: "wait" }],
    [{ unanswered: "go_on" as const }, { informational: false, unanswered: "go_on" }],
    [{ demands: "nothing" as const }, { demands: "nothing", unanswered: "wait" }],
  ])("that says %j is checked before it starts as %j", (said, expected) => {
    expect(action({ ...spec, ...said }, [])).toMatchObject(expected);
  });

  it.each([
    [{}, { destructive: true, guards: {}, after: null, causes: [] }],
    [{ informational: true }, { destructive: false }],
    [{ informational: true, destructive: true }, { destructive: true }],
    [{ destructive: false }, { destructive: false }],
    [
      { guards: { comebacks: 2 }, after: "enrich" },
      { guards: { comebacks: 2 }, after: "enrich" },
    ],
    [{ causes: ["i_rslv" as const] }, { causes: ["i_rslv"] }],
    [{ causes: ["i_rslv" as const], fields: {} }, { causes: ["i_rslv"] }],
    [{ causes: ["i_rslv" as const], fields: { cpu_now: "cpu" } }, { causes: ["i_rslv", "i_r_field"] }],
  ])("that says %j is guarded as %j", (said, expected) => {
    expect(action({ ...spec, ...said }, [])).toMatchObject(expected);
  });

  it("acts on nothing in particular, and sets no field, where it does not say so", () => {
    expect(action(spec, [])).toMatchObject({ key: null, connectors: [] });
    expect(action(spec, [])).toHaveProperty("fields", {});
  });

  it("has each connector once: a run remembers by its name what carries it out", () => {
    const one = connectorOf({ name: "one" });
    expect(() => action(spec, [one, connectorOf({ name: "two" }), one])).toThrow(
      '"run a job": two connectors have one name',
    );
    expect(action(spec, [one, connectorOf({ name: "two" })]).connectors.map(({ name }) => name)).toEqual([
      "one",
      "two",
    ]);
  });

  it("keeps of a connector what it is, and a look only where it has one", () => {
    const settings = [{ name: "JOB_URL", kind: "url" as const, required: true }];
    const [bound] = action(spec, [connectorOf({ settings, repeatable: false, lacks: () => "more" })]).connectors;
    expect(bound).toMatchObject({ name: "a job", settings, repeatable: false });
    expect(bound?.lacks?.({})).toBe("more");
    expect(bound).not.toHaveProperty("look");
    expect(action(spec, [connectorOf({})]).connectors[0]).not.toHaveProperty("lacks");
  });

  it("hands its connectors the parameters as it declares them, to start and to look", async () => {
    const given: unknown[] = [];
    const params = { count: z.coerce.number().default(1) };
    const note = ({ params }: { params: { count: number } }) => {
      given.push(params);
      return Promise.resolve(SUCCEEDED);
    };
    const look = (_: string, one: { params: { count: number } }) => note(one);
    const connector = { name: "a job", settings: [], repeatable: true, start: note, look };
    const [bound = connectorOf({})] = action({ ...spec, params }, [connector]).connectors;
    await tried(bound, { params, run: { params: { count: "7" } } });
    await tried(bound, { params, run: { params: {}, handle: "job-7" } });
    expect(given).toEqual([{ count: 7 }, { count: 1 }]);
  });
});
