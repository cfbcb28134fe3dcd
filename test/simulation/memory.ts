// The tables of an incident, in memory: what src/incident does in SQL, row for row.
import type { Address, Event } from "../../src/domain/event.ts";
import { newest, type Place } from "../../src/domain/order.ts";
import { isReport } from "../../src/domain/report.ts";
import { Run, type Values } from "../../src/domain/run.ts";
import type { Taken } from "../../src/domain/take.ts";
import type { EventRow, KeptEvent } from "../../src/incident/event-table.ts";
import type { Kept } from "../../src/incident/desk.ts";
import type { CountedRun } from "../../src/incident/run-table.ts";

export class EventMemory implements Omit<Kept["events"], "reset"> {
  readonly #events = new Map<string, KeptEvent>();

  reset(): void {}

  clear(): void {
    this.#events.clear();
  }

  addressOf(event_id: string): Address | null {
    return this.#events.get(event_id)?.address ?? null;
  }

  apply(event: Event & Place, record: Taken["record"]): void {
    const { address, body } = event;
    const kept = record === "complete" ? this.#events.get(event.event_id) : event;
    if (record !== "nothing" && kept !== undefined) this.#events.set(event.event_id, { ...kept, address, body });
  }

  all(arrivals = 0): EventRow[] {
    return this.#those(({ arrival }) => arrival > arrivals).toSorted((one, other) => one.arrival - other.arrival);
  }

  currentAt(arrivals: number): EventRow | null {
    return newest(this.#those(({ arrival }) => arrival <= arrivals));
  }

  one(event_id: string): KeptEvent | null {
    return this.#events.get(event_id) ?? null;
  }

  arrivalsOf(event_type: string): number[] {
    return this.#those((event) => event.event_type === event_type).map(({ received_at }) => received_at);
  }

  current(): EventRow | null {
    return newest([...this.#events.values()]);
  }

  arrivals(): number {
    return this.#last().arrival;
  }

  nextArrival(): number {
    return this.arrivals() + 1;
  }

  firstArrivalAt(): number {
    return this.all()[0]?.received_at ?? 0;
  }

  lastArrivalAt(): number {
    return this.#last().received_at;
  }

  #last(): Pick<EventRow, "arrival" | "received_at"> {
    return this.all().at(-1) ?? { arrival: 0, received_at: 0 };
  }

  #those(are: (event: KeptEvent) => boolean): KeptEvent[] {
    return [...this.#events.values()].filter(are);
  }
}

/** A run as it was and as it has become; `before` is null where it is new. */
export interface Change {
  before: Run | null;
  after: Run;
}

const MOST_AT_ONCE = 500;

export class RunMemory implements Pick<Kept["runs"], keyof Kept["runs"]> {
  readonly #runs = new Map<string, Run>();
  readonly #is_written_out: boolean;
  /** How often each was kept. */
  readonly #counts = new Map<string, number>();
  /** Since they were last taken. */
  #changes: Change[] = [];

  constructor(is_written_out: boolean) {
    this.#is_written_out = is_written_out;
  }

  clear(): void {
    this.#runs.clear();
    this.#counts.clear();
  }

  takeChanges(): Change[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  save(run: Run): void {
    const row = this.#is_written_out ? Run.parse(JSON.parse(JSON.stringify(run))) : run;
    const name = nameOf(run.event_id, run.action);
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    this.#changes.push({ before: this.#runs.get(name) ?? null, after: row });
    this.#runs.set(name, row);
  }

  all(): Run[] {
    return [...this.#runs.values()].toSorted(
      (one, other) =>
        one.planned_at - other.planned_at || order(one.event_id, other.event_id) || order(one.action, other.action),
    );
  }

  newest(what: "runs" | "reports", most: number): Run[] {
    const those = this.all().filter((run) => isReport(run) === (what === "reports"));
    const open = those.filter(({ due_at }) => due_at !== null);
    const ended = those.filter(({ due_at }) => due_at === null);
    const kept = new Set([...ended, ...open].slice(-most));
    return those.filter((run) => kept.has(run));
  }

  count(what: "runs" | "reports"): number {
    return this.#those((run) => isReport(run) === (what === "reports")).length;
  }

  one(event_id: string, action: string): Run | null {
    return this.#runs.get(nameOf(event_id, action)) ?? null;
  }

  counted(): CountedRun[] {
    return this.#those((run) => !isReport(run)).map((run) => ({
      ...run,
      changes: this.#counts.get(nameOf(run.event_id, run.action)) ?? 0,
    }));
  }

  changes(): number {
    return this.counted().reduce((sum, { changes }) => sum + changes, 0);
  }

  isKept(event_id: string, action: string): boolean {
    return this.one(event_id, action) !== null;
  }

  ofEvent(event_id: string): Run[] {
    return this.#those((run) => run.event_id === event_id && !isReport(run));
  }

  ofAction(action: string): Run[] {
    return this.#those((run) => run.action === action);
  }

  since(time: number): Run[] {
    return this.#those((run) => run.planned_at > time && !isReport(run));
  }

  awaitingApproval(): Run[] {
    return this.#those(({ state, due_at }) => state === "awaiting_approval" && due_at !== null);
  }

  begun(): string[] {
    const begun = this.#those(({ state, due_at }) => state === "succeeded" || state === "unknown" || due_at !== null);
    return [...new Set(begun.map(({ action }) => action))];
  }

  busyUntil({ event_id, action }: Pick<Run, "event_id" | "action">, now: number): number | null {
    const times = this.#those((run) => run.action === action && run.event_id !== event_id && run.state === "running")
      .flatMap(({ due_at }) => due_at ?? [])
      .filter((due_at) => due_at > now);
    return times.length === 0 ? null : Math.max(...times);
  }

  countInTurn(action: string, reason: string): number {
    return this.#those((run) => run.action === action && run.due_at !== null && run.reason === reason).length;
  }

  nextInTurn(action: string, reason: string): Run | null {
    const waiting = this.#those(
      (run) => run.action === action && (run.state === "planned" || run.state === "waiting") && run.reason === reason,
    );
    return waiting.toSorted((one, other) => one.planned_at - other.planned_at)[0] ?? null;
  }

  earlier(action: string): Values {
    const succeeded = this.#those((run) => run.action === action && run.state === "succeeded");
    return succeeded.toSorted((one, other) => (other.ended_at ?? 0) - (one.ended_at ?? 0))[0]?.values ?? {};
  }

  due(now: number): Run[] {
    return this.#due(now)
      .toSorted((one, other) => (one.due_at ?? 0) - (other.due_at ?? 0))
      .slice(0, MOST_AT_ONCE);
  }

  countDue(now: number): number {
    return this.#due(now).length;
  }

  othersDueAt(now: number): number | null {
    let least: number | null = null;
    for (const { due_at } of this.#runs.values())
      if (due_at !== null && due_at > now && (least === null || due_at < least)) least = due_at;
    return least;
  }

  lastEndAt(): number {
    return Math.max(0, ...this.#those(({ ended_at }) => ended_at !== null).map(({ ended_at }) => ended_at ?? 0));
  }

  #due(now: number): Run[] {
    return this.#those(({ due_at }) => due_at !== null && due_at <= now);
  }

  #those(are: (run: Run) => boolean): Run[] {
    const those: Run[] = [];
    for (const run of this.#runs.values()) if (are(run)) those.push(run);
    return those;
  }
}

function nameOf(event_id: string, action: string): string {
  return `${event_id} ${action}`;
}

function order(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
