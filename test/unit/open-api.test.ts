// The contract: Flashduty's OpenAPI description, https://docs.flashcat.cloud/en/flashduty/openapi (read in November 2026).
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type OpenApi, openApi, type Reply, type TakePlace } from "../../src/flashduty/open-api.ts";
import { caller } from "../../src/runs/http.ts";
import { hiding } from "../../src/secret.ts";

const APP_KEY = "an-app-key-0123456789";
const URL_SET = "https://api.flashcat.cloud";
const REQUEST_ID = "01HK8XQE3Z7JM2NTFQ00000001";
const INCIDENT = "69da451ef77b1b51f40e83ee";

/** One call, as Flashduty sees it. */
interface Called {
  method: string;
  address: string;
  query: Record<string, string>;
  type: string | null;
  body: unknown;
}

interface Circumstances {
  url?: string;
  takePlace?: TakePlace;
  deadline_at?: number;
}

/** The API, by the real way out, to a Flashduty that answers so. */
function apiTo(
  answer: () => Response | Promise<Response>,
  { url = URL_SET, takePlace = () => Promise.resolve(null), deadline_at = Date.now() + 10_000 }: Circumstances = {},
): { api: OpenApi; calls: Called[] } {
  const calls: Called[] = [];
  vi.mocked(globalThis.fetch).mockImplementation(async (input) => {
    const request = new Request(input);
    const { origin, pathname, searchParams } = new URL(request.url);
    const text = await request.text();
    const { method, headers } = request;
    const query = Object.fromEntries(searchParams);
    const body: unknown = text === "" ? null : JSON.parse(text);
    calls.push({ method, address: origin + pathname, query, type: headers.get("Content-Type"), body });
    return answer();
  });
  const call = caller({ deadline_at, services: {}, hide: hiding([APP_KEY]) });
  return { api: openApi({ url, app_key: APP_KEY }, call, takePlace), calls };
}

const json =
  (body: unknown, status = 200) =>
  () =>
    Response.json(body, { status });
const told = (data: unknown) => json({ request_id: REQUEST_ID, data });
const refusal = (code: string, status: number, message = "Failed on order.") =>
  json({ request_id: REQUEST_ID, error: { code, message } }, status);

beforeEach(() => {
  vi.spyOn(globalThis, "fetch");
});
afterEach(() => {
  vi.restoreAllMocks();
});

interface Case {
  name: string;
  call: (api: OpenApi) => Promise<Reply<unknown>>;
  method: "GET" | "POST";
  path: string;
  /** The query of a GET, the body of a POST. */
  sent: Record<string, unknown>;
  data: unknown;
  read: unknown;
}

const CHANGE = {
  change_id: 6294542004131,
  title: "Degraded",
  description: "…",
  status: "investigating",
  affected_components: [{ component_id: "01KC", status: "degraded", name: "web" }],
  updates: [{ status: "identified", description: "found", component_changes: null }, {}],
};
const component_changes = [{ component_id: "01KC", status: "partial_outage" as const }];

