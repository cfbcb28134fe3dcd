// All SQL of an incident. Rows in, values of the domain out; no rule, no clock.
import type { Address, Event } from "../domain/event.ts";
import { newest, type Place } from "../domain/order.ts";
import { isReport } from "../domain/report.ts";
import { Run, type Values } from "../domain/run.ts";
import type { Known, Taken } from "../domain/take.ts";
import { wordsOf } from "../domain/thrown.ts";
import { log } from "../log.ts";
import { isPresent, migrate } from "./schema.ts";

/** An event without its body. Rows are believed as they are: STRICT tables, and `apply` alone writes them. */
export type EventRow = Pick<Event, "event_id" | "event_type" | "address" | "progress"> & Pick<Place, keyof Place>;
/** An event as it is kept. */
export type KeptEvent = EventRow & Pick<Event, "body">;

/** What the store remembers of the events. */
interface EventsKnown {
  current: EventRow | null;
  arrivals: number;
  last_arrival_at: number;
}

/** Runs that one alarm moves; what is left comes with the next one, at once. */
const MOST_AT_ONCE = 500;

const COLUMNS = "event_id, event_type, event_time, received_at, arrival, address, progress";

export class Store {
  readonly #sql: SqlStorage;
  #isMigrated = false;
  /** The current event and the last arrival, read once: neither push nor alarm may read all events of a busy incident. */
  #known: EventsKnown | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Makes the tables ready to be written; inside a transaction. */
  prepare(): void {
    if (!this.#isMigrated) migrate(this.#sql);
    this.#isMigrated = true;
  }

  /** Whether there is anything to read: asking an incident that is not known must not make it keep tables. */
  #isPresent(): boolean {
    return this.#isMigrated || isPresent(this.#sql);
  }

  /** What was remembered of rows that were rolled back, or deleted with all others, is not true any more. */
  reset(): void {
    this.#isMigrated = false;
    this.#known = null;
  }

  known(event_id: string): Omit<Known, "begun"> {
    const [same] = this.#sql
      .exec<{ address: Address }>("SELECT address FROM events WHERE event_id = ?", event_id)
      .toArray();
    const runs = same === undefined ? [] : this.#runs("WHERE event_id = ?", event_id);
    return { same: same ?? null, runs: runs.filter((run) => !isReport(run)), newest: this.current() };
  }

  /** The actions that were run for the incident: with success, with an unknown outcome, or not yet at their end. */
  begun(): string[] {
    const query = `SELECT DISTINCT action FROM runs WHERE run ->> 'state' IN ('succeeded', 'unknown') OR due_at IS NOT NULL`;
    return this.#sql
      .exec<{ action: string }>(query)
      .toArray()
      .map(({ action }) => action);
  }

