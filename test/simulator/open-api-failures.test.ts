// What the stand-in counts, and how it fails: a client's quota and its retries are judged by it.

import { afterEach, describe, expect, test, vi } from "vitest";
import { Answer, app_key, ask, get, incident_id, page_id, requestFor, standIn, started_ms } from "./open-api-asking.ts";
import { serveOpenApi } from "./open-api-server.ts";
import { times } from "./open-api.ts";
import type { OpenApiServer } from "./open-api-server.ts";
import type { OpenApi } from "./open-api.ts";

/** How many of so many calls came to which status. */
async function statuses(api: OpenApi, count: number): Promise<Record<number, number>> {
  const counted: Record<number, number> = {};
  for (let number = 0; number < count; number += 1) {
    const { status } = await ask(api, "/member/info");
    counted[status] = (counted[status] ?? 0) + 1;
  }
  return counted;
}

describe("the limits", () => {
  test("50 in any second, by the given clock; those refused do not count", async () => {
    const { api, clock } = standIn();
    expect(await statuses(api, 25)).toEqual({ 200: 25 });
    clock.now_ms += 600;
    expect(await statuses(api, 27)).toEqual({ 200: 25, 429: 2 });
    clock.now_ms += 399;
    expect(await statuses(api, 1)).toEqual({ 429: 1 });
    clock.now_ms += 1;
    expect(await statuses(api, 26)).toEqual({ 200: 25, 429: 1 });
    expect((await ask(api, "/member/info")).error?.code).toBe("RequestTooFrequently");
    expect(api.violations).toEqual([]);
  });

  test("1,000 in any minute", async () => {
    const { api, clock } = standIn();
    for (let second = 0; second < 20; second += 1) {
      expect(await statuses(api, 50)).toEqual({ 200: 50 });
      clock.now_ms += 1_000;
    }
    expect(await statuses(api, 1)).toEqual({ 429: 1 });
    clock.now_ms = started_ms + 59_999;
    expect(await statuses(api, 1)).toEqual({ 429: 1 });
    clock.now_ms = started_ms + 60_000;
    expect(await statuses(api, 51)).toEqual({ 200: 50, 429: 1 });
  });

  test("none where they are switched off; a stranger's calls use up nothing", async () => {
    expect(await statuses(standIn({ limits: false }).api, 60)).toEqual({ 200: 60 });
    const { api } = standIn();
    for (let number = 0; number < 60; number += 1) await ask(api, "/member/info", {}, { key: "guessed" });
    expect(await statuses(api, 50)).toEqual({ 200: 50 });
  });
});

describe("what was asked", () => {
  test("each call is kept, without the key", async () => {
    const { api, clock } = standIn();
    await ask(api, "/incident/info", { incident_id });
    clock.now_ms += 10;
    await get(api, "/status-page/change/info", { page_id, change_id: 1 });
    await ask(api, "/member/info", {}, { text: "no json" });
    const info = {
      at_ms: started_ms,
      method: "POST",
      path: "/incident/info",
      query: {},
      body: { incident_id },
      status: 200,
    };
    expect(api.calls()).toEqual([
      info,
      {
        at_ms: started_ms + 10,
        method: "GET",
        path: "/status-page/change/info",
        query: { page_id: String(page_id), change_id: "1" },
        body: undefined,
        status: 400,
      },
      { ...info, at_ms: started_ms + 10, path: "/member/info", body: "no json", status: 400 },
    ]);
    expect(api.calls("/incident/info")).toEqual([info]);
    expect(JSON.stringify([api.calls(), api.violations])).not.toContain(app_key);
  });

  test.each([
    [[], 1_000, 0],
    [[0], 1_000, 1],
    [[0, 999], 1_000, 2],
    [[0, 1_000], 1_000, 1],
    [[0, 500, 1_000, 1_499], 1_000, 3],
    [[0, 0, 0, 5_000, 5_001], 1_000, 3],
    [[0, 900, 1_800, 2_700], 60_000, 4],
  ])("calls at %j: in %i ms there are %i at most", async (moments, window_ms, most) => {
    const { api, clock } = standIn();
    for (const moment of moments) {
      clock.now_ms = started_ms + moment;
      await ask(api, "/member/info");
    }
    expect(api.most_calls_within(window_ms)).toBe(most);
  });

  test("calls and behaviours are forgotten, what was written is not", async () => {
    const { api } = standIn();
    await ask(api, "/incident/comment", { incident_ids: [incident_id], comment: "x" });
    api.behave("*", { status: 500 });
    api.forget();
    expect(api.calls()).toEqual([]);
    expect((await ask(api, "/member/info")).status).toBe(200);
    expect(api.comments(incident_id)).toHaveLength(1);
  });
});

