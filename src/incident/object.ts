// One incident: the Durable Object that decides. What it answers is on disk. It holds neither rules nor SQL: it asks
// the domain, lets the store apply the answer in one transaction, and keeps one alarm at what is due next.
import { DurableObject } from "cloudflare:workers";
import { readSettings } from "../config.ts";
import { due, type Due } from "../domain/due.ts";
import type { Event, RunRef } from "../domain/event.ts";
import type { Asked } from "../domain/plan.ts";
import { neverStarted, receipt, type Receipt } from "../domain/receipt.ts";
import { forgetAt } from "../domain/retention.ts";
import { isCurrent, isReport, reportsOf, startReportOf, subjectOf } from "../domain/report.ts";
import type { Happening, Outcome, Run, Values } from "../domain/run.ts";
import { take } from "../domain/take.ts";
import { wordsOf } from "../domain/thrown.ts";
import { isHeldBy, next } from "../domain/transitions.ts";
import { log } from "../log.ts";
import { dispatch } from "../runs/message.ts";
import { Alarm } from "./alarm.ts";
import { type EventRow, type KeptEvent, Store } from "./store.ts";
import { nextTurn, turnOf } from "./turn.ts";

/** An incident's events and runs; the current event is the one to show. */
export interface Shown {
  current: KeptEvent;
  events: EventRow[];
  runs: Run[];
}

/** What the sender is told, and which actions of the event came to their end without being started. */
export interface Received {
  receipt: Receipt;
  never_started: string[];
}

/** A granted claim: the run, with the fence that its settling must show, and what an attempt needs to know besides. */
export interface Granted {
  run: Run;
  /** Of the run's event, as received. */
  body: string;
  /** What the last run of the same action that succeeded for this incident has found. */
  earlier: Values;
}
export type Claimed = Granted | { refused: Run["state"] | "not known" };

const OUTDATED: Happening = { kind: "cancelled", reason: "the run has moved on since" };

/** When the alarm's own work failed, it comes again after this: what throws is tried six times, and then never again. */
const ALARM_AGAIN_MS = 30_000;

