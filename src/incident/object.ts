// One incident: the Durable Object that decides. What it answers is on disk. It holds neither rules nor SQL: the desk
// decides, the tables keep, all in one transaction, and one alarm is set to what is due next.
import { DurableObject } from "cloudflare:workers";
import { entryOf } from "../admin/index/entry.ts";
import { readSettings } from "../config.ts";
import type { Event, RunRef } from "../domain/event.ts";
import type { Asked } from "../domain/plan.ts";
import { isReport } from "../domain/report.ts";
import type { Moment, Outcome, Run } from "../domain/run.ts";
import { wordsOf } from "../domain/thrown.ts";
import type { Note } from "../domain/trail.ts";
import { log } from "../log.ts";
import { dispatch } from "../runs/message.ts";
import { count } from "../tally/tally.ts";
import { Alarm } from "./alarm.ts";
import {
  type Claimed,
  type Consent,
  Desk,
  type Foreseen,
  type House,
  type Received,
  type Ruled,
  type Ruling,
} from "./desk.ts";
import { type EventRow, EventTable, type KeptEvent } from "./event-table.ts";
import { indexedOf, versionOf } from "./indexing.ts";
import { list, unlist } from "./listing.ts";
import { RunTable } from "./run-table.ts";
import { Tables } from "./schema.ts";

/** An incident's events and runs; the current event is the one to show. */
export interface Shown {
  current: KeptEvent;
  events: EventRow[];
  runs: Run[];
}

/** When the alarm's own work failed, it comes again after this: what throws is tried six times, and then never again. */
const ALARM_AGAIN_MS = 30_000;

