// How long to wait before an attempt is made again.

const FIRST_MS = 1_000;
const AT_MOST_MS = 5 * 60_000;
/** A target that asks for more is a target to give up on: a person would not wait either. */
const ASKED_AT_MOST_MS = 60 * 60_000;

/**
 * Exponential, half of it by chance, so that runs which failed together do not come back together; never sooner than
 * the target asked (`Retry-After`), up to an hour. `failures` from 1, `chance` from 0 up to 1. Milliseconds.
 */
export function backoff(failures: number, chance: number, asked_ms = 0): number {
  const full_ms = Math.min(FIRST_MS * 2 ** (failures - 1), AT_MOST_MS);
  return Math.max(
    Math.round(full_ms / 2 + (chance * full_ms) / 2),
    Math.min(Math.ceil(asked_ms || 0), ASKED_AT_MOST_MS),
  );
}
