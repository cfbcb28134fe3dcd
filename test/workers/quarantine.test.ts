// What the quarantine keeps, how much of it, and how it is shown.
import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import worker from "../../src/index.ts";
import { keep } from "../../src/receive/quarantine.ts";
import { adminGet, entriesOf, entryView, quarantineView } from "./admin.ts";
import { linesOf } from "./logged.ts";
import { ACTION, INCIDENT, kindOf, LISTED_SOURCE, problemOf, push } from "./push.ts";

const MIB = 1024 * 1024;
const DAY_MS = 24 * 60 * 60_000;
const ROW = { why: "bad_body", detail: "", path_and_query: "", source: "", received_at: 1, body: "" } as const;

beforeEach(async () => {
  await env.DB.exec("DELETE FROM quarantine");
});

async function countOf(): Promise<unknown> {
  return env.DB.prepare("SELECT count(*) AS count FROM quarantine").first("count");
}

/** Adds rows by the thousand: their ids are 1 and following, and so are the times at which they came. */
async function fill(count: number): Promise<void> {
  await env.DB.prepare(
    `WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
     INSERT INTO quarantine (id, why, detail, path_and_query, source, first_at, last_at, times, body, body_head, body_length)
     SELECT printf('%032x', n), 'bad_body', '', '', '', ?2 + n, ?2 + n, 1, n, n, length(n) FROM n`,
  )
    .bind(count, Date.now())
    .run();
}

describe("the list", () => {
  it("has the head of each body, and its length", async () => {
    const bodies = ["", "x", "头👩‍💻".repeat(60), "y".repeat(299), "z".repeat(300), "a".repeat(301), "b".repeat(10_000)];
    for (const [n, body] of bodies.entries()) await keep(env.DB, { ...ROW, body, received_at: 100 - n });
    const { items } = await quarantineView();
    expect(items.map(({ body_head, body_length }) => [body_head, body_length])).toEqual(
      bodies.map((body) => [Array.from(body).slice(0, 300).join(""), body.length]),
    );
  });

  it("has the head and the length of a body that holds U+0000", async () => {
    await keep(env.DB, { ...ROW, body: "ab\0cdef" });
    expect((await quarantineView()).items).toMatchObject([{ body_head: "ab\0cdef", body_length: 7 }]);
  });

  it("of 30 refused bodies of 1 MiB each is shown, and each of them as a whole", async () => {
    const bodies = Array.from({ length: 30 }, (_, n) => `{${n}`.padEnd(MIB, "x"));
    for (const body of bodies) expect((await push(INCIDENT, body)).status).toBe(400);
    const response = await adminGet("/admin/api/quarantine?limit=100");
    expect(response.status).toBe(200);
    expect((await response.text()).length).toBeLessThan(64 * 1024);
    const { items } = await quarantineView("?limit=100");
    expect(items.map(({ body_length }) => body_length)).toEqual(bodies.map(() => MIB));
    for (const { id, body_head } of items) {
      const { body } = await entryView(id);
      expect([body.startsWith(body_head), bodies.includes(body)]).toEqual([true, true]);
    }
  });
});

describe("an entry", () => {
  it("is shown with its whole body, as received, and all that is known of it", async () => {
    const sent = `{"title":"头👩‍💻 ${"a".repeat(1_000)}`;
    const problem = await problemOf(await push(`${ACTION}?dc=nj`, sent));
    const entry = await entryView(problem.kept ?? "");
    expect(entry).toEqual({
      id: problem.kept,
      why: "bad_body",
      detail: "the body is not JSON",
      path_and_query: `${ACTION}?dc=nj`,
      source: LISTED_SOURCE,
      first_at: entry.last_at,
      last_at: entry.last_at,
      times: 1,
      body_length: sent.length,
      body: sent,
    });
  });

  it("is shown whole where its body holds characters that end a text elsewhere", async () => {
    const id = await keep(env.DB, { ...ROW, body: "ab\0cdef" });
    expect((await entryView(id)).body).toBe("ab\0cdef");
  });

  it.each(["unknown", "0".repeat(32), "%27%20OR%201=1", "%25"])("that is not there (%s) is 404", async (id) => {
    await keep(env.DB, ROW);
    const problem = await problemOf(await adminGet(`/admin/api/quarantine/${id}`));
    expect([problem.status, kindOf(problem)]).toEqual([404, "not-found"]);
  });

  it("is another where anything of it differs, its detail included, and the same where only its time does", async () => {
    const id = await keep(env.DB, ROW);
    expect(await keep(env.DB, { ...ROW, received_at: 2 })).toBe(id);
    const others = await Promise.all(
      [
        { why: "too_large" as const },
        { detail: "another fault" },
        { path_and_query: "/elsewhere" },
        { source: "203.0.113.9" },
        { body: "another" },
      ].map(async (change) => keep(env.DB, { ...ROW, ...change })),
    );
    expect(new Set([id, ...others]).size).toBe(6);
    expect(await entryView(id)).toMatchObject({ first_at: 1, last_at: 2, times: 2 });
    expect(await countOf()).toBe(6);
    expect(await entriesOf("")).toHaveLength(5);
  });
});

describe("by schedule", () => {
  it("the newest 5,000 are kept, and the oldest of what is too much forgotten", async () => {
    await fill(5_003);
    await worker.scheduled(createScheduledController({ scheduledTime: Date.now() }), env);
    expect(linesOf("quarantine.forgotten")).toEqual([{ what: "quarantine.forgotten", count: 3 }]);
    const { count, oldest } = await env.DB.prepare(
      "SELECT count(*) AS count, min(CAST(body AS INTEGER)) AS oldest FROM quarantine",
    )
      .first<{ count: number; oldest: number }>()
      .then((row) => ({ count: row?.count, oldest: row?.oldest }));
    expect([count, oldest]).toEqual([5_000, 4]);
  });

  it("5,000 are not too much", async () => {
    await fill(5_000);
    await worker.scheduled(createScheduledController({ scheduledTime: Date.now() }), env);
    expect(linesOf("quarantine.forgotten")).toMatchObject([{ count: 0 }]);
    expect(await countOf()).toBe(5_000);
  });

  it("what is too old goes together with what is too much", async () => {
    const now = Date.now();
    await fill(5_001);
    await keep(env.DB, { ...ROW, received_at: now - 30 * DAY_MS - 1 });
    await worker.scheduled(createScheduledController({ scheduledTime: now }), env);
    expect(linesOf("quarantine.forgotten")).toMatchObject([{ count: 2 }]);
    expect(await countOf()).toBe(5_000);
  });
});
