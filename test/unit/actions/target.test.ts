import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Asking, target, type TargetSpec } from "../../../src/actions/target.ts";
import type { Connector } from "../../../src/actions/connector.ts";
import type { Run } from "../../../src/domain/run.ts";
import type { Answer, OutgoingRequest } from "../../../src/runs/http.ts";
import { play } from "./play.ts";

const URL_SET = "https://runner.example:8443/api/v1/jobs?team=7";
const OK: Answer = { kind: "answered", status: 200, headers: new Headers(), text: "" };
const RUN_ID = "incident-1:event-1:restart-host";

interface Given {
  spec?: Partial<TargetSpec>;
  settings?: Record<string, string>;
  idempotency_key?: string;
}

/** What is called, until a request cannot be made. */
async function asked(asking: Partial<Asking>, given: Given = {}): Promise<OutgoingRequest[]> {
  const { spec = {}, settings = {}, idempotency_key = RUN_ID } = given;
  const requests: OutgoingRequest[] = [];
  const call = (request: OutgoingRequest) => {
    requests.push(request);
    return Promise.resolve(OK);
  };
  const { ask } = target("RUNNER", { token: "optional", ...spec });
  const answer = await ask(
    { settings: { RUNNER_URL: URL_SET, ...settings }, call, idempotency_key },
    { method: "POST", ...asking },
  );
  expect(answer).toBe(OK);
  return requests;
}

async function requestOf(asking: Partial<Asking>, given: Given = {}): Promise<OutgoingRequest> {
  const [request, ...others] = await asked(asking, given);
  if (request === undefined || others.length > 0) throw new Error("not one request");
  return request;
}

describe("the request", () => {
  it("goes to the address of the setting, with its path and query", async () => {
    const { method, url, body } = await requestOf({});
    expect([method, url.href, body]).toEqual(["POST", URL_SET, undefined]);
  });

  it.each(["GET", "POST", "PUT", "PATCH", "DELETE"] as const)("is a %s where it is to be one", async (method) => {
    expect((await requestOf({ method })).method).toBe(method);
  });

  it.each(["POST", "PUT", "PATCH", "DELETE"] as const)("a %s carries the attempt's Idempotency-Key", async (method) => {
    expect((await requestOf({ method })).headers.get("Idempotency-Key")).toBe(RUN_ID);
  });

  it("a GET carries none: it changes nothing", async () => {
    expect((await requestOf({ method: "GET" })).headers.has("Idempotency-Key")).toBe(false);
  });

  it("says who asks, whatever the headers claim, and that JSON is wanted, unless they want something else", async () => {
    const plain = (await requestOf({})).headers;
    expect([plain.get("User-Agent"), plain.get("Accept")]).toEqual(["flashduty-edge", "application/json"]);
    const headers = { "user-agent": "curl", accept: "application/vnd.github+json" };
    const own = (await requestOf({ headers })).headers;
    expect([own.get("User-Agent"), own.get("Accept")]).toEqual(["flashduty-edge", "application/vnd.github+json"]);
  });

  it("names the service of its prefix to go by", async () => {
    expect((await requestOf({})).through).toBe("RUNNER_VPC");
  });

  it("carries JSON, without what is undefined", async () => {
    const json = { host: "es.nj.01", dc: undefined, alerts: [1, null], nested: { on: true } };
    const { body, headers } = await requestOf({ json });
    expect(body).toBe('{"host":"es.nj.01","alerts":[1,null],"nested":{"on":true}}');
    expect(headers.get("Content-Type")).toBe("application/json");
  });

  it.each([null, false, 0, ""])("carries %j as JSON: it is a value too", async (json) => {
    expect((await requestOf({ json })).body).toBe(JSON.stringify(json));
  });

  it("carries no body, and claims none, where there is none", async () => {
    const { body, headers } = await requestOf({ json: undefined });
    expect([body, headers.get("Content-Type")]).toEqual([undefined, null]);
  });

  it("a body is JSON, whatever type the headers claim", async () => {
    const { headers } = await requestOf({ headers: { "content-type": "text/plain" }, json: null });
    expect(headers.get("Content-Type")).toBe("application/json");
  });

  it("a body of a kind of JSON is what the headers say", async () => {
    const patch = "application/strategic-merge-patch+json";
    const { headers } = await requestOf({ method: "PATCH", headers: { "Content-Type": patch }, json: {} });
    expect(headers.get("Content-Type")).toBe(patch);
  });

  it("a form is encoded, whatever type the headers claim", async () => {
    const form = { note: "a&b=c\r\n头铁 🔥", dc: "nj" };
    const { body, headers } = await requestOf({ form, headers: { "Content-Type": "text/plain" } });
    expect(headers.get("Content-Type")).toBe("application/x-www-form-urlencoded");
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual(form);
  });

  it.each([
    ["a line break", "a\r\nX-Evil: 1", "a%0D%0AX-Evil: 1"],
    ["another script", "头铁", "%E5%A4%B4%E9%93%81"],
    ["half of a pair", "a\ud800b", "a%EF%BF%BDb"],
    ["an emoji", "🔥", "%F0%9F%94%A5"],
    ["a zero", "a\u0000b", "a%00b"],
    ["nothing unusual", "es.nj.01 ~ 100%", "es.nj.01 ~ 100%"],
  ])("a header with %s is encoded: it stays one header", async (_, value, expected) => {
    const { headers } = await requestOf({ headers: { "X-Title": value } });
    expect(headers.get("X-Title")).toBe(expected);
    expect(headers.has("X-Evil")).toBe(false);
  });

  it("an id with unusual characters is still one Idempotency-Key", async () => {
    const { headers } = await requestOf({}, { idempotency_key: "incident-1:derived-头铁\n:restart-host" });
    expect(headers.get("Idempotency-Key")).toBe("incident-1:derived-%E5%A4%B4%E9%93%81%0A:restart-host");
  });
});

