// All SQL of the guards' object. Rows in, values of the domain out; no rule, no clock.
import * as z from "zod";
import type { Breaker, Stop } from "../domain/guard.ts";
import type { HeldBack } from "../domain/override.ts";
import { EndState } from "../domain/run.ts";
import type { Start } from "../domain/start.ts";
import { migrate } from "../migrate.ts";

/** Applied in order, each once; a new one goes at the end, and none is ever changed. */
const MIGRATIONS = [
  `CREATE TABLE starts (
    start_id TEXT PRIMARY KEY,
    action TEXT NOT NULL,
    round INTEGER NOT NULL,
    look_at INTEGER,
    started_at INTEGER NOT NULL,
    start TEXT NOT NULL CHECK (json_valid(start))
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE held_back (
    action TEXT NOT NULL,
    key TEXT NOT NULL,
    person_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    told_at INTEGER NOT NULL,
    PRIMARY KEY (action, key, person_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE stops (
    action TEXT PRIMARY KEY,
    by TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE breakers (
    action TEXT PRIMARY KEY,
    opened_at INTEGER,
    reason TEXT NOT NULL,
    closed_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE rulings (
    nr INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    what TEXT NOT NULL,
    action TEXT NOT NULL,
    by TEXT NOT NULL,
    reason TEXT NOT NULL
  ) STRICT;`,
];

/** Rulings that are kept, the newest. */
const MOST_RULINGS = 1_000;

const KeptStart: z.ZodType<Start> = z.object({
  start_id: z.string(),
  run_id: z.string(),
  action: z.string(),
  key: z.string(),
  started_at: z.number(),
  ended_at: z.number().nullable(),
  free_at: z.number().nullable(),
  outcome: z.enum([...EndState.options, "came_back"]).nullable(),
  overridden: z.object({ by: z.string(), objections: z.array(z.string()) }).optional(),
});

/** A start, with the round of its run. */
export interface Looked {
  start: Start;
  round: number;
}

/** What stopped or opened something, or let it go on: one of a list that only grows. */
export interface Ruling {
  at: number;
  what: "stopped" | "running" | "breaker_opened" | "breaker_closed";
  /** "" for everything. */
  action: string;
  /** "" where the breaker opened by itself. */
  by: string;
  reason: string;
}

