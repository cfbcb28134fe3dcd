// The design's table "Bad input", row by row: what is answered, and what is kept.
import "./unguarded.ts";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { entriesOf, entryView, eventView, incidentView, quarantineView, runView } from "./admin.ts";
import { chunked, endless } from "./endless.ts";
import { like } from "./like.ts";
import { linesOf, logged } from "./logged.ts";
import { fail, hang, incidentsWith, standIn } from "./platform.ts";
import {
  ACTION,
  ask,
  type Body,
  type Changes,
  eventBody,
  INCIDENT,
  kindOf,
  LISTED_SOURCE,
  newIncident,
  pressBody,
  problemOf,
  pushRequest,
  receiptOf,
} from "./push.ts";
import { fakeTarget, ok } from "./target.ts";
import { passTime, until } from "./until.ts";

const MIB = 1024 * 1024;

/** One row: what comes, and what must be said and kept of it. */
interface Row {
  path?: string;
  body?: (incident_id: string) => Body;
  headers?: Record<string, string | null>;
  method?: string;
  settings?: Changes;
  status: number;
  kind: string;
  /** The paths of the faults that are named. */
  errors?: string[];
  /** What a person must find in the detail. */
  says?: RegExp;
  kept?: boolean;
}

const NO_TOKEN = { Authorization: null };
const WRONG_TOKEN = { Authorization: "Bearer a-token-of-somebody-else" };
const ELSEWHERE = { "CF-Connecting-IP": "203.0.113.9" };
/** The span that each line is of. */
const TRACED = { trace_id: like(/^[0-9a-f]{32}$/), span_id: like(/^[0-9a-f]{16}$/) };
const THROUGH_WORKER = { "CF-Worker": "workers.example" };

const without = (body: object, field: string) =>
  Object.fromEntries(Object.entries(body).filter(([name]) => name !== field));
const withIncident = (incident: Record<string, unknown>) => (id: string) => eventBody(id, { incident });
const wrongToken = (headers: Row["headers"] & {}): Row => ({ headers, status: 401, kind: "wrong-token" });
const placeholders = (body: Row["body"] & {}): Row => ({ body, status: 400, kind: "placeholders", kept: true });
const badBody = (body: Row["body"] & {}, ...errors: string[]): Row => ({
  body,
  status: 400,
  kind: "bad-body",
  errors,
  kept: true,
});

const door: Record<string, Row> = {
  "no token": wrongToken(NO_TOKEN),
  "wrong token": wrongToken(WRONG_TOKEN),
  "the token in another scheme": wrongToken({ Authorization: `Basic ${env.WEBHOOK_TOKEN}` }),
  "the token with something behind it": wrongToken({ Authorization: `Bearer ${env.WEBHOOK_TOKEN}x` }),
  "the admin's token": wrongToken({ Authorization: `Bearer ${env.ADMIN_TOKEN}` }),
  "the previous token, when its time is over": wrongToken({ Authorization: "Bearer the-previous-token-of-tests" }),
  "wrong token at an unknown address": {
    path: "/webhooks/incidents",
    headers: WRONG_TOKEN,
    status: 401,
    kind: "wrong-token",
  },
  "unlisted source at an unknown address, no token": {
    path: "/webhooks/incidents",
    headers: { ...ELSEWHERE, ...NO_TOKEN },
    status: 403,
    kind: "unknown-source",
  },
  "unlisted source at an unknown address, right token": {
    path: "/webhooks/incidents?a=1",
    headers: ELSEWHERE,
    status: 403,
    kind: "unknown-source",
    kept: true,
  },
  "wrong token at an unknown action": {
    path: "/webhooks/action/nonsense",
    headers: WRONG_TOKEN,
    status: 401,
    kind: "wrong-token",
  },
  "unlisted source, no token": { headers: { ...ELSEWHERE, ...NO_TOKEN }, status: 403, kind: "unknown-source" },
  "unlisted source, wrong token": { headers: { ...ELSEWHERE, ...WRONG_TOKEN }, status: 403, kind: "unknown-source" },
  "unlisted source, right token": {
    headers: ELSEWHERE,
    status: 403,
    kind: "unknown-source",
    says: /203\.0\.113\.9.*ALLOWED_SOURCES/,
    kept: true,
  },
  "no source, right token": { headers: { "CF-Connecting-IP": null }, status: 403, kind: "unknown-source", kept: true },
  "a source that only X-Forwarded-For names": {
    headers: {
      ...ELSEWHERE,
      "X-Forwarded-For": LISTED_SOURCE,
      "X-Real-IP": LISTED_SOURCE,
      Forwarded: `for=${LISTED_SOURCE}`,
    },
    status: 403,
    kind: "unknown-source",
    kept: true,
  },
  "through another Worker, right token": {
    headers: THROUGH_WORKER,
    status: 403,
    kind: "through-worker",
    says: /workers\.example/,
    kept: true,
  },
  "through another Worker, no token": {
    headers: { ...THROUGH_WORKER, ...NO_TOKEN },
    status: 403,
    kind: "through-worker",
  },
  "through another Worker, even where sources are only reported": {
    headers: THROUGH_WORKER,
    settings: { SOURCE_CHECK: "report" },
    status: 403,
    kind: "through-worker",
    kept: true,
  },
  "no source, even where sources are only reported": {
    headers: { "CF-Connecting-IP": null },
    settings: { SOURCE_CHECK: "report" },
    status: 403,
    kind: "unknown-source",
    kept: true,
  },
  "wrong token, even where sources are only reported": {
    headers: { ...ELSEWHERE, ...WRONG_TOKEN },
    settings: { SOURCE_CHECK: "report" },
    status: 401,
    kind: "wrong-token",
  },
};

