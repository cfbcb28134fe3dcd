import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import type { Action } from "../../src/actions/action.ts";
import { attempt } from "../../src/actions/attempt.ts";
import { http, type HttpAction } from "../../src/actions/http.ts";
import type { Outcome, Run } from "../../src/domain/run.ts";
import type { Answer, Call, OutgoingRequest } from "../../src/runs/http.ts";
import { documentedBody, pushIn } from "./bodies.ts";
import { runOf } from "./runs.ts";

const SETTING = "https://runner.example:8443/api/v1/jobs?team=7";
const OK: Answer = { kind: "answered", status: 200, retry_after: null, text: "" };
const push = pushIn(documentedBody);

type Spec = Partial<HttpAction<{ dc: z.ZodOptional<z.ZodString> }>>;

function actionOf(spec: Spec): Action {
  const params = { dc: z.string().max(8).optional() };
  return http({ summary: "run a job", url: "RUNNER_URL", method: "POST", params, ...spec });
}

interface Tried {
  outcome: Outcome;
  requests: OutgoingRequest[];
}

async function tried(spec: Spec, answer: Answer = OK, run: Partial<Run> = {}, token?: string): Promise<Tried> {
  const requests: OutgoingRequest[] = [];
  const call: Call = (request) => {
    requests.push(request);
    return Promise.resolve(answer);
  };
  const settings = { RUNNER_URL: SETTING, ...(token !== undefined && { RUNNER_TOKEN: token }) };
  const outcome = await attempt(actionOf(spec), runOf(run), push, { settings, call });
  return { outcome, requests };
}

async function requestOf(spec: Spec, run: Partial<Run> = {}, token?: string): Promise<OutgoingRequest> {
  const { requests, outcome } = await tried(spec, OK, run, token);
  const [request] = requests;
  if (request === undefined || requests.length > 1)
    throw new Error(`${requests.length} requests: ${JSON.stringify(outcome)}`);
  return request;
}

describe("the request", () => {
  it("goes to the address of the setting, with its path and query", async () => {
    const { method, url, body } = await requestOf({});
    expect([method, url.href, body]).toEqual(["POST", SETTING, undefined]);
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
    const keys = [await requestOf({}), await requestOf({}, { fence: 7, failures: 2 })];
    expect(keys.map(({ headers }) => headers.get("Idempotency-Key"))).toEqual([
      "incident-1:event-1:restart-host",
      "incident-1:event-1:restart-host",
    ]);
  });

  it("carries the token where there is one, and no Authorization where there is none", async () => {
    const spec = { token: "RUNNER_TOKEN" };
    expect((await requestOf(spec, {}, "s3cret")).headers.get("Authorization")).toBe("Bearer s3cret");
    expect((await requestOf(spec)).headers.get("Authorization")).toBeNull();
  });

  it.each(["Authorization", "authorization", "AUTHORIZATION", "Idempotency-Key", "idempotency-key"])(
    "nothing from the incident overrides %s",
    async (name) => {
      const spec = { token: "RUNNER_TOKEN", headers: () => ({ [name]: "from the incident" }) };
      const { headers } = await requestOf(spec, {}, "s3cret");
      expect(headers.get("Authorization")).toBe("Bearer s3cret");
      expect(headers.get("Idempotency-Key")).toBe("incident-1:event-1:restart-host");
    },
  );

  it("a body is JSON, whatever type the headers claim", async () => {
    const { headers } = await requestOf({ headers: () => ({ "content-type": "text/plain" }), body: () => null });
    expect(headers.get("Content-Type")).toBe("application/json");
  });

  it.each([
    ["a line break", "a\r\nX-Evil: 1", "a%0D%0AX-Evil: 1"],
    ["another script", "头铁", "%E5%A4%B4%E9%93%81"],
    ["half of a pair", "a\ud800b", "a%EF%BF%BDb"],
    ["an emoji", "🔥", "%F0%9F%94%A5"],
    ["a zero", "a\u0000b", "a%00b"],
    ["nothing unusual", "es.nj.01 ~ 100%", "es.nj.01 ~ 100%"],
  ])("a header with %s is encoded: it stays one header", async (_, value, expected) => {
    const { headers } = await requestOf({ headers: () => ({ "X-Title": value }) });
    expect(headers.get("X-Title")).toBe(expected);
    expect(headers.has("X-Evil")).toBe(false);
  });

  it("an id with unusual characters is still one Idempotency-Key", async () => {
    const { headers } = await requestOf({}, { event_id: "derived-头铁\n" });
    expect(headers.get("Idempotency-Key")).toBe("incident-1:derived-%E5%A4%B4%E9%93%81%0A:restart-host");
  });
});

