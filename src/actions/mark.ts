// The mark of a run: it goes with the job that a target starts, in its name or in one of its variables, so that a start whose
// answer was lost is found again, and not made twice.
import type { Outcome } from "../domain/run.ts";
import type { Attempt } from "./connector.ts";

/** A start that was cut off may take effect, or show, only after a while. Until then nothing is started again. */
const SHOWS_WITHIN_MS = 2 * 60_000;
const LOOK_EVERY_MS = 10_000;

const MARKED = /@\d{13}(?!\d)/;

/** Differs from run to run, and from round to round: what a person starts over must not find the job of before. */
export function markOf({ run_id, planned_at }: Attempt): string {
  return `${encodeURIComponent(run_id.toWellFormed())}@${String(planned_at).padStart(13, "0")}`;
}

/** Whether the text holds the mark of any run. */
export function isMarked(text: string): boolean {
  return MARKED.test(text);
}

/** What an attempt comes to that has not found what an earlier one may have started; null once it has surely not been. */
export function notYet({ may_have_acted, unclear_at }: Attempt): Outcome | null {
  const left_ms = (unclear_at ?? 0) + SHOWS_WITHIN_MS - Date.now();
  if (!may_have_acted || left_ms <= 0) return null;
  const reason = "whether an earlier attempt has started it cannot be told yet";
  return { kind: "held", reason, after_ms: Math.min(left_ms, LOOK_EVERY_MS) };
}
