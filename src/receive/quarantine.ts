// The quarantine: what came with the right token and could not be taken, with the reason. All SQL of it.
import * as z from "zod";

/** What is kept of a push, or of a queue's message, that could not be taken. */
export interface Kept {
  why: string;
  detail: string;
  /** The path and query it came to, or "queue". */
  address: string;
  /** Who sent it: `CF-Connecting-IP`. */
  source: string;
  received_at: number;
  /** As received; only the head of one that was too large. */
  body: string;
}

const Row = z.object({
  id: z.string(),
  why: z.string(),
  detail: z.string(),
  address: z.string(),
  source: z.string(),
  first_at: z.number(),
  last_at: z.number(),
  times: z.number(),
  body: z.string(),
});
export type Quarantined = z.output<typeof Row>;

/** Keeps it, and returns its id. The same thing again is counted, and has the same id. */
export async function keep(db: D1Database, kept: Kept): Promise<string> {
  const id = await idOf(kept);
  await db
    .prepare(
      `INSERT INTO quarantine (id, why, detail, address, source, first_at, last_at, times, body)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 1, ?7)
       ON CONFLICT (id) DO UPDATE SET times = times + 1, last_at = max(last_at, excluded.last_at)`,
    )
    .bind(id, kept.why, kept.detail, kept.address, kept.source, kept.received_at, kept.body)
    .run();
  return id;
}

/** The newest first, after the place where the last page ended. At most `limit`. */
export async function list(
  db: D1Database,
  after: { last_at: number; id: string } | null,
  limit: number,
): Promise<Quarantined[]> {
  const { results } = await db
    .prepare(
      `SELECT id, why, detail, address, source, first_at, last_at, times, body FROM quarantine
       WHERE (?1 IS NULL OR last_at < ?1 OR (last_at = ?1 AND id > ?2)) ORDER BY last_at DESC, id LIMIT ?3`,
    )
    .bind(after?.last_at ?? null, after?.id ?? "", limit)
    .all();
  return z.array(Row).parse(results);
}

/** Forgets what last came before `time` (ms); returns how many. */
export async function forgetBefore(db: D1Database, time: number): Promise<number> {
  const { meta } = await db.prepare("DELETE FROM quarantine WHERE last_at < ?").bind(time).run();
  return meta.changes;
}

async function idOf({ why, address, source, body }: Kept): Promise<string> {
  const named = new TextEncoder().encode([why, address, source, body].join("\n"));
  const digest = await crypto.subtle.digest("SHA-256", named);
  const bytes = Array.from(new Uint8Array(digest, 0, 16));
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
