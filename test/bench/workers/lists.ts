// The admin's index, filled and asked: by the very code that the incidents write it with and the pages read it with. Nothing else
// is in this Worker, so that what is measured is the database.
import { DurableObject } from "cloudflare:workers";
import * as z from "zod";
import type { Entry } from "../../../src/admin/index/entry.ts";
import { type IncidentFilter, listIncidents, queryOf as incidentQuery } from "../../../src/admin/index/incidents.ts";
import { countOpen, queries as openQueries } from "../../../src/admin/index/open.ts";
import { listRuns, queryOf as runQuery, type RunFilter } from "../../../src/admin/index/runs.ts";
import { writing } from "../../../src/admin/index/table.ts";
import { indexed } from "../../../src/admin/index/words.ts";

/** The configuration names them. */
export class Incident extends DurableObject {}
export class Quota extends DurableObject {}
export class Guard extends DurableObject {}
export class Register extends DurableObject {}

const LIMIT = 20;
const TIMES = 60;
const WARM = 5;
/** Statements in a transaction: as many as a request to the database may carry without growing too large. */
const AT_ONCE = 250;
/** Of each incident, the first version and the nine that replace it. */
const VERSIONS = 10;
const OPENED_AT = Date.UTC(2026, 0, 1);

const incidents: Record<string, Omit<IncidentFilter, "limit">> = {
  "incidents: all": {},
  "incidents: far down": { cursor: (OPENED_AT + 500 * 60_000) * 1_000 },
  "incidents: progress Closed": { progress: "Closed" },
  "incidents: progress Triggered (few)": { progress: "Triggered" },
  "incidents: progress, none": { progress: "Unheard-of" },
  "incidents: severity Warning": { severity: "Warning" },
  "incidents: severity Info (one)": { severity: "Info" },
  "incidents: Closed and Critical": { progress: "Closed", severity: "Critical" },
  "search: a word of all": { q: "cpu" },
  "search: a word of one": { q: "rareword" },
  "search: a host": { q: "es.nj.4242" },
  "search: what all ids begin with": { q: "6606" },
  "search: two letters": { q: "es" },
  "search: one digit": { q: "1" },
  "search: an incident's id": { q: idOf(4_242) },
  "search: Chinese, in all": { q: "磁盘空间" },
  "search: Chinese, in one": { q: "宕机" },
  "search: two words of all": { q: "cpu host" },
  "search: of all, and Triggered": { q: "cpu", progress: "Triggered" },
  "search: of all, and Info": { q: "cpu", severity: "Info" },
};

const runs: Record<string, Omit<RunFilter, "limit">> = {
  "runs: all": {},
  "runs: succeeded": { state: "succeeded" },
  "runs: failed": { state: "failed" },
  "runs: unknown (few)": { state: "unknown" },
  "runs: expired, none": { state: "expired" },
  "runs: an action": { action: "restart-host" },
  "runs: an action (few)": { action: "rollback" },
  "runs: failed, of an action (few)": { state: "failed", action: "rollback" },
  "runs: of an incident": { incident_id: idOf(4_242) },
};

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname === "/rows") return Response.json(await rowsOfALife(env.DB));
    if (url.pathname === "/ask") return Response.json(await ask(env.DB));
    if (url.pathname === "/fill") {
      const [from, to] = ["from", "to"].map((name) => Number(url.searchParams.get(name)));
      await fill(env.DB, from ?? 0, to ?? 0);
    }
    return new Response("up");
  },
} satisfies ExportedHandler<Env>;

/** The rows that an incident with five events and two runs costs, step by step, each some seconds after the one before. */
async function rowsOfALife(db: D1Database): Promise<{ step: string; rows: number }[]> {
  const [restart, enrich] = runsOf(-2, "restart-host", "enrich");
  if (restart === undefined || enrich === undefined) throw new Error("there are two runs");
  const steps: [string, Partial<Entry["incident"]>, Entry["runs"]][] = [
    ["the first event", {}, []],
    ["assigned", {}, []],
    ["acknowledged", { progress: "Processing" }, []],
    ["a button: a run that succeeds", {}, [restart]],
    ["the rule's run begins", {}, [{ ...enrich, state: "running" }]],
    ["and fails", {}, [{ ...enrich, state: "failed", version: 9 }]],
    ["closed", { progress: "Closed" }, []],
    ["the same once more", { progress: "Closed" }, [{ ...enrich, state: "failed", version: 9 }]],
  ];
  let said: Partial<Entry["incident"]> = {};
  const rows: { step: string; rows: number }[] = [];
  for (const [at, [step, change, changed]] of steps.entries()) {
    said = { ...said, ...change, version: Math.min(at + 1, steps.length - 1) };
    const results = await db.batch(writing(db, { incident: incidentOf(-2, said), runs: changed }));
    rows.push({ step, rows: results.reduce((sum, { meta }) => sum + meta.rows_written, 0) });
  }
  return rows;
}