describe("an attempt at a run", () => {
  const server = target("RUNNER", { token: "optional" });
  const tells = async (run: Partial<Run>) => {
    const given: unknown[] = [];
    const connector: Connector<Record<string, never>> = {
      name: "Runner",
      settings: server.settings,
      repeatable: true,
      start: async (one) => {
        given.push(one);
        await server.ask(one, { method: "POST" });
        return { kind: "succeeded", summary: "" };
      },
    };
    const { asked } = await play(connector, () => ({ status: 200 }), {
      settings: { RUNNER_URL: URL_SET },
      deadline_at: 7,
      run,
    });
    return { given: given[0], key: asked[0]?.headers.get("Idempotency-Key") };
  };

  it.each([
    [0, RUN_ID],
    [1, `${RUN_ID}#2`],
    [2, `${RUN_ID}#3`],
  ])("after being started over %i times, by a person, goes by the key %s", async (round, idempotency_key) => {
    const { given, key } = await tells({ round });
    expect(given).toMatchObject({ run_id: RUN_ID, idempotency_key });
    expect(key).toBe(idempotency_key);
    expect((await tells({ round, may_have_acted: true, failures: 3 })).key).toBe(key);
  });

  it("is told when it is cut off, and when the last one ended of which it is not known what it did", async () => {
    expect((await tells({})).given).toMatchObject({ may_have_acted: false, unclear_at: null, deadline_at: 7 });
    const { given } = await tells({ may_have_acted: true, unclear_at: 5 });
    expect(given).toMatchObject({ may_have_acted: true, unclear_at: 5, deadline_at: 7 });
  });
});