export class Incident extends DurableObject<Env> {
  readonly #tables = new Tables(this.ctx.storage.sql);
  readonly #events = new EventTable(this.#tables);
  readonly #runs = new RunTable(this.#tables);
  readonly #kept = { events: this.#events, runs: this.#runs };
  readonly #alarm = new Alarm(this.ctx.storage);
  readonly #desk = new Desk(
    this.#kept,
    (at, now) => this.#alarm.wakeBy(at, now),
    () => houseOf(this.env),
  );

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(async () => {
      await this.#alarm.read();
      this.#alarm.restore(this.#runs.othersDueAt(0), Date.now());
    });
  }

  /**
   * Takes an event with the runs it calls for, and the consent it gives. After the answer all is on disk, and the runs come
   * to their end.
   */
  receive(event: Event, asked: readonly Asked[]): Received {
    return this.#receive(event, asked, null);
  }

  /** The same, where consent is needed or given: an object of a release that knows of none must not take it for something else. */
  receiveWithConsent(event: Event, asked: readonly Asked[], consent: Consent | null): Received {
    return this.#receive(event, asked, consent);
  }

  /** The same for an event that a person has taken from the quarantine: an object that knows of none could not mark it. */
  receiveReplay(event: Event, asked: readonly Asked[], consent: Consent | null): Received {
    return this.#receive(event, asked, consent);
  }

  /** What `receive` would make of the event now. Changes nothing. */
  foresee(event: Event, asked: readonly Asked[]): Foreseen {
    return this.#desk.foresee(event, asked, Date.now());
  }

  #receive(event: Event, asked: readonly Asked[], consent: Consent | null): Received {
    return this.#transaction((at) => {
      this.#tables.prepare();
      return this.#desk.receive(event, asked, consent, at);
    });
  }

  /**
   * Hands a run out, to one attempt at a time. `claimant` names the attempt, and may ask again when an answer was lost.
   * `asks_guards`: it asks the guards before it starts anything; the consumer of a release that does not gets nothing to
   * start, and the run is sent again until one comes that does.
   */
  claim(ref: RunRef, claimant: string, asks_guards = false): Claimed {
    const run = this.#runs.one(ref.event_id, ref.action);
    const is_start = run !== null && !isReport(run) && run.handle === null;
    if (is_start && !asks_guards) return { refused: run.state };
    return this.#transaction((at) => this.#desk.claim(ref, claimant, at));
  }

  /** Records what an attempt came to; false where it is too late: its fence is not the newest, or the run has ended. */
  settle(ref: RunRef, fence: number, outcome: Outcome, notes: readonly Note[] = []): boolean {
    return this.#transaction((at) => this.#desk.settle(ref, fence, outcome, notes, at));
  }

  /** Records what a person has decided about a run. */
  rule(ref: RunRef, ruling: Ruling): Ruled {
    return this.#transaction((at) => this.#desk.rule(ref, ruling, at));
  }

  /** Everything of the incident, or null where it is not known. */
  show(): Shown | null {
    const newest = this.#events.current();
    const current = newest && this.#events.one(newest.event_id);
    return current && { current, events: this.#events.all(), runs: this.#runs.all() };
  }

  /** One event with its body as received, or null. */
  showEvent(event_id: string): KeptEvent | null {
    return this.#events.one(event_id);
  }

  /** The run, or null where there is none. Throws where this release cannot read it: it may go on. */
  showRun({ event_id, action }: RunRef): Run | null {
    const run = this.#runs.one(event_id, action);
    if (run === null && this.#runs.isKept(event_id, action)) throw new Error("this release cannot read the run");
    return run;
  }

  /** Has itself written into the index anew, at once; false where nothing is kept. */
  reindex(): boolean {
    if (this.#events.current() === null) return false;
    this.#desk.indexing.forget();
    this.#alarm.wakeBy(Date.now(), Date.now());
    return true;
  }

  override async alarm(): Promise<void> {
    this.#alarm.rang();
    try {
      const { dispatched, is_over, is_index_due } = this.#transaction((at) => this.#desk.wake(at));
      if (is_over) await this.#forget();
      await dispatch(this.env.RUNS, dispatched);
      if (is_index_due) await this.#writeIndex();
    } catch (error) {
      log("alarm.failed", { object: "incident", incident_id: this.ctx.id.name, error: wordsOf(error) });
      this.#alarm.wakeBy(Date.now() + ALARM_AGAIN_MS, Date.now());
    }
  }

  /** What the index does not get now it gets later: this never throws, and holds up nothing for long. */
  async #writeIndex(): Promise<void> {
    const { indexing } = this.#desk;
    const incident_id = this.#id();
    try {
      await list(this.env, entryOf(indexedOf(this.#kept, incident_id), indexing.begin()), indexing);
      indexing.done();
    } catch (error) {
      log("index.failed", { incident_id, error: wordsOf(error) });
      indexing.failed(Date.now());
      this.#alarm.wakeBy(indexing.wake_at ?? Date.now(), Date.now());
    }
  }

  /** Out of the lists first: what is in them must be there when somebody looks. What has come meanwhile is not forgotten. */
  async #forget(): Promise<void> {
    const incident_id = this.#id();
    const version = versionOf(this.#kept);
    await unlist(this.env, incident_id);
    this.#desk.indexing.forget();
    if (versionOf(this.#kept) !== version) {
      this.#alarm.wakeBy(Date.now(), Date.now());
      return;
    }
    this.#reset();
    this.#alarm.rang();
    await this.ctx.storage.deleteAll();
    log("incident.forgotten", { incident_id });
  }

  /** Objects are reached by the incident's id only, and the runtime tells an alarm too. */
  #id(): string {
    const { name } = this.ctx.id;
    if (name === undefined) throw new Error("the runtime does not tell whose object this is");
    return name;
  }

  #reset(): void {
    this.#tables.reset();
    this.#events.reset();
  }

  /** All or nothing: rows, alarm, and what this object remembers of them. */
  #transaction<T>(work: (at: Moment) => T): T {
    const at = { now: Date.now(), chance: Math.random() };
    try {
      const transaction = () => this.#alarm.gathering(() => work(at), at.now);
      const done = this.#alarm.rollingBack(() => this.ctx.storage.transactionSync(transaction));
      for (const { action, state } of this.#desk.takeEnded()) count(this.env, this.ctx, "runs", { action, state });
      return done;
    } catch (error) {
      this.#reset();
      this.#desk.takeEnded();
      throw error;
    }
  }
}

function houseOf(env: Env): House {
  const { retention_ms, flashduty, language } = readSettings(env);
  return { retention_ms, tells: flashduty === null ? null : language };
}
