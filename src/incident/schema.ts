// The tables of one incident. WITHOUT ROWID and without further indexes: each row written is paid for, and an
// incident's few rows are quickly read through.
import { isPresent, migrate } from "../migrate.ts";

/** Applied in order, each once; a new one goes at the end, and none is ever changed. */
const MIGRATIONS = [
  `CREATE TABLE events (
    event_id TEXT PRIMARY KEY,
    event_type TEXT NOT NULL,
    event_time INTEGER,
    received_at INTEGER NOT NULL,
    arrival INTEGER NOT NULL,
    address TEXT NOT NULL,
    progress TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE runs (
    event_id TEXT NOT NULL,
    action TEXT NOT NULL,
    due_at INTEGER,
    run TEXT NOT NULL CHECK (json_valid(run)),
    PRIMARY KEY (event_id, action)
  ) STRICT, WITHOUT ROWID;`,
];

/** The tables, made when the first row is to be written. */
export class Tables {
  readonly #sql: SqlStorage;
  #is_ready = false;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Brings the tables to the newest version, so that they can be written; inside a transaction. */
  prepare(): void {
    if (!this.#is_ready) migrate(this.#sql, MIGRATIONS);
    this.#is_ready = true;
  }

  /** After a transaction that was rolled back, or after everything was deleted. */
  reset(): void {
    this.#is_ready = false;
  }

  /** The rows; none where there are no tables: asking an incident that is not known must not make it keep some. */
  read<Row extends Record<string, SqlStorageValue>>(query: string, ...values: SqlStorageValue[]): Row[] {
    return this.#is_ready || isPresent(this.#sql) ? this.#sql.exec<Row>(query, ...values).toArray() : [];
  }

  write(statement: string, ...values: SqlStorageValue[]): void {
    this.#sql.exec(statement, ...values);
  }
}