describe("the credential", () => {
  const RUNNER_TOKEN = "s3cret-of-the-runner";
  const RUNNER_ACCESS = "the-id.access:the-secret";

  it("is carried where there is one; there is no Authorization where there is none", async () => {
    expect((await requestOf({}, { settings: { RUNNER_TOKEN } })).headers.get("Authorization")).toBe(
      `Bearer ${RUNNER_TOKEN}`,
    );
    expect((await requestOf({})).headers.get("Authorization")).toBeNull();
  });

  it("is carried as the system wants it", async () => {
    const spec = { authorize: (token: string) => ({ "X-Api-Key": token, "X-Kind": "key" }) };
    const { headers } = await requestOf({ method: "GET" }, { spec, settings: { RUNNER_TOKEN } });
    const carried = ["X-Api-Key", "X-Kind", "Authorization"].map((name) => headers.get(name));
    expect(carried).toEqual([RUNNER_TOKEN, "key", null]);
  });

  it("opens a door of Cloudflare Access as well, where that has one", async () => {
    const { headers } = await requestOf({}, { settings: { RUNNER_TOKEN, RUNNER_ACCESS } });
    const carried = ["CF-Access-Client-Id", "CF-Access-Client-Secret", "Authorization"].map((name) =>
      headers.get(name),
    );
    expect(carried).toEqual(["the-id.access", "the-secret", `Bearer ${RUNNER_TOKEN}`]);
    expect((await requestOf({})).headers.has("CF-Access-Client-Id")).toBe(false);
  });

  it.each([
    "Authorization",
    "authorization",
    "AUTHORIZATION",
    "Idempotency-Key",
    "idempotency-key",
    "CF-Access-Client-Id",
    "cf-access-client-secret",
  ])("nothing from the incident overrides %s", async (name) => {
    const settings = { RUNNER_TOKEN, RUNNER_ACCESS };
    const { headers } = await requestOf({ headers: { [name]: "from the incident" } }, { settings });
    expect(headers.get("Authorization")).toBe(`Bearer ${RUNNER_TOKEN}`);
    expect(headers.get("Idempotency-Key")).toBe(RUN_ID);
    expect(headers.get("CF-Access-Client-Id")).toBe("the-id.access");
    expect(headers.get("CF-Access-Client-Secret")).toBe("the-secret");
  });
});

describe("a path segment", () => {
  it.each([
    ["a?b=c", "a%3Fb%3Dc"],
    ["a#b", "a%23b"],
    ["%2e%2e", "%252e%252e"],
    ["@evil.example", "%40evil.example"],
    ["...", "..."],
    ["头铁", "%E5%A4%B4%E9%93%81"],
    ["\udc00", "%EF%BF%BD"],
  ])("%j is one segment: %s", async (segment, written) => {
    const { url } = await requestOf({ path: ["of", segment, "end"] });
    expect(url.href).toBe(`https://runner.example:8443/api/v1/jobs/of/${written}/end?team=7`);
  });

  it.each([
    ["https://runner.example", "https://runner.example/a/b"],
    ["https://runner.example/", "https://runner.example/a/b"],
    ["https://runner.example/rd/", "https://runner.example/rd/a/b"],
  ])("is appended to %s with one slash", async (RUNNER_URL, expected) => {
    expect((await requestOf({ path: ["a", "b"] }, { settings: { RUNNER_URL } })).url.href).toBe(expected);
  });

  it.each(["", ".", "..", "a\\b", "..\\admin", ".\t.", "a\nb", "a\u0000", "a\u0085b"])(
    "%j would climb or vanish: nothing is called, slashes or not",
    async (segment) => {
      const refused = `"${segment}" cannot be a segment of the target's path`;
      await expect(asked({ path: ["of", segment] })).rejects.toThrow(refused);
      await expect(asked({ path: ["of", segment], takes_slashes: true })).rejects.toThrow(refused);
    },
  );

  it.each([
    ["a/b", "a%2Fb"],
    ["../admin", "..%2Fadmin"],
    ["//evil.example", "%2F%2Fevil.example"],
    ["/", "%2F"],
  ])(
    "%j holds a slash, which many would read as theirs: only a target that does not is called",
    async (segment, written) => {
      const refused = `"${segment}" cannot be a segment of the target's path`;
      await expect(asked({ path: ["of", segment] })).rejects.toThrow(refused);
      const { url } = await requestOf({ path: ["of", segment], takes_slashes: true });
      expect(url.href).toBe(`https://runner.example:8443/api/v1/jobs/of/${written}?team=7`);
    },
  );
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
      takes_slashes: fc.boolean(),
      query: fc.dictionary(name, hostile, { maxKeys: 3 }),
      header: hostile,
    });
    const property = fc.asyncProperty(given, async ({ path, takes_slashes, query, header }) => {
      const called = asked({ path, takes_slashes, query, headers: { "X-Any": header }, json: query });
      const is_odd = (segment: string) =>
        ["", ".", ".."].includes(segment) || /[\\\p{Cc}]/u.test(segment) || (segment.includes("/") && !takes_slashes);
      if (path.some(is_odd)) {
        await expect(called).rejects.toThrow("cannot be a segment");
        return;
      }
      const requests = await called;
      expect(requests).toHaveLength(1);
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
      const { url } = await requestOf({ query });
      const expected = Object.entries(query).map(([name, value]) => [name, value.toWellFormed()]);
      expect(Object.fromEntries(new URL(url.href).searchParams)).toEqual(
        Object.fromEntries([["team", "7"], ...expected]),
      );
    });
    await fc.assert(property, { numRuns: 500 });
  });
});

