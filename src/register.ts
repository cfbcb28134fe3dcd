// Which incidents there are: an incident's object can be found by its name only, so the names are kept in one place. Nobody
// waits for it but the index, and whoever builds that anew.
import { DurableObject } from "cloudflare:workers";
import { migrate } from "./migrate.ts";

const MIGRATIONS = ["CREATE TABLE incidents (incident_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID"];

export class Register extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.transactionSync(() => {
      migrate(ctx.storage.sql, MIGRATIONS);
    });
  }

  /** Enters an incident; one that is there already costs nothing. */
  enter(incident_id: string): void {
    this.ctx.storage.sql.exec("INSERT OR IGNORE INTO incidents (incident_id) VALUES (?)", incident_id);
  }

  /** Strikes out one that is forgotten. */
  strike(incident_id: string): void {
    this.ctx.storage.sql.exec("DELETE FROM incidents WHERE incident_id = ?", incident_id);
  }

  /** Those after `cursor`, in the order of their ids, at most so many. */
  page(cursor: string, limit: number): string[] {
    const query = "SELECT incident_id FROM incidents WHERE incident_id > ? ORDER BY incident_id LIMIT ?";
    return this.ctx.storage.sql
      .exec<{ incident_id: string }>(query, cursor, limit)
      .toArray()
      .map(({ incident_id }) => incident_id);
  }
}

/** The one register. */
export function registerOf(env: Env): ReturnType<Env["REGISTER"]["getByName"]> {
  return env.REGISTER.getByName("register", { retry: { maxRetries: 2, timeoutMs: 2_000 } });
}
