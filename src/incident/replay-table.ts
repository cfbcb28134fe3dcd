// All SQL of an incident's replays: events that a person had taken from the quarantine. Most incidents never see one, and
// every new object would pay for the table, so it is made with its first row.
import type { Tables } from "./schema.ts";

export type Replay = {
  event_id: string;
  replayed_by: string;
  /** Milliseconds. */
  replayed_at: number;
};

const TABLE = `CREATE TABLE IF NOT EXISTS replays (
  event_id TEXT PRIMARY KEY,
  replayed_by TEXT NOT NULL,
  replayed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID`;

export class ReplayTable {
  readonly #tables: Tables;
  #is_made: boolean | null = null;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** What was remembered may have been rolled back, or deleted with everything else. */
  reset(): void {
    this.#is_made = null;
  }

  /** Inside a transaction. */
  save({ event_id, replayed_by, replayed_at }: Replay): void {
    this.#tables.write(TABLE);
    const statement = "INSERT OR REPLACE INTO replays (event_id, replayed_by, replayed_at) VALUES (?, ?, ?)";
    this.#tables.write(statement, event_id, replayed_by, replayed_at);
    this.#is_made = true;
  }

  all(): Replay[] {
    this.#is_made ??= this.#tables.read("SELECT 1 FROM sqlite_master WHERE name = 'replays'").length > 0;
    return this.#is_made ? this.#tables.read<Replay>("SELECT event_id, replayed_by, replayed_at FROM replays") : [];
  }
}
