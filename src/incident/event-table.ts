// All SQL of an incident's events. Rows in, values of the domain out; no rule, no clock.
import type { Address, Event } from "../domain/event.ts";
import { newest, type Place } from "../domain/order.ts";
import type { Taken } from "../domain/take.ts";
import type { Tables } from "./schema.ts";

/** An event without its body. Rows are believed as they are: STRICT tables, and `apply` alone writes them. */
export type EventRow = Pick<Event, "event_id" | "event_type" | "address" | "progress"> & Pick<Place, keyof Place>;
/** An event as it is kept. */
export type KeptEvent = EventRow & Pick<Event, "body">;

/** What is remembered of the events. */
interface Known {
  current: EventRow | null;
  arrivals: number;
  last_arrival_at: number;
}

const COLUMNS = "event_id, event_type, event_time, received_at, arrival, address, progress";

export class EventTable {
  readonly #tables: Tables;
  /** The current event and the last arrival, read once: neither push nor alarm may read all events of a busy incident. */
  #known: Known | null = null;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** What was remembered of rows that were rolled back, or deleted with all others, is not true any more. */
  reset(): void {
    this.#known = null;
  }

  /** The address at which the event was taken before; null where it was not. */
  addressOf(event_id: string): Address | null {
    const query = "SELECT address FROM events WHERE event_id = ?";
    return this.#tables.read<{ address: Address }>(query, event_id)[0]?.address ?? null;
  }

  apply(event: Event & Place, record: Taken["record"]): void {
    const { event_id, event_type, event_time, received_at, arrival, address, progress, body } = event;
    if (record === "add") {
      const row = [event_id, event_type, event_time, received_at, arrival, address, progress, body];
      this.#tables.write(`INSERT INTO events (${COLUMNS}, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, ...row);
      const current = this.current();
      this.#known = {
        current: newest(current === null ? [event] : [current, event]),
        arrivals: arrival,
        last_arrival_at: received_at,
      };
    }
    if (record === "complete")
      this.#tables.write("UPDATE events SET address = ?, body = ? WHERE event_id = ?", address, body, event_id);
  }

  /** All events, oldest arrival first. */
  all(): EventRow[] {
    return this.#tables.read<EventRow>(`SELECT ${COLUMNS} FROM events ORDER BY arrival`);
  }

  /** One event, with its body as received. */
  one(event_id: string): KeptEvent | null {
    return this.#tables.read<KeptEvent>(`SELECT ${COLUMNS}, body FROM events WHERE event_id = ?`, event_id)[0] ?? null;
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

  /** The number the next event to arrive is given. */
  nextArrival(): number {
    return this.#read().arrivals + 1;
  }

  /** Milliseconds; 0 where none has arrived. */
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
        last_arrival_at: last?.received_at ?? 0,
      };
    }
    return this.#known;
  }
}