const calls: Case[] = [
  {
    name: "the incident as it is now",
    call: (api) => api.incident(INCIDENT),
    method: "POST",
    path: "/incident/info",
    sent: { incident_id: INCIDENT },
    data: { incident_id: INCIDENT, progress: "Processing", incident_severity: "Critical", num: "0E83EE" },
    read: { progress: "Processing" },
  },
  {
    name: "whose key it is",
    call: (api) => api.member(),
    method: "POST",
    path: "/member/info",
    sent: {},
    data: { account_id: 1, member_id: 2476444212131, member_name: "edge", email: "edge@example.com" },
    read: "2476444212131",
  },
  {
    name: "a comment, which triggers no webhook",
    call: (api) => api.comment(INCIDENT, "done: 头铁 🔥"),
    method: "POST",
    path: "/incident/comment",
    sent: { incident_ids: [INCIDENT], comment: "done: 头铁 🔥", mute_reply: true },
    data: null,
    read: null,
  },
  {
    name: "the newest comments",
    call: (api) => api.comments(INCIDENT),
    method: "POST",
    path: "/incident/feed",
    sent: { incident_id: INCIDENT, p: 1, limit: 100, asc: false, types: ["i_comm"] },
    data: {
      has_next_page: false,
      items: [{ type: "i_comm", detail: { comment: "one" } }, { detail: {} }, { detail: null }, {}],
    },
    read: ["one", "", "", ""],
  },
  {
    name: "a custom field",
    call: (api) => api.resetField(INCIDENT, "cpu_at_incident", 0.93),
    method: "POST",
    path: "/incident/field/reset",
    sent: { incident_id: INCIDENT, field_name: "cpu_at_incident", field_value: 0.93 },
    data: {},
    read: null,
  },
  {
    name: "a new entry of a status page",
    call: (api) =>
      api.createChange({
        page_id: 5750613685214,
        title: "Degraded",
        description: "…",
        status: "investigating",
        update: { description: "we look into it", component_changes },
        notify_subscribers: false,
      }),
    method: "POST",
    path: "/status-page/change/create",
    sent: {
      page_id: 5750613685214,
      title: "Degraded",
      description: "…",
      status: "investigating",
      type: "incident",
      updates: [{ description: "we look into it", component_changes }],
      notify_subscribers: false,
    },
    data: { change_id: 6294542004131, change_name: "Degraded" },
    read: { change_id: 6294542004131 },
  },
  {
    name: "an entry of its timeline",
    call: (api) =>
      api.addToTimeline({
        page_id: 5,
        change_id: 6,
        status: "resolved",
        description: "all is well",
        component_changes,
      }),
    method: "POST",
    path: "/status-page/change/timeline/create",
    sent: { page_id: 5, change_id: 6, status: "resolved", description: "all is well", component_changes },
    data: { update_id: "01KC" },
    read: null,
  },
  {
    name: "one entry of a status page",
    call: (api) => api.change(5750613685214, 6294542004131),
    method: "GET",
    path: "/status-page/change/info",
    sent: { page_id: "5750613685214", change_id: "6294542004131" },
    data: CHANGE,
    read: {
      change_id: 6294542004131,
      description: "…",
      status: "investigating",
      affected_components: [{ component_id: "01KC", status: "degraded" }],
      updates: [
        { status: "identified", description: "found", component_changes: [] },
        { status: "", description: "", component_changes: [] },
      ],
    },
  },
  {
    name: "the entries of a status page in a state",
    call: (api) => api.changes(5, "investigating"),
    method: "GET",
    path: "/status-page/change/list",
    sent: { page_id: "5", type: "incident", status: "investigating" },
    data: { items: [{ change_id: 6, affected_components: null }] },
    read: [{ change_id: 6, description: "", status: "", affected_components: [] }],
  },
  {
    name: "the entries since a time",
    call: (api) => api.changes(5, "monitoring", 1_775_972_145),
    method: "GET",
    path: "/status-page/change/list",
    sent: { page_id: "5", type: "incident", status: "monitoring", start_at_seconds: "1775972145" },
    data: { items: null },
    read: [],
  },
];

describe("a call of the Open API", () => {
  it.each(calls)("$name: $method $path", async ({ call, method, path, sent, data, read }) => {
    const { api, calls } = apiTo(told(data));
    expect(await call(api)).toMatchObject({ ok: true, data: read, request_id: REQUEST_ID });
    const is_post = method === "POST";
    expect(calls).toEqual([
      {
        method,
        address: URL_SET + path,
        query: { app_key: APP_KEY, ...(is_post ? {} : sent) },
        type: is_post ? "application/json" : null,
        body: is_post ? sent : null,
      },
    ]);
  });

  it.each([
    ["https://api.example/", "https://api.example/incident/info"],
    ["https://api.example/flashduty", "https://api.example/flashduty/incident/info"],
    ["http://localhost:4000/flashduty/?team=7", "http://localhost:4000/flashduty/incident/info"],
  ])("goes below the address of the setting: %s", async (url, address) => {
    const { api, calls } = apiTo(told(CHANGE), { url });
    await api.incident(INCIDENT);
    expect(calls.map((one) => one.address)).toEqual([address]);
    expect(calls[0]?.query["app_key"]).toBe(APP_KEY);
  });

  it("carries its key encoded", async () => {
    const app_key = "a&b=c#d/e+f?g h-0123";
    const { calls } = apiTo(told(null));
    const call = caller({ deadline_at: Date.now() + 10_000, services: {}, hide: (text) => text });
    await openApi({ url: URL_SET, app_key }, call, () => Promise.resolve(null)).comment(INCIDENT, "done");
    expect(calls).toMatchObject([{ address: `${URL_SET}/incident/comment`, query: { app_key } }]);
  });

  it("keeps what a team wrote from changing the call", async () => {
    const { api, calls } = apiTo(told(null));
    const comment = '"}],"mute_reply":false,\n{"';
    await api.comment(INCIDENT, comment);
    expect(calls[0]?.body).toEqual({ incident_ids: [INCIDENT], comment, mute_reply: true });
  });
});

