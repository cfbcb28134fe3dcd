import { describe, expect, it } from "vitest";
import * as z from "zod";
import { type Action, DEFAULT_POLICY } from "../../src/actions/action.ts";
import { attempt } from "../../src/actions/attempt.ts";
import { http } from "../../src/actions/http.ts";
import type { Outcome, Run } from "../../src/domain/run.ts";
import type { Call, OutgoingRequest } from "../../src/runs/http.ts";
import { documentedBody, pushIn } from "./bodies.ts";
import { runOf, SUCCEEDED, WAITING } from "./runs.ts";

const push = pushIn(documentedBody);
const SECRETS = { JOB_URL: "https://runner.example/jobs?key=hunter2", JOB_TOKEN: "hunter3" };
const request = { method: "GET", url: new URL("https://runner.example"), headers: new Headers() };

function actionOf(changed: Partial<Action>): Action {
  return {
    summary: "run a job",
    settings: [],
    params: z.object({}),
    policy: DEFAULT_POLICY,
    key: null,
    start: () => Promise.resolve(SUCCEEDED),
    ...changed,
  };
}

function lookedFor(): never {
  throw new Error("looked for");
}

async function tried(action: Action, run: Partial<Run> = {}): Promise<{ outcome: Outcome; calls: OutgoingRequest[] }> {
  const calls: OutgoingRequest[] = [];
  const call: Call = (request) => {
    calls.push(request);
    return Promise.resolve({ kind: "answered", status: 200, retry_after: null, text: "" });
  };
  return { outcome: await attempt(action, runOf(run), push, { settings: SECRETS, call }), calls };
}

describe("an attempt", () => {
  it("starts the action where nothing was started yet", async () => {
    expect((await tried(actionOf({ start: () => Promise.resolve(WAITING) }))).outcome).toEqual(WAITING);
  });

  it("looks at what was started, under its handle, and starts nothing", async () => {
    const looked: string[] = [];
    const action = actionOf({
      start: () => Promise.reject(new Error("started twice")),
      look: (handle) => {
        looked.push(handle);
        return Promise.resolve(SUCCEEDED);
      },
    });
    expect((await tried(action, { handle: "job-7" })).outcome).toEqual(SUCCEEDED);
    expect(looked).toEqual(["job-7"]);
  });

  it("fails where something was started that the action cannot look at", async () => {
    const action = http({ summary: "run a job", url: "JOB_URL", method: "POST", params: {} });
    const { outcome, calls } = await tried(action, { handle: "job-7" });
    expect(outcome).toEqual({ kind: "failed", reason: "the action cannot look at what it started" });
    expect(calls).toEqual([]);
  });

  it("is given the push of its own event, the run, its key, its params and the settings", async () => {
    const given: unknown[] = [];
    const action = actionOf({
      start: (attempt) => {
        given.push(attempt);
        return Promise.resolve(SUCCEEDED);
      },
    });
    await tried(action, { params: { dc: "nj" } });
    const { incident, person } = push;
    expect(given).toMatchObject([
      { incident, person, alerts: incident.alerts, key: "es.nj.01", params: { dc: "nj" }, settings: SECRETS },
    ]);
    expect(given).toMatchObject([{ run_id: "incident-1:event-1:restart-host" }]);
  });

  it.each(["es.sh.02", ""])(
    "acts on the key that its run was planned with, %j, and looks for no other",
    async (key) => {
      const given: string[] = [];
      const note = (attempt: { key: string }) => {
        given.push(attempt.key);
        return Promise.resolve(SUCCEEDED);
      };
      const action = actionOf({
        key: { from: "the label `rack`", of: lookedFor },
        start: note,
        look: (_, attempt) => note(attempt),
      });
      expect((await tried(action, { key })).outcome).toEqual(SUCCEEDED);
      expect((await tried(action, { key, handle: "job-7" })).outcome).toEqual(SUCCEEDED);
      expect(given).toEqual([key, key]);
    },
  );
});

describe("an action that throws", () => {
  it("before it called anything has failed: nothing was done", async () => {
    const { outcome } = await tried(actionOf({ start: () => Promise.reject(new Error("no dc")) }));
    expect(outcome).toEqual({ kind: "failed", reason: "the action broke: Error: no dc" });
  });

  it("after it called something is unclear: that may have been done", async () => {
    const action = actionOf({
      start: async ({ call }) => {
        await call(request);
        throw new Error("no such field");
      },
    });
    const { outcome } = await tried(action);
    expect(outcome).toEqual({ kind: "unclear", reason: "the action broke: Error: no such field" });
  });

  it("at once, without a promise, is an outcome as well", async () => {
    const action = actionOf({
      start: () => {
        throw new TypeError("labels is undefined");
      },
    });
    expect((await tried(action)).outcome.kind).toBe("failed");
  });

  it("cannot tell the settings it was given", async () => {
    const { outcome } = await tried(
      actionOf({ start: ({ settings }) => Promise.reject(new Error(JSON.stringify(settings))) }),
    );
    expect(JSON.stringify(outcome)).toContain("(hidden)");
    expect(JSON.stringify(outcome)).not.toMatch(/hunter|runner\.example/);
  });
});