describe("the query", () => {
  it("carries numbers and truth as they are written, a list as one after the other, and leaves out what is undefined", async () => {
    const query = { limit: 5, is_up: false, dc: undefined, match: ["a&b", "c"], none: [] };
    expect((await requestOf({ query })).url.search).toBe("?team=7&limit=5&is_up=false&match=a%26b&match=c");
  });

  it.each(["7", "8", ""])("of the setting's own address is not overridden: team=%s beside its team=7", async (team) => {
    const query = { before: "1", team, after: "2" };
    await expect(asked({ query })).rejects.toThrow('the target\'s address has a "team" in its query already');
  });

  it("is another name's where only the case differs", async () => {
    expect((await requestOf({ query: { Team: "8" } })).url.search).toBe("?team=7&Team=8");
  });
});

describe("the settings of a target", () => {
  it("share its prefix: address, credential, service token, service", () => {
    expect(target("RUNNER", { token: "required" }).settings).toEqual([
      { name: "RUNNER_URL", kind: "url", required: true, through: "RUNNER_VPC" },
      { name: "RUNNER_TOKEN", kind: "secret", required: true },
      { name: "RUNNER_ACCESS", kind: "secret", required: false },
      { name: "RUNNER_VPC", kind: "service", required: false },
    ]);
  });

  it("have what the system says: where it is, whether its address is a secret, whether it needs a credential", () => {
    const spec: TargetSpec = { url: "https://api.example", is_secret_url: true, token: "optional" };
    expect(target("RUNNER", spec).settings.slice(0, 2)).toEqual([
      { name: "RUNNER_URL", kind: "secret_url", required: true, through: "RUNNER_VPC", default: "https://api.example" },
      { name: "RUNNER_TOKEN", kind: "secret", required: false },
    ]);
  });
});

describe("the address of a page", () => {
  const { page } = target("RUNNER", { token: "optional" });

  it.each<[string, string[], string]>([
    ["https://runner.example/ci", [], "https://runner.example/ci"],
    ["https://runner.example/ci/", [], "https://runner.example/ci"],
    ["https://runner.example/ci/", ["job", "a b/ü?#"], "https://runner.example/ci/job/a%20b%2F%C3%BC%3F%23"],
    ["https://runner.example", ["\uD800"], "https://runner.example/%EF%BF%BD"],
  ])("of %s, %j below it: %s", (url, segments, address) => {
    expect(page({ settings: { RUNNER_URL: url } }, ...segments)).toBe(address);
  });
});
