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
import { isCurrent, isReport, type Language, reportsOf, startReportOf, subjectOf } from "../domain/report.ts";
import type { Happening, Moment, Outcome, Run, Values } from "../domain/run.ts";
import { LATELY_MS, take } from "../domain/take.ts";
import type { Note } from "../domain/trail.ts";
import { isHeldBy, next } from "../domain/transitions.ts";
import type { EventTable } from "./event-table.ts";
import type { RunTable } from "./run-table.ts";
import { nextTurn, turnOf, waitingFor } from "./turn.ts";

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

  constructor(kept: Kept, wakeBy: (at: number, now: number) => void, house: () => House) {
    this.#kept = kept;
    this.#wakeBy = wakeBy;
    this.#house = house;
  }

  /** Takes an event with the runs it calls for, and with the consent it gives. */
  receive(event: Event, asked: readonly Asked[], consent: Consent | null, at: Moment): Received {
    const { events, runs } = this.#kept;
    const { now } = at;
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
    const taken = take(arrived, known, asked, now);
    events.apply(arrived, taken.record);
    for (const run of taken.runs) this.#keep(null, run, at);
    if (taken.result === "accepted")
      this.#wake(forgetAt(event.progress, event.received_at, this.#house().retention_ms), now);
    const is_again = taken.result === "duplicate";
    const given = consent === null ? null : is_again ? this.#consentAgain(consent) : this.#consent(consent, at);
    const called = [...known.runs, ...taken.runs];
    return {
      receipt: receipt(event, taken.result, [...called, ...(given?.approved ?? [])]),
      never_started: neverStarted(called),
      not_approved: given === null || given.approved.length > 0 ? null : given.reason,
    };
  }

  #consent({ approver, action }: Consent, at: Moment): { approved: Run[]; reason: string } {
    const ruled = this.#awaiting(action).map((run) => this.#approve(run, approver, at));
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

  #approve(run: Run, approver: Approver, at: Moment): Ruled {
    const objection = objectionTo(approver, run);
    const by = nameOf(approver);
    if (objection === null) {
      const approved = this.#move(run, { kind: "approved", by }, at);
      return approved.ended_at === null ? { run: approved } : { refused: "the time to approve it is over" };
    }
    this.#move(run, { kind: "approval_refused", by, reason: objection }, at);
    return { refused: objection };
  }

  /** Hands a run out, to one attempt at a time. `claimant` names the attempt, and may ask again when an answer was lost. */
  claim(ref: RunRef, claimant: string, at: Moment): Claimed {
    const { events, runs } = this.#kept;
    const asked = runs.one(ref.event_id, ref.action);
    const event = events.one(ref.event_id);
    if (asked === null || event === null) return { refused: "not known" };
    const run = this.#move(asked, this.#answerTo(asked, claimant, at.now), at);
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
    return run !== null && this.#move(run, { kind: "settled", fence, outcome, notes }, at) !== run;
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
    const after = this.#move(run, happened, at);
    if (after !== run) return { run: after };
    return { refused: `it cannot be ${ruling.what === "cancel" ? "cancelled" : "retried"}: it is ${run.state}` };
  }

  /** Lets what is due happen. `is_over`: the incident is to be forgotten. */
  wake(at: Moment): Due {
    const { events, runs } = this.#kept;
    const { now } = at;
    const current = events.current();
    if (current === null) return { changed: [], dispatched: [], is_over: false, wake_at: null };
    const due_runs = runs.due(now);
    const others_due_at = this.#othersDueAt(now, due_runs.length);
    const last_active_at = Math.max(events.lastArrivalAt(), runs.lastEndAt());
    const waking = { runs: due_runs, others_due_at, progress: current.progress, last_active_at };
    const what = due(waking, this.#house().retention_ms, at);
    if (!what.is_over) this.#wake(what.wake_at, now);
    // Reports first: a run that ends here drops the report of its start, whatever has just become of it.
    const changed = what.changed.toSorted((one, other) => Number(isReport(other.after)) - Number(isReport(one.after)));
    for (const { before, after } of changed) this.#keep(before, after, at);
    return what;
  }

  /** What is due besides the runs that were read: more than are read at once, or such as cannot be read and must wait. */
  #othersDueAt(now: number, read: number): number | null {
    const others = this.#kept.runs.othersDueAt(now);
    if (this.#kept.runs.countDue(now) === read) return others;
    const again_at = read > 0 ? now : now + READ_AGAIN_MS;
    return others === null ? again_at : Math.min(others, again_at);
  }

  /** Lets something happen to a run, and keeps what follows. The very same run where nothing does. */
  #move(before: Run, happened: Happening, at: Moment): Run {
    const after = next(before, happened, at);
    if (after !== before) this.#keep(before, after, at);
    return after;
  }

  /** Keeps a run as it has become, with what follows for others, and with the reports that this calls for. */
  #keep(before: Run | null, after: Run, at: Moment): void {
    const { runs } = this.#kept;
    runs.save(after);
    this.#wake(after.due_at, at.now);
    if (before?.state === "running" && after.state !== "running") this.#passTurn(after.action, at.now);
    if (after.ended_at !== null && !isReport(after))
      for (const run of waitingFor(after, runs)) this.#move(run, { kind: "woken" }, at);
    // What it waits for may have ended where both are new.
    if (before === null && after.after !== "" && runs.one(after.event_id, after.after)?.ended_at)
      this.#move(after, { kind: "woken" }, at);
    const { tells } = this.#house();
    if (tells === null) return;
    for (const report of reportsOf(before, after, tells, at.now)) {
      if (runs.one(report.event_id, report.action) === null) this.#keep(null, report, at);
    }
    if (after.ended_at !== null && !isReport(after)) this.#dropStartReport(after, at);
  }

  /** An attempt is over: the run that has waited longest for that is next. */
  #passTurn(action: string, now: number): void {
    const run = nextTurn(action, this.#kept.runs);
    if (run === null) return;
    this.#kept.runs.save({ ...run, due_at: now });
    this.#wake(now, now);
  }

  /** That a run goes on need not be told any more once it has ended, unless somebody is about to. */
  #dropStartReport(ended: Run, at: Moment): void {
    const report = this.#kept.runs.one(ended.event_id, startReportOf(ended));
    if (report === null || report.state === "running" || report.ended_at !== null) return;
    this.#kept.runs.save(next(report, { kind: "cancelled", reason: "the run has ended" }, at));
  }

  #wake(at: number | null, now: number): void {
    if (at !== null) this.#wakeBy(at, now);
  }
}
