/// <reference types="vite/types/importMeta.d.ts" />
// The admin API: it answers as it is described, asks for what it needs, and writes down in whose name something was decided.
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { endpoints } from "../../src/admin/api/endpoints.ts";
import { admin } from "../../src/admin/routes.ts";
import { keep } from "../../src/receive/quarantine.ts";
import { keepDrift } from "../../src/tally/drift.ts";
import { adminGet, adminSend, runView } from "./admin.ts";
import { description, faultsOf, operations } from "./described.ts";
import { linesOf } from "./logged.ts";
import { fail, hang, standIn } from "./platform.ts";
import { ACTION, type Changes, eventBody, INCIDENT, kindOf, newIncident, pressBody, problemOf, push } from "./push.ts";
import { ring } from "./taken.ts";
import { passTime } from "./until.ts";
import { logIn, SCRIPT, visit } from "./visitor.ts";

const { "../../docs/admin-api.md": page = "" } = import.meta.glob<string>("../../docs/admin-api.md", {
  query: "?raw",
  import: "default",
  eager: true,
});

let incident_id: string;
let run_id: string;
let entry_id: string;

beforeEach(async () => {
  incident_id = newIncident();
  run_id = `${incident_id}:press-1:restart-host`;
  await push(INCIDENT, eventBody(incident_id));
  await push(ACTION, pressBody(incident_id));
  await ring(incident_id);
  entry_id = await keep(env.DB, {
    why: "unknown_source",
    detail: "It came from 203.0.113.7",
    path_and_query: INCIDENT,
    source: "203.0.113.7",
    received_at: Date.now(),
    body: JSON.stringify(eventBody(incident_id, { event_id: "event-2" })),
  });
  await keepDrift(env.DB, [{ kind: "field", what: "a.b", example: "1" }], { incident_id, event_id: "event-1" }, 1);
});

const BY = { by: "lisi" };
const STOP = { set: "stopped", by: "lisi", reason: "maintenance" };
/** One request of each kind: the address, and the body of a decision. */
const EXAMPLES: Record<keyof typeof endpoints, () => [path: string, status: number, body?: object]> = {
  showOverview: () => ["/api/overview", 200],
  listIncidents: () => ["/api/incidents?progress=Triggered&severity=&q=es.nj.01&limit=5", 200],
  showIncident: () => [`/api/incidents/${incident_id}`, 200],
  showEvent: () => [`/api/incidents/${incident_id}/events/event-1`, 200],
  listRuns: () => ["/api/runs?state=&action=restart-host", 200],
  showRun: () => [`/api/runs/${encodeURIComponent(run_id)}`, 200],
  approveRun: () => [`/api/runs/${encodeURIComponent(run_id)}/approve`, 409, BY],
  cancelRun: () => [`/api/runs/${encodeURIComponent(run_id)}/cancel`, 200, { ...BY, reason: "the host is back" }],
  retryRun: () => [`/api/runs/${encodeURIComponent(`${incident_id}:press-2:restart-host`)}/retry`, 404, BY],
  listQuarantine: () => ["/api/quarantine", 200],
  showQuarantined: () => [`/api/quarantine/${entry_id}`, 200],
  previewReplay: () => [`/api/quarantine/${entry_id}/preview`, 200],
  replay: () => [`/api/quarantine/${entry_id}/replay`, 200, BY],
  deleteQuarantined: () => [`/api/quarantine/${entry_id}`, 200, BY],
  showSwitch: () => ["/api/switch", 200],
  changeSwitch: () => ["/api/switch", 200, { ...STOP, action: "restart-host" }],
  listDrift: () => ["/api/drift", 200],
  rebuildIndex: () => ["/api/index/rebuild", 200, BY],
};

const examples = Object.entries(endpoints).map(([name, { method }]) => ({ name, method, example: exampleOf(name) }));
const decisions = examples.flatMap(({ method, ...one }) => (method === "GET" ? [] : [{ ...one, method }]));

