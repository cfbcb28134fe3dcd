// The runs of an incident as they change: what follows from a change for other runs, for the reports, for the alarm and for
// whoever is told beyond the incident.
import { runId } from "../domain/event.ts";
import { isReport, reportsOf, startReportOf } from "../domain/report.ts";
import type { Happening, Moment, Run } from "../domain/run.ts";
import { next } from "../domain/transitions.ts";
import type { House, Kept } from "./desk.ts";
import type { Indexing } from "./indexing.ts";
import { nextTurn, waitingFor } from "./turn.ts";

export class RunBook {
  readonly #runs: Kept["runs"];
  readonly #indexing: Indexing;
  readonly #wakeBy: (at: number, now: number) => void;
  readonly #house: () => House;
  #ended: Run[] = [];

  constructor(runs: Kept["runs"], indexing: Indexing, wakeBy: (at: number, now: number) => void, house: () => House) {
    this.#runs = runs;
    this.#indexing = indexing;
    this.#wakeBy = wakeBy;
    this.#house = house;
  }

  /** Lets something happen to a run, and keeps what follows. The very same run where nothing does. */
  move(before: Run, happened: Happening, at: Moment): Run {
    const after = next(before, happened, at);
    if (after !== before) this.keep(before, after, at);
    return after;
  }

  /** Keeps a run as it has become, with what follows for others, and with the reports that this calls for. */
  keep(before: Run | null, after: Run, at: Moment): void {
    const runs = this.#runs;
    runs.save(after);
    if (after.due_at !== null) this.#wakeBy(after.due_at, at.now);
    if (!isReport(after)) this.#note(before, after, at.now);
    if (before?.state === "running" && after.state !== "running") this.#passTurn(after.action, at.now);
    if (after.ended_at !== null && !isReport(after))
      for (const run of waitingFor(after, runs)) this.move(run, { kind: "woken" }, at);
    // What it waits for may have ended where both are new.
    if (before === null && after.after !== "" && runs.one(after.event_id, after.after)?.ended_at)
      this.move(after, { kind: "woken" }, at);
    const { tells } = this.#house();
    if (tells === null) return;
    for (const report of reportsOf(before, after, tells, at.now)) {
      if (runs.one(report.event_id, report.action) === null) this.keep(null, report, at);
    }
    if (after.ended_at !== null && !isReport(after)) this.#dropStartReport(after, at);
  }

  /** The runs that have come to their end since this was last asked, without reports. */
  takeEnded(): Run[] {
    return this.#ended.splice(0);
  }

  #note(before: Run | null, after: Run, now: number): void {
    this.#indexing.changed(runId(after), now);
    if (after.ended_at !== null && before?.ended_at !== after.ended_at) this.#ended.push(after);
  }

  /** An attempt is over: the run that has waited longest for that is next. */
  #passTurn(action: string, now: number): void {
    const run = nextTurn(action, this.#runs);
    if (run === null) return;
    this.#runs.save({ ...run, due_at: now });
    this.#wakeBy(now, now);
  }

  /** That a run goes on need not be told any more once it has ended, unless somebody is about to. */
  #dropStartReport(ended: Run, at: Moment): void {
    const report = this.#runs.one(ended.event_id, startReportOf(ended));
    if (report === null || report.state === "running" || report.ended_at !== null) return;
    this.#runs.save(next(report, { kind: "cancelled", reason: "the run has ended" }, at));
  }
}
