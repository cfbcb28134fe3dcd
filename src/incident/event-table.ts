// All SQL of an incident's events. Rows in, values of the domain out; no rule, no clock.
import type { Address, Event } from "../domain/event.ts";
import { newest, type Place } from "../domain/order.ts";
import type { Taken } from "../domain/take.ts";
import { type Replay, ReplayTable } from "./replay-table.ts";
import type { Tables } from "./schema.ts";

/** Rows are believed as they are: STRICT tables, and `apply` alone writes them. */
type Row = Pick<Event, "event_id" | "event_type" | "address" | "progress"> & Pick<Place, keyof Place>;
/** An event without its body. */
export type EventRow = Row & Pick<Event, "replayed_by">;
/** An event as it is kept. */
export type KeptEvent = EventRow & Pick<Event, "body">;

/** What is remembered of the events. */
interface Known {
  current: EventRow | null;
  arrivals: number;
  first_arrival_at: number;
  last_arrival_at: number;
}

const COLUMNS = "event_id, event_type, event_time, received_at, arrival, address, progress";

export class EventTable {
  readonly #tables: Tables;
  /** The current event and the last arrival, read once: neither push nor alarm may read all events of a busy incident. */
  #known: Known | null = null;
  readonly #replays: ReplayTable;

  constructor(tables: Tables) {
    this.#tables = tables;
    this.#replays = new ReplayTable(tables);
  }

  /** What was remembered of rows that were rolled back, or deleted with all others, is not true any more. */
  reset(): void {
    this.#known = null;
    this.#replays.reset();
  }

  /** The address at which the event was taken before; null where it was not. */
  addressOf(event_id: string): Address | null {
    const query = "SELECT address FROM events WHERE event_id = ?";
    return this.#tables.read<{ address: Address }>(query, event_id)[0]?.address ?? null;
  }

  /** `now` (ms): when it was replayed, where it was. */
  apply(event: Event & Place, record: Taken["record"], now: number): void {
    const { event_id, event_type, event_time, received_at, arrival, address, progress, body } = event;
    if (record === "add") {
      const row = [event_id, event_type, event_time, received_at, arrival, address, progress, body];
      this.#tables.write(`INSERT INTO events (${COLUMNS}, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, ...row);
      const { current, first_arrival_at } = this.#read();
      this.#known = {
        current: newest(current === null ? [event] : [current, event]),
        arrivals: arrival,
        first_arrival_at: arrival === 1 ? received_at : first_arrival_at,
        last_arrival_at: received_at,
      };
    }
    if (record === "complete")
      this.#tables.write("UPDATE events SET address = ?, body = ? WHERE event_id = ?", address, body, event_id);
    const { replayed_by } = event;
    if (record === "nothing" || replayed_by === undefined) return;
    this.#replays.save({ event_id, replayed_by, replayed_at: now });
    this.#known = null;
  }

  /** All events that arrived after so many, oldest arrival first. */
  all(arrivals = 0): EventRow[] {
    const query = `SELECT ${COLUMNS} FROM events WHERE arrival > ? ORDER BY arrival`;
    return marked(this.#tables.read<Row>(query, arrivals), this.#replays.all());
  }

  /** The event that was current when so many had arrived. */
  currentAt(arrivals: number): EventRow | null {
    return newest(this.#tables.read<Row>(`SELECT ${COLUMNS} FROM events WHERE arrival <= ?`, arrivals));
  }

  /** One event, with its body as received. */
  one(event_id: string): KeptEvent | null {
    const query = `SELECT ${COLUMNS}, body FROM events WHERE event_id = ?`;
    return marked(this.#tables.read<Row & { body: string }>(query, event_id), this.#replays.all())[0] ?? null;
  }

  /** When events of the type arrived. Milliseconds. */
  arrivalsOf(event_type: string): number[] {
    const query = "SELECT received_at FROM events WHERE event_type = ?";
    return this.#tables.read<{ received_at: number }>(query, event_type).map(({ received_at }) => received_at);
  }

  /** The current event. */
  current(): EventRow | null {
    return this.#read().current;
  }

  /** How many have arrived. */
  arrivals(): number {
    return this.#read().arrivals;
  }

  /** The number the next event to arrive is given. */
  nextArrival(): number {
    return this.arrivals() + 1;
  }

  /** When the incident was opened, as far as this receiver knows: when its first event came. Milliseconds; 0 where none has. */
  firstArrivalAt(): number {
    return this.#read().first_arrival_at;
  }

  /** When an event last came, by itself or replayed. Milliseconds; 0 where none has. */
  lastArrivalAt(): number {
    return this.#read().last_arrival_at;
  }

  #read(): Known {
    if (this.#known === null) {
      const events = this.all();
      const last = events.at(-1);
      this.#known = {
        current: newest(events),
        arrivals: last?.arrival ?? 0,
        first_arrival_at: events[0]?.received_at ?? 0,
        last_arrival_at: Math.max(last?.received_at ?? 0, ...this.#replays.all().map(({ replayed_at }) => replayed_at)),
      };
    }
    return this.#known;
  }
}

function marked<R extends Row>(rows: readonly R[], replays: readonly Replay[]): (R & Pick<Event, "replayed_by">)[] {
  if (replays.length === 0) return [...rows];
  const by = new Map(replays.map(({ event_id, replayed_by }) => [event_id, replayed_by]));
  return rows.map((row) => {
    const replayed_by = by.get(row.event_id);
    return replayed_by === undefined ? row : { ...row, replayed_by };
  });
}