const form: Record<string, Row> = {
  ...Object.fromEntries(
    ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"].map((method): [string, Row] => [
      `method ${method}`,
      { method, body: () => null, status: 405, kind: "wrong-method", says: /POST/ },
    ]),
  ),
  "content type text": {
    headers: { "Content-Type": "text/plain" },
    status: 415,
    kind: "wrong-content-type",
    says: /text\/plain/,
  },
  "content type of a form": {
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    status: 415,
    kind: "wrong-content-type",
  },
  "content type that only begins like JSON": {
    headers: { "Content-Type": "application/json5" },
    status: 415,
    kind: "wrong-content-type",
  },
  "no content type": { headers: { "Content-Type": "" }, status: 415, kind: "wrong-content-type" },
  "a body of 1 MiB and a byte": {
    body: (id) => sized(id, MIB + 1),
    status: 413,
    kind: "too-large",
    says: /1048576/,
    kept: true,
  },
  "a body of fewer characters than 1 MiB, but more bytes": {
    body: withIncident({ title: "头".repeat(MIB / 2) }),
    status: 413,
    kind: "too-large",
    kept: true,
  },
  "a body whose Content-Length lies": {
    body: (id) => sized(id, MIB + 1),
    headers: { "Content-Length": "10" },
    status: 413,
    kind: "too-large",
    kept: true,
  },
  "a body of 1 MiB and a byte, in many small chunks": {
    body: (id) => chunked(sized(id, MIB + 1), 1_000),
    status: 413,
    kind: "too-large",
    says: /1048576/,
    kept: true,
  },
  "a body that breaks off far behind 1 MiB": {
    body: (id) => chunked(sized(id, MIB + 64 * 1024), 1_000, true),
    status: 413,
    kind: "too-large",
    kept: true,
  },
  "another method at an unknown address": {
    path: "/webhooks/incidents",
    method: "GET",
    body: () => null,
    status: 405,
    kind: "wrong-method",
  },
  "another content type at an unknown address": {
    path: "/webhooks/incidents",
    headers: { "Content-Type": "text/plain" },
    status: 415,
    kind: "wrong-content-type",
  },
  "a body without end and Content-Length": { body: () => endless().stream, status: 413, kind: "too-large", kept: true },
};

const body: Record<string, Row> = {
  "an empty body": badBody(() => "", ""),
  "no body at all": { ...badBody(() => null, ""), path: `${INCIDENT}?no-body`, method: "POST" },
  "a stream that is empty": { ...badBody(() => chunked("", 1), ""), path: `${INCIDENT}?empty-stream` },
  "a body that breaks off at once": { ...badBody(() => chunked("", 1, true), ""), path: `${INCIDENT}?at-once` },
  "a body that breaks off": {
    ...badBody((id) => chunked(JSON.stringify(eventBody(id)).slice(0, 100), 7, true), ""),
    path: `${INCIDENT}?early`,
  },
  "a body that breaks off behind its end": {
    ...badBody((id) => chunked(JSON.stringify(eventBody(id)), 1_000, true), ""),
    path: `${INCIDENT}?late`,
  },
  "no JSON": badBody(() => "<push/>", ""),
  "JSON cut off": badBody((id) => JSON.stringify(eventBody(id)).slice(0, -1), ""),
  "invalid UTF-8": badBody((id) => latin1(id), ""),
  "a list": badBody(() => "[]", ""),
  null: badBody(() => "null", ""),
  "an empty object": badBody(() => "{}", "event_type", "incident"),
  "lists in each other without end": badBody(
    (id) => JSON.stringify({ ...eventBody(id), deep: 0 }).replace(/0}$/, `${"[".repeat(5_000)}${"]".repeat(5_000)}}`),
    "",
  ),
  "no incident": badBody((id) => without(eventBody(id), "incident"), "incident"),
  "no incident id": badBody(withIncident({ incident_id: null }), "incident.incident_id"),
  "an incident id with a colon": badBody(withIncident({ incident_id: "a:b" }), "incident.incident_id"),
  "an incident id with a blank": badBody(withIncident({ incident_id: "a b" }), "incident.incident_id"),
  "an empty incident id": badBody(withIncident({ incident_id: "" }), "incident.incident_id"),
  "an incident id that is a dot": badBody(withIncident({ incident_id: "." }), "incident.incident_id"),
  "an incident id that is two dots": badBody(withIncident({ incident_id: ".." }), "incident.incident_id"),
  "an event id that is a dot": badBody((id) => eventBody(id, { event_id: "." }), "event_id"),
  "an incident id without an end": badBody(withIncident({ incident_id: "a".repeat(129) }), "incident.incident_id"),
  "no event type": badBody((id) => without(eventBody(id), "event_type"), "event_type"),
  "an empty event type": badBody((id) => eventBody(id, { event_type: "" }), "event_type"),
  "neither event id nor time": badBody((id) => ({ event_type: "i_new", incident: { incident_id: id } }), "event_id"),
  "no event id, and a time of 0": badBody(
    (id) => ({ ...without(eventBody(id), "event_id"), event_time: 0 }),
    "event_id",
  ),
  "an empty event id, and a time before all times": badBody(
    (id) => ({ ...eventBody(id), event_id: "", event_time: -1 }),
    "event_id",
  ),
  "an event id that is no text": badBody((id) => ({ ...eventBody(id), event_id: 5 }), "event_id"),
  "a time as text": badBody((id) => ({ ...eventBody(id), event_time: "yesterday" }), "event_time"),
  "a person as text": badBody((id) => ({ ...eventBody(id), person: "zhangsan" }), "person"),
  "labels as a list": badBody(withIncident({ labels: ["a"] }), "incident.labels"),
  "a label that is no text": badBody(withIncident({ labels: { host: 5 } }), "incident.labels.host"),
  "responders as a map": badBody(withIncident({ responders: {} }), "incident.responders"),
  "several faults at once": badBody(
    withIncident({ title: 5, alerts: [{}, { labels: { a: 1 } }] }),
    "incident.title",
    "incident.alerts.1.labels.a",
  ),
  "a placeholder for a whole value": {
    body: withIncident({ title: "{{incident.title}}" }),
    status: 400,
    kind: "placeholders",
    says: /custom request body/,
    kept: true,
  },
  "a placeholder in a text": placeholders(withIncident({ title: "about {{ incident.title }}" })),
  "a placeholder for the id": placeholders(() => eventBody("{{incident.incident_id}}")),
  "a placeholder under a name of the team's own": placeholders((id) => ({ ...eventBody(id), mine: "{{whatever}}" })),
};

