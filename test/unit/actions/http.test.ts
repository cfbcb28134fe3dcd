import { describe, expect, it } from "vitest";
import * as z from "zod";
import { action, type Action } from "../../../src/actions/action.ts";
import { attempt } from "../../../src/actions/attempt.ts";
import { http, type HttpSpec } from "../../../src/actions/http.ts";
import { readConnectorSettings } from "../../../src/config.ts";
import type { Outcome, Run } from "../../../src/domain/run.ts";
import type { Answer, Call, OutgoingRequest } from "../../../src/runs/http.ts";
import { hiding } from "../../../src/secret.ts";
import { documentedBody, pushIn } from "../bodies.ts";
import { runOf } from "../runs.ts";
import { envOf } from "../settings.ts";

const RUNNER_URL = "https://runner.example:8443/api/v1/jobs?team=7";
const answered = (status: number, text = "not read"): Answer => ({
  kind: "answered",
  status,
  headers: new Headers(),
  text,
});
const push = pushIn(documentedBody);

type Spec = Partial<HttpSpec<{ dc?: string | undefined }>>;

function actionOf(spec: Spec): Action {
  const params = { dc: z.string().max(8).optional() };
  return action({ summary: "run a job", params }, [http({ settings: "RUNNER", method: "POST", ...spec })]);
}

interface Tried {
  outcome: Outcome;
  requests: OutgoingRequest[];
}

/** One attempt, with the settings as they are read. */
async function tried(spec: Spec, answer = answered(200), run: Partial<Run> = {}, token?: string): Promise<Tried> {
  const requests: OutgoingRequest[] = [];
  const call: Call = (request) => {
    requests.push(request);
    return Promise.resolve(answer);
  };
  const played = actionOf(spec);
  const [connector] = played.connectors;
  const env = envOf({ RUNNER_URL, ...(token !== undefined && { RUNNER_TOKEN: token }) });
  const read = readConnectorSettings(env, connector?.settings ?? []);
  if (connector === undefined || !read.ok) throw new Error("not set up");
  const { values, secrets } = read.settings;
  const tools = {
    settings: values,
    call,
    hide: hiding(secrets),
    flashduty: () => null,
    deadline_at: Infinity,
    earlier: {},
  };
  return { outcome: await attempt(played, connector, runOf(run), push, tools), requests };
}

async function requestOf(spec: Spec, run: Partial<Run> = {}, token?: string): Promise<OutgoingRequest> {
  const { requests, outcome } = await tried(spec, answered(200), run, token);
  const [request] = requests;
  if (request === undefined || requests.length > 1)
    throw new Error(`${requests.length} requests: ${JSON.stringify(outcome)}`);
  return request;
}

describe("the request", () => {
  it("goes to the address of the setting, with its path and query", async () => {
    const { method, url, body } = await requestOf({});
    expect([method, url.href, body]).toEqual(["POST", RUNNER_URL, undefined]);
  });

  it("has what the incident fills: segments, query, headers and a body of JSON", async () => {
    const { method, url, headers, body } = await requestOf({
      method: "PUT",
      path: ({ key, event }) => [key, event.event_type],
      query: ({ incident }) => ({ check: incident.labels["check"] ?? "" }),
      headers: ({ person }) => ({ "X-Person": person?.person_name ?? "" }),
      body: ({ key, params, alerts }) => ({
        host: key,
        dc: params.dc,
        missing: undefined,
        alerts: alerts.length,
      }),
    });
    expect(method).toBe("PUT");
    expect(url.pathname).toBe("/api/v1/jobs/es.nj.01/i_custom");
    expect(Object.fromEntries(url.searchParams)).toEqual({ team: "7", check: "自定义字段测试" });
    expect(headers.get("X-Person")).toBe("zhangsan");
    expect(headers.get("Content-Type")).toBe("application/json");
    expect(body).toBe('{"host":"es.nj.01","alerts":1}');
  });

  it("carries the run's id as Idempotency-Key, the same for each attempt", async () => {
    const keys = [await requestOf({}), await requestOf({}, { fence: 7, failures: 2, may_have_acted: true })];
    expect(keys.map(({ headers }) => headers.get("Idempotency-Key"))).toEqual([
      "incident-1:event-1:restart-host",
      "incident-1:event-1:restart-host",
    ]);
  });

  it("carries the token where there is one, and no Authorization where there is none", async () => {
    expect((await requestOf({}, {}, "s3cret-s3cret")).headers.get("Authorization")).toBe("Bearer s3cret-s3cret");
    expect((await requestOf({})).headers.get("Authorization")).toBeNull();
  });

  it.each(["Authorization", "authorization", "AUTHORIZATION", "Idempotency-Key", "idempotency-key"])(
    "nothing from the incident overrides %s",
    async (name) => {
      const { headers } = await requestOf({ headers: () => ({ [name]: "from the incident" }) }, {}, "s3cret-s3cret");
      expect(headers.get("Authorization")).toBe("Bearer s3cret-s3cret");
      expect(headers.get("Idempotency-Key")).toBe("incident-1:event-1:restart-host");
    },
  );

  it("a body is JSON, whatever type the headers claim", async () => {
    const { headers } = await requestOf({ headers: () => ({ "content-type": "text/plain" }), body: () => null });
    expect(headers.get("Content-Type")).toBe("application/json");
  });
});

