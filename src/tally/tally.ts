// Counting, in nobody's way: in memory first, and some seconds later, for all that came meanwhile, as one row of D1. What
// an isolate has not written when it ends is lost; nothing waits for a count, and nothing fails by one.
import { within } from "../deadline.ts";
import { wordsOf } from "../domain/thrown.ts";
import { log } from "../log.ts";
import type { Background } from "../receive/refuse.ts";
import { Ledger } from "./ledger.ts";
import { type CounterName, counterKey, type Counts, type HistogramName, type LabelsOf, observed } from "./metric.ts";
import { writePages } from "./table.ts";

/** How long counts wait in memory for others: each writing costs a row. */
export const FLUSH_AFTER_MS = 5_000;
const WRITE_WITHIN_MS = 5_000;

/**
 * True wherever the Worker runs: counts are written by themselves, and what a push shows is looked at after its answer. Tests
 * that hold clocks and databases make it false: then nothing waits for a clock, and only `flush` writes counts.
 */
export const pace = { is_automatic: true };

const ledger = new Ledger();
/** Names this isolate's rows. Made when it is needed: outside of a request there is no chance. */
let isolate = "";
/** Until then a flush is under way; the work of a request may be cut off, and must not be waited for forever. */
let flushing_until = 0;

/** Counts what happened; it is written by and by. Never throws. */
export function count<Name extends CounterName>(env: Env, ctx: Background, name: Name, labels: LabelsOf<Name>): void {
  add({ [counterKey(name, labels)]: 1 }, env, ctx);
}

/** Counts how long something took. Never throws. */
export function observe(env: Env, ctx: Background, name: HistogramName, seconds: number): void {
  add(observed(name, seconds), env, ctx);
}

function add(counts: Counts, env: Env, ctx: Background): void {
  const now = Date.now();
  ledger.add(counts, now);
  if (!pace.is_automatic || now < flushing_until) return;
  flushing_until = now + FLUSH_AFTER_MS + WRITE_WITHIN_MS;
  ctx.waitUntil(flushSoon(env));
}

async function flushSoon(env: Env): Promise<void> {
  await scheduler.wait(FLUSH_AFTER_MS);
  await flush(env);
}

/** Writes what this isolate has counted. What fails is written with the next flush. */
export async function flush(env: Env): Promise<void> {
  flushing_until = 0;
  const pages = ledger.unsaved();
  if (pages.length === 0) return;
  isolate ||= crypto.randomUUID();
  try {
    await within(WRITE_WITHIN_MS, "the database", writePages(env.DB, isolate, pages));
    ledger.saved(pages, Date.now());
  } catch (error) {
    log("tally.failed", { error: wordsOf(error) });
  }
}