const PRESS = { body: (id: string) => pressBody(id), path: ACTION };
const action: Record<string, Row> = {
  "an unknown action": {
    ...PRESS,
    path: "/webhooks/action/restart-hosts",
    status: 404,
    kind: "unknown-action",
    says: /"restart-hosts".*There is: restart-host, .*\./,
    kept: true,
  },
  ...Object.fromEntries(
    ["__proto__", "constructor", "toString", "%2e%2e%2f", "Restart-Host"].map((name): [string, Row] => [
      `the unknown action ${name}`,
      {
        ...PRESS,
        path: `/webhooks/action/${name}`,
        status: 404,
        kind: "unknown-action",
        says: /restart-host/,
        kept: true,
      },
    ]),
  ),
  "an unknown action, and no JSON": {
    path: "/webhooks/action/nonsense",
    body: () => "{",
    status: 404,
    kind: "unknown-action",
    kept: true,
  },
  "a query parameter of the wrong form": {
    ...PRESS,
    path: `${ACTION}?dc=../../etc`,
    status: 400,
    kind: "bad-params",
    errors: ["query.dc"],
    kept: true,
  },
  ...Object.fromEntries(
    [
      ["with two values", "dc=nj&dc=sh", "query.dc"],
      ["with one value", "dc=nj&dc=nj", "query.dc"],
      ["between others", "dc=nj&host=a&dc=nj", "query.dc"],
      ["that the action does not know", "host=a&host=b", "query.host"],
      ["that every object has", "__proto__=a&__proto__=b", "query.__proto__"],
    ].map(([which = "", query = "", fault = ""]): [string, Row] => [
      `a query parameter given twice, ${which}`,
      { ...PRESS, path: `${ACTION}?${query}`, status: 400, kind: "bad-params", errors: [fault], kept: true },
    ]),
  ),
  "two query parameters given twice": {
    ...PRESS,
    path: `${ACTION}?dc=nj&a=1&dc=sh&a=2`,
    status: 400,
    kind: "bad-params",
    errors: ["query.dc", "query.a"],
    kept: true,
  },
  "a query parameter that every object has": {
    ...PRESS,
    path: `${ACTION}?__proto__=a`,
    status: 400,
    kind: "bad-params",
    errors: ["query"],
    kept: true,
  },
  "a query parameter that the action does not know": {
    ...PRESS,
    path: `${ACTION}?host=db-1`,
    status: 400,
    kind: "bad-params",
    errors: ["query"],
    kept: true,
  },
  "an event at an action's address": {
    path: ACTION,
    status: 400,
    kind: "not-a-press",
    says: /i_new.*\/webhooks\/incident/,
    kept: true,
  },
};

const address: Record<string, Row> = {
  ...Object.fromEntries(
    [
      "/webhooks",
      "/webhooks/",
      "/webhooks/incidents",
      "/webhooks/incident/",
      "/webhooks/incident/more",
      "/webhooks/Incident?a=1",
      "/webhooks/action",
      "/webhooks/action/",
      "/webhooks/action/restart-host/",
      "/webhooks/action/restart-host/more?dc=nj",
    ].map((path): [string, Row] => [
      path,
      {
        ...PRESS,
        path,
        status: 404,
        kind: "unknown-address",
        says: /\/webhooks\/incident and \/webhooks\/action\/<name>/,
        kept: true,
      },
    ]),
  ),
  "no JSON": { path: "/webhooks/incidents", body: () => "{", status: 404, kind: "unknown-address", kept: true },
  "what is too large": {
    path: "/webhooks/incidents",
    body: (id) => sized(id, MIB + 1),
    status: 404,
    kind: "unknown-address",
    kept: true,
  },
};

describe.each<[string, Record<string, Row>]>([
  ["the door", door],
  ["form", form],
  ["the body", body],
  ["an action", action],
  ["an address that is none", address],
])("%s", (_, rows) => {
  it.each(Object.entries(rows))("refuses %s", async (_name, row) => {
    const incident_id = newIncident();
    const before = await quarantined();
    const sent = row.body?.(incident_id) ?? (row.method === undefined ? eventBody(incident_id) : null);
    const request = pushRequest(row.path ?? INCIDENT, sent, row.headers, row.method);
    const { pathname: path, search } = new URL(request.url);
    const source = request.headers.get("CF-Connecting-IP") ?? "";
    const { response, done } = await ask(request, row.settings);
    const problem = await problemOf(response);
    await done();
    expect({ status: response.status, kind: kindOf(problem) }).toEqual({ status: row.status, kind: row.kind });
    expect(problem.errors?.map(({ path }) => path)).toEqual(row.errors);
    expect(problem.detail).toMatch(row.says ?? /./);
    const added = (await quarantined()).filter(
      ({ id, times }) => !before.some((one) => one.id === id && one.times === times),
    );
    expect(added.map(({ why }) => why.replaceAll("_", "-"))).toEqual(row.kept === true ? [row.kind] : []);
    expect(problem.kept).toBe(added[0]?.id);
    const faults = problem.errors?.map(({ path, message }) => `${path || "the body"} ${message}`);
    for (const one of added)
      expect(one).toMatchObject({
        detail: faults?.join("; ") ?? problem.detail,
        path_and_query: path + search,
        source,
        times: 1,
      });
    const [what, result] = ["push.refused", row.kind.replaceAll("-", "_")];
    const line = { what, result, status: row.status, source, path, ...(row.kept === true && { kept: problem.kept }) };
    const took_ms = linesOf(what)[0]?.["took_ms"];
    expect(linesOf(what)).toEqual([{ ...TRACED, ...line, took_ms }]);
    expect(took_ms).toBeGreaterThanOrEqual(0);
    expect(await env.INCIDENT.getByName(incident_id).show()).toBeNull();
    expect(JSON.stringify([problem, logged()])).not.toContain(env.WEBHOOK_TOKEN);
  });
});