export class GuardTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Brings the tables to the newest version; inside a transaction. */
  prepare(): void {
    migrate(this.#sql, MIGRATIONS);
  }

  starts(action: string): Start[] {
    return this.#starts("WHERE action = ?", action).map(({ start }) => start);
  }

  start(start_id: string): Looked | null {
    return this.#starts("WHERE start_id = ?", start_id)[0] ?? null;
  }

  /** Those whose runs are to be looked at, some at a time. */
  dueStarts(now: number): Looked[] {
    return this.#starts("WHERE look_at <= ? ORDER BY look_at LIMIT 20", now);
  }

  /** When the first is to be looked at; null where none is. Milliseconds. */
  nextLookAt(): number | null {
    return this.#sql.exec<{ at: number | null }>("SELECT min(look_at) AS at FROM starts").one().at;
  }

  saveStart(start: Start, round: number, look_at: number | null): void {
    this.#sql.exec(
      `INSERT INTO starts (start_id, action, round, look_at, started_at, start) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET look_at = excluded.look_at, started_at = excluded.started_at, start = excluded.start`,
      start.start_id,
      start.action,
      round,
      look_at,
      start.started_at,
      JSON.stringify(start),
    );
  }

  /** Has its run looked at later. */
  putOff(start_id: string, look_at: number): void {
    this.#sql.exec("UPDATE starts SET look_at = ? WHERE start_id = ? AND look_at IS NOT NULL", look_at, start_id);
  }

  forget(start_id: string): void {
    this.#sql.exec("DELETE FROM starts WHERE start_id = ?", start_id);
  }

  /** Forgets the starts before `time` (ms) that nobody looks at any more. */
  forgetBefore(time: number): void {
    const is_over = "(start ->> 'free_at') < ?1 AND (start ->> 'ended_at') < ?1";
    this.#sql.exec(`DELETE FROM starts WHERE look_at IS NULL AND ${is_over}`, time);
    this.#sql.exec("DELETE FROM held_back WHERE told_at < ?", time);
  }

  /** Those of one run, in all its rounds. */
  startsOfRun(run_id: string): Looked[] {
    return this.#starts("WHERE start ->> 'run_id' = ?", run_id);
  }

  heldBack(action: string, key: string, person_id: string): HeldBack | null {
    const query = "SELECT run_id, person_id, told_at FROM held_back WHERE action = ? AND key = ? AND person_id = ?";
    const rows = this.#sql.exec<{ run_id: string; person_id: string; told_at: number }>(query, action, key, person_id);
    return rows.toArray()[0] ?? null;
  }

  holdBack(action: string, key: string, { run_id, person_id, told_at }: HeldBack): void {
    this.#sql.exec(
      `INSERT INTO held_back (action, key, person_id, run_id, told_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET run_id = excluded.run_id, told_at = excluded.told_at`,
      action,
      key,
      person_id,
      run_id,
      told_at,
    );
  }

  /** Forgets that the person was held back. */
  hearOut(action: string, key: string, person_id: string): void {
    this.#sql.exec("DELETE FROM held_back WHERE action = ? AND key = ? AND person_id = ?", action, key, person_id);
  }

  /** The stops that hold an action: that of everything, and its own. */
  stops(action: string): Stop[] {
    return this.allStops().filter((stop) => stop.action === "" || stop.action === action);
  }

  allStops(): Stop[] {
    return this.#sql
      .exec<{ action: string; by: string; reason: string; at: number }>("SELECT * FROM stops ORDER BY action")
      .toArray();
  }

  stop({ action, by, reason, at }: Stop): void {
    this.#sql.exec(
      `INSERT INTO stops (action, by, reason, at) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET by = excluded.by, reason = excluded.reason, at = excluded.at`,
      action,
      by,
      reason,
      at,
    );
  }

  goOn(action: string): void {
    this.#sql.exec("DELETE FROM stops WHERE action = ?", action);
  }

  breaker(action: string): Breaker | null {
    return this.breakers().find((one) => one.action === action) ?? null;
  }

  breakers(): (Breaker & { action: string })[] {
    const query = "SELECT action, opened_at, reason, closed_at FROM breakers ORDER BY action";
    return this.#sql
      .exec<{ action: string; opened_at: number | null; reason: string; closed_at: number }>(query)
      .toArray();
  }

  saveBreaker(action: string, { opened_at, reason, closed_at }: Breaker): void {
    this.#sql.exec(
      `INSERT INTO breakers (action, opened_at, reason, closed_at) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET opened_at = excluded.opened_at, reason = excluded.reason, closed_at = excluded.closed_at`,
      action,
      opened_at,
      reason,
      closed_at,
    );
  }

  /** Writes down what was stopped or let go on. */
  note({ at, what, action, by, reason }: Ruling): void {
    this.#sql.exec(
      "INSERT INTO rulings (at, what, action, by, reason) VALUES (?, ?, ?, ?, ?)",
      at,
      what,
      action,
      by,
      reason,
    );
    this.#sql.exec("DELETE FROM rulings WHERE nr <= (SELECT max(nr) FROM rulings) - ?", MOST_RULINGS);
  }

  /** The newest first. */
  rulings(most: number): Ruling[] {
    const query = "SELECT at, what, action, by, reason FROM rulings ORDER BY nr DESC LIMIT ?";
    return this.#sql
      .exec<{ at: number; what: Ruling["what"]; action: string; by: string; reason: string }>(query, most)
      .toArray();
  }

  #starts(rest: string, ...values: SqlStorageValue[]): Looked[] {
    const rows = this.#sql.exec<{ round: number; start: string }>(`SELECT round, start FROM starts ${rest}`, ...values);
    return rows.toArray().map(({ round, start }) => ({ start: KeptStart.parse(JSON.parse(start)), round }));
  }
}