function exampleOf(name: string) {
  const found = Object.entries(EXAMPLES).find(([one]) => one === name);
  if (found === undefined) throw new Error(`there is no example of ${name}`);
  return found[1];
}

describe("the description", () => {
  it("names every route that is mounted under /admin/api, and no other", () => {
    const mounted = admin.routes
      .filter(({ path, method }) => path.startsWith("/api/") && method !== "ALL")
      .map(({ path, method }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    const described = operations.map(({ name }) => name).filter((name) => name.includes(" /api/"));
    expect(described.toSorted()).toEqual(mounted.toSorted());
    expect(described).toHaveLength(examples.length);
  });

  it.each(operations)("of $name names the parts of its path, and each parameter once", ({ path, operation }) => {
    const parts = operation.parameters.filter((one) => one.in === "path").map(({ name }) => name);
    expect(parts).toEqual(Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name));
    expect(new Set(operation.parameters.map(({ name }) => name)).size).toBe(operation.parameters.length);
  });

  it("refers to nothing that is not there, and goes out as it is", async () => {
    const text = JSON.stringify(description);
    const refs = Array.from(text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g), ([, id]) => id);
    expect(refs.length).toBeGreaterThan(2 * examples.length);
    expect(Object.keys(description.components.schemas)).toEqual(expect.arrayContaining(refs));
    expect(await (await adminGet("/admin/openapi.json")).json()).toEqual(JSON.parse(text));
  });

  it("has a row in docs/admin-api.md for each operation", () => {
    const rows = Array.from(page.matchAll(/^\| `([A-Z]+ \/\S+)`/gm), ([, row = ""]) => row);
    expect(rows.toSorted()).toEqual(operations.map(({ name }) => name).toSorted());
  });

  it("can be read by people", async () => {
    const response = await adminGet("/admin/openapi");
    const html = await response.text();
    expect([response.status, response.headers.get("Content-Type")]).toEqual([200, "text/html; charset=UTF-8"]);
    for (const { path } of operations) expect(html).toContain(path);
  });

  it("names the cookie of those who log in", async () => {
    expect((await logIn()).split("=")[0]).toBe(description.components.securitySchemes.session.name);
  });
});