describe("the quota", () => {
  it.each(calls)("is asked for a place first: $name", async ({ call, data }) => {
    const order: string[] = [];
    const takePlace = () => Promise.resolve(order.push("place") > 0 ? null : 0);
    const { api } = apiTo(
      () => {
        order.push("call");
        return told(data)();
      },
      { takePlace },
    );
    await call(api);
    expect(order).toEqual(["place", "call"]);
  });

  it.each(calls)("that is used up holds the call, and nothing is sent: $name", async ({ call, data }) => {
    const { api, calls } = apiTo(told(data), { takePlace: () => Promise.resolve(7_000) });
    const outcome = { kind: "held", reason: "Flashduty's quota is used up", after_ms: 7_000 };
    expect(await call(api)).toEqual({ ok: false, code: null, outcome });
    expect(calls).toEqual([]);
  });
});

/** Every documented error, with the status it comes with, and what an attempt comes to by it. */
const errors: [string, number, "failed" | "later" | "unclear"][] = [
  ["InvalidParameter", 400, "failed"],
  ["BadRequest", 400, "failed"],
  ["InvalidContentType", 400, "failed"],
  ["ResourceNotFound", 400, "failed"],
  ["NoLicense", 400, "failed"],
  ["ReferenceExist", 400, "failed"],
  ["Unauthorized", 401, "failed"],
  ["BalanceNotEnough", 402, "failed"],
  ["AccessDenied", 403, "failed"],
  ["RouteNotFound", 404, "failed"],
  ["MethodNotAllowed", 405, "failed"],
  ["UndonedOrderExist", 409, "failed"],
  ["EntityTooLarge", 413, "failed"],
  ["RequestVerifyRequired", 428, "failed"],
  ["DangerousOperation", 428, "failed"],
  ["RequestTooFrequently", 429, "later"],
  ["InternalError", 500, "unclear"],
  ["SomethingNewIn2030", 400, "failed"],
];

/** What a call comes to that is answered so. */
async function replyTo(answer: () => Response | Promise<Response>, given: Circumstances = {}): Promise<Reply<unknown>> {
  return apiTo(answer, given).api.incident(INCIDENT);
}

describe("an error of Flashduty", () => {
  it.each(errors)("%s, with status %i: %s, with the request's id", async (code, status, kind) => {
    const reason = `Flashduty refused: ${code}, Failed on order. (request ${REQUEST_ID})`;
    const after = kind === "later" ? { after_ms: 1_000 } : {};
    const reply = { ok: false, code, outcome: { kind, reason, ...after } };
    expect(await replyTo(refusal(code, status))).toEqual(reply);
  });

  it.each(errors)("%s inside a 200: as with its own status, whatever data come along", async (code, _, kind) => {
    const answer = json({ request_id: REQUEST_ID, data: { progress: "Closed" }, error: { code, message: "" } });
    const reason = `Flashduty refused: ${code} (request ${REQUEST_ID})`;
    expect(await replyTo(answer)).toMatchObject({ ok: false, code, outcome: { kind, reason } });
  });

  it.each([
    ["RequestLocked", 423],
    ["ServiceUnavailable", 503],
  ])("%s, with status %i: not now", async (code, status) => {
    expect(await replyTo(refusal(code, status))).toMatchObject({ code, outcome: { kind: "later" } });
  });

  it("says 200 characters of what it says", async () => {
    const reply = await replyTo(refusal("BadRequest", 400, "x".repeat(999)));
    const reason = `Flashduty refused: BadRequest, ${"x".repeat(200)} (request ${REQUEST_ID})`;
    expect(reply).toMatchObject({ outcome: { reason } });
  });

  it.each([{}, { request_id: null }, { request_id: 7 }])("names no request where there is none: %j", async (said) => {
    const reply = await replyTo(json({ ...said, error: { code: "BadRequest", message: null } }, 400));
    expect(reply).toMatchObject({ code: "BadRequest", outcome: { reason: "Flashduty refused: BadRequest" } });
  });
});

const page = (status: number) => () => new Response("<html>Bad Gateway", { status });

