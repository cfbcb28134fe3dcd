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
import { EventTable, type KeptEvent } from "./event-table.ts";
import { againAfter, indexedOf, lastActiveAt, versionOf } from "./indexing.ts";
import { enterLists, leaveLists } from "./listing.ts";
import { RunTable } from "./run-table.ts";
import { Tables } from "./schema.ts";
import { type Shown, shownOf } from "./shown.ts";

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

  /** The incident with the newest of its events and runs, or null where it is not known. */
  show(): Shown | null {
    return shownOf(this.#kept);
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
    try {
      const { changed, is_entered } = indexing.begin();
      await enterLists(this.env, entryOf(indexedOf(this.#kept, this.#id()), changed), is_entered);
    } catch (error) {
      log("index.failed", { incident_id: this.#id(), error: wordsOf(error) });
      indexing.failed(moment());
    }
  }

  /** Out of the lists first: what is in them must be there when somebody looks. What has come meanwhile is not forgotten. */
  async #forget(): Promise<void> {
    const incident_id = this.#id();
    const version = versionOf(this.#kept);
    // What fails may have been carried out, or may be later.
    this.#desk.indexing.forget();
    try {
      await leaveLists(this.env, incident_id, version);
    } catch (error) {
      log("index.failed", { incident_id, error: wordsOf(error) });
      const { now, chance } = moment();
      this.#alarm.wakeBy(now + againAfter(now - lastActiveAt(this.#kept), chance), now);
      return;
    }
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

  /** All or nothing: rows, alarm, and what this object remembers of them: the index's alarm may have been taken back as well. */
  #transaction<T>(work: (at: Moment) => T): T {
    const at = moment();
    try {
      const transaction = () => this.#alarm.gathering(() => work(at), at.now);
      const done = this.#alarm.rollingBack(() => this.ctx.storage.transactionSync(transaction));
      for (const { action, state } of this.#desk.takeEnded()) count(this.env, this.ctx, "runs", { action, state });
      return done;
    } catch (error) {
      this.#reset();
      this.#desk.indexing.forget();
      this.#desk.takeEnded();
      throw error;
    }
  }
}

function moment(): Moment {
  return { now: Date.now(), chance: Math.random() };
}

function houseOf(env: Env): House {
  const { retention_ms, flashduty, language } = readSettings(env);
  return { retention_ms, tells: flashduty === null ? null : language };
}
