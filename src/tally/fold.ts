// When many rows of counts are made few: an interval's when its isolates have written, and a day's when no page shows it any more.
import { wordsOf } from "../domain/thrown.ts";
import { log } from "../log.ts";
import { INTERVAL_MS } from "./ledger.ts";
import { foldPages } from "./table.ts";

/** Isolates have written what they counted by then. */
const FOLDED_AFTER_MS = 60 * 60_000;
/** The pages show a day; intervals are kept somewhat longer. */
const KEPT_MS = 25 * 60 * 60_000;

/** Folds what is old enough, to be called once an hour. Never throws; the next hour tries again. */
export async function foldTallies(db: D1Database, now: number): Promise<void> {
  try {
    await foldPages(db, now - FOLDED_AFTER_MS - INTERVAL_MS, now - KEPT_MS - INTERVAL_MS);
  } catch (error) {
    log("tally.failed", { error: wordsOf(error) });
  }
}
