// What a person with the admin token is shown.
import { createScheduledController } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { keep } from "../../src/receive/quarantine.ts";
import worker from "../../src/index.ts";
import { adminGet, eventView, incidentView, quarantineView, runView } from "./admin.ts";
import { linesOf, logged } from "./logged.ts";
import { ACTION, documented, eventBody, INCIDENT, kindOf, newIncident, pressBody, problemOf, push } from "./push.ts";

const DAY_MS = 24 * 60 * 60_000;

async function get(path: string): Promise<Response> {
  return exports.default.fetch(`https://edge.example${path}`);
}

describe("a person is shown", () => {
  it("the incident with its events and runs", async () => {
    const incident_id = newIncident();
    await push(INCIDENT, eventBody(incident_id));
    await push(ACTION, pressBody(incident_id, { event_time: documented.event_time + 1 }));
    expect(await incidentView(incident_id)).toMatchObject({
      incident_id,
      current_event_id: "press-1",
      incident: {
        incident_id,
        progress: "Triggered",
        labels: documented.incident.labels,
        responders: [{ person_id: "1234648032504" }],
      },
      events: [
        {
          event_id: "event-1",
          event_type: "i_new",
          arrival: 1,
          progress: "Triggered",
          address: "incident",
          disposition: "accepted",
          claims_future: false,
        },
        {
          event_id: "press-1",
          event_type: "i_custom",
          arrival: 2,
          progress: "Triggered",
          address: "action/restart-host",
          disposition: "accepted",
        },
      ],
      runs: [
        {
          run_id: `${incident_id}:press-1:restart-host`,
          action: "restart-host",
          by: "command",
          key: "es.nj.01",
          params: {},
        },
      ],
    });
  });

  it("one event, with its body as received and as it is read", async () => {
    const incident_id = newIncident();
    const sent = eventBody(incident_id);
    await push(INCIDENT, sent);
    const shown = await eventView(incident_id, "event-1");
    expect(shown).toMatchObject({ event_id: "event-1", event_time: sent.event_time, claims_future: false });
    expect(shown.body).toBe(JSON.stringify(sent));
    expect(shown.push).toMatchObject({
      event_type: "i_new",
      person: { person_id: "1999632289504" },
      incident: { incident_id },
    });
  });

  it("one run, with the parameters of its button", async () => {
    const incident_id = newIncident();
    await push(`${ACTION}?dc=nj`, pressBody(incident_id));
    const run_id = `${incident_id}:press-1:restart-host`;
    expect(await runView(run_id)).toMatchObject({ run_id, incident_id, event_id: "press-1", params: { dc: "nj" } });
    expect(await runView(run_id)).toMatchObject({ by: "command", key: "es.nj.01" });
  });

  it("nothing that a cache may keep", async () => {
    const response = await adminGet("/admin/api/quarantine");
    expect(response.headers.get("Cache-Control")).toBe("no-store");
  });

  it.each([
    ["/admin/api/incidents/unknown"],
    [`/admin/api/incidents/${"long".repeat(700)}`],
    ["/admin/api/incidents/unknown/events/unknown"],
    ["/admin/api/runs/unknown:unknown:restart-host"],
    ["/admin/api/runs/no-run-id"],
    ["/admin/api/runs/%E0%A4%A"],
    ["/admin/api/quarantine/unknown"],
    [`/admin/api/quarantine/${"0".repeat(32)}`],
    ["/admin/api/quarantine/%27%20OR%201=1"],
    ["/admin/api/nothing"],
  ])("404 at %s", async (path) => {
    const response = await adminGet(path);
    expect(await problemOf(response)).toMatchObject({ status: 404 });
  });

  it("404 for an unknown event and an unknown run of a known incident", async () => {
    const incident_id = newIncident();
    await push(INCIDENT, eventBody(incident_id));
    const event = await adminGet(`/admin/api/incidents/${incident_id}/events/unknown`);
    const run = await adminGet(`/admin/api/runs/${incident_id}:event-1:restart-host`);
    expect([event.status, run.status]).toEqual([404, 404]);
  });
});

/** Every page of the list, one after another. */
async function pages(limit: number) {
  const all = [await quarantineView(`?limit=${limit}`)];
  for (let cursor = all[0]?.next_cursor; cursor; cursor = all.at(-1)?.next_cursor)
    all.push(await quarantineView(`?limit=${limit}&cursor=${cursor}`));
  return all.map(({ items }) => items);
}