/** Pushes what breaks off; the problem, and what is kept of it. */
async function breakOff(how: string, came: string | Uint8Array, bytes: number) {
  const { response, done } = await ask(
    pushRequest(`${INCIDENT}?broken-off=${how.replaceAll(" ", "-")}`, chunked(came, bytes, true)),
  );
  const problem = await problemOf(response);
  await done();
  return { problem, row: await entryView(problem.kept ?? "") };
}

describe("a refusal", () => {
  it("keeps what came, where it came to, from whom and why, and counts what comes again", async () => {
    const sent = `{"event_type":"i_new","incident":{"title":5,"impact":"头 ${newIncident()}"}}`;
    const request = () => pushRequest(`${INCIDENT}?a=1`, sent);
    await (await ask(request())).done();
    await (await ask(request())).done();
    const kept = await entriesOf(sent);
    expect(kept).toMatchObject([
      { why: "bad_body", path_and_query: `${INCIDENT}?a=1`, source: LISTED_SOURCE, times: 2 },
    ]);
    expect(kept[0]?.detail).toBe(
      "incident.incident_id Invalid input: expected string, received undefined; incident.title Invalid input: expected string, received number",
    );
  });

  it("keeps the head of what is too large, and reads no more of it than it must", async () => {
    const sent = endless();
    const { response, done } = await ask(pushRequest(INCIDENT, sent.stream));
    const { kept } = await problemOf(response);
    await done();
    const row = await entryView(kept ?? "");
    expect([row.body_length, row.body === "a".repeat(64 * 1024)]).toEqual([64 * 1024, true]);
    expect(sent.told.isLeft).toBe(true);
    expect(sent.told.read).toBeLessThan(2 * MIB);
  });

  const BROKEN_OFF: [string, string | Uint8Array, number][] = [
    ["at once", "", 7],
    ["after a few bytes", '{"event_id":"a"', 7],
    ["after a usual push", JSON.stringify(eventBody("broken-off")), 1_000],
    ["within a character", new TextEncoder().encode('{"title":"头').slice(0, -1), 5],
    ["after some time", `{"title":"${"a".repeat(50_000)}`, 1_000],
    ["after 1 MiB", sized("broken-off", MIB), 1_000],
  ];

  it.each(BROKEN_OFF)("says that a body broke off %s", async (how, came, bytes) => {
    const { problem, row } = await breakOff(how, came, bytes);
    expect([problem.status, kindOf(problem)]).toEqual([400, "bad-body"]);
    expect(problem.errors).toEqual([{ path: "", message: "was cut off before its end" }]);
    expect(row).toMatchObject({ why: "bad_body", detail: "the body was cut off before its end" });
  });

  it.each(BROKEN_OFF)("keeps what came of a body that broke off %s", async (how, came, bytes) => {
    const { row } = await breakOff(how, came, bytes);
    const text = typeof came === "string" ? came : new TextDecoder().decode(came);
    expect([row.body.length, row.body === text]).toEqual([text.length, true]);
  });

  it("names each query parameter that is given more than once", async () => {
    const path = `${ACTION}?dc=nj&a=1&dc=sh&a=2`;
    const { response, done } = await ask(pushRequest(path, pressBody(newIncident())));
    const problem = await problemOf(response);
    await done();
    const message = "is given more than once";
    expect(problem.errors).toEqual(["query.dc", "query.a"].map((path) => ({ path, message })));
    const [row] = (await quarantined()).filter(({ id }) => id === problem.kept);
    expect(row?.detail).toBe(`query.dc ${message}; query.a ${message}`);
    expect(row?.path_and_query).toBe(path);
  });

  it.each([
    [401, { headers: NO_TOKEN, method: "POST" }, "WWW-Authenticate", /^Bearer/],
    [405, { headers: {}, method: "GET" }, "Allow", /^POST$/],
  ])("with %i carries the header that goes with it", async (status, { headers, method }, name, value) => {
    const { response } = await ask(pushRequest(INCIDENT, method === "GET" ? null : "{}", headers, method));
    expect(response.status).toBe(status);
    expect(response.headers.get(name)).toMatch(value);
  });

  it("for a wrong token leaves a line in the log, by which it is counted", async () => {
    await ask(pushRequest(INCIDENT, "{}", WRONG_TOKEN));
    expect(linesOf("push.refused")).toMatchObject([
      { result: "wrong_token", status: 401, source: LISTED_SOURCE, path: INCIDENT },
    ]);
  });

  it.each([
    ["fails", fail],
    ["hangs", hang],
  ])("is still answered when the quarantine %s", async (_, run) => {
    const DB = standIn(env.DB, { prepare: () => ({ bind: () => ({ run }) }) });
    const asked = ask(pushRequest(INCIDENT, "{"), { DB });
    if (run === hang) await passTime(300);
    const problem = await problemOf((await asked).response);
    expect(problem).toMatchObject({ status: 400 });
    expect(problem.kept).toBeUndefined();
  });
});