describe("a path segment", () => {
  it.each([
    ["a/b", "a%2Fb"],
    ["../admin", "..%2Fadmin"],
    ["a?b=c", "a%3Fb%3Dc"],
    ["a#b", "a%23b"],
    ["a\\b", "a%5Cb"],
    ["%2e%2e", "%252e%252e"],
    ["//evil.example", "%2F%2Fevil.example"],
    ["@evil.example", "%40evil.example"],
    [".\t.", ".%09."],
    ["...", "..."],
    ["头铁", "%E5%A4%B4%E9%93%81"],
    ["\udc00", "%EF%BF%BD"],
  ])("%j is one segment: %s", async (segment, written) => {
    const { url } = await requestOf({ path: () => ["of", segment, "end"] });
    expect(url.href).toBe(`https://runner.example:8443/api/v1/jobs/of/${written}/end?team=7`);
  });

  it.each(["", ".", ".."])("%j would climb or vanish: the run fails, and nothing is called", async (segment) => {
    const { outcome, requests } = await tried({ path: () => ["of", segment] });
    expect(outcome).toEqual({ kind: "failed", reason: `"${segment}" cannot be a segment of the target's path` });
    expect(requests).toEqual([]);
  });
});

describe("nothing that a push says chooses the host", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.webUrl(),
    fc.constantFrom(
      "@",
      ":",
      "//evil.example",
      "\\\\evil.example",
      "..",
      ".",
      "%2e%2e",
      "%2E.",
      "\t..",
      "?",
      "#",
      "a@evil",
    ),
  );
  const name = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 8 });

  it("the address keeps its origin and its leading path, and has no user, password or fragment", async () => {
    const given = fc.record({
      path: fc.array(hostile, { maxLength: 4 }),
      query: fc.dictionary(name, hostile, { maxKeys: 3 }),
      header: hostile,
    });
    const property = fc.asyncProperty(given, async ({ path, query, header }) => {
      const spec = { path: () => path, query: () => query, headers: () => ({ "X-Any": header }), body: () => query };
      const { requests, outcome } = await tried(spec);
      const refused = path.some((segment) => ["", ".", ".."].includes(segment));
      expect([requests.length, outcome.kind]).toEqual(refused ? [0, "failed"] : [1, "succeeded"]);
      for (const { url, headers } of requests) {
        expect(url.origin).toBe("https://runner.example:8443");
        expect([url.username, url.password, url.hash]).toEqual(["", "", ""]);
        const segments = url.pathname.split("/").slice(1);
        expect(segments.slice(0, 3)).toEqual(["api", "v1", "jobs"]);
        expect(segments.slice(3).map(decodeURIComponent)).toEqual(path.map((segment) => segment.toWellFormed()));
        expect(headers.has("Host")).toBe(false);
      }
    });
    await fc.assert(property, { numRuns: 1_000 });
  });

  it("the query says what was given, and nothing beside it but the setting's own", async () => {
    const others = name.filter((one) => one !== "team");
    const property = fc.asyncProperty(fc.dictionary(others, hostile, { maxKeys: 4 }), async (query) => {
      const { url } = await requestOf({ query: () => query });
      const expected = Object.entries(query).map(([name, value]) => [name, value.toWellFormed()]);
      expect(Object.fromEntries(new URL(url.href).searchParams)).toEqual(
        Object.fromEntries([["team", "7"], ...expected]),
      );
    });
    await fc.assert(property, { numRuns: 500 });
  });
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
      const { outcome, requests } = await tried({}, OK, { params });
      expect(outcome).toEqual({ kind: "failed", reason: "the playbook no longer takes the parameters of this run" });
      expect(requests).toEqual([]);
    },
  );
});

