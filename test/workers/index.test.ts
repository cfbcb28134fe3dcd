// The index by itself: what is written is found, in order, whatever comes late and whatever is typed; and no query reads a
// whole table.
import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import type { Entry } from "../../src/admin/index/entry.ts";
import {
  IncidentCursor,
  type IncidentFilter,
  listIncidents,
  queryOf as incidentQuery,
} from "../../src/admin/index/incidents.ts";
import { countOpen, queries as openQueries } from "../../src/admin/index/open.ts";
import { listRuns, queryOf as runQuery, RunCursor, type RunFilter } from "../../src/admin/index/runs.ts";
import { empty, remove, write } from "../../src/admin/index/table.ts";
import { indexed } from "../../src/admin/index/words.ts";

const NOW = Date.UTC(2026, 10, 22);
const ALL = { limit: 100 };

/** The nth incident that was opened, each a second after the one before. */
function incident(nth: number, said: Partial<Entry["incident"]> & { found_by?: string[] } = {}): Entry["incident"] {
  const { found_by = [], ...changed } = said;
  const incident_id = `incident-${nth}`;
  const opened_at = NOW + nth * 1_000;
  return {
    incident_id,
    version: 1,
    number: "",
    title: incident_id,
    progress: "Triggered",
    severity: "Warning",
    channel_name: "",
    detail_url: "",
    opened_at,
    last_event_at: opened_at,
    events: 1,
    runs: 0,
    asked: [],
    words: indexed([incident_id, ...found_by]),
    ...changed,
  };
}

/** A run of the nth incident. */
function run(nth: number, said: Partial<Entry["runs"][number]> = {}): Entry["runs"][number] {
  const { action = "restart-host", asked_at = NOW + nth * 1_000 } = said;
  return {
    run_id: `incident-${nth}:event-1:${action}`,
    version: 1,
    action,
    by: "command",
    asked_by: "zhangsan",
    key: "es.nj.01",
    state: "succeeded",
    reason: "",
    planned_at: asked_at,
    started_at: asked_at,
    ended_at: null,
    asked_at,
    ...said,
  };
}

async function put(...entries: (Partial<Entry> & Pick<Entry, "incident">)[]): Promise<void> {
  for (const { incident, runs = [] } of entries)
    await write(env.DB, { incident: { ...incident, asked: runs.map(({ asked_at }) => asked_at) }, runs });
}

/** The ids of a list of incidents, and of one of runs without what all of them begin with. */
async function ids(filter: Partial<IncidentFilter>): Promise<string[]> {
  return (await listIncidents(env.DB, { ...ALL, ...filter })).items.map(({ incident_id }) => incident_id);
}
async function runIds(filter: Partial<RunFilter>): Promise<string[]> {
  return (await listRuns(env.DB, { ...ALL, ...filter })).items.map(
    ({ incident_id, action }) => `${incident_id} ${action}`,
  );
}

beforeEach(async () => empty(env.DB));