const MUCH = `{"event_id":"event-1","event_type":"i_new","event_time":1,"incident":{"incident_id":"ID","alerts":[]},"much":0}`;
const listOf = (count: number, item: string) => `[${Array.from({ length: count }, () => item).join(",")}]`;
const inEachOther = (times: number) => "[".repeat(times) + "]".repeat(times);
/** Of lists and maps the push has three itself, and of commas five. */
const withMuch = (much: string) => (id: string) => MUCH.replace("ID", id).replace('"much":0', `"much":${much}`);
const withAlerts = (alerts: string) => (id: string) => MUCH.replace("ID", id).replace("[]", alerts);

describe("a body that holds more than can be walked through", () => {
  it.each<[string, (id: string) => string, string]>([
    ["349,000 alerts without anything", withAlerts(listOf(349_000, "{}")), "holds more than 10000 lists and maps"],
    ["200,000 alerts that are none", withAlerts(listOf(200_000, "0")), "holds more than 50000 values"],
    ["101 lists in each other", withMuch(inEachOther(100)), "is nested deeper than 100 times"],
    ["half a million lists in each other", withMuch(inEachOther(500_000)), "is nested deeper than 100 times"],
    ["one list too many", withMuch(listOf(9_997, "[]")), "holds more than 10000 lists and maps"],
    ["one value too many", withMuch(listOf(49_997, "0")), "holds more than 50000 values"],
    ["half a million labels", withMuch(`{${'"":0,'.repeat(200_000)}"":0}`), "holds more than 50000 values"],
    ["101 maps in each other, never closed", () => '{"a":'.repeat(101), "is nested deeper than 100 times"],
  ])("%s, gets 400 that says so, and is kept", async (_, body, message) => {
    const incident_id = newIncident();
    const sent = body(incident_id);
    expect(sent.length).toBeLessThanOrEqual(MIB);
    const { response, done } = await ask(pushRequest(INCIDENT, sent));
    const problem = await problemOf(response);
    await done();
    expect([problem.status, kindOf(problem)]).toEqual([400, "bad-body"]);
    expect(problem.errors).toEqual([{ path: "", message }]);
    const row = await entryView(problem.kept ?? "");
    expect([row.detail, row.body === sent]).toEqual([`the body ${message}`, true]);
    expect(await env.INCIDENT.getByName(incident_id).show()).toBeNull();
  });

  it.each<[string, (id: string) => string]>([
    ["99 lists in each other and its own", withMuch(inEachOther(99))],
    ["10,000 lists and maps", withMuch(listOf(9_996, "[]"))],
    ["50,000 commas", withMuch(listOf(49_996, "0"))],
    ["a text full of marks", withMuch(JSON.stringify('[{,\\"'.repeat(100_000)))],
  ])("is not one of %s: it is taken", async (_, body) => {
    const incident_id = newIncident();
    const { response } = await ask(pushRequest(INCIDENT, body(incident_id)));
    expect(await receiptOf(response)).toMatchObject({ result: "accepted", incident_id });
  });
});

describe("let in is", () => {
  it.each<[string, Row["headers"], Changes]>([
    ["the token while it is being changed", {}, { WEBHOOK_TOKEN_PREVIOUS: "the-previous-token-of-tests" }],
    [
      "the previous token, as long as it is set",
      { Authorization: "Bearer the-previous-token-of-tests" },
      { WEBHOOK_TOKEN_PREVIOUS: "the-previous-token-of-tests" },
    ],
    ["an unlisted source where sources are only reported", ELSEWHERE, { SOURCE_CHECK: "report" }],
    [
      "a source in a block of IPv6",
      { "CF-Connecting-IP": "2001:db8::7" },
      { ALLOWED_SOURCES: "203.0.113.0/24, 2001:db8::/32" },
    ],
    ["JSON with a charset", { "Content-Type": "application/json; charset=utf-8" }, {}],
  ])("%s", async (_, headers, settings) => {
    const incident_id = newIncident();
    const { response } = await ask(pushRequest(INCIDENT, eventBody(incident_id), headers), settings);
    expect(await receiptOf(response)).toMatchObject({ result: "accepted", incident_id });
  });

  it.each<[string, (text: string) => Body]>([
    ["", (text) => text],
    [", in chunks of 1,000 bytes", (text) => chunked(text, 1_000)],
    [", in chunks of 16 KiB", (text) => chunked(text, 16 * 1024)],
    [", in chunks of 16 KiB and a byte", (text) => chunked(text, 16 * 1024 + 1)],
    [", in one chunk", (text) => chunked(text, MIB)],
  ])("a body of exactly 1 MiB%s", async (_, body) => {
    const incident_id = newIncident();
    const sent = sized(incident_id, MIB);
    const { response } = await ask(pushRequest(INCIDENT, body(sent)));
    expect(await receiptOf(response)).toMatchObject({ result: "accepted", incident_id });
    const kept = (await eventView(incident_id, "event-1")).body;
    expect([new TextEncoder().encode(kept).byteLength, kept === sent]).toEqual([MIB, true]);
  });

  it.each([1, 2, 3, 1_000, 16 * 1024 - 1])("a body in chunks of %i bytes, byte for byte", async (bytes) => {
    const incident_id = newIncident();
    const sent = JSON.stringify(eventBody(incident_id, { incident: { title: "头👩‍💻é".repeat(3_000) } }));
    const { response } = await ask(pushRequest(INCIDENT, chunked(sent, bytes)));
    expect(await receiptOf(response)).toMatchObject({ result: "accepted", incident_id });
    expect((await eventView(incident_id, "event-1")).body === sent).toBe(true);
  });

  it.each([
    ["one text", (title: string) => ({ title })],
    ["escapes", (title: string) => ({ title: title.replaceAll("a", "\n").slice(0, title.length / 2) })],
    [
      "labels",
      (title: string) => ({
        labels: Object.fromEntries(Array.from(title.slice(0, 40_000), (_, n) => [n, title.slice(0, 14)])),
      }),
    ],
  ])("a body of nearly 1 MiB that is nearly all %s", async (_, incident) => {
    const incident_id = newIncident();
    const body = eventBody(incident_id, { incident: incident("a".repeat(MIB - 8 * 1024)) });
    const { response } = await ask(pushRequest(INCIDENT, body));
    expect(await receiptOf(response)).toMatchObject({ result: "accepted", incident_id });
  });

  it("an unlisted source that is only reported, with a line in the log that names it", async () => {
    await ask(pushRequest(INCIDENT, eventBody(newIncident()), ELSEWHERE), { SOURCE_CHECK: "report" });
    expect(linesOf("source.unlisted")).toMatchObject([{ source: ELSEWHERE["CF-Connecting-IP"] }]);
  });
});

