// The quarantine: what came with the right token and could not be taken, with the reason. All SQL of it.
import * as z from "zod";
import type { Body } from "./body.ts";
import type { Refusal } from "./refusal.ts";

/** What is kept of a push, or of a queue's message, that could not be taken. */
export interface Kept {
  why: Refusal["why"] | "dead_message";
  /** In words. */
  detail: string;
  /** Where it came to, or "queue". */
  path_and_query: string;
  /** Who sent it: `CF-Connecting-IP`. */
  source: string;
  received_at: number;
  /** As received; only the head of one that was too large. */
  body: string;
  /** Why the body is not what was sent, or not all of it; none where it is whole. */
  flaw?: Body["flaw"];
}

const Row = z.object({
  id: z.string(),
  why: z.string(),
  /** In words. */
  detail: z.string(),
  /** Where it came to, or "queue". */
  path_and_query: z.string(),
  source: z.string(),
  first_at: z.number(),
  last_at: z.number(),
  times: z.int(),
  /** Of the whole body, in UTF-16 units. */
  body_length: z.int(),
});

/** What could not be taken, in a list: with the first characters of its body. */
export const QuarantineItem = Row.extend({ body_head: z.string() });
export type QuarantineItem = z.output<typeof QuarantineItem>;
/** With its whole body. */
export const QuarantineEntry = Row.extend({ body: z.string() });
export type QuarantineEntry = z.output<typeof QuarantineEntry>;
/** What a replay needs to know. */
const Replayable = QuarantineEntry.extend({ flaw: z.enum(["too_large", "not_utf8", "cut_off"]).nullable() });
export type Replayable = z.output<typeof Replayable>;

/** A list of whole bodies, up to a megabyte each, would be more than a Worker holds. */
const HEAD_CHARACTERS = 300;
/** What is kept at most, the newest: a wrong setting in Flashduty fills the quarantine, and must not fill the database. */
const MOST_KEPT = 5_000;

/** Keeps it, and returns its id. The same thing again is counted, and has the same id. */
export async function keep(db: D1Database, kept: Kept): Promise<string> {
  const id = await idOf(kept);
  await db
    .prepare(
      `INSERT INTO quarantine (id, why, detail, path_and_query, source, first_at, last_at, times, body, body_head, body_length, flaw)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 1, ?7, ?8, ?9, ?10)
       ON CONFLICT (id) DO UPDATE SET times = times + 1, last_at = max(last_at, excluded.last_at)`,
    )
    .bind(
      id,
      kept.why,
      kept.detail,
      kept.path_and_query,
      kept.source,
      kept.received_at,
      kept.body,
      headOf(kept.body),
      kept.body.length,
      kept.flaw ?? null,
    )
    .run();
  return id;
}

const COLUMNS = "id, why, detail, path_and_query, source, first_at, last_at, times, body_length";

/** The newest first, after the place where the last page ended, with the head of each body. At most `limit`. */
export async function list(
  db: D1Database,
  after: { last_at: number; id: string } | null,
  limit: number,
): Promise<QuarantineItem[]> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS}, body_head FROM quarantine
       WHERE (?1 IS NULL OR last_at < ?1 OR (last_at = ?1 AND id > ?2)) ORDER BY last_at DESC, id LIMIT ?3`,
    )
    .bind(after?.last_at ?? null, after?.id ?? "", limit)
    .all();
  return z.array(QuarantineItem).parse(results);
}

/** One of them with its whole body, or null. */
export async function show(db: D1Database, id: string): Promise<QuarantineEntry | null> {
  return QuarantineEntry.nullable().parse(await rowOf(db, id));
}

/** One of them as a replay needs it, or null. */
export async function find(db: D1Database, id: string): Promise<Replayable | null> {
  return Replayable.nullable().parse(await rowOf(db, id));
}

async function rowOf(db: D1Database, id: string): Promise<unknown> {
  return db.prepare(`SELECT ${COLUMNS}, flaw, body FROM quarantine WHERE id = ?`).bind(id).first();
}

/** How many there are; counted are not many more than are kept. */
export async function size(db: D1Database): Promise<number> {
  const some = "SELECT 1 FROM quarantine LIMIT ?";
  const row = await db
    .prepare(`SELECT count(*) AS count FROM (${some})`)
    .bind(2 * MOST_KEPT)
    .first();
  return z.object({ count: z.number() }).parse(row).count;
}

/** Deletes one; false where there was none. */
export async function remove(db: D1Database, id: string): Promise<boolean> {
  const { meta } = await db.prepare("DELETE FROM quarantine WHERE id = ?").bind(id).run();
  return meta.changes > 0;
}

/** Forgets what last came before `time` (ms), and the oldest of what is too much; returns how many. */
export async function forgetBefore(db: D1Database, time: number): Promise<number> {
  const surplus = "SELECT id FROM quarantine ORDER BY last_at DESC, id LIMIT -1 OFFSET ?2";
  const { meta } = await db
    .prepare(`DELETE FROM quarantine WHERE last_at < ?1 OR id IN (${surplus})`)
    .bind(time, MOST_KEPT)
    .run();
  return meta.changes;
}

function headOf(body: string): string {
  return Array.from(body.slice(0, 2 * HEAD_CHARACTERS))
    .slice(0, HEAD_CHARACTERS)
    .join("");
}

async function idOf({ why, detail, path_and_query, source, body, flaw }: Kept): Promise<string> {
  const what = flaw ? `${why} ${flaw}` : why;
  const named = new TextEncoder().encode([what, detail, path_and_query, source, body].join("\n"));
  const digest = await crypto.subtle.digest("SHA-256", named);
  const bytes = Array.from(new Uint8Array(digest, 0, 16));
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
