// One incident: the Durable Object that decides. What it answers is on disk. It holds neither rules nor SQL: it asks
// the domain, lets the store apply the answer in one transaction, and keeps one alarm at what is due next.
import { DurableObject } from "cloudflare:workers";
import { retentionMs } from "../config.ts";
import type { Event, RunKey } from "../domain/event.ts";
import { newest } from "../domain/order.ts";
import type { Asked } from "../domain/plan.ts";
import { receipt, type Receipt } from "../domain/receipt.ts";
import { forgetAt } from "../domain/retention.ts";
import type { Happening, Outcome, Run } from "../domain/run.ts";
import { take } from "../domain/take.ts";
import { next } from "../domain/transitions.ts";
import { parsePush } from "../flashduty/push.ts";
import { wordsOf } from "../domain/thrown.ts";
import { log } from "../log.ts";
import { dispatch } from "../runs/message.ts";
import { Alarm } from "./alarm.ts";
import { type EventRow, type KeptEvent, Store } from "./store.ts";

/** An incident's events and runs; the current event is the one to show. */
export interface Shown {
  current: KeptEvent;
  events: EventRow[];
  runs: Run[];
}

/** A granted claim: the run, with the fence that its settling must show, and the body of its event. Or why not. */
export type Claimed = { run: Run; body: string } | { refused: Run["state"] | "not known" };

/** When the alarm's own work failed, it comes again after this: what throws is tried six times, and then never again. */
const ALARM_AGAIN_MS = 30_000;

export class Incident extends DurableObject<Env> {
  readonly #store = new Store(this.ctx.storage.sql);
  readonly #alarm = new Alarm(this.ctx.storage);

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(async () => this.#alarm.read());
  }

  /** Takes an event with the runs it calls for. After the answer both are on disk, and the runs come to their end. */
  receive(event: Event, asked: readonly Asked[]): Receipt {
    return this.#transaction((now) => {
      this.#store.prepare();
      const arrived = { ...event, arrival: this.#store.nextArrival() };
      const taken = take(arrived, this.#store.known(event.event_id), asked, now);
      this.#store.apply(arrived, taken);
      for (const run of taken.runs) this.#wakeFor(run, now);
      const forget_at = taken.result === "accepted" ? forgetAt(event, retentionMs(this.env)) : null;
      if (forget_at !== null) this.#alarm.wakeBy(forget_at, now);
      return receipt(event, taken.result, this.#store.runsOf(event.event_id));
    });
  }

  /** Hands a run out, to one attempt at a time. */
  claim({ event_id, action }: RunKey): Claimed {
    if (!this.#store.isPresent()) return { refused: "not known" };
    return this.#transaction((now) => {
      const { before, after } = this.#move(event_id, action, { kind: "claimed" }, now);
      const event = this.#store.event(event_id);
      if (after === null || event === null) return { refused: "not known" };
      return before === after ? { refused: after.state } : { run: after, body: event.body };
    });
  }

  /** Records what an attempt came to; false where it is too late: its fence is not the newest, or the run has ended. */
  settle({ event_id, action }: RunKey, fence: number, outcome: Outcome): boolean {
    if (!this.#store.isPresent()) return false;
    return this.#transaction((now) => {
      const { before, after } = this.#move(event_id, action, { kind: "settled", fence, outcome }, now);
      return before !== after;
    });
  }

  /** Everything of the incident, or null where it is not known. */
  show(): Shown | null {
    if (!this.#store.isPresent()) return null;
    const events = this.#store.events();
    const current = this.#current(events);
    return current && { current, events, runs: this.#store.runs() };
  }

  /** One event with its body as received, or null. */
  showEvent(event_id: string): KeptEvent | null {
    return this.#store.isPresent() ? this.#store.event(event_id) : null;
  }

  showRun({ event_id, action }: RunKey): Run | null {
    return this.#store.isPresent() ? this.#store.run(event_id, action) : null;
  }

  override async alarm(): Promise<void> {
    try {
      const { messages, is_over } = this.#transaction((now) => this.#doWhatIsDue(now));
      if (is_over) await this.#forget();
      await dispatch(this.env.RUNS, messages);
    } catch (error) {
      log("alarm.failed", { incident_id: this.ctx.id.name, error: wordsOf(error) });
      this.#alarm.rang();
      this.#alarm.wakeBy(Date.now() + ALARM_AGAIN_MS, Date.now());
    }
  }

  /** Moves what is due, and sets the alarm to what is due next. The messages go out when this is on disk. */
  #doWhatIsDue(now: number): { messages: Run[]; is_over: boolean } {
    this.#alarm.rang();
    if (!this.#store.isPresent()) return { messages: [], is_over: false };
    const moved = this.#store.dueRuns(now).map((run) => next(run, { kind: "due" }, { now, chance: Math.random() }));
    for (const run of moved) this.#store.save(run);
    const messages = moved.filter(({ state }) => state === "dispatched");
    const due_at = this.#store.nextDue();
    const wake_at = due_at ?? this.#forgetAt();
    if (due_at === null && wake_at !== null && wake_at <= now) return { messages, is_over: true };
    if (wake_at !== null) this.#alarm.wakeBy(wake_at, now);
    return { messages, is_over: false };
  }

  /** When everything may be forgotten, provided that no run is open. */
  #forgetAt(): number | null {
    const current = this.#current(this.#store.events());
    const parsed = current && parsePush(current.body);
    if (current === null || !parsed?.ok) return null;
    const { progress } = parsed.push.incident;
    return forgetAt({ progress, received_at: current.received_at }, retentionMs(this.env));
  }

  #current(events: readonly EventRow[]): KeptEvent | null {
    const current = newest(events);
    return current && this.#store.event(current.event_id);
  }

  async #forget(): Promise<void> {
    await this.ctx.storage.deleteAll();
    this.#store.reset();
    this.#alarm.rang();
    log("incident.forgotten", { incident_id: this.ctx.id.name });
  }

  /** Lets something happen to a run, and keeps what follows. `before` and `after` are one where nothing does. */
  #move(event_id: string, action: string, happened: Happening, now: number): { before: Run | null; after: Run | null } {
    const before = this.#store.run(event_id, action);
    if (before === null) return { before, after: null };
    const after = next(before, happened, { now, chance: Math.random() });
    if (before !== after) this.#store.save(after);
    this.#wakeFor(after, now);
    return { before, after };
  }

  #wakeFor(run: Run, now: number): void {
    if (run.due_at !== null) this.#alarm.wakeBy(run.due_at, now);
  }

  /** All or nothing: rows, alarm, and what this object remembers of them. */
  #transaction<T>(work: (now: number) => T): T {
    try {
      return this.#alarm.guard(() => this.ctx.storage.transactionSync(() => work(Date.now())));
    } catch (error) {
      this.#store.reset();
      throw error;
    }
  }
}
