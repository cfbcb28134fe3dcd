// When an incident is written into the index, and what of it. It is told by the alarm, some seconds after the first change
// that the index does not have, so that what happens at once is written once. All of this is in memory: an object that was made
// anew knows nothing, and has its next alarm write everything; what the index has already costs no row.

import type { Indexed } from "../admin/index/entry.ts";
import type { Kept } from "./desk.ts";

/** How long the index may be behind. */
export const INDEX_WITHIN_MS = 5_000;
/** An index that does not answer is left alone for longer and longer. */
const AGAIN_AT_MOST_MS = 10 * 60_000;

/** Long ago: nothing is known of when it was written last. */
const UNKNOWN = 0;

export class Indexing {
  #due_at: number | null = UNKNOWN;
  /** The ids of the runs that have changed since; null where that is not known. */
  #changed: Set<string> | null = null;
  #failures = 0;
  /** The register is known to have the incident. */
  is_entered = false;

  /** When the alarm has to come for the index; null where it need not, for all that is known. */
  get wake_at(): number | null {
    return this.#due_at === UNKNOWN ? null : this.#due_at;
  }

  isDue(now: number): boolean {
    return this.#due_at !== null && this.#due_at <= now;
  }

  /** Something has changed that the index shows: the run of this id, or else the incident itself. */
  changed(run_id: string | null, now: number): void {
    if (this.#due_at === null || this.#due_at === UNKNOWN) this.#due_at = now + INDEX_WITHIN_MS;
    if (run_id !== null) this.#changed?.add(run_id);
  }

  /** It is written now; what changes from now on is for the next time. Returns the runs that have changed, as above. */
  begin(): ReadonlySet<string> | null {
    const changed = this.#changed;
    this.#due_at = null;
    this.#changed = new Set();
    return changed;
  }

  done(): void {
    this.#failures = 0;
  }

  /** It was not written, or that is not known. */
  failed(now: number): void {
    this.#failures += 1;
    this.#due_at = now + Math.min(INDEX_WITHIN_MS * 2 ** (this.#failures - 1), AGAIN_AT_MOST_MS);
    this.#changed = null;
  }

  /** Everything is to be written, at the next alarm. */
  forget(): void {
    this.#due_at = UNKNOWN;
    this.#changed = null;
    this.is_entered = false;
  }
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
