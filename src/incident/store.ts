// All SQL of an incident. Rows in, values of the domain out; no rule, no clock.
import type { Address, Event } from "../domain/event.ts";
import { newest, type Place } from "../domain/order.ts";
import { Run } from "../domain/run.ts";
import type { Known, Taken } from "../domain/take.ts";
import { isPresent, migrate } from "./schema.ts";

/** An event without its body. */
export interface EventRow extends Place {
  event_id: string;
  event_type: string;
  address: Address;
}

/** An event as it is kept. */
export interface KeptEvent extends EventRow {
  body: string;
}

/** What the tables hold by their own STRICT types and by what `apply` alone writes into them. */
type Row<T> = { [K in keyof T]: T[K] };
const COLUMNS = "event_id, event_type, event_time, received_at, arrival, address";

export class Store {
  readonly #sql: SqlStorage;
  #isMigrated = false;
  /** The current event's place and the count of events, read once: a push to a busy incident must not read them all. */
  #latest: { place: Place | null; arrivals: number } | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Whether this incident is known. Readers ask first, and find empty tables otherwise missing. */
  isPresent(): boolean {
    return this.#isMigrated || isPresent(this.#sql);
  }

  /** Makes the tables ready to be written; inside a transaction. */
  prepare(): void {
    if (!this.#isMigrated) migrate(this.#sql);
    this.#isMigrated = true;
  }

  /** What was remembered of rows that were rolled back, or deleted with all others, is not true any more. */
  reset(): void {
    this.#isMigrated = false;
    this.#latest = null;
  }

  known(event_id: string): Known {
    const [same] = this.#sql
      .exec<{ address: Address }>("SELECT address FROM events WHERE event_id = ?", event_id)
      .toArray();
    const runs = same === undefined ? [] : this.runsOf(event_id);
    return { same: same ?? null, runs, newest: this.#newest().place };
  }

  /** The number the next event to arrive is given. */
  nextArrival(): number {
    return this.#newest().arrivals + 1;
  }

  apply(event: Event & Place, taken: Taken): void {
    const { event_id, address, body } = event;
    if (taken.record === "add") {
      this.#sql.exec(
        `INSERT INTO events (${COLUMNS}, body) VALUES (?, ?, ?, ?, ?, ?, ?)`,
        event_id,
        event.event_type,
        event.event_time,
        event.received_at,
        event.arrival,
        address,
        body,
      );
      const { place } = this.#newest();
      this.#latest = { place: newest(place === null ? [event] : [place, event]), arrivals: event.arrival };
    }
    if (taken.record === "complete")
      this.#sql.exec("UPDATE events SET address = ?, body = ? WHERE event_id = ?", address, body, event_id);
    for (const run of taken.runs) this.save(run);
  }

  save(run: Run): void {
    this.#sql.exec(
      `INSERT INTO runs (event_id, action, due_at, run) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET due_at = excluded.due_at, run = excluded.run`,
      run.event_id,
      run.action,
      run.due_at,
      JSON.stringify(run),
    );
  }

  /** All events, oldest arrival first. */
  events(): EventRow[] {
    return this.#sql.exec<Row<EventRow>>(`SELECT ${COLUMNS} FROM events ORDER BY arrival`).toArray();
  }

  /** One event, with its body as received. */
  event(event_id: string): KeptEvent | null {
    const query = `SELECT ${COLUMNS}, body FROM events WHERE event_id = ?`;
    return this.#sql.exec<Row<KeptEvent>>(query, event_id).toArray()[0] ?? null;
  }

  runs(): Run[] {
    return this.#runs("ORDER BY run ->> 'planned_at', event_id, action");
  }

  runsOf(event_id: string): Run[] {
    return this.#runs("WHERE event_id = ?", event_id);
  }

  run(event_id: string, action: string): Run | null {
    return this.#runs("WHERE event_id = ? AND action = ?", event_id, action)[0] ?? null;
  }

  dueRuns(now: number): Run[] {
    return this.#runs("WHERE due_at <= ?", now);
  }

  /** When the first open run is due, or null where none is open. Milliseconds. */
  nextDue(): number | null {
    return this.#sql.exec<{ due_at: number | null }>("SELECT min(due_at) AS due_at FROM runs").one().due_at;
  }

  #runs(rest: string, ...values: SqlStorageValue[]): Run[] {
    const rows = this.#sql.exec<{ run: string }>(`SELECT run FROM runs ${rest}`, ...values).toArray();
    return rows.map(({ run }) => Run.parse(JSON.parse(run)));
  }

  #newest(): { place: Place | null; arrivals: number } {
    if (this.#latest === null) {
      const events = this.events();
      this.#latest = { place: newest(events), arrivals: events.at(-1)?.arrival ?? 0 };
    }
    return this.#latest;
  }
}