describe("a press that cannot be carried out", () => {
  const no_host = { labels: { cluster: "nj" } };
  const secret_url = "https://user:a-password-in-an-address@runner.example/";

  it.each<[string, Changes, Record<string, unknown>, string, RegExp]>([
    [
      "settings are missing",
      { RESTART_HOST_URL: "" },
      {},
      "failed",
      /RESTART_HOST_URL is missing.*wrangler secret put RESTART_HOST_URL/,
    ],
    [
      "its address is not safe",
      { RESTART_HOST_URL: "http://runner.example/" },
      {},
      "failed",
      /RESTART_HOST_URL must be an https/,
    ],
    ["its address carries a password", { RESTART_HOST_URL: secret_url }, {}, "failed", /RESTART_HOST_URL/],
    ["the host's label is missing", {}, no_host, "skipped", /label `resource` is missing/],
    ["the host's label is blank", {}, { labels: { resource: " " } }, "skipped", /label `resource` is missing/],
    ["the incident was made by hand", {}, { labels: null, alerts: null }, "skipped", /label `resource` is missing/],
  ])("as %s is answered with 422, and its run recorded", async (_, settings, incident, state, reason) => {
    const incident_id = newIncident();
    const before = await quarantined();
    const { response, done } = await ask(pushRequest(ACTION, pressBody(incident_id, { incident })), settings);
    const problem = await problemOf(response);
    await done();
    const run_id = `${incident_id}:press-1:restart-host`;
    expect(problem).toMatchObject({ status: 422, run_id });
    expect(problem.detail).toMatch(reason);
    expect(kindOf(problem)).toBe("cannot-run");
    expect(await runView(run_id)).toMatchObject({ state, due_at: null, reason: problem.detail });
    expect(await quarantined()).toEqual(before);
    expect(JSON.stringify([problem, logged()])).not.toContain("a-password-in-an-address");
  });

  it("is answered in the same way when it comes again", async () => {
    const press = pressBody(newIncident(), { incident: no_host });
    const first = await problemOf((await ask(pushRequest(ACTION, press))).response);
    const again = await problemOf((await ask(pushRequest(ACTION, press))).response);
    expect(again).toEqual(first);
    expect(again.status).toBe(422);
  });

  it("is answered in the same way when it comes again after its setting is there: nothing was or will be done", async () => {
    const incident_id = newIncident();
    const calls = fakeTarget(incident_id, ok);
    const press = pressBody(incident_id);
    const missing = await ask(pushRequest(ACTION, press), { RESTART_HOST_URL: "" });
    await missing.done();
    const first = await problemOf(missing.response);
    const repeated = await ask(pushRequest(ACTION, press));
    await repeated.done();
    expect([first.status, await problemOf(repeated.response)]).toEqual([422, first]);
    const { events, runs } = await incidentView(incident_id);
    expect([events.length, runs.length, calls.length]).toEqual([1, 1, 0]);
    expect(runs).toMatchObject([{ state: "failed", reason: first.detail, started_at: null, fence: 0 }]);
    expect(linesOf("push.received").map(({ result, by }) => [result, by])).toEqual([
      ["cannot_run", "incident"],
      ["cannot_run", "incident"],
    ]);
  });

  it("is carried out when the button is pressed anew after its setting is there", async () => {
    const incident_id = newIncident();
    await ask(pushRequest(ACTION, pressBody(incident_id)), { RESTART_HOST_URL: "" });
    const calls = fakeTarget(incident_id, ok);
    const { response } = await ask(pushRequest(ACTION, pressBody(incident_id, { event_id: "press-2" })));
    expect(await receiptOf(response)).toMatchObject({ result: "accepted", runs: [{ state: "planned" }] });
    await until(() => calls.length === 1);
  });
});

describe("a press that was carried out", () => {
  it.each([
    ["succeeded", ok, "the target answered 200"],
    [
      "failed",
      () => new Response(null, { status: 404 }),
      "the target answered 404: there is no such thing there, or its credential may not see it",
    ],
  ])("and %s is a duplicate when it comes again, even after its setting was removed", async (state, answer, reason) => {
    const incident_id = newIncident();
    const calls = fakeTarget(incident_id, answer);
    const press = pressBody(incident_id);
    const [run] = (await receiptOf((await ask(pushRequest(ACTION, press))).response)).runs;
    const run_id = run?.run_id ?? "";
    await until(async () => (await runView(run_id)).state === state);
    const changes = { RESTART_HOST_URL: "", SEEN: standIn(env.SEEN, { get: async () => null }) };
    const { response } = await ask(pushRequest(ACTION, press), changes);
    expect(await receiptOf(response)).toStrictEqual({
      result: "duplicate",
      event_id: "press-1",
      incident_id,
      runs: [{ run_id, action: "restart-host", state, reason }],
    });
    expect(calls).toHaveLength(1);
  });
});

