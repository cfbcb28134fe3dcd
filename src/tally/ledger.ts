// What one isolate has counted and not yet written: by intervals of ten minutes, each as a whole.
import type { Counts } from "./metric.ts";

export const INTERVAL_MS = 10 * 60_000;
/** Where the database is away for longer, the oldest are given up: two hours. */
const MOST_INTERVALS = 12;

/** An interval's counts as they are to be written; `version` tells how far the counting had come. */
export interface Page {
  at: number;
  version: number;
  counts: Counts;
}

interface Entry {
  counts: Record<string, number>;
  version: number;
  saved: number;
}

export class Ledger {
  readonly #entries = new Map<number, Entry>();

  add(counts: Counts, now: number): void {
    const at = now - (now % INTERVAL_MS);
    const entry = this.#entries.get(at) ?? { counts: {}, version: 0, saved: 0 };
    for (const [key, by] of Object.entries(counts)) entry.counts[key] = (entry.counts[key] ?? 0) + by;
    entry.version += 1;
    this.#entries.set(at, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MOST_INTERVALS && oldest !== undefined) this.#entries.delete(oldest);
  }

  unsaved(): Page[] {
    const pages = Array.from(this.#entries, ([at, { version, saved, counts }]) => ({ at, version, saved, counts }));
    return pages
      .filter(({ version, saved }) => version > saved)
      .map(({ at, version, counts }) => ({ at, version, counts: { ...counts } }));
  }

  /** These were written. An interval that is over needs no memory any more. */
  saved(pages: readonly Page[], now: number): void {
    for (const { at, version } of pages) {
      const entry = this.#entries.get(at);
      if (entry === undefined) continue;
      entry.saved = Math.max(entry.saved, version);
      // Kept for another interval: a clock that is set back must not begin it anew, with fewer counts than are written.
      if (entry.saved === entry.version && at + 2 * INTERVAL_MS <= now) this.#entries.delete(at);
    }
  }
}
