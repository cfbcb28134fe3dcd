// What is counted, how it is written, and how it is made few again: in the real database.
import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import worker from "../../src/index.ts";
import { foldTallies } from "../../src/tally/fold.ts";
import { INTERVAL_MS, type Page } from "../../src/tally/ledger.ts";
import { bucketsOf, sumBy } from "../../src/tally/metric.ts";
import { readTallies } from "../../src/tally/read.ts";
import { writePages } from "../../src/tally/table.ts";
import { count, flush, FLUSH_AFTER_MS, observe, pace } from "../../src/tally/tally.ts";
import { deliver } from "./deliver.ts";
import { linesOf } from "./logged.ts";
import { fail, standIn } from "./platform.ts";
import { ACTION, ask, eventBody, INCIDENT, newIncident, pressBody, push, pushRequest } from "./push.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOON = Date.parse("2026-11-22T12:00:00Z");

/** Only for tests that do not go by what this isolate has counted: it would write all of that again. */
async function empty(): Promise<void> {
  await env.DB.exec("DELETE FROM tallies");
}

const nowhere = { waitUntil: () => undefined };

/** What was counted during `work`; what other tests have counted before in the same interval is taken away. */
async function counted(work: () => Promise<unknown>): Promise<Record<string, number>> {
  await flush(env);
  const { totals: before } = await readTallies(env.DB, Date.now());
  await work();
  await flush(env);
  const { totals } = await readTallies(env.DB, Date.now());
  const gained = Object.entries(totals).map(([key, count]): [string, number] => [key, count - (before[key] ?? 0)]);
  return Object.fromEntries(gained.filter(([, count]) => count !== 0));
}

/** Without how long things took. */
function timeless(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([key]) => !key.includes("_seconds|")));
}

describe("a push", () => {
  it("is counted once, by its type and what it is answered", async () => {
    const incident_id = newIncident();
    const body = eventBody(incident_id);
    const older = eventBody(incident_id, { event_id: "event-0", event_type: "i_ack", event_time: 1_000 });
    const unknown = eventBody(incident_id, { event_id: "event-2", event_type: "i_brand_new" });
    const counts = await counted(async () => {
      for (const each of [body, body, older, unknown]) await push(INCIDENT, each);
    });
    expect(counts).toMatchObject({
      "pushes|i_new|accepted": 1,
      "pushes|i_new|duplicate": 1,
      "pushes|i_ack|stale": 1,
      "pushes|other|accepted": 1,
    });
    expect(Object.values(sumBy(counts, "pushes", "result")).reduce((sum, count) => sum + count, 0)).toBe(4);
    expect(bucketsOf(counts, "answer_seconds").reduce((sum, { count }) => sum + count, 0)).toBe(4);
  });

  it.each([
    ["no token", INCIDENT, { Authorization: null }, {}, "wrong_token", 0],
    ["another source", INCIDENT, { "CF-Connecting-IP": "198.51.100.7" }, {}, "unknown_source", 1],
    ["no push", INCIDENT, {}, {}, "bad_body", 0],
    ["an action that is not there", "/webhooks/action/none", {}, pressBody("x"), "unknown_action", 0],
    ["no JSON by its own word", INCIDENT, { "Content-Type": "text/plain" }, {}, "wrong_content_type", 0],
  ] as const)("with %s is counted by why it was refused", async (_, path, headers, body, reason, unlisted) => {
    const counts = await counted(async () => ask(pushRequest(path, body, headers)));
    const expected = { [`refusals|${reason}`]: 1, ...(unlisted && { unlisted_sources: 1, "drift|source": 1 }) };
    expect(timeless(counts)).toEqual(expected);
  });

  it("from another source without the token says nothing of the list", async () => {
    const headers = { "CF-Connecting-IP": "198.51.100.7", Authorization: null };
    const counts = await counted(async () => ask(pushRequest(INCIDENT, {}, headers)));
    expect(timeless(counts)).toEqual({ "refusals|unknown_source": 1 });
  });

  it("from another source that is let in is taken and counted as unlisted", async () => {
    const request = pushRequest(INCIDENT, eventBody(newIncident()), { "CF-Connecting-IP": "198.51.100.7" });
    const counts = await counted(async () => ask(request, { SOURCE_CHECK: "report" }));
    expect(timeless(counts)).toEqual({ "pushes|i_new|accepted": 1, unlisted_sources: 1, "drift|source": 1 });
  });

  it("that asks for what cannot run is a refusal, and no other", async () => {
    const press = pressBody(newIncident());
    const counts = await counted(async () => ask(pushRequest(ACTION, press), { RESTART_HOST_URL: "" }));
    expect(timeless(counts)).toEqual({ "refusals|cannot_run": 1, "runs|restart-host|failed": 1 });
  });

  it("is answered though the database fails, and counted once that is back", async () => {
    const DB = standIn(env.DB, { prepare: () => ({ bind: () => ({ run: fail }) }) });
    const counts = await counted(async () => {
      const { response, done } = await ask(pushRequest(INCIDENT, eventBody(newIncident())), { DB });
      expect(response.status).toBe(200);
      await done();
      await flush({ ...env, DB });
      expect(linesOf("tally.failed")).toHaveLength(1);
    });
    expect(timeless(counts)).toEqual({ "pushes|i_new|accepted": 1 });
  });
});