describe("where storage does not answer", () => {
  it.each([
    [
      "fails",
      fail,
      0,
      "Error: the platform is out of order; Error: not seen lately",
      "Error: the platform is out of order",
    ],
    [
      "hangs",
      hang,
      700,
      "Error: storage did not answer within 700 ms",
      "Error: the incident did not answer within 15000 ms",
    ],
  ])("and the incident %s, a push gets 503, and is kept once the incident turned it down", async (...row) => {
    const [, receive, ms, error, detail] = row;
    const incident_id = newIncident();
    const sent = JSON.stringify(pressBody(incident_id));
    const asked = ask(pushRequest(`${ACTION}?dc=nj`, sent), { INCIDENT: incidentsWith({ receive }) });
    if (ms > 0) await passTime(ms);
    const { response, done } = await asked;
    const problem = await problemOf(response);
    expect([problem.status, kindOf(problem)]).toEqual([503, "storage-silent"]);
    const about = { incident_id, event_id: "press-1" };
    expect(linesOf("storage.failed")).toEqual([{ what: "storage.failed", ...TRACED, ...about, error }]);
    expect(linesOf("push.received")).toMatchObject([{ ...about, result: "storage_silent", by: "nobody" }]);
    if (ms > 0) await passTime(15_000);
    await done();
    const kept = await entriesOf(sent);
    expect(kept).toMatchObject([
      { why: "storage_silent", detail, path_and_query: `${ACTION}?dc=nj`, source: LISTED_SOURCE, times: 1 },
    ]);
  });

  it("and the push's address holds the token, it is kept without that", async () => {
    const sent = JSON.stringify(eventBody(newIncident()));
    const request = pushRequest(`${INCIDENT}?token=${env.WEBHOOK_TOKEN}`, sent);
    const { done } = await ask(request, { INCIDENT: incidentsWith({ receive: fail }) });
    await done();
    expect(await entriesOf(sent)).toMatchObject([{ path_and_query: `${INCIDENT}?token=(hidden)` }]);
  });

  it("in time, but the incident takes it late, the event is recorded and not kept as well", async () => {
    const incident_id = newIncident();
    const late = Promise.withResolvers<void>();
    const real = env.INCIDENT.getByName(incident_id);
    const receive = async (...given: Parameters<typeof real.receive>) => {
      await late.promise;
      return real.receive(...given);
    };
    const sent = JSON.stringify(eventBody(incident_id));
    const asked = ask(pushRequest(INCIDENT, sent), { INCIDENT: incidentsWith({ receive }) });
    await passTime(700);
    const { response, done } = await asked;
    late.resolve();
    await done();
    expect(response.status).toBe(503);
    expect((await real.show())?.events).toHaveLength(1);
    expect(await entriesOf(sent)).toEqual([]);
  });

  it("at all, the quarantine included, a push still gets its 503", async () => {
    const DB = standIn(env.DB, { prepare: () => ({ bind: () => ({ run: fail }) }) });
    const SEEN = standIn(env.SEEN, { get: fail, put: fail });
    const changes = { INCIDENT: incidentsWith({ receive: fail }), DB, SEEN };
    const { response, done } = await ask(pushRequest(INCIDENT, eventBody(newIncident())), changes);
    await done();
    expect((await problemOf(response)).status).toBe(503);
    await until(() => linesOf("quarantine.failed").length === 1);
  });
});

const retention = (value: string): [string, Changes, RegExp] => [
  `RETENTION_DAYS is ${value}`,
  { RETENTION_DAYS: value },
  /^RETENTION_DAYS must be a whole number from 1 to 3650; set it under \[vars\]/,
];

