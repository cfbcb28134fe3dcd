// All SQL of an incident's runs. Rows in, values of the domain out; no rule, no clock.
import { isReport } from "../domain/report.ts";
import { Run, type Values } from "../domain/run.ts";
import { wordsOf } from "../domain/thrown.ts";
import { log } from "../log.ts";
import { aboutNamed } from "../runs/message.ts";
import type { Tables } from "./schema.ts";

/** Runs that one alarm moves; what is left comes with the next one, at once. */
const MOST_AT_ONCE = 500;

const ARE = { runs: "run ->> 'by' <> 'report'", reports: "run ->> 'by' = 'report'" };

/** A run, with how often it was kept: its version. */
export type CountedRun = Run & { changes: number };

export class RunTable {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** Keeps the run, and counts how often it was kept: inside its JSON, where that is no further row and no further column. */
  save(run: Run): void {
    this.#tables.write(
      `INSERT INTO runs (event_id, action, due_at, run) VALUES (?, ?, ?, json_set(?, '$.changes', 1))
       ON CONFLICT DO UPDATE SET due_at = excluded.due_at,
         run = json_set(excluded.run, '$.changes', coalesce(runs.run ->> 'changes', 0) + 1)`,
      run.event_id,
      run.action,
      run.due_at,
      JSON.stringify(run),
    );
  }

  /** Those that have not ended and the newest, at most so many, in the order in which they were planned. */
  newest(what: "runs" | "reports", most: number): Run[] {
    const order = ["run ->> 'planned_at'", "event_id", "action"];
    const newest = `SELECT event_id, action FROM runs WHERE ${ARE[what]}
      ORDER BY due_at IS NULL, ${order.map((by) => `${by} DESC`).join(", ")} LIMIT ?`;
    return this.#runs(`WHERE (event_id, action) IN (${newest}) ORDER BY ${order.join(", ")}`, most);
  }

  /** How many there are, those that cannot be read among them. */
  count(what: "runs" | "reports"): number {
    const query = `SELECT count(*) AS count FROM runs WHERE ${ARE[what]}`;
    return this.#tables.read<{ count: number }>(query)[0]?.count ?? 0;
  }

  one(event_id: string, action: string): Run | null {
    return this.#runs("WHERE event_id = ? AND action = ?", event_id, action)[0] ?? null;
  }

  /** All but reports, each with how often it was kept. */
  counted(): CountedRun[] {
    const query = `SELECT run, coalesce(run ->> 'changes', 0) AS changes FROM runs WHERE ${ARE.runs}`;
    const rows = this.#tables.read<{ run: string; changes: number }>(query);
    return rows.flatMap(({ run, changes }) => readable(run).map((one) => ({ ...one, changes })));
  }

  /** How often all of them were kept, reports aside; those that cannot be read are counted too. */
  changes(): number {
    const query = `SELECT sum(run ->> 'changes') AS changes FROM runs WHERE ${ARE.runs}`;
    return this.#tables.read<{ changes: number | null }>(query)[0]?.changes ?? 0;
  }

  /** Whether there is such a run, be it one that cannot be read. */
  isKept(event_id: string, action: string): boolean {
    return this.#tables.read("SELECT 1 FROM runs WHERE event_id = ? AND action = ?", event_id, action).length > 0;
  }

  /** Those that the event has called for. */
  ofEvent(event_id: string): Run[] {
    return this.#runs("WHERE event_id = ?", event_id).filter((run) => !isReport(run));
  }

  ofAction(action: string): Run[] {
    return this.#runs("WHERE action = ?", action);
  }

  /** Those that were asked for since. Milliseconds. */
  since(time: number): Run[] {
    return this.#runs("WHERE run ->> 'planned_at' > ?", time).filter((run) => !isReport(run));
  }

  /** Those that wait for somebody's consent. */
  awaitingApproval(): Run[] {
    return this.#runs("WHERE due_at IS NOT NULL AND run ->> 'state' = 'awaiting_approval'");
  }

  /** The actions that were run for the incident: with success, with an unknown outcome, or not yet at their end. */
  begun(): string[] {
    const query = `SELECT DISTINCT action FROM runs WHERE run ->> 'state' IN ('succeeded', 'unknown') OR due_at IS NOT NULL`;
    return this.#tables.read<{ action: string }>(query).map(({ action }) => action);
  }

  /** Until when an attempt at another run of the same action may go on; null where none does. Milliseconds. */
  busyUntil({ event_id, action }: Pick<Run, "event_id" | "action">, now: number): number | null {
    const query = `SELECT max(due_at) AS until FROM runs
      WHERE action = ? AND event_id <> ? AND due_at > ? AND run ->> 'state' = 'running'`;
    return this.#tables.read<{ until: number | null }>(query, action, event_id, now)[0]?.until ?? null;
  }

  /** How many runs of the action wait for their turn; `reason` is that of waiting for it. */
  countInTurn(action: string, reason: string): number {
    const query = "SELECT count(*) AS count FROM runs WHERE action = ? AND due_at IS NOT NULL AND run ->> 'reason' = ?";
    return this.#tables.read<{ count: number }>(query, action, reason)[0]?.count ?? 0;
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

  /** Runs whose time has come, some hundreds at a time. */
  due(now: number): Run[] {
    return this.#runs("WHERE due_at <= ? ORDER BY due_at LIMIT ?", now, MOST_AT_ONCE);
  }

  /** How many runs' time has come, those that cannot be read among them. */
  countDue(now: number): number {
    const query = "SELECT count(*) AS count FROM runs WHERE due_at <= ?";
    return this.#tables.read<{ count: number }>(query, now)[0]?.count ?? 0;
  }

  /** When the first open run is due whose time has not come. Milliseconds. */
  othersDueAt(now: number): number | null {
    const query = "SELECT min(due_at) AS due_at FROM runs WHERE due_at > ?";
    return this.#tables.read<{ due_at: number | null }>(query, now)[0]?.due_at ?? null;
  }

  /** When the last run ended; 0 where none has. Milliseconds. */
  lastEndAt(): number {
    const query = "SELECT max(run ->> 'ended_at') AS ended_at FROM runs";
    return this.#tables.read<{ ended_at: number | null }>(query)[0]?.ended_at ?? 0;
  }

  #runs(rest: string, ...values: SqlStorageValue[]): Run[] {
    const rows = this.#tables.read<{ run: string }>(`SELECT run FROM runs ${rest}`, ...values);
    return rows.flatMap(({ run }) => readable(run));
  }
}

/** A run that this code cannot read, written by newer code that was taken back, must not stop the others: it waits. */
function readable(row: string): Run[] {
  const kept: unknown = JSON.parse(row);
  const run = Run.safeParse(kept);
  if (run.success) return [run.data];
  log("run.unreadable", { ...aboutNamed(kept), error: wordsOf(run.error) });
  return [];
}