export class Incident extends DurableObject<Env> {
  readonly #store = new Store(this.ctx.storage.sql);
  readonly #alarm = new Alarm(this.ctx.storage);

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(async () => {
      await this.#alarm.read();
      this.#alarm.restore(this.#store.othersDueAt(0), Date.now());
    });
  }

  /** Takes an event with the runs it calls for. After the answer both are on disk, and the runs come to their end. */
  receive(event: Event, asked: readonly Asked[]): Received {
    return this.#transaction((now) => {
      this.#store.prepare();
      const arrived = { ...event, arrival: this.#store.nextArrival() };
      const begun = asked.some(({ follows }) => follows) ? this.#store.begun() : [];
      const known = { ...this.#store.known(event.event_id), begun };
      const taken = take(arrived, known, asked, now);
      this.#store.apply(arrived, taken);
      for (const run of taken.runs) this.#keep(null, run, now);
      if (taken.result === "accepted")
        this.#wakeBy(forgetAt(event.progress, event.received_at, readSettings(this.env).retention_ms), now);
      const runs = [...known.runs, ...taken.runs];
      return { receipt: receipt(event, taken.result, runs), never_started: neverStarted(runs) };
    });
  }

  /** Hands a run out, to one attempt at a time. `claimant` names the attempt, and may ask again when an answer was lost. */
  claim(ref: RunRef, claimant: string): Claimed {
    return this.#transaction((now) => {
      const { run } = this.#move(ref, this.#answerTo(ref, claimant, now), now);
      const event = this.#store.event(ref.event_id);
      if (run === null || event === null) return { refused: "not known" };
      if (!isHeldBy(run, claimant)) return { refused: run.state };
      return { run, body: event.body, earlier: this.#store.earlier(run.action) };
    });
  }

  /** What becomes of a run that is claimed. */
  #answerTo(ref: RunRef, claimant: string, now: number): Happening {
    const run = this.#store.run(ref.event_id, ref.action);
    if (run !== null && isReport(run))
      return run.state === "running" || this.#isCurrent(run) ? { kind: "claimed", claimant } : OUTDATED;
    return turnOf(ref, claimant, this.#store, now);
  }

  #isCurrent(report: Run): boolean {
    const run = this.#store.run(report.event_id, subjectOf(report));
    return run === null || isCurrent(report, run);
  }

  /** Records what an attempt came to; false where it is too late: its fence is not the newest, or the run has ended. */
  settle(ref: RunRef, fence: number, outcome: Outcome): boolean {
    return this.#transaction((now) => this.#move(ref, { kind: "settled", fence, outcome }, now).changed);
  }

  /** Everything of the incident, or null where it is not known. */
  show(): Shown | null {
    const newest = this.#store.current();
    const current = newest && this.#store.event(newest.event_id);
    return current && { current, events: this.#store.events(), runs: this.#store.runs() };
  }

  /** One event with its body as received, or null. */
  showEvent(event_id: string): KeptEvent | null {
    return this.#store.event(event_id);
  }

  showRun({ event_id, action }: RunRef): Run | null {
    return this.#store.run(event_id, action);
  }

  override async alarm(): Promise<void> {
    try {
      const { dispatched, is_over } = this.#transaction((now) => this.#keepWhatIsDue(now));
      if (is_over) await this.#forget();
      await dispatch(this.env.RUNS, dispatched);
    } catch (error) {
      log("alarm.failed", { incident_id: this.ctx.id.name, error: wordsOf(error) });
      this.#alarm.rang();
      this.#alarm.wakeBy(Date.now() + ALARM_AGAIN_MS, Date.now());
    }
  }

  #keepWhatIsDue(now: number): Due {
    this.#alarm.rang();
    const current = this.#store.current();
    if (current === null) return { changed: [], dispatched: [], is_over: false, wake_at: null };
    const runs = this.#store.dueRuns(now);
    const others_due_at = this.#othersDueAt(now, runs.length);
    const waking = { runs, others_due_at, progress: current.progress, last_active_at: this.#store.lastActiveAt() };
    const what = due(waking, readSettings(this.env).retention_ms, { now, chance: Math.random() });
    if (!what.is_over) this.#wakeBy(what.wake_at, now);
    // Reports first: a run that ends here drops the report of its start, whatever has just become of it.
    const changed = what.changed.toSorted((one, other) => Number(isReport(other.after)) - Number(isReport(one.after)));
    for (const { before, after } of changed) this.#keep(before, after, now);
    return what;
  }

  /** What is due besides the runs that were read: more than are read at once, or such as cannot be read and must wait. */
  #othersDueAt(now: number, read: number): number | null {
    const others = this.#store.othersDueAt(now);
    if (this.#store.countDue(now) === read) return others;
    const again_at = read > 0 ? now : now + ALARM_AGAIN_MS;
    return others === null ? again_at : Math.min(others, again_at);
  }

  async #forget(): Promise<void> {
    this.#store.reset();
    this.#alarm.rang();
    await this.ctx.storage.deleteAll();
    log("incident.forgotten", { incident_id: this.ctx.id.name });
  }

  /** Lets something happen to a run, and keeps what follows. `changed` is false where nothing does. */
  #move({ event_id, action }: RunRef, happened: Happening, now: number): { run: Run | null; changed: boolean } {
    const before = this.#store.run(event_id, action);
    if (before === null) return { run: null, changed: false };
    const run = next(before, happened, { now, chance: Math.random() });
    if (run === before) return { run, changed: false };
    this.#keep(before, run, now);
    return { run, changed: true };
  }

  /** Keeps a run as it has become, with the reports that this calls for. */
  #keep(before: Run | null, after: Run, now: number): void {
    this.#store.save(after);
    this.#wakeBy(after.due_at, now);
    if (before?.state === "running" && after.state !== "running") this.#passTurn(after.action, now);
    const { flashduty, language } = readSettings(this.env);
    if (flashduty === null) return;
    for (const report of reportsOf(before, after, language, now)) {
      if (this.#store.run(report.event_id, report.action) === null) this.#keep(null, report, now);
    }
    if (after.ended_at !== null && !isReport(after)) this.#dropStartReport(after, now);
  }

  /** An attempt is over: the run that has waited longest for that is next. */
  #passTurn(action: string, now: number): void {
    const run = nextTurn(action, this.#store);
    if (run === null) return;
    this.#store.save({ ...run, due_at: now });
    this.#wakeBy(now, now);
  }

  /** That a run goes on need not be told any more once it has ended, unless somebody is about to. */
  #dropStartReport(ended: Run, now: number): void {
    const report = this.#store.run(ended.event_id, startReportOf(ended));
    if (report === null || report.state === "running" || report.ended_at !== null) return;
    this.#store.save(next(report, { kind: "cancelled", reason: "the run has ended" }, { now, chance: 0 }));
  }

  #wakeBy(at: number | null, now: number): void {
    if (at !== null) this.#alarm.wakeBy(at, now);
  }

  /** All or nothing: rows, alarm, and what this object remembers of them. */
  #transaction<T>(work: (now: number) => T): T {
    try {
      return this.#alarm.rollingBack(() => this.ctx.storage.transactionSync(() => work(Date.now())));
    } catch (error) {
      this.#store.reset();
      throw error;
    }
  }
}