describe("an answer that is not as documented", () => {
  it.each<[string, () => Response, string, string]>([
    ["429 of a proxy", page(429), "later", "Flashduty answered 429"],
    ["429 with nothing in it", () => new Response(null, { status: 429 }), "later", "Flashduty answered 429"],
    [
      "429 with an envelope but no error",
      json({ request_id: "r-1" }, 429),
      "later",
      "Flashduty answered 429 (request r-1)",
    ],
    ["500 of a proxy", page(500), "unclear", "Flashduty answered 500"],
    ["502 of a proxy", page(502), "unclear", "Flashduty answered 502"],
    ["504 of a proxy", page(504), "unclear", "Flashduty answered 504"],
    ["403 of a firewall", page(403), "failed", "Flashduty answered 403"],
    ["a page", page(200), "unclear", "Flashduty answered 200, but not as documented"],
    ["nothing", () => new Response(""), "unclear", "Flashduty answered 200, but not as documented"],
    ["a list", json([]), "unclear", "Flashduty answered 200, but not as documented"],
    ["no data", json({ request_id: "r-1" }), "unclear", "Flashduty answered 200, but not as documented (request r-1)"],
    [
      "other data",
      told({ progress: 7 }),
      "unclear",
      `Flashduty answered 200, but not as documented (request ${REQUEST_ID})`,
    ],
    ["an error that is none", json({ error: "no" }, 400), "failed", "Flashduty answered 400"],
    [
      "a redirect",
      () => new Response(null, { status: 302, headers: { Location: "/login" } }),
      "failed",
      "Flashduty answered 302",
    ],
    [
      "500 though it tells data",
      json({ request_id: "r-1", data: { progress: "Closed" } }, 500),
      "unclear",
      "Flashduty answered 500 (request r-1)",
    ],
  ])("%s", async (_, answer, kind, reason) => {
    const after = kind === "later" ? { after_ms: 1_000 } : {};
    expect(await replyTo(answer)).toEqual({ ok: false, code: null, outcome: { kind, reason, ...after } });
  });

  it("silence: whether it was done is not known", async () => {
    const outcome = { kind: "unclear", reason: "Flashduty: the target could not be reached" };
    expect(await replyTo(() => Promise.reject(new TypeError("fetch failed")))).toEqual({
      ok: false,
      code: null,
      outcome,
    });
  });

  it("no time left: nothing was sent", async () => {
    const { api, calls } = apiTo(told(CHANGE), { deadline_at: Date.now() - 1 });
    const outcome = { kind: "not_sent", reason: "the attempt's time was up" };
    expect(await api.incident(INCIDENT)).toEqual({ ok: false, code: null, outcome });
    expect(calls).toEqual([]);
  });

  it("a status that says little of the incident is enough", async () => {
    const reply = await replyTo(told({ progress: "Closed", incident_severity: null }));
    expect(reply).toMatchObject({ ok: true, data: { progress: "Closed" } });
  });

  it.each([
    [7, "7"],
    [Number.MAX_SAFE_INTEGER, "9007199254740991"],
    ["18446744073709551615", "18446744073709551615"],
  ])("a member's id of 64 bits is read as text, however it is written: %j", async (member_id, data) => {
    expect(await apiTo(told({ member_id })).api.member()).toMatchObject({ ok: true, data });
  });

  it.each([
    {},
    { member_id: null },
    { member_id: "" },
    { member_id: "edge" },
    { member_id: 1.5 },
    { member_id: 2 ** 53 },
  ])("a member whose id is not sure is nobody: %j", async (said) => {
    const reply = await apiTo(told(said)).api.member();
    expect(reply).toMatchObject({ ok: false, outcome: { kind: "unclear" } });
  });

  const written = calls.filter(({ read }) => read === null);

  it.each(written)("a page for a call that brings no data back: it was not done for sure ($name)", async ({ call }) => {
    expect(await call(apiTo(page(200)).api)).toMatchObject({ ok: false, outcome: { kind: "unclear" } });
  });
});

describe("the key", () => {
  const echo = `no route for /incident/info?app_key=${APP_KEY}`;

  it.each<[string, () => Response | Promise<Response>]>([
    ["an error's message", refusal("BadRequest", 400, echo)],
    ["an error's code", refusal(echo, 400)],
    ["the request's id", json({ request_id: echo, error: { code: "BadRequest", message: "" } })],
    ["what is thrown", () => Promise.reject(new Error(echo))],
    ["an odd answer", json({ request_id: APP_KEY, data: echo })],
  ])("is in no reason, though %s quotes it", async (_, answer) => {
    const reply = await replyTo(answer);
    expect(reply.ok).toBe(false);
    expect(JSON.stringify(reply)).not.toContain(APP_KEY);
  });

  it("is in nothing that was read either", async () => {
    const { api } = apiTo(told({ items: [{ detail: { comment: echo } }] }));
    expect(await api.comments(INCIDENT)).toMatchObject({
      data: ["no route for /incident/info?app_key=(hidden)"],
    });
  });
});