describe("where settings are missing or malformed", () => {
  it.each<[string, Changes, RegExp]>([
    ["WEBHOOK_TOKEN is missing", { WEBHOOK_TOKEN: "" }, /WEBHOOK_TOKEN is missing.*wrangler secret put WEBHOOK_TOKEN/],
    ["WEBHOOK_TOKEN is short", { WEBHOOK_TOKEN: "short-secret" }, /WEBHOOK_TOKEN must be.*wrangler secret put/],
    [
      "WEBHOOK_TOKEN is missing, and the previous one is malformed",
      { WEBHOOK_TOKEN: "", WEBHOOK_TOKEN_PREVIOUS: "short-secret" },
      /WEBHOOK_TOKEN is missing.*WEBHOOK_TOKEN_PREVIOUS must be/,
    ],
    ["ALLOWED_SOURCES is missing", { ALLOWED_SOURCES: "" }, /ALLOWED_SOURCES names no address/],
    [
      "ALLOWED_SOURCES holds nothing that is right",
      { ALLOWED_SOURCES: "short-secret, 10.0.0.0/33" },
      /ALLOWED_SOURCES: entry 1 is no address.*ALLOWED_SOURCES: entry 2 is no address.*ALLOWED_SOURCES names no address/,
    ],
    ["several are", { WEBHOOK_TOKEN: "", ADMIN_TOKEN: "" }, /WEBHOOK_TOKEN is missing.*ADMIN_TOKEN is missing/],
  ])("as %s, a push gets 503 that names it with its remedy, and nothing is taken", async (_, settings, says) => {
    const incident_id = newIncident();
    const { response } = await ask(pushRequest(INCIDENT, eventBody(incident_id)), settings);
    const problem = await problemOf(response);
    expect([problem.status, kindOf(problem)]).toEqual([503, "not-set-up"]);
    expect(problem.detail).toMatch(says);
    expect(linesOf("push.refused")).toMatchObject([
      { result: "not_set_up", status: 503, source: LISTED_SOURCE, path: INCIDENT },
    ]);
    expect(JSON.stringify([problem, logged()])).not.toContain("short-secret");
    expect(await env.INCIDENT.getByName(incident_id).show()).toBeNull();
  });

  it("/healthz gets 503, and tells a stranger nothing of them", async () => {
    const { response } = await ask(new Request("https://edge.example/healthz"), { WEBHOOK_TOKEN: "" });
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ status: "not set up" });
    const [fault] = z.array(z.string()).parse(linesOf("settings.faulty")[0]?.["faults"]);
    expect(fault).toMatch(/^WEBHOOK_TOKEN is missing; set it with: wrangler secret put WEBHOOK_TOKEN/);
    expect(linesOf("settings.faulty")).toEqual([{ what: "settings.faulty", faults: [fault] }]);
  });

  it.each<[string, Changes, RegExp]>([
    ...["0", "3651", "thirty", "1.5", "-1"].map(retention),
    [
      "an entry of ALLOWED_SOURCES is wrong",
      { ALLOWED_SOURCES: `short-secret, ${LISTED_SOURCE}` },
      /^ALLOWED_SOURCES: entry 1 is no address and no CIDR block; set it under \[vars\]/,
    ],
    [
      "a block of ALLOWED_SOURCES is wrong",
      { ALLOWED_SOURCES: `${LISTED_SOURCE}, 10.0.0.0/33` },
      /^ALLOWED_SOURCES: entry 2 is no address/,
    ],
    [
      "WEBHOOK_TOKEN_PREVIOUS is too short",
      { WEBHOOK_TOKEN_PREVIOUS: "short-secret" },
      /^WEBHOOK_TOKEN_PREVIOUS must be 16 to 512 visible ASCII characters; set it with: wrangler secret put WEBHOOK_TOKEN_PREVIOUS/,
    ],
    [
      "ADMIN_TOKEN is missing",
      { ADMIN_TOKEN: " " },
      /^ADMIN_TOKEN is missing; set it with: wrangler secret put ADMIN_TOKEN/,
    ],
    ["ADMIN_TOKEN is too short", { ADMIN_TOKEN: "short-secret" }, /^ADMIN_TOKEN must be 16 to 512/],
    [
      "ADMIN_TOKEN is that of the webhooks",
      { ADMIN_TOKEN: env.WEBHOOK_TOKEN },
      /^ADMIN_TOKEN must differ from WEBHOOK_TOKEN; set it with/,
    ],
    [
      "SOURCE_CHECK is malformed",
      { SOURCE_CHECK: "short-secret" },
      /^SOURCE_CHECK must be "enforce" or "report"; set it under \[vars\]/,
    ],
    [
      "WEBHOOK_TOKEN is too short, and the previous one is still there",
      { WEBHOOK_TOKEN: "short-secret", WEBHOOK_TOKEN_PREVIOUS: env.WEBHOOK_TOKEN },
      /^WEBHOOK_TOKEN must be 16 to 512/,
    ],
  ])("as %s, pushes are taken, and /healthz gets 503 and leaves it in the log", async (_, settings, says) => {
    const incident_id = newIncident();
    const { response } = await ask(pushRequest(INCIDENT, eventBody(incident_id)), settings);
    expect(await receiptOf(response)).toMatchObject({ result: "accepted", incident_id });
    expect((await incidentView(incident_id)).events).toHaveLength(1);
    const health = await ask(new Request("https://edge.example/healthz"), settings);
    expect(health.response.status).toBe(503);
    expect(await health.response.json()).toEqual({ status: "not set up" });
    const [line, ...more] = linesOf("settings.faulty");
    const [fault, ...others] = z.array(z.string()).parse(line?.["faults"]);
    expect(fault).toMatch(says);
    expect([more, others]).toEqual([[], []]);
    expect(logged().join("\n")).not.toMatch(/short-secret|10\.0\.0\.0/);
    expect(logged().join("\n")).not.toContain(env.WEBHOOK_TOKEN);
  });

  it.each<[string, Row["headers"], Changes, number]>([
    ["a wrong SOURCE_CHECK lets no unlisted source in", ELSEWHERE, { SOURCE_CHECK: "off" }, 403],
    [
      "a wrong entry lets no unlisted source in",
      ELSEWHERE,
      { ALLOWED_SOURCES: `203.0.113.9/33, ${LISTED_SOURCE}` },
      403,
    ],
    [
      "a token that is too short lets nobody in",
      { Authorization: "Bearer short-secret" },
      { WEBHOOK_TOKEN_PREVIOUS: "short-secret" },
      401,
    ],
  ])("%s", async (_, headers, settings, status) => {
    const incident_id = newIncident();
    const { response } = await ask(pushRequest(INCIDENT, eventBody(incident_id), headers), settings);
    expect((await problemOf(response)).status).toBe(status);
    expect(await env.INCIDENT.getByName(incident_id).show()).toBeNull();
  });
});

/** A valid push whose body has exactly that many bytes. */
function sized(incident_id: string, bytes: number): string {
  const text = JSON.stringify(eventBody(incident_id));
  return text + " ".repeat(bytes - new TextEncoder().encode(text).byteLength);
}

/** A push in an encoding that is not UTF-8. */
function latin1(incident_id: string): Uint8Array {
  const text = JSON.stringify({ ...eventBody(incident_id), incident: { incident_id, title: "caf\u00e9" } });
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}

async function quarantined() {
  return (await quarantineView("?limit=100")).items;
}
