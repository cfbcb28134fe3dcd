// The tables of the guards' object, in memory: what src/runs/guard-table.ts does in SQL, row for row.
import type { Breaker, Stop } from "../../src/domain/guard.ts";
import type { HeldBack } from "../../src/domain/override.ts";
import type { Start } from "../../src/domain/start.ts";
import type { GuardTable, Looked, Ruling } from "../../src/runs/guard-table.ts";

interface Row extends Looked {
  look_at: number | null;
}

const MOST_AT_ONCE = 20;

export class GuardMemory implements Pick<GuardTable, keyof GuardTable> {
  readonly #starts = new Map<string, Row>();
  readonly #held_back = new Map<string, HeldBack>();
  readonly #stops = new Map<string, Stop>();
  readonly #breakers = new Map<string, Breaker>();
  readonly #rulings: Ruling[] = [];

  prepare(): void {}

  starts(action: string): Start[] {
    return this.#rows(({ start }) => start.action === action).map(({ start }) => start);
  }

  start(start_id: string): Looked | null {
    const row = this.#starts.get(start_id);
    return row === undefined ? null : { start: row.start, round: row.round };
  }

  dueStarts(now: number): Looked[] {
    return this.#rows(({ look_at }) => look_at !== null && look_at <= now)
      .toSorted((one, other) => (one.look_at ?? 0) - (other.look_at ?? 0))
      .slice(0, MOST_AT_ONCE)
      .map(({ start, round }) => ({ start, round }));
  }

  nextLookAt(): number | null {
    const times = [...this.#starts.values()].flatMap(({ look_at }) => look_at ?? []);
    return times.length === 0 ? null : Math.min(...times);
  }

  saveStart(start: Start, round: number, look_at: number | null): void {
    this.#starts.set(start.start_id, { start, round, look_at });
  }

  putOff(start_id: string, look_at: number): void {
    const kept = this.#starts.get(start_id);
    if (kept !== undefined && kept.look_at !== null) this.#starts.set(start_id, { ...kept, look_at });
  }

  forget(start_id: string): void {
    this.#starts.delete(start_id);
  }

  forgetBefore(time: number): void {
    for (const [start_id, { start, look_at }] of this.#starts)
      if (look_at === null && Math.max(start.free_at ?? Infinity, start.ended_at ?? Infinity) < time)
        this.#starts.delete(start_id);
    for (const [name, { told_at }] of this.#held_back) if (told_at < time) this.#held_back.delete(name);
  }

  startsOfRun(run_id: string): Looked[] {
    return this.#rows(({ start }) => start.run_id === run_id);
  }

  heldBack(action: string, key: string, person_id: string): HeldBack | null {
    return this.#held_back.get(JSON.stringify([action, key, person_id])) ?? null;
  }

  holdBack(action: string, key: string, held_back: HeldBack): void {
    this.#held_back.set(JSON.stringify([action, key, held_back.person_id]), held_back);
  }

  hearOut(action: string, key: string, person_id: string): void {
    this.#held_back.delete(JSON.stringify([action, key, person_id]));
  }

  stops(action: string): Stop[] {
    return this.allStops().filter((stop) => stop.action === "" || stop.action === action);
  }

  allStops(): Stop[] {
    return [...this.#stops.values()].toSorted((one, other) => order(one.action, other.action));
  }

  stop(stop: Stop): void {
    this.#stops.set(stop.action, stop);
  }

  goOn(action: string): void {
    this.#stops.delete(action);
  }

  breaker(action: string): Breaker | null {
    return this.#breakers.get(action) ?? null;
  }

  breakers(): (Breaker & { action: string })[] {
    return [...this.#breakers]
      .map(([action, breaker]) => ({ action, ...breaker }))
      .toSorted((one, other) => order(one.action, other.action));
  }

  saveBreaker(action: string, breaker: Breaker): void {
    this.#breakers.set(action, breaker);
  }

  note(ruling: Ruling): void {
    this.#rulings.push(ruling);
  }

  rulings(most: number): Ruling[] {
    return this.#rulings.toReversed().slice(0, most);
  }

  /** By name, as the table is ordered. */
  #rows(is: (row: Row) => boolean): Row[] {
    return [...this.#starts.values()]
      .filter(is)
      .toSorted((one, other) => order(one.start.start_id, other.start.start_id));
  }
}

function order(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