describe("a message of the queue", () => {
  it("is counted by its age", async () => {
    const counts = await counted(async () => deliver([{ incident_id: "none", event_id: "none", action: "none" }]));
    expect(bucketsOf(counts, "queue_age_seconds").reduce((sum, { count }) => sum + count, 0)).toBe(1);
  });
});

describe("what is counted", () => {
  it("is written some seconds later, in one go for all that came meanwhile", async () => {
    pace.is_automatic = true;
    const waiting: Promise<unknown>[] = [];
    const ctx = { waitUntil: (work: Promise<unknown>) => waiting.push(work) };
    const wait = vi.spyOn(scheduler, "wait").mockResolvedValue();
    const prepare = vi.spyOn(env.DB, "prepare");
    try {
      for (let n = 0; n < 100; n++) count(env, ctx, "runs", { action: "enrich", state: "failed" });
      observe(env, ctx, "answer_seconds", 0.3);
    } finally {
      pace.is_automatic = false;
    }
    expect(waiting).toHaveLength(1);
    await Promise.all(waiting);
    expect([wait.mock.calls, prepare.mock.calls.length]).toEqual([[[FLUSH_AFTER_MS]], 1]);
    expect((await readTallies(env.DB, Date.now())).totals).toMatchObject({ "runs|enrich|failed": 100 });
  });

  it("is begun to be written again where a flush never came to its end", async () => {
    pace.is_automatic = true;
    const waiting: Promise<unknown>[] = [];
    const ctx = { waitUntil: (work: Promise<unknown>) => waiting.push(work) };
    const began_at = Date.now();
    const clock = vi.spyOn(Date, "now").mockReturnValue(began_at);
    vi.spyOn(scheduler, "wait").mockReturnValue(new Promise(() => undefined));
    try {
      count(env, ctx, "unlisted_sources", {});
      clock.mockReturnValue(began_at + 9_000);
      count(env, ctx, "unlisted_sources", {});
      expect(waiting).toHaveLength(1);
      clock.mockReturnValue(began_at + 10_000);
      count(env, ctx, "unlisted_sources", {});
      expect(waiting).toHaveLength(2);
    } finally {
      pace.is_automatic = false;
    }
    await flush(env);
  });

  it("costs one written row, however much it is, and nothing where nothing was added", async () => {
    count(env, nowhere, "runs", { action: "enrich", state: "succeeded" });
    for (let n = 0; n < 50; n++) observe(env, nowhere, "queue_age_seconds", n);
    const rows: number[] = [];
    const run = async (...values: unknown[]) => {
      const result = await env.DB.prepare(sql)
        .bind(...values)
        .run();
      rows.push(result.meta.rows_written);
      return result;
    };
    let sql = "";
    const DB = standIn(env.DB, {
      prepare: (asked: string) => {
        sql = asked;
        return { bind: (...values: unknown[]) => ({ run: async () => run(...values) }) };
      },
    });
    await flush({ ...env, DB });
    await flush({ ...env, DB });
    expect(rows).toEqual([1]);
  });
});

const page = (version: number, count: number, at = NOON): Page => ({ at, version, counts: { "runs|x|failed": count } });
const total = async () => (await readTallies(env.DB, NOON)).totals["runs|x|failed"] ?? 0;
const NONE: Page["counts"] = {};
const never = (_at: number) => false;

describe("an isolate's counts of an interval", () => {
  beforeEach(empty);

  it.each([
    ["are what was written last", [page(1, 1), page(2, 5)], 5],
    ["are the same when they are written again", [page(1, 3), page(1, 3)], 3],
    ["are not replaced by older ones that come late", [page(2, 5), page(1, 1)], 5],
  ])("%s", async (_, pages, expected) => {
    for (const each of pages) await writePages(env.DB, "one", [each]);
    expect(await total()).toBe(expected);
  });

  it("add up with those of others", async () => {
    await writePages(env.DB, "one", [page(1, 3)]);
    await writePages(env.DB, "other", [page(1, 4), page(1, 5, NOON - INTERVAL_MS)]);
    const { totals, intervals } = await readTallies(env.DB, NOON);
    expect(totals).toEqual({ "runs|x|failed": 12 });
    expect(intervals).toEqual([
      { at: NOON - INTERVAL_MS, counts: { "runs|x|failed": 5 } },
      { at: NOON, counts: { "runs|x|failed": 7 } },
    ]);
  });

  it("show as an interval for a day, and in the totals for ever", async () => {
    const times = [NOON - 48 * HOUR_MS, NOON - 24 * HOUR_MS - INTERVAL_MS, NOON - 24 * HOUR_MS, NOON];
    await writePages(
      env.DB,
      "one",
      times.map((at) => page(1, 1, at)),
    );
    const { totals, intervals } = await readTallies(env.DB, NOON);
    expect([totals["runs|x|failed"], intervals.map(({ at }) => at)]).toEqual([4, times.slice(2)]);
  });
});