  /** Until when an attempt at another run of the same action may go on; null where none does. Milliseconds. */
  busyUntil({ event_id, action }: Pick<Run, "event_id" | "action">, now: number): number | null {
    if (!this.#isPresent()) return null;
    const query = `SELECT max(due_at) AS until FROM runs
      WHERE action = ? AND event_id <> ? AND due_at > ? AND run ->> 'state' = 'running'`;
    return this.#sql.exec<{ until: number | null }>(query, action, event_id, now).one().until;
  }

  /** How many runs of the action wait for their turn; `reason` is that of waiting for it. */
  countInTurn(action: string, reason: string): number {
    const query = "SELECT count(*) AS count FROM runs WHERE action = ? AND due_at IS NOT NULL AND run ->> 'reason' = ?";
    return this.#sql.exec<{ count: number }>(query, action, reason).one().count;
  }

  /** The run of the action that has waited longest for its turn; `reason` is that of waiting for it. */
  nextInTurn(action: string, reason: string): Run | null {
    const rest = "WHERE action = ? AND run ->> 'state' IN ('planned', 'waiting') AND run ->> 'reason' = ?";
    return this.#runs(`${rest} ORDER BY run ->> 'planned_at' LIMIT 1`, action, reason)[0] ?? null;
  }

  /** What the last run of the action that succeeded has found; nothing where there is none. */
  earlier(action: string): Values {
    const rest = "WHERE action = ? AND run ->> 'state' = 'succeeded' ORDER BY run ->> 'ended_at' DESC LIMIT 1";
    return this.#runs(rest, action)[0]?.values ?? {};
  }

  /** The number the next event to arrive is given. */
  nextArrival(): number {
    return this.#events().arrivals + 1;
  }

  apply(event: Event & Place, taken: Taken): void {
    const { event_id, address, body } = event;
    if (taken.record === "add") {
      this.#sql.exec(
        `INSERT INTO events (${COLUMNS}, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        event_id,
        event.event_type,
        event.event_time,
        event.received_at,
        event.arrival,
        address,
        event.progress,
        body,
      );
      const current = this.current();
      this.#known = {
        current: newest(current === null ? [event] : [current, event]),
        arrivals: event.arrival,
        last_arrival_at: event.received_at,
      };
    }
    if (taken.record === "complete")
      this.#sql.exec("UPDATE events SET address = ?, body = ? WHERE event_id = ?", address, body, event_id);
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
    if (!this.#isPresent()) return [];
    return this.#sql.exec<EventRow>(`SELECT ${COLUMNS} FROM events ORDER BY arrival`).toArray();
  }

  /** One event, with its body as received. */
  event(event_id: string): KeptEvent | null {
    if (!this.#isPresent()) return null;
    const query = `SELECT ${COLUMNS}, body FROM events WHERE event_id = ?`;
    return this.#sql.exec<KeptEvent>(query, event_id).toArray()[0] ?? null;
  }

  runs(): Run[] {
    return this.#runs("ORDER BY run ->> 'planned_at', event_id, action");
  }

  run(event_id: string, action: string): Run | null {
    return this.#runs("WHERE event_id = ? AND action = ?", event_id, action)[0] ?? null;
  }

  /** Runs whose time has come, some hundreds at a time. */
  dueRuns(now: number): Run[] {
    return this.#runs("WHERE due_at <= ? ORDER BY due_at LIMIT ?", now, MOST_AT_ONCE);
  }

  /** How many runs' time has come, those that cannot be read among them. */
  countDue(now: number): number {
    return this.#sql.exec<{ count: number }>("SELECT count(*) AS count FROM runs WHERE due_at <= ?", now).one().count;
  }

  /** When the first open run is due whose time has not come. Milliseconds. */
  othersDueAt(now: number): number | null {
    if (!this.#isPresent()) return null;
    const query = "SELECT min(due_at) AS due_at FROM runs WHERE due_at > ?";
    return this.#sql.exec<{ due_at: number | null }>(query, now).one().due_at;
  }

  /** The current event. */
  current(): EventRow | null {
    return this.#events().current;
  }

  /** When the last event arrived or the last run ended. Milliseconds. */
  lastActiveAt(): number {
    const query = "SELECT max(run ->> 'ended_at') AS ended_at FROM runs";
    const { ended_at } = this.#sql.exec<{ ended_at: number | null }>(query).one();
    return Math.max(this.#events().last_arrival_at, ended_at ?? 0);
  }

  #runs(rest: string, ...values: SqlStorageValue[]): Run[] {
    if (!this.#isPresent()) return [];
    const rows = this.#sql.exec<{ run: string }>(`SELECT run FROM runs ${rest}`, ...values).toArray();
    return rows.flatMap(({ run }) => readable(run));
  }

  #events(): EventsKnown {
    if (this.#known === null) {
      const events = this.events();
      const last = events.at(-1);
      this.#known = {
        current: newest(events),
        arrivals: last?.arrival ?? 0,
        last_arrival_at: last?.received_at ?? 0,
      };
    }
    return this.#known;
  }
}

/** A run that this code cannot read, written by newer code that was taken back, must not stop the others: it waits. */
function readable(row: string): Run[] {
  const run = Run.safeParse(JSON.parse(row));
  if (run.success) return [run.data];
  log("run.unreadable", { error: wordsOf(run.error) });
  return [];
}
