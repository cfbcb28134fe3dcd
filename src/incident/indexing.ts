// When an incident is written into the index, and what of it. It is told by the alarm, some seconds after the first change
// that the index does not have, so that what happens at once is written once. All of this is in memory: an object that was made
// anew knows nothing, and has its next alarm write everything; what the index has already costs no row.

import type { Indexed } from "../admin/index/entry.ts";
import type { Moment } from "../domain/run.ts";
import type { Kept } from "./desk.ts";

/** How long the index may be behind. */
export const INDEX_WITHIN_MS = 5_000;
/** An index that does not answer is asked again by then. */
const AGAIN_AT_MOST_MS = 10 * 60_000;

/** Long ago: nothing is known of when it was written last. */
const UNKNOWN = 0;

/** What is to be written now. */
export interface Writing {
  /** The ids of the runs that have changed since the last time; null where that is not known. */
  changed: ReadonlySet<string> | null;
  /** The register is known to have the incident. */
  is_entered: boolean;
}

export class Indexing {
  readonly #wakeBy: (at: number, now: number) => void;
  #due_at: number | null = UNKNOWN;
  /** The ids of the runs that have changed since; null where that is not known. */
  #changed: Set<string> | null = null;
  #is_entered = false;
  readonly #lastActiveAt: () => number;

  /** `lastActiveAt`: when anything last happened to the incident. Milliseconds. */
  constructor(wakeBy: (at: number, now: number) => void, lastActiveAt: () => number) {
    this.#wakeBy = wakeBy;
    this.#lastActiveAt = lastActiveAt;
  }

  /** The alarm has come: whether the index is to be written now. Where that is for later, the alarm comes again for it. */
  rang(now: number): boolean {
    this.#wake(now);
    return this.#due_at !== null && this.#due_at <= now;
  }

  /** Something has changed that the index shows, and the alarm is to come for it: the run of this id, or else the incident itself. */
  changed(run_id: string | null, now: number): void {
    if (this.#due_at === null || this.#due_at === UNKNOWN) this.#due_at = now + INDEX_WITHIN_MS;
    if (run_id !== null) this.#changed?.add(run_id);
    this.#wake(now);
  }

  /** It is written now; what changes from now on is for the next time. */
  begin(): Writing {
    const writing = { changed: this.#changed, is_entered: this.#is_entered };
    this.#due_at = null;
    this.#changed = new Set();
    this.#is_entered = true;
    return writing;
  }

  /** It was not written, or that is not known: all of it again, with an alarm of its own. */
  failed({ now, chance }: Moment): void {
    this.#due_at = now + againAfter(now - this.#lastActiveAt(), chance);
    this.#changed = null;
    this.#is_entered = false;
    this.#wake(now);
  }

  /** Nothing is known any more: everything is to be written, at the next alarm. */
  forget(): void {
    this.#due_at = UNKNOWN;
    this.#changed = null;
    this.#is_entered = false;
  }

  /** What is due already is written by the alarm that is under way, or late: another one would be a row for nothing. */
  #wake(now: number): void {
    if (this.#due_at !== null && this.#due_at > now) this.#wakeBy(this.#due_at, now);
  }
}

/**
 * How long an index that has failed is left alone: as long as nothing has happened to the incident. That doubles by itself with
 * each time, and is known again to an object that was made anew. A quarter more or less by chance: those that failed together
 * must not come back together. `chance` from 0 up to 1. Milliseconds.
 */
export function againAfter(quiet_ms: number, chance: number): number {
  const wait_ms = Math.min(Math.max(quiet_ms, INDEX_WITHIN_MS), AGAIN_AT_MOST_MS);
  return Math.round(wait_ms * (0.75 + chance / 2));
}

/** When an event last came, or a run last ended. Milliseconds. */
export function lastActiveAt({ events, runs }: Kept): number {
  return Math.max(events.lastArrivalAt(), runs.lastEndAt());
}

/** Grows with each change of the incident and of its runs. */
export function versionOf({ events, runs }: Kept): number {
  return events.arrivals() + runs.changes();
}

/** What of the incident the index is to show. There is an event. */
export function indexedOf(kept: Kept, incident_id: string): Indexed {
  const { events, runs } = kept;
  const current = events.current();
  return {
    incident_id,
    current: { progress: current?.progress ?? "", body: events.one(current?.event_id ?? "")?.body ?? "" },
    opened_at: events.firstArrivalAt(),
    last_event_at: events.lastArrivalAt(),
    events: events.arrivals(),
    version: versionOf(kept),
    runs: runs.counted(),
  };
}