describe("the query of the setting's own address", () => {
  it.each(["7", "8", ""])(
    "is not overridden: team=%s beside its team=7 fails the run, and nothing is called",
    async (team) => {
      const { outcome, requests } = await tried({ query: () => ({ before: "1", team, after: "2" }) });
      expect(outcome).toEqual({ kind: "failed", reason: 'the target\'s address has a "team" in its query already' });
      expect(requests).toEqual([]);
    },
  );

  it("is another name's where only the case differs", async () => {
    const { url } = await requestOf({ query: () => ({ Team: "8" }) });
    expect(url.search).toBe("?team=7&Team=8");
  });
});

const outcomeOf = async (status: number, retry_after: string | null = null) =>
  (await tried({}, { kind: "answered", status, retry_after, text: "not read" })).outcome;

describe("what the answer means", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ["Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  it.each([200, 201, 202, 204, 299])("%i: done", async (status) => {
    expect(await outcomeOf(status)).toEqual({ kind: "succeeded", summary: `the target answered ${status}` });
  });

  it.each([425, 429, 503])("%i: not now, and nothing was done", async (status) => {
    expect(await outcomeOf(status)).toEqual({ kind: "later", reason: `the target answered ${status}` });
  });

  it.each([408, 500, 502, 504])("%i: how far it came is not known", async (status) => {
    expect(await outcomeOf(status, "7")).toEqual({ kind: "unclear", reason: `the target answered ${status}` });
  });

  it.each([400, 401, 403, 404, 405, 409, 410, 413, 422, 501, 505])("%i: no", async (status) => {
    expect(await outcomeOf(status)).toEqual({ kind: "failed", reason: `the target answered ${status}` });
  });

  it.each([300, 301, 302, 303, 307, 308])("%i: no, for redirects are not followed", async (status) => {
    const reason = `the target answered ${status}: redirects are not followed`;
    expect(await outcomeOf(status)).toEqual({ kind: "failed", reason });
  });

  it("silence: what the target did is not known", async () => {
    const { outcome } = await tried({}, { kind: "silent", reason: "the target did not answer in time" });
    expect(outcome).toEqual({ kind: "unclear", reason: "the target did not answer in time" });
  });

  it("nothing sent: said as it is, for it may be tried again without fear", async () => {
    const not_sent: Answer = { kind: "not_sent", reason: "the attempt's time was up" };
    expect((await tried({}, not_sent)).outcome).toEqual({ kind: "not_sent", reason: "the attempt's time was up" });
    expect((await tried({ once: true }, not_sent)).outcome.kind).toBe("not_sent");
  });

  it.each([
    [null, undefined],
    ["0", 0],
    ["7", 7_000],
    [" 120 ", 120_000],
    ["999999999", 999_999_999_000],
    ["Thu, 01 Jan 2026 00:01:30 GMT", 90_000],
    ["Wed, 31 Dec 2025 23:59:59 GMT", 0],
    ["soon", undefined],
    ["", undefined],
  ])("Retry-After %j asks for a wait of %s ms", async (retry_after, after_ms) => {
    expect(await outcomeOf(429, retry_after)).toMatchObject({ kind: "later" });
    expect(await outcomeOf(429, retry_after)).toHaveProperty("after_ms", after_ms);
  });
});

describe("an action that makes a request", () => {
  it("cannot give a body to a GET, and says so when it is defined", () => {
    expect(() => actionOf({ method: "GET", body: () => null })).toThrow('"run a job": a GET has no body');
    expect(() => actionOf({ method: "GET" })).not.toThrow();
  });

  it.each(["POST", "PUT", "PATCH", "DELETE"] as const)("can give a body to a %s", async (method) => {
    expect((await requestOf({ method, body: () => "x" })).body).toBe('"x"');
  });

  it("is carried out as the playbook says, with defaults for the rest", () => {
    expect(actionOf({}).policy).toEqual({ once: false, attempts: 5, time_limit_ms: 10_000 });
    expect(actionOf({ once: true, attempts: 1 }).policy).toEqual({ once: true, attempts: 1, time_limit_ms: 10_000 });
  });

  it("needs the address, and the token only where it is set", () => {
    expect(actionOf({ token: "RUNNER_TOKEN" }).settings).toEqual([
      { name: "RUNNER_URL", kind: "url", required: true },
      { name: "RUNNER_TOKEN", kind: "secret", required: false },
    ]);
    expect(actionOf({}).settings).toHaveLength(1);
  });
});