describe("a request that cannot be made", () => {
  it.each(["", ".", ".."])("with %j as a segment: the run fails, and nothing is called", async (segment) => {
    const { outcome, requests } = await tried({ path: () => ["of", segment] });
    const reason = `the action broke: Error: "${segment}" cannot be a segment of the target's path`;
    expect(outcome).toEqual({ kind: "failed", reason });
    expect(requests).toEqual([]);
  });

  it.each(["7", "8", ""])(
    "with team=%s beside its address's team=7: the run fails, and nothing is called",
    async (team) => {
      const { outcome, requests } = await tried({ query: () => ({ before: "1", team, after: "2" }) });
      const reason = 'the action broke: Error: the target\'s address has a "team" in its query already';
      expect(outcome).toEqual({ kind: "failed", reason });
      expect(requests).toEqual([]);
    },
  );
});

describe("parameters", () => {
  it("reach the request as the action declares them", async () => {
    const spec: Spec = { body: ({ params }) => params.dc ?? "none" };
    expect((await requestOf(spec, { params: { dc: "nj" } })).body).toBe('"nj"');
    expect((await requestOf(spec, { params: {} })).body).toBe('"none"');
  });

  it.each([{ dc: "far too long a name" }, { dc: "nj", other: "x" }])(
    "%j: not taken any more, so not called",
    async (params) => {
      const { outcome, requests } = await tried({}, answered(200), { params });
      expect(outcome).toEqual({ kind: "failed", reason: "the playbook no longer takes the parameters of this run" });
      expect(requests).toEqual([]);
    },
  );
});

describe("what the answer means", () => {
  it.each([200, 201, 202, 204, 299])("%i: done", async (status) => {
    const { outcome } = await tried({}, answered(status));
    expect(outcome).toMatchObject({ kind: "succeeded", summary: `the target answered ${status}` });
  });

  it.each<[string, Answer, string, string]>([
    ["429", answered(429), "later", "the target answered 429"],
    [
      "503, which a proxy says too where it has passed the start on",
      answered(503),
      "unclear",
      "the target answered 503",
    ],
    ["502", answered(502), "unclear", "the target answered 502"],
    ["422", answered(422, '{"message":"no dc"}'), "failed", "the target answered 422 (no dc)"],
    ["302", answered(302), "failed", "the target answered 302: redirects are not followed"],
    [
      "silence",
      { kind: "silent", reason: "the target did not answer in time" },
      "unclear",
      "the target did not answer in time",
    ],
    [
      "nothing sent",
      { kind: "not_sent", reason: "the attempt's time was up" },
      "not_sent",
      "the attempt's time was up",
    ],
  ])("%s: as any answer to a start", async (_, answer, kind, reason) => {
    expect((await tried({}, answer)).outcome).toMatchObject({ kind, reason });
  });

  it("what the target says of its error holds no secret", async () => {
    const text = JSON.stringify({ message: `no ${RUNNER_URL} for s3cret-s3cret` });
    const { outcome } = await tried({}, answered(400, text), {}, "s3cret-s3cret");
    expect(outcome).toMatchObject({ reason: "the target answered 400 (no (hidden) for (hidden))" });
  });
});

describe("a connector that makes a request", () => {
  it("cannot give a body to a GET, and says so when it is defined", () => {
    expect(() => actionOf({ method: "GET", body: () => null })).toThrow("RUNNER: a GET has no body");
    expect(() => actionOf({ method: "GET" })).not.toThrow();
  });

  it.each(["POST", "PUT", "PATCH", "DELETE"] as const)("can give a body to a %s", async (method) => {
    expect((await requestOf({ method, body: () => "x" })).body).toBe('"x"');
  });

  it("needs the address, which may be a secret, and the token only where it is set", () => {
    const [connector] = actionOf({}).connectors;
    expect(connector?.settings).toEqual([
      { name: "RUNNER_URL", kind: "secret_url", required: true, through: "RUNNER_VPC" },
      { name: "RUNNER_TOKEN", kind: "secret", required: false },
      { name: "RUNNER_ACCESS", kind: "secret", required: false },
      { name: "RUNNER_VPC", kind: "service", required: false },
    ]);
  });

  it("starts nothing that goes on", () => {
    const [connector] = actionOf({}).connectors;
    expect(connector).toHaveProperty("name", "HTTP (RUNNER)");
    expect(connector).not.toHaveProperty("look");
  });

  it.each([
    ["GET", true],
    ["PUT", true],
    ["POST", false],
    ["PATCH", false],
    ["DELETE", false],
  ] as const)("by %s can be asked again by its nature: %s; and by any as the playbook says", (method, by_nature) => {
    const told = [undefined, true, false].map((repeatable) => {
      const spec = repeatable === undefined ? { method } : { method, repeatable };
      return actionOf(spec).connectors[0]?.repeatable;
    });
    expect(told).toEqual([by_nature, true, false]);
  });
});
