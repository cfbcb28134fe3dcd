// What an incident decides, over what it keeps: events taken, runs handed out, outcomes recorded, a person's decisions, and
// what comes due. It has no binding and no clock; the object gives it both, and carries out what it says.
import { type Approver, nameOf, objectionTo } from "../domain/approval.ts";
import { cameBack } from "../domain/comeback.ts";
import { due, type Due } from "../domain/due.ts";
import type { Event, RunRef } from "../domain/event.ts";
import type { Asked } from "../domain/plan.ts";
import { isSameKey } from "../domain/key.ts";
import { neverStarted, receipt, type Receipt } from "../domain/receipt.ts";
import { forgetAt } from "../domain/retention.ts";
import { isCurrent, isReport, type Language, subjectOf } from "../domain/report.ts";
import type { Happening, Moment, Outcome, Run, Values } from "../domain/run.ts";
import { LATELY_MS, take, type Taken } from "../domain/take.ts";
import type { Note } from "../domain/trail.ts";
import { isHeldBy } from "../domain/transitions.ts";
import type { EventTable } from "./event-table.ts";
import { Indexing, lastActiveAt } from "./indexing.ts";
import { RunBook } from "./run-book.ts";
import type { RunTable } from "./run-table.ts";
import { turnOf } from "./turn.ts";

/** What an incident keeps. */
export interface Kept {
  events: Pick<EventTable, keyof EventTable>;
  runs: Pick<RunTable, keyof RunTable>;
}

/** What the settings say. */
export interface House {
  /** A closed incident is kept so long. */
  retention_ms: number;
  /** The language in which the incident is told; null where nobody can be told. */
  tells: Language | null;
}

/** A person's press that approves what waits: of one action, or of all. */
export interface Consent {
  approver: Approver;
  action: string | null;
}

/** What the sender is told, and which actions of the event came to their end without being started. */
export interface Received {
  receipt: Receipt;
  never_started: string[];
  /** Why the press of the approving button has approved nothing; null where it has, or was none. */
  not_approved: string | null;
}

/** What would become of an event, and the runs that it would call for. */
export interface Foreseen extends Pick<Taken, "result" | "runs"> {
  /** It was taken before, at whichever address. */
  is_known: boolean;
}

/** A granted claim: the run, with the fence that its settling must show, and what an attempt needs to know besides. */
export interface Granted {
  run: Run;
  /** Of the run's event, as received. */
  body: string;
  /** What the last run of the same action that succeeded for this incident has found. */
  earlier: Values;
  /** The runs of the action on the same key that succeeded for this incident, which was reopened all the same. */
  came_back: string[];
}
export type Claimed = Granted | { refused: Run["state"] | "not known" };

/** What a person decides about a run, through the admin API. */
export type Ruling =
  | { what: "approve"; by: string }
  | { what: "cancel"; by: string; reason: string }
  | { what: "retry"; by: string; overriding: boolean };
/** The run as it has become; or why it stays as it is. */
export type Ruled = { run: Run } | { refused: string };

const OUTDATED: Happening = { kind: "cancelled", reason: "the run has moved on since" };
/** When what cannot be read is looked for again. */
const READ_AGAIN_MS = 30_000;

export class Desk {
  readonly #kept: Kept;
  readonly #wakeBy: (at: number, now: number) => void;
  readonly #house: () => House;
  readonly #book: RunBook;
  /** What of it all the index does not have yet. */
  readonly indexing: Indexing;

  constructor(kept: Kept, wakeBy: (at: number, now: number) => void, house: () => House) {
    this.#kept = kept;
    this.#wakeBy = wakeBy;
    this.#house = house;
    this.indexing = new Indexing(wakeBy, () => lastActiveAt(kept));
    this.#book = new RunBook(kept.runs, this.indexing, wakeBy, house);
  }