describe("folding", () => {
  beforeEach(empty);

  it("leaves a row for each interval of a day, one for all before, and the last hour as it is", async () => {
    const times = Array.from({ length: 6 * 30 }, (_, n) => NOON - (n + 1) * INTERVAL_MS);
    const pages = times.map((at) => ({ at, version: 1, counts: { "runs|x|failed": 1 } }));
    await writePages(env.DB, "one", pages);
    await writePages(env.DB, "other", pages.slice(0, 20));
    await worker.scheduled(createScheduledController({ scheduledTime: NOON }), env);
    const { results } = await env.DB.prepare("SELECT at, isolate FROM tallies").all<{ at: number; isolate: string }>();
    expect(results.filter(({ at, isolate }) => at === 0 && isolate === "")).toHaveLength(1);
    expect(results.filter(({ isolate }) => isolate !== "").every(({ at }) => at >= NOON - 70 * MINUTE_MS)).toBe(true);
    expect(results.filter(({ at, isolate }) => at > 0 && isolate === "").length).toBe(6 * 25 - 6);
    expect((await readTallies(env.DB, NOON)).totals).toEqual({ "runs|x|failed": 200 });
  });

  it("writes nothing where nothing is left to fold", async () => {
    const times = [NOON - 30 * HOUR_MS, NOON - 20 * HOUR_MS, NOON - 2 * HOUR_MS, NOON];
    for (const at of times) await writePages(env.DB, "one", [page(1, 1, at)]);
    const rows: number[] = [];
    const DB = standIn(env.DB, {
      batch: async (statements: D1PreparedStatement[]) => {
        const results = await env.DB.batch(statements);
        rows.push(results.reduce((sum, { meta }) => sum + meta.rows_written, 0));
        return results;
      },
    });
    await foldTallies(DB, NOON);
    await foldTallies(DB, NOON);
    expect([(rows[0] ?? 0) > 0, rows[1]]).toEqual([true, 0]);
  });

  it("that fails is tried again the next hour, and what is old is forgotten nevertheless", async () => {
    const DB = standIn(env.DB, { batch: fail });
    await worker.scheduled(createScheduledController({ scheduledTime: NOON }), { ...env, DB });
    const said = ["tally.failed", "drift.forgotten", "quarantine.forgotten"].map((what) => linesOf(what).length);
    expect(said).toEqual([1, 1, 1]);
  });

  /** Isolates that count and write, sometimes late or again, between foldings. */
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ isolate: fc.constantFrom("a", "b", "c"), by: fc.nat(5), late: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ fold_after_ms: fc.oneof(fc.nat(3 * HOUR_MS), fc.nat(40 * HOUR_MS)) }) },
  );

  it("counts nothing twice and loses nothing that came before it", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        await empty();
        let now = NOON;
        const isolates = new Map<string, Page>();
        /** What came in time, by isolate and interval; which intervals take no more. */
        const known = new Map<string, number>();
        let closed = never;
        const on_their_way: [string, Page][] = [];
        const arrive = async (isolate: string, page: Page) => {
          await writePages(env.DB, isolate, [page]);
          const name = `${isolate} ${page.at}`;
          const before = known.get(name) ?? 0;
          if (!closed(page.at)) known.set(name, Math.max(before, page.counts["drift|field"] ?? 0));
        };
        for (const each of steps) {
          if ("fold_after_ms" in each) {
            now += each.fold_after_ms;
            await foldTallies(env.DB, now);
            await foldTallies(env.DB, now);
            const times = Array.from(known.keys(), (name) => Number(name.split(" ")[1]));
            const was_closed = closed;
            const folded = new Set(times.filter((at) => at < now - HOUR_MS - INTERVAL_MS));
            const summed = Math.max(...times.filter((at) => at < now - 25 * HOUR_MS - INTERVAL_MS));
            closed = (at) => was_closed(at) || folded.has(at) || at <= summed;
            for (const [isolate, page] of on_their_way.splice(0)) await arrive(isolate, page);
            continue;
          }
          const at = now - (now % INTERVAL_MS);
          const { version, counts } = isolates.get(`${each.isolate} ${at}`) ?? { version: 0, counts: NONE };
          const page = { at, version: version + 1, counts: { "drift|field": (counts["drift|field"] ?? 0) + each.by } };
          isolates.set(`${each.isolate} ${at}`, page);
          if (each.late) on_their_way.push([each.isolate, page]);
          else await arrive(each.isolate, page);
        }
        const expected = Array.from(known.values()).reduce((sum, count) => sum + count, 0);
        expect((await readTallies(env.DB, now)).totals["drift|field"] ?? 0).toBe(expected);
      }),
      { numRuns: 50 },
    );
  });
});