describe("the answer is as it is described", () => {
  it.each(examples)("of $name", async ({ name, method, example }) => {
    const [path, status, body] = example();
    const asked = method === "GET" ? adminGet(`/admin${path}`) : adminSend(method, `/admin${path}`, body);
    const response = await asked;
    const answer: unknown = await response.json();
    expect(response.status, JSON.stringify(answer)).toBe(status);
    expect(faultsOf(name, response, answer)).toEqual([]);
  });

  it("of the metrics, which are text", async () => {
    const response = await adminGet("/admin/metrics");
    expect(response.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(faultsOf("showMetrics", response, await response.text())).toEqual([]);
  });
});

describe("an address takes no other method", () => {
  it.each([
    ["POST", "/api/incidents", "GET"],
    ["PUT", "/api/quarantine/0", "GET, DELETE"],
    ["DELETE", "/api/switch", "GET, PUT"],
  ] as const)("%s %s", async (method, path, allowed) => {
    const response = await adminSend(method, `/admin${path}`, BY);
    expect(response.headers.get("Allow")).toBe(allowed);
    expect([response.status, kindOf(await problemOf(response))]).toEqual([405, "wrong-method"]);
  });
});

describe("a list refuses", () => {
  it.each([
    ["incidents", "cursor=nonsense", "cursor"],
    ["incidents", "limit=101", "limit"],
    ["incidents", `progress=${"x".repeat(201)}`, "progress"],
    ["runs", "state=finished", "state"],
    ["runs", "cursor=nonsense", "cursor"],
    ["runs", "limit=0", "limit"],
  ])("%s?%.40s", async (list, query, path) => {
    const problem = await problemOf(await adminGet(`/admin/api/${list}?${query}`));
    expect([problem.status, kindOf(problem), problem.errors?.map((fault) => fault.path)]).toEqual([
      400,
      "bad-query",
      [path],
    ]);
  });
});

describe("what is decided bears the name", () => {
  it.each(decisions)("that a program says: $name asks for it", async ({ method, example }) => {
    const [path, , body] = example();
    const problem = await problemOf(await adminSend(method, `/admin${path}`, { ...body, by: " " }));
    expect([problem.status, problem.errors?.map((fault) => fault.path)]).toEqual([400, ["by"]]);
  });

  it("of a person who has logged in, whatever the request claims", async () => {
    const headers = { ...SCRIPT, Cookie: await logIn("wangwu") };
    const path = `/admin/api/runs/${encodeURIComponent(run_id)}/cancel`;
    const body = JSON.stringify({ by: "lisi", reason: "the host is back" });
    expect((await visit(path, { method: "POST", headers, body })).status).toBe(200);
    const { trail } = await runView(run_id);
    expect(trail).toContainEqual(expect.objectContaining({ what: "cancelled", by: "wangwu" }));
    expect(linesOf("run.decided")).toMatchObject([{ run_id, decision: "cancel", by: "wangwu", door: "session" }]);
  });

  it("of a person who says nothing at all", async () => {
    const headers = { ...SCRIPT, Cookie: await logIn("wangwu") };
    const path = `/admin/api/quarantine/${entry_id}/replay`;
    expect((await visit(path, { method: "POST", headers })).status).toBe(200);
    expect(linesOf("quarantine.replayed")).toMatchObject([{ id: entry_id, by: "wangwu", door: "session" }]);
  });

  it.each([
    ["changeSwitch", "switch.changed", { action: "restart-host", set: "stopped" }],
    ["deleteQuarantined", "quarantine.deleted", { done: true }],
    ["rebuildIndex", "index.rebuild_begun", {}],
  ] as const)("in the log, with the request's trace: %s", async (name, line, about) => {
    const [path, , body] = EXAMPLES[name]();
    const trace_id = "0af7651916cd43dd8448eb211c80319c";
    const headers = { Authorization: `Bearer ${env.ADMIN_TOKEN}`, traceparent: `00-${trace_id}-b7ad6b7169203331-01` };
    await visit(`/admin${path}`, { method: endpoints[name].method, headers, body: JSON.stringify(body) });
    expect(linesOf(line)).toMatchObject([{ ...about, trace_id, by: "lisi", door: "bearer" }]);
  });
});

async function overviewWith(changes: Changes = {}): Promise<Response> {
  return visit("/admin/api/overview", { headers: { Authorization: `Bearer ${env.ADMIN_TOKEN}` } }, changes);
}

describe("the overview shows what can be shown", () => {
  const Overview = z.looseObject({ setup: z.looseObject({ faults: z.array(z.string()) }) });

  /** The parts that are missing. */
  async function missing(response: Response): Promise<string[]> {
    expect(response.status).toBe(200);
    const parts = Object.entries(Overview.parse(await response.json()));
    return parts.filter(([, part]) => part === null).map(([name]) => name);
  }

  it("all of it where everything answers", async () => {
    expect(await missing(await overviewWith())).toEqual([]);
  });

  it.each([
    ["fails", fail],
    ["hangs", hang],
  ])("the rest where the guard %s", async (_, how) => {
    const GUARD = standIn(env.GUARD, { getByName: () => ({ switches: how }) });
    const answering = overviewWith({ GUARD });
    if (how === hang) await passTime(1_000);
    expect(await missing(await answering)).toEqual(["switch"]);
    expect(linesOf("part.failed")).toMatchObject([{ part: "switch" }]);
  });

  it("what is set up where the database is out of order", async () => {
    const DB = standIn(env.DB, { prepare: null, batch: fail });
    const response = await overviewWith({ DB, ALLOWED_SOURCES: "nonsense" });
    const overview = Overview.parse(await response.clone().json());
    expect(await missing(response)).toEqual(expect.arrayContaining(["drift", "quarantined"]));
    expect(overview.setup.faults.join()).toMatch(/ALLOWED_SOURCES: entry 1/);
  });
});