  /** Takes an event with the runs it calls for, and with the consent it gives. */
  receive(event: Event, asked: readonly Asked[], consent: Consent | null, at: Moment): Received {
    const { now } = at;
    const { arrived, known, taken } = this.#take(event, asked, now);
    this.#kept.events.apply(arrived, taken.record, now);
    for (const run of taken.runs) this.#book.keep(null, run, at);
    if (taken.result === "accepted") this.#wake(forgetAt(event.progress, now, this.#house().retention_ms), now);
    if (taken.record === "add") this.indexing.changed(null, now);
    const is_again = taken.result === "duplicate";
    const given = consent === null ? null : is_again ? this.#consentAgain(consent) : this.#consent(consent, event, at);
    const called = [...known.runs, ...taken.runs];
    return {
      receipt: receipt(event, taken.result, [...called, ...(given?.approved ?? [])]),
      never_started: neverStarted(called),
      not_approved: given === null || given.approved.length > 0 ? null : given.reason,
    };
  }

  /** What would become of the event now. Changes nothing. */
  foresee(event: Event, asked: readonly Asked[], now: number): Foreseen {
    const { known, taken } = this.#take(event, asked, now);
    return { result: taken.result, is_known: known.same !== null, runs: taken.runs };
  }

  #take(event: Event, asked: readonly Asked[], now: number) {
    const { events, runs } = this.#kept;
    const address = events.addressOf(event.event_id);
    const arrived = { ...event, arrival: events.nextArrival() };
    const known = {
      same: address === null ? null : { address },
      runs: address === null ? [] : runs.ofEvent(event.event_id),
      newest: events.current(),
      begun: asked.some(({ follows }) => follows) ? runs.begun() : [],
      reopened: asked.some(({ occurrence }) => occurrence !== null) && events.arrivalsOf("i_reopen").length > 0,
      lately: asked.length === 0 ? [] : runs.since(now - LATELY_MS),
    };
    return { arrived, known, taken: take(arrived, known, asked, now) };
  }

  #consent({ approver, action }: Consent, event: Event, at: Moment): { approved: Run[]; reason: string } {
    const { replayed_by, received_at } = event;
    // Nobody has agreed to what was not there yet when the button was pressed.
    const awaiting = this.#awaiting(action).filter((run) => replayed_by === undefined || run.planned_at <= received_at);
    const ruled = awaiting.map((run) => this.#approve(run, approver, at, replayed_by));
    const approved = ruled.flatMap((one) => ("run" in one ? [one.run] : []));
    const refused = ruled.flatMap((one) => ("refused" in one ? [one.refused] : []));
    return { approved, reason: refused[0] ?? "nothing waits for approval in this incident" };
  }

  /** The same press again gives no consent; but it must not seem to have given what it was refused. */
  #consentAgain({ approver, action }: Consent): { approved: Run[]; reason: string } | null {
    const reason = this.#awaiting(action)
      .map((run) => objectionTo(approver, run))
      .find((objection) => objection !== null);
    return reason === undefined ? null : { approved: [], reason };
  }

  /** What waits for consent: the runs of one action, or all. */
  #awaiting(action: string | null): Run[] {
    return this.#kept.runs.awaitingApproval().filter((run) => action === null || run.action === action);
  }

  #approve(run: Run, approver: Approver, at: Moment, replayed_by?: string): Ruled {
    const objection = objectionTo(approver, run);
    const by = nameOf(approver);
    const note = replayed_by === undefined ? "" : `replayed by ${replayed_by}`;
    if (objection === null) {
      const approved = this.#book.move(run, { kind: "approved", by, note }, at);
      return approved.ended_at === null ? { run: approved } : { refused: "the time to approve it is over" };
    }
    this.#book.move(run, { kind: "approval_refused", by, reason: objection }, at);
    return { refused: objection };
  }

  /** Hands a run out, to one attempt at a time. `claimant` names the attempt, and may ask again when an answer was lost. */
  claim(ref: RunRef, claimant: string, at: Moment): Claimed {
    const { events, runs } = this.#kept;
    const asked = runs.one(ref.event_id, ref.action);
    const event = events.one(ref.event_id);
    if (asked === null || event === null) return { refused: "not known" };
    const run = this.#book.move(asked, this.#answerTo(asked, claimant, at.now), at);
    if (!isHeldBy(run, claimant)) return { refused: run.state };
    const { action, key } = run;
    const same =
      isReport(run) || run.handle !== null ? [] : runs.ofAction(action).filter((one) => isSameKey(one.key, key));
    const came_back = cameBack(same, same.length === 0 ? [] : events.arrivalsOf("i_reopen"));
    return { run, body: event.body, earlier: runs.earlier(action), came_back };
  }

  /** What becomes of a run that is claimed. */
  #answerTo(run: Run, claimant: string, now: number): Happening {
    if (!isReport(run)) return turnOf(run, claimant, this.#kept.runs, now);
    return run.state === "running" || this.#isCurrent(run) ? { kind: "claimed", claimant } : OUTDATED;
  }

  #isCurrent(report: Run): boolean {
    const run = this.#kept.runs.one(report.event_id, subjectOf(report));
    return run === null || isCurrent(report, run);
  }

  /** Records what an attempt came to; false where it is too late: its fence is not the newest, or the run has ended. */
  settle(ref: RunRef, fence: number, outcome: Outcome, notes: readonly Note[], at: Moment): boolean {
    const run = this.#kept.runs.one(ref.event_id, ref.action);
    if (run === null) return false;
    return this.#book.move(run, { kind: "settled", fence, outcome, notes }, at) !== run;
  }

  /** What a person has decided about a run. */
  rule(ref: RunRef, ruling: Ruling, at: Moment): Ruled {
    const run = this.#kept.runs.one(ref.event_id, ref.action);
    if (run === null || isReport(run)) return { refused: "there is no such run" };
    if (ruling.what === "approve") {
      if (run.state !== "awaiting_approval") return { refused: `it does not wait for approval: it is ${run.state}` };
      return this.#approve(run, { at: "admin", person_id: "", email: "", name: ruling.by }, at);
    }
    const { by } = ruling;
    const happened: Happening =
      ruling.what === "cancel"
        ? { kind: "cancelled", by, reason: ruling.reason }
        : { kind: "retried", by, overriding: ruling.overriding };
    const after = this.#book.move(run, happened, at);
    if (after !== run) return { run: after };
    return { refused: `it cannot be ${ruling.what === "cancel" ? "cancelled" : "retried"}: it is ${run.state}` };
  }

  /** Lets what is due happen. `is_over`: the incident is to be forgotten. `is_index_due`: the index is to be written. */
  wake(at: Moment): Due & { is_index_due: boolean } {
    const { events, runs } = this.#kept;
    const { now } = at;
    const current = events.current();
    if (current === null) return { changed: [], dispatched: [], is_over: false, wake_at: null, is_index_due: false };
    const due_runs = runs.due(now);
    const others_due_at = this.#othersDueAt(now, due_runs.length);
    const last_active_at = lastActiveAt(this.#kept);
    const waking = { runs: due_runs, others_due_at, progress: current.progress, last_active_at };
    const what = due(waking, this.#house().retention_ms, at);
    if (!what.is_over) this.#wake(what.wake_at, now);
    // Reports first: a run that ends here drops the report of its start, whatever has just become of it.
    const changed = what.changed.toSorted((one, other) => Number(isReport(other.after)) - Number(isReport(one.after)));
    for (const { before, after } of changed) this.#book.keep(before, after, at);
    return { ...what, is_index_due: !what.is_over && this.indexing.rang(now) };
  }

  /** What is due besides the runs that were read: more than are read at once, or such as cannot be read and must wait. */
  #othersDueAt(now: number, read: number): number | null {
    const others = this.#kept.runs.othersDueAt(now);
    if (this.#kept.runs.countDue(now) === read) return others;
    const again_at = read > 0 ? now : now + READ_AGAIN_MS;
    return others === null ? again_at : Math.min(others, again_at);
  }

  /** The runs that have come to their end since this was last asked, without reports. */
  takeEnded(): Run[] {
    return this.#book.takeEnded();
  }

  #wake(at: number | null, now: number): void {
    if (at !== null) this.#wakeBy(at, now);
  }
}
