// The database of a local runtime, brought to the version that the migrations say.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Miniflare } from "miniflare";
import { unstable_splitSqlQuery } from "wrangler";

export type Database = Awaited<ReturnType<Miniflare["getD1Database"]>>;

const MIGRATIONS = fileURLToPath(new URL("../../migrations/", import.meta.url));

/** Applies every migration; the database is new. */
export async function migrated(db: Database): Promise<Database> {
  for (const name of readdirSync(MIGRATIONS).toSorted()) {
    const statements = unstable_splitSqlQuery(readFileSync(MIGRATIONS + name, "utf8"));
    await db.batch(statements.map((statement) => db.prepare(statement)));
  }
  return db;
}