/** Writes incidents with all their versions and two runs each: of five in a thousand, the last versions are yet to come. */
async function fill(db: D1Database, from: number, to: number): Promise<void> {
  let statements: D1PreparedStatement[] = [];
  for (let nth = from; nth < to; nth += 1) {
    for (let version = 1; version <= VERSIONS; version += 1) {
      const progress =
        version < 4 || nth % 1_000 < 2 ? "Triggered" : version < 8 || nth % 1_000 < 5 ? "Processing" : "Closed";
      const ended = version < VERSIONS ? [] : runsOf(nth, "restart-host", nth % 2_000 === 0 ? "rollback" : "enrich");
      statements.push(
        ...writing(db, { incident: incidentOf(nth, { version, events: version, progress }), runs: ended }),
      );
      if (statements.length < AT_ONCE) continue;
      await db.batch(statements);
      statements = [];
    }
  }
  if (statements.length > 0) await db.batch(statements);
}

async function ask(db: D1Database) {
  const asked = [
    ...Object.entries(incidents).map(([what, filter]) => ({
      what,
      queries: [incidentQuery({ ...filter, limit: LIMIT })],
      once: async () => listIncidents(db, { ...filter, limit: LIMIT }),
    })),
    ...Object.entries(runs).map(([what, filter]) => ({
      what,
      queries: [runQuery({ ...filter, limit: LIMIT })],
      once: async () => listRuns(db, { ...filter, limit: LIMIT }),
    })),
    { what: "what is open", queries: openQueries(), once: async () => ({ items: [await countOpen(db)] }) },
  ];
  const answers: { what: string; found: number; times_ms: number[]; plan: string[] }[] = [];
  for (const { what, queries, once } of asked) {
    const times_ms: number[] = [];
    let found = 0;
    for (let time = 0; time < WARM + TIMES; time += 1) {
      const began = performance.now();
      found = (await once()).items.length;
      if (time >= WARM) times_ms.push(performance.now() - began);
    }
    const plan = await Promise.all(queries.map(async (query) => planOf(db, query)));
    answers.push({ what, found, times_ms, plan: plan.flat() });
  }
  return answers;
}

const Plan = z.array(z.object({ detail: z.string() }));

async function planOf(db: D1Database, { sql, values }: ReturnType<typeof runQuery>): Promise<string[]> {
  const { results } = await db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .bind(...values)
    .all();
  return Plan.parse(results).map(({ detail }) => detail);
}

function idOf(nth: number): string {
  return `6606ab1f${(nth + 0x10_00_00).toString(16).padStart(16, "0")}`;
}

function incidentOf(nth: number, said: Partial<Entry["incident"]>): Entry["incident"] {
  const opened_at = OPENED_AT + nth * 60_000;
  const number = (0x0e_83_ee + nth).toString(16).toUpperCase();
  const title = `es.nj.${nth} - cpu idle below 20% 数据库磁盘空间不足${nth === 777 ? " rareword 宕机" : ""}`;
  const labels = [`resource es.nj.${nth}`, "check cpu_idle", `instance 10.0.${nth % 250}.${nth % 99}:9100`];
  const more = ["job node", "namespace prod", `pod es-7f9c6d5b4-${nth}`, "service search", "cluster nj-prod host"];
  return {
    incident_id: idOf(nth),
    version: 1,
    number,
    title,
    progress: "Triggered",
    severity: nth === 777 ? "Info" : nth % 3 === 0 ? "Warning" : "Critical",
    channel_name: "search",
    detail_url: `https://console.flashcat.cloud/incident/detail/${idOf(nth)}`,
    opened_at,
    last_event_at: opened_at,
    events: 1,
    runs: 2,
    asked: [opened_at + 1_000, opened_at + 1_000],
    words: indexed([title, idOf(nth), number, ...labels, ...more]),
    ...said,
  };
}

function runsOf(nth: number, ...actions: string[]): Entry["runs"] {
  const asked_at = OPENED_AT + nth * 60_000 + 1_000;
  return actions.map((action, at) => ({
    run_id: `${idOf(nth)}:${"0".repeat(32)}:${action}`,
    version: 5,
    action,
    by: "command",
    asked_by: "zhangsan",
    key: `es.nj.${nth}`,
    state: at === 0 ? "succeeded" : nth % 5_000 === 0 ? "unknown" : nth % 50 === 0 ? "failed" : "succeeded",
    reason: "HTTP 200",
    planned_at: asked_at,
    started_at: asked_at,
    ended_at: asked_at + 2_000,
    asked_at,
  }));
}
