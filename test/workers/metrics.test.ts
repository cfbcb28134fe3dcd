// The scrape: everything that is counted and everything that is open; and what it is like where a part does not answer.
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { COUNTED, GAUGES } from "../../src/tally/metric.ts";
import { fullName } from "../../src/tally/exposition.ts";
import { metrics } from "../../src/tally/prometheus.ts";
import { flush } from "../../src/tally/tally.ts";
import { adminGet, adminSend } from "./admin.ts";
import { linesOf } from "./logged.ts";
import { fail, hang, standIn } from "./platform.ts";
import { eventBody, INCIDENT, newIncident, push } from "./push.ts";
import { passTime } from "./until.ts";

const NAMES = Object.entries({ ...COUNTED, ...GAUGES }).map(([name, metric]) => fullName(name, metric));

/** The names of what is in the text. */
function namesIn(text: string): string[] {
  return Array.from(text.matchAll(/^# TYPE (\S+) /gm), ([, name = ""]) => name);
}

/** The value of one line. */
function valueOf(text: string, line: string): number {
  const found = text.split("\n").find((each) => each.startsWith(`flashduty_edge_${line} `));
  return Number(found?.split(" ").at(-1));
}

/** A database that fails, or hangs, where a statement reads this table. */
function databaseWithout(table: string, instead: () => Promise<never>): D1Database {
  const statement = { bind: () => statement, all: instead, first: instead };
  return standIn(env.DB, {
    prepare: (sql: string) => (new RegExp(String.raw`FROM\s+${table}\b`).test(sql) ? statement : env.DB.prepare(sql)),
  });
}

describe("GET /admin/metrics", () => {
  it("has every metric, as the text that Prometheus asks for", async () => {
    expect((await push(INCIDENT, "no push")).status).toBe(400);
    await push(INCIDENT, eventBody(newIncident()));
    await flush(env);
    const response = await adminGet("/admin/metrics");
    const text = await response.text();
    expect([response.status, response.headers.get("Content-Type")]).toEqual([
      200,
      "text/plain; version=0.0.4; charset=utf-8",
    ]);
    expect(namesIn(text).toSorted()).toEqual(NAMES.toSorted());
    expect(text.endsWith("\n")).toBe(true);
    expect(valueOf(text, 'pushes_total{type="i_new",result="accepted"}')).toBe(1);
    expect(valueOf(text, 'refusals_total{reason="bad_body"}')).toBe(1);
    expect(valueOf(text, "answer_seconds_count")).toBe(2);
    expect(valueOf(text, "quarantine_entries")).toBe(1);
    for (const source of GAUGES.scrape_errors.labels.source)
      expect(valueOf(text, `scrape_errors{source="${source}"}`)).toBe(0);
  });

  it("is for the admin alone", async () => {
    expect((await adminGet("/admin/metrics", null)).status).toBe(401);
  });

  it("shows what is stopped", async () => {
    const by = { by: "lisi", reason: "a test" };
    await adminSend("PUT", "/admin/api/switch", { action: "enrich", set: "stopped", ...by });
    const one = await metrics(env);
    await adminSend("PUT", "/admin/api/switch", { set: "stopped", ...by });
    const all = await metrics(env);
    const shown = [one, all].map((text) =>
      ["*", "enrich", "restart-host"].map((name) => valueOf(text, `stopped{action="${name}"}`)),
    );
    expect(shown).toEqual([
      [0, 1, 0],
      [1, 1, 0],
    ]);
  });
});

const COUNTERS = Object.entries(COUNTED).map(([name, metric]) => fullName(name, metric));

describe("where a source fails, its metrics are left out, and only those", () => {
  it.each([
    ["tallies", { DB: databaseWithout("tallies", fail) }, COUNTERS],
    ["quarantine", { DB: databaseWithout("quarantine", fail) }, ["flashduty_edge_quarantine_entries"]],
    ["index", { DB: standIn(env.DB, { batch: fail }) }, ["flashduty_edge_open_incidents", "flashduty_edge_open_runs"]],
    [
      "guard",
      { GUARD: standIn(env.GUARD, { getByName: () => ({ switches: fail }) }) },
      ["flashduty_edge_breaker_open", "flashduty_edge_stopped"],
    ],
  ])("%s", async (source, changes, missing) => {
    const text = await metrics({ ...env, ...changes });
    expect(NAMES.filter((name) => !namesIn(text).includes(name)).toSorted()).toEqual(missing.toSorted());
    for (const one of GAUGES.scrape_errors.labels.source)
      expect(valueOf(text, `scrape_errors{source="${one}"}`)).toBe(Number(one === source));
    expect(linesOf("scrape.failed")).toMatchObject([{ source }]);
  });

  it("and one that hangs is waited for no longer than a second", async () => {
    const scraping = metrics({ ...env, DB: databaseWithout("quarantine", hang) });
    await passTime(1_000);
    expect(valueOf(await scraping, 'scrape_errors{source="quarantine"}')).toBe(1);
  });
});
