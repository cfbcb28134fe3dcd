// The design's table "Bad input", row by row: what is answered, and what is kept.
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { quarantineView, runView } from "./admin.ts";
import { endless } from "./endless.ts";
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
  "a body without end and Content-Length": { body: () => endless().stream, status: 413, kind: "too-large", kept: true },
};

const body: Record<string, Row> = {
  "an empty body": badBody(() => "", ""),
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
  "an incident id without an end": badBody(withIncident({ incident_id: "a".repeat(129) }), "incident.incident_id"),
  "no event type": badBody((id) => without(eventBody(id), "event_type"), "event_type"),
  "an empty event type": badBody((id) => eventBody(id, { event_type: "" }), "event_type"),
  "neither event id nor time": badBody((id) => ({ event_type: "i_new", incident: { incident_id: id } }), "event_id"),
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
    says: /"restart-hosts".*restart-host\./,
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

describe.each<[string, Record<string, Row>]>([
  ["the door", door],
  ["form", form],
  ["the body", body],
  ["an action", action],
])("%s", (_, rows) => {
  it.each(Object.entries(rows))("refuses %s", async (_name, row) => {
    const incident_id = newIncident();
    const before = await quarantined();
    const sent = row.body?.(incident_id) ?? (row.method === undefined ? eventBody(incident_id) : null);
    const { response, done } = await ask(
      pushRequest(row.path ?? INCIDENT, sent, row.headers, row.method),
      row.settings,
    );
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
    expect(await env.INCIDENT.getByName(incident_id).show()).toBeNull();
    expect(JSON.stringify([problem, logged()])).not.toContain(env.WEBHOOK_TOKEN);
  });
});

describe("a refusal", () => {
  it("keeps what came, where it came to, from whom and why, and counts what comes again", async () => {
    const sent = `{"event_type":"i_new","incident":{"title":"头 ${newIncident()}"}}`;
    const request = () => pushRequest(`${INCIDENT}?a=1`, sent);
    await (await ask(request())).done();
    await (await ask(request())).done();
    const kept = (await quarantined()).filter(({ body }) => body === sent);
    expect(kept).toMatchObject([{ why: "bad_body", address: `${INCIDENT}?a=1`, source: LISTED_SOURCE, times: 2 }]);
    expect(kept[0]?.detail).toContain("incident.incident_id");
  });

  it("keeps the head of what is too large, and reads no more of it than it must", async () => {
    const sent = endless();
    const { response, done } = await ask(pushRequest(INCIDENT, sent.stream));
    const { kept } = await problemOf(response);
    await done();
    const [row] = (await quarantined()).filter(({ id }) => id === kept);
    expect(row?.body).toBe("a".repeat(64 * 1024));
    expect(sent.told.isLeft).toBe(true);
    expect(sent.told.read).toBeLessThan(2 * MIB);
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
    expect(linesOf("push.refused")).toMatchObject([{ why: "wrong_token", status: 401, source: LISTED_SOURCE }]);
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

  it("a body of exactly 1 MiB", async () => {
    const incident_id = newIncident();
    const { response } = await ask(pushRequest(INCIDENT, sized(incident_id, MIB)));
    expect(await receiptOf(response)).toMatchObject({ result: "accepted", incident_id });
  });

  it.each([
    ["one text", (title: string) => ({ title })],
    ["escapes", (title: string) => ({ title: title.replaceAll("a", "\n").slice(0, title.length / 2) })],
    [
      "labels",
      (title: string) => ({ labels: Object.fromEntries(Array.from(title.slice(0, 80_000), (_, n) => [n, ""])) }),
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
});

describe("where storage does not answer", () => {
  it.each([
    ["fails", fail, 0],
    ["hangs", hang, 700],
  ])("and the incident %s, a push gets 503, and is kept once the incident turned it down", async (_, receive, ms) => {
    const incident_id = newIncident();
    const sent = JSON.stringify(pressBody(incident_id));
    const asked = ask(pushRequest(`${ACTION}?dc=nj`, sent), { INCIDENT: incidentsWith({ receive }) });
    if (ms > 0) await passTime(ms);
    const { response, done } = await asked;
    const problem = await problemOf(response);
    expect([problem.status, kindOf(problem)]).toEqual([503, "storage-silent"]);
    if (ms > 0) await passTime(15_000);
    await done();
    const kept = (await quarantined()).filter((row) => row.body === sent);
    expect(kept).toMatchObject([
      { why: "storage_silent", address: `${ACTION}?dc=nj`, source: LISTED_SOURCE, times: 1 },
    ]);
  });

  it("in time, but the incident takes it late, the event is recorded and not kept as well", async () => {
    const incident_id = newIncident();
    const late = Promise.withResolvers<void>();
    const real = env.INCIDENT.getByName(incident_id);
    const receive = async (...given: Parameters<typeof real.receive>) => {
      await late.promise;
      return real.receive(...given);
    };
    const asked = ask(pushRequest(INCIDENT, eventBody(incident_id)), { INCIDENT: incidentsWith({ receive }) });
    await passTime(700);
    const { response, done } = await asked;
    late.resolve();
    await done();
    expect(response.status).toBe(503);
    expect((await real.show())?.events).toHaveLength(1);
    expect((await quarantined()).filter(({ body }) => body.includes(incident_id))).toEqual([]);
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

describe("where settings are missing or malformed", () => {
  it.each<[string, Changes, RegExp]>([
    ["WEBHOOK_TOKEN is missing", { WEBHOOK_TOKEN: "" }, /WEBHOOK_TOKEN is missing.*wrangler secret put WEBHOOK_TOKEN/],
    ["WEBHOOK_TOKEN is short", { WEBHOOK_TOKEN: "short-secret" }, /WEBHOOK_TOKEN must be.*wrangler secret put/],
    [
      "WEBHOOK_TOKEN_PREVIOUS is malformed",
      { WEBHOOK_TOKEN_PREVIOUS: "short-secret" },
      /WEBHOOK_TOKEN_PREVIOUS must be/,
    ],
    ["ADMIN_TOKEN is missing", { ADMIN_TOKEN: " " }, /ADMIN_TOKEN is missing.*wrangler secret put ADMIN_TOKEN/],
    ["ALLOWED_SOURCES is missing", { ALLOWED_SOURCES: "" }, /ALLOWED_SOURCES names no address/],
    [
      "ALLOWED_SOURCES is malformed",
      { ALLOWED_SOURCES: "47.94.95.118, 10.0.0.0/33" },
      /ALLOWED_SOURCES: "10\.0\.0\.0\/33"/,
    ],
    ["SOURCE_CHECK is malformed", { SOURCE_CHECK: "off" }, /SOURCE_CHECK must be "enforce" or "report"/],
    ["RETENTION_DAYS is malformed", { RETENTION_DAYS: "0" }, /RETENTION_DAYS must be/],
    ["several are", { WEBHOOK_TOKEN: "", ADMIN_TOKEN: "" }, /WEBHOOK_TOKEN is missing.*ADMIN_TOKEN is missing/],
  ])("as %s, a push gets 503 that names it with its remedy, and nothing is taken", async (_, settings, says) => {
    const incident_id = newIncident();
    const { response } = await ask(pushRequest(INCIDENT, eventBody(incident_id)), settings);
    const problem = await problemOf(response);
    expect([problem.status, kindOf(problem)]).toEqual([503, "not-set-up"]);
    expect(problem.detail).toMatch(says);
    expect(JSON.stringify([problem, logged()])).not.toContain("short-secret");
    expect(await env.INCIDENT.getByName(incident_id).show()).toBeNull();
  });

  it("/healthz gets 503, and tells a stranger nothing of them", async () => {
    const { response } = await ask(new Request("https://edge.example/healthz"), { WEBHOOK_TOKEN: "" });
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ status: "not set up" });
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