describe("what is written", () => {
  it("is shown as it was given", async () => {
    const [given, one] = [
      incident(1, { title: "CPU", number: "0E83EE", runs: 1 }),
      run(1, { reason: "done", ended_at: NOW }),
    ];
    await put({ incident: given, runs: [one] });
    const { version: _, words: __, asked: ___, ...item } = given;
    expect(await listIncidents(env.DB, ALL)).toEqual({ items: [item], next_cursor: null });
    const { version: ____, asked_at: _____, ...shown } = one;
    const ref = { incident_id: "incident-1", event_id: "event-1" };
    expect(await listRuns(env.DB, ALL)).toEqual({ items: [{ ...shown, ...ref }], next_cursor: null });
  });

  it("shows the newest version, in whatever order and however often the versions come", async () => {
    const version = fc.integer({ min: 1, max: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(version, { minLength: 1, maxLength: 12 }), async (versions) => {
        await empty(env.DB);
        for (const version of versions) {
          const said = { version, title: `version ${version}`, progress: `p${version}`, found_by: [`word${version}`] };
          await put({ incident: incident(1, said), runs: [run(1, { version, reason: `version ${version}` })] });
        }
        const newest = Math.max(...versions);
        const [shown] = (await listIncidents(env.DB, { ...ALL, q: `word${newest}`, progress: `p${newest}` })).items;
        expect(shown?.title).toBe(`version ${newest}`);
        const older = [...new Set(versions)].filter((version) => version < newest);
        for (const version of older) expect(await ids({ q: `word${version}` })).toEqual([]);
        expect((await listRuns(env.DB, ALL)).items.map(({ reason }) => reason)).toEqual([`version ${newest}`]);
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    ["a new incident with a run that succeeded", incident(1), [run(1)], 5],
    ["the same again", incident(1), [run(1)], 0],
    ["one more event", incident(1, { version: 2, events: 2 }), [], 1],
    ["a changed progress", incident(1, { version: 3, progress: "Closed" }), [], 3],
    [
      "a run that failed",
      incident(1, { version: 4, progress: "Closed" }),
      [run(1, { action: "enrich", state: "failed" })],
      4,
    ],
  ])("costs few rows: %s", async (_, incident, runs, rows) => {
    const steps = [
      { incident: COST[0], runs: [run(1)] },
      { incident: COST[1], runs: [] },
      { incident: COST[2], runs: [] },
    ].filter((step) => step.incident.version < incident.version || (rows === 0 && step.incident === COST[0]));
    for (const step of steps) await put(step);
    expect(await rowsWritten(async (db) => write(db, { incident, runs }))).toBe(rows);
  });

  it("goes wholly when it is removed, and nothing else does", async () => {
    for (const nth of [1, 11]) await put({ incident: incident(nth), runs: [run(nth), run(nth, { action: "enrich" })] });
    await remove(env.DB, "incident-1", 1);
    expect([await ids({}), await ids({ q: "incident" }), await ids({ progress: "Triggered" })]).toEqual(
      Array.from({ length: 3 }, () => ["incident-11"]),
    );
    expect(await runIds({})).toEqual(["incident-11 restart-host", "incident-11 enrich"]);
    await checkSearch();
  });

  it("stays, with all of its runs, where it is newer than what is to be removed", async () => {
    await put({ incident: incident(1, { version: 3 }), runs: [run(1), run(1, { action: "enrich", version: 2 })] });
    expect(await rowsWritten(async (db) => remove(db, "incident-1", 2))).toBe(0);
    expect([await ids({ q: "incident-1" }), (await runIds({})).length]).toEqual([["incident-1"], 2]);
    await checkSearch();
    await remove(env.DB, "incident-1", 3);
    expect([await ids({}), await runIds({})]).toEqual([[], []]);
  });

  it("is one of several of the same millisecond, and none is lost", async () => {
    const opened_at = NOW;
    for (const nth of [1, 2, 3, 1, 2]) await put({ incident: incident(nth, { opened_at, version: nth }) });
    expect(await ids({})).toEqual(["incident-3", "incident-2", "incident-1"]);
  });
});

const COST = [
  incident(1),
  incident(1, { version: 2, events: 2 }),
  incident(1, { version: 3, progress: "Closed" }),
] as const;

describe("the list of incidents", () => {
  beforeEach(async () => {
    await put(
      { incident: incident(1, { progress: "Closed", severity: "Critical", found_by: ["CPU idle", "es.nj.01"] }) },
      {
        incident: incident(2, {
          progress: "Triggered",
          severity: "Warning",
          found_by: ["数据库磁盘空间不足", "es.nj.10"],
        }),
      },
      {
        incident: incident(3, {
          progress: "Processing",
          severity: "Critical",
          found_by: ["CPU load", "check cpu_load"],
        }),
      },
      { incident: incident(4, { progress: "Closed for now", severity: "Info", found_by: ['say "no"'] }) },
    );
  });

  it.each<[string, Partial<IncidentFilter>, number[]]>([
    ["nothing", {}, [4, 3, 2, 1]],
    ["its progress", { progress: "Closed" }, [1]],
    ["a progress that none has", { progress: "!!!" }, []],
    ["its severity", { severity: "Critical" }, [3, 1]],
    ["both", { progress: "Processing", severity: "Critical" }, [3]],
    ["a word", { q: "cpu" }, [3, 1]],
    ["the beginning of a word", { q: "cp" }, [3, 1]],
    ["a host", { q: "es.nj.01" }, [1]],
    ["the beginning of a host", { q: "es.nj.1" }, []],
    ["two words", { q: "idle cpu" }, [1]],
    ["a word with a filter", { q: "cpu", severity: "Critical", progress: "Closed" }, [1]],
    ["what is in no incident", { q: "cpu nothing" }, []],
    ["an incident's id", { q: "incident-2" }, [2]],
    ["some Chinese", { q: "磁盘" }, [2]],
    ["one character", { q: "库" }, [2]],
    ["characters that do not follow each other", { q: "数盘" }, []],
    ["blanks", { q: "  " }, [4, 3, 2, 1]],
    ["quotes", { q: '"no"' }, [4]],
    ["nothing but signs", { q: "!!! ***" }, []],
    ["a word and signs", { q: "cpu ***" }, [3, 1]],
    ["a column of the search", { q: "progress:closed" }, []],
  ])("by %s", async (_, filter, wanted) => {
    expect(await ids(filter)).toEqual(wanted.map((nth) => `incident-${nth}`));
  });

  it("comes in pages, which make the whole, whatever comes meanwhile", async () => {
    for (const filter of [{}, { q: "incident" }, { severity: "Critical" }]) {
      const whole = await ids(filter);
      const pages: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await listIncidents(env.DB, {
          ...filter,
          limit: 1,
          cursor: cursor === null ? undefined : IncidentCursor.parse(cursor),
        });
        pages.push(...page.items.map(({ incident_id }) => incident_id));
        cursor = page.next_cursor;
        await put({ incident: incident(100 + pages.length, { severity: "Critical" }) });
      } while (cursor !== null);
      expect(pages).toEqual(whole);
      for (let nth = 100; nth < 110; nth += 1) await remove(env.DB, `incident-${nth}`, 1);
    }
  });

  it("takes whatever is typed, as a filter or to be searched, and answers", async () => {
    const syntax = fc.constantFrom(
      '"',
      "*",
      "(",
      ")",
      "AND",
      "OR",
      "NOT",
      "NEAR",
      "^",
      ":",
      "-",
      "+",
      "words",
      "\0",
      "{",
      "'",
      "磁",
      "é",
      "😀",
      "\ud800",
      " ",
    );
    const typed = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(syntax).map((parts) => parts.join("")),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(typed, typed, async (q, progress) => {
        await listIncidents(env.DB, { ...ALL, q });
        await listIncidents(env.DB, { ...ALL, q, progress, severity: progress });
      }),
      { numRuns: 150 },
    );
  });

  it("finds a title by each of its words, and by any part of what is written in Chinese", async () => {
    const chinese = fc.string({
      unit: fc.constantFrom(...Array.from("数据库磁盘空间不足主机宕机告警")),
      minLength: 1,
      maxLength: 8,
    });
    const latin = fc.string({ unit: fc.constantFrom(...Array.from("abcé0189")), minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(chinese, latin), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        async (words, at) => {
          await empty(env.DB);
          await put({ incident: incident(1, { found_by: [words.join(" ")] }) });
          for (const word of words) {
            expect(await ids({ q: word })).toEqual(["incident-1"]);
            const is_chinese = /\p{Script=Han}/u.test(word);
            if (is_chinese) expect(await ids({ q: word.slice(at % word.length) })).toEqual(["incident-1"]);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("the list of runs", () => {
  beforeEach(async () => {
    await put(
      { incident: incident(1), runs: [run(1), run(1, { action: "enrich", state: "failed", asked_at: NOW + 9_000 })] },
      { incident: incident(2), runs: [run(2, { state: "running" })] },
      { incident: incident(11), runs: [run(11, { state: "failed", asked_at: NOW + 1_000 })] },
    );
  });

  it.each<[string, Partial<RunFilter>, string[]]>([
    ["nothing", {}, ["1 enrich", "2 restart-host", "1 restart-host", "11 restart-host"]],
    ["its state", { state: "failed" }, ["1 enrich", "11 restart-host"]],
    ["success", { state: "succeeded" }, ["1 restart-host"]],
    ["its action", { action: "restart-host" }, ["2 restart-host", "1 restart-host", "11 restart-host"]],
    ["its incident", { incident_id: "incident-1" }, ["1 enrich", "1 restart-host"]],
    ["all of them", { incident_id: "incident-1", state: "failed", action: "enrich" }, ["1 enrich"]],
    ["what is not there", { incident_id: "incident-3" }, []],
  ])("by %s", async (_, filter, wanted) => {
    expect(await runIds(filter)).toEqual(wanted.map((name) => `incident-${name}`));
  });

  it("comes in pages, which make the whole", async () => {
    for (const filter of [
      {},
      { state: "failed" },
      { action: "restart-host" },
      { incident_id: "incident-1" },
    ] as const) {
      const pages: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await listRuns(env.DB, {
          ...filter,
          limit: 1,
          cursor: cursor === null ? undefined : RunCursor.parse(cursor),
        });
        pages.push(...page.items.map(({ incident_id, action }) => `${incident_id} ${action}`));
        cursor = page.next_cursor;
      } while (cursor !== null);
      expect(pages).toEqual(await runIds(filter));
    }
  });

  it("leaves out what a newer release has written, and goes on behind it", async () => {
    await env.DB.exec("UPDATE runs SET state = 'of a later release' WHERE action = 'enrich'");
    const { items, next_cursor } = await listRuns(env.DB, { limit: 1 });
    expect(items).toEqual([]);
    expect(next_cursor).toBe(`${NOW + 9_000}.incident-1:event-1:enrich`);
  });
});

describe("a cursor", () => {
  it.each(["", "x", "1.5", "-1", "12345678901234567", "1; DROP TABLE incidents"])(
    "%j is none of the incidents",
    (cursor) => {
      expect(IncidentCursor.safeParse(cursor).error?.issues[0]?.message).toBe(
        "is not a cursor that this list has given",
      );
    },
  );

  it.each(["", "1", "1.", "1.a:b", "x.a:b:c", "1.5", "-1.a:b:c"])("%j is none of the runs", (cursor) => {
    expect(RunCursor.safeParse(cursor).error?.issues[0]?.message).toBe("is not a cursor that this list has given");
  });
});

it("counts what is open, and nothing else", async () => {
  await put(
    { incident: incident(1, { progress: "Closed" }), runs: [run(1), run(1, { action: "enrich", state: "failed" })] },
    { incident: incident(2), runs: [run(2, { state: "running" })] },
    {
      incident: incident(3),
      runs: [run(3, { state: "running" }), run(3, { action: "enrich", state: "awaiting_approval" })],
    },
  );
  const counts = await countOpen(env.DB);
  expect(counts.incidents).toEqual([{ progress: "Triggered", count: 2 }]);
  expect(counts.runs.toSorted((one, other) => one.count - other.count)).toEqual([
    { state: "awaiting_approval", count: 1 },
    { state: "running", count: 2 },
  ]);
});

describe("no query reads a whole table", () => {
  const incidents = [
    {},
    { progress: "Closed" },
    { severity: "Info" },
    { q: "cpu" },
    { q: "cpu", progress: "Closed", severity: "Info" },
  ];
  const runs: Partial<RunFilter>[] = [
    {},
    { state: "failed" },
    { state: "succeeded" },
    { action: "enrich" },
    { action: "enrich", state: "failed" },
    { incident_id: "incident-1" },
  ];
  it.each([
    ...incidents.map((filter) => [filter, incidentQuery({ ...ALL, ...filter })] as const),
    ...runs.map((filter) => [filter, runQuery({ ...ALL, ...filter })] as const),
    ...openQueries().map((query) => ["what is open", query] as const),
  ])("%j", async (_, { sql, values }) => {
    const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .bind(...values)
      .all();
    const plan = z.array(z.object({ detail: z.string() })).parse(results);
    expect(plan.length).toBeGreaterThan(0);
    // A search is read by its own index, and a list in a parameter from its beginning to its end.
    const scans = plan.map(({ detail }) => detail).filter((step) => /SCAN|TEMP B-TREE/.test(step));
    expect(scans.filter((step) => !/VIRTUAL TABLE INDEX/.test(step))).toEqual([]);
  });
});

/** The rows that are written while something is done with the database. */
async function rowsWritten(work: (db: D1Database) => Promise<void>): Promise<number> {
  let rows = 0;
  const db = new Proxy(env.DB, {
    get(target, name) {
      if (name !== "batch") return target.prepare.bind(target);
      return async (statements: D1PreparedStatement[]) => {
        const results = await target.batch(statements);
        for (const { meta } of results) rows += meta.rows_written;
        return results;
      };
    },
  });
  await work(db);
  return rows;
}

/** Throws where the search does not hold what the incidents say. */
async function checkSearch(): Promise<void> {
  await env.DB.exec("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)");
}