describe("the quarantine", () => {
  const COUNT = 25;

  beforeAll(async () => {
    for (let n = 0; n < COUNT; n++)
      // Three of them came in the same millisecond, each time.
      await keep(env.DB, {
        why: "bad_body",
        detail: "",
        path_and_query: "",
        source: "",
        received_at: Math.floor(n / 3),
        body: String(n),
      });
  });

  it.each([1, 4, 5, 25, 26, 100])("in pages of %i shows each row once, the newest first", async (limit) => {
    const all = await pages(limit);
    const rows = all.flat();
    const times = rows.map(({ last_at }) => last_at);
    expect(new Set(rows.map(({ body_head }) => body_head)).size).toBe(COUNT);
    expect(rows).toHaveLength(COUNT);
    expect(all, "none is empty").toHaveLength(Math.ceil(COUNT / limit));
    expect(times).toEqual(times.toSorted((one, other) => other - one));
  });

  it("shows 20 where no limit is asked for, and where to go on", async () => {
    const { items, next_cursor } = await quarantineView();
    expect(items).toHaveLength(20);
    expect(next_cursor).toBe(`${items.at(-1)?.last_at}.${items.at(-1)?.id}`);
  });

  it.each([
    "cursor=nonsense",
    "cursor=1.2",
    "cursor=",
    "cursor=1';DROP TABLE quarantine",
    "limit=0",
    "limit=101",
    "limit=1.5",
    "limit=all",
  ])("refuses ?%s", async (query) => {
    const response = await adminGet(`/admin/api/quarantine?${query}`);
    const problem = await problemOf(response);
    expect([problem.status, kindOf(problem)]).toEqual([400, "bad-query"]);
    expect(problem.detail).toContain(query.split("=")[0]);
  });

  it("forgets, by schedule, what last came before its time, and nothing else", async () => {
    const now = Date.now();
    const row = { why: "bad_body", detail: "", path_and_query: "", source: "" } as const;
    await keep(env.DB, { ...row, body: "old", received_at: now - 31 * DAY_MS });
    await keep(env.DB, { ...row, body: "old, but came again", received_at: now - 31 * DAY_MS });
    await keep(env.DB, { ...row, body: "old, but came again", received_at: now });
    await keep(env.DB, { ...row, body: "young", received_at: now - 29 * DAY_MS });
    await worker.scheduled(createScheduledController({ scheduledTime: now }), env);
    const bodies = (await quarantineView("?limit=100")).items.map(({ body_head }) => body_head);
    expect(bodies).toEqual(["old, but came again", "young"]);
    expect(linesOf("quarantine.forgotten")).toMatchObject([{ count: COUNT + 1 }]);
  });

  it("is kept for 30 days where RETENTION_DAYS is malformed", async () => {
    const now = Date.now();
    const row = { why: "bad_body", detail: "", path_and_query: "", source: "malformed" } as const;
    await keep(env.DB, { ...row, body: "too old", received_at: now - 30 * DAY_MS - 1 });
    await keep(env.DB, { ...row, body: "not yet", received_at: now - 30 * DAY_MS });
    const malformed = { ...env, RETENTION_DAYS: "0" };
    await worker.scheduled(createScheduledController({ scheduledTime: now }), malformed);
    const kept = (await quarantineView("?limit=100")).items.filter(({ source }) => source === "malformed");
    expect(kept.map(({ body_head }) => body_head)).toEqual(["not yet"]);
    expect(linesOf("quarantine.forgotten")).toMatchObject([{ count: 1 }]);
  });
});

describe("anybody is told", () => {
  it("that the Worker is up, and nothing else", async () => {
    const response = await get("/healthz");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: "ok" });
    expect(logged()).toEqual([]);
  });

  it.each(["/", "/webhook", "/webhooksincident", "/favicon.ico"])("that there is nothing at %s", async (path) => {
    const problem = await problemOf(await get(path));
    expect([problem.status, kindOf(problem)]).toEqual([404, "not-found"]);
  });

  it.each(["/webhooks", "/webhooks/", "/webhooks/incident/more", "/webhooks/action", "/webhooks/action/"])(
    "not even what is missing at %s",
    async (path) => {
      const problem = await problemOf(await get(path));
      expect([problem.status, kindOf(problem)]).toEqual([403, "unknown-source"]);
    },
  );
});