describe("failures on order", () => {
  const comment = { incident_ids: [incident_id], comment: "x" };

  test.each([
    [{ status: 500 }, 500, "InternalError"],
    [{ status: 503 }, 503, "ServiceUnavailable"],
    [{ status: 429 }, 429, "RequestTooFrequently"],
    [{ status: 403 }, 403, "AccessDenied"],
    [{ code: "AccessDenied" }, 200, "AccessDenied"],
    [{ code: "InternalError", status: 200 }, 200, "InternalError"],
    [{ code: "NoLicense", status: 400 }, 400, "NoLicense"],
  ] as const)("%j: nothing is written", async (behaviour, status, code) => {
    const { api } = standIn();
    api.behave("/incident/comment", behaviour);
    const answer = await ask(api, "/incident/comment", comment);
    expect([answer.status, answer.error?.code, answer.headers.get("Retry-After")]).toEqual([status, code, null]);
    expect(api.comments(incident_id)).toEqual([]);
    expect(api.calls().map((call) => call.status)).toEqual([status]);
    expect(api.violations).toEqual([]);
  });

  test("a proxy in between knows nothing of the envelope", async () => {
    const { api } = standIn();
    api.behave("/incident/comment", { status: 502 });
    const response = await api.answer(requestFor("/incident/comment", comment));
    expect([response.status, response.headers.get("Content-Type")]).toEqual([502, "text/html"]);
    expect(await response.text()).toMatch(/^<html>/);
  });

  test.each([[7], ["Sun, 12 Apr 2026 05:00:00 GMT"]])("429 with Retry-After: %s", async (retry_after) => {
    const { api } = standIn();
    api.behave("*", { status: 429, retry_after });
    expect((await ask(api, "/member/info")).headers.get("Retry-After")).toBe(String(retry_after));
  });

  test.each([
    ["the connection closes", { no_answer: "closes" }, 0, null],
    ["the connection closes, and it was done", { no_answer: "closes", done: true }, 1, null],
    ["an error is told, and it was done", { status: 500, done: true }, 1, 500],
  ] as const)("%s", async (_, behaviour, written, status) => {
    const { api } = standIn();
    api.behave("/incident/comment", behaviour);
    const answer = api.answer(requestFor("/incident/comment", comment));
    if (status === null) await expect(answer).rejects.toThrow("the connection ended without an answer");
    else expect((await answer).status).toBe(status);
    expect(api.comments(incident_id)).toHaveLength(written);
    expect(api.calls().map((call) => call.status)).toEqual([status]);
  });

  test.each([
    ["at once; nothing is done", {}, 0, false],
    ["later; nothing is done", {}, 0, true],
    ["later; it is done", { done: true }, 1, true],
  ] as const)("no answer until the caller gives up: %s", async (_, done, written, is_later) => {
    const { api } = standIn();
    const caller = new AbortController();
    api.behave("/incident/comment", { no_answer: "hangs", ...done });
    const answer = api.answer(new Request(requestFor("/incident/comment", comment), { signal: caller.signal }));
    const ended = expect(answer).rejects.toThrow("enough");
    if (is_later) await vi.waitFor(() => expect(api.calls()[0]?.body).toEqual(comment));
    caller.abort(new Error("enough"));
    await ended;
    expect(api.comments(incident_id)).toHaveLength(written);
    expect(api.calls().map(({ status }) => status)).toEqual([null]);
  });

  test("for the next calls, or until told otherwise; a path goes before every path", async () => {
    const { api } = standIn();
    const asked = async (path: string) => (await ask(api, path, { incident_id })).status;
    api.behave("*", { status: 500 });
    api.behave("/incident/info", ...times(2, { status: 503 }), {});
    const info = [await asked("/incident/info"), await asked("/incident/info"), await asked("/incident/info")];
    expect([...info, await asked("/incident/info")]).toEqual([503, 503, 200, 200]);
    expect([await asked("/member/info"), await asked("/member/info")]).toEqual([500, 500]);
    api.behave("*", {});
    expect(await asked("/member/info")).toBe(200);
  });
});

describe("on a port", () => {
  const open: OpenApiServer[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map(async (server) => server.close()));
  });

  async function served() {
    const { api } = standIn();
    const server = await serveOpenApi(api);
    open.push(server);
    const post = async (path: string, body: object) =>
      fetch(`${server.url}${path}?app_key=${app_key}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
    return { api, server, post };
  }

  test("a call comes as it was sent, and its answer as it was given", async () => {
    const { api, server, post } = await served();
    const answer = await post("/incident/comment", { incident_ids: [incident_id], comment: "häufig" });
    const { request_id } = Answer.parse(await answer.json());
    expect([answer.status, answer.headers.get("Flashcat-Request-Id")]).toEqual([200, request_id]);
    const query = new URLSearchParams({ app_key, page_id: String(page_id), type: "incident", status: "resolved" });
    const list = await fetch(`${server.url}/status-page/change/list?${query.toString()}`);
    expect(Answer.parse(await list.json()).data).toEqual({ items: [] });
    expect(api.comments(incident_id).map(({ comment }) => comment)).toEqual(["häufig"]);
    expect(api.violations).toEqual([]);
  });

  test("an answer is lost, and the next one is not", async () => {
    const { api, post } = await served();
    api.behave("/member/info", { no_answer: "closes" }, {});
    await expect(post("/member/info", {})).rejects.toThrow("fetch failed");
    expect((await post("/member/info", {})).status).toBe(200);
  });

  test("closing ends what hangs", async () => {
    const { api, server, post } = await served();
    api.behave("*", { no_answer: "hangs" });
    const hanging = expect(post("/member/info", {})).rejects.toThrow("fetch failed");
    await vi.waitFor(() => expect(api.calls()).toHaveLength(1));
    await server.close();
    await hanging;
  });
});
