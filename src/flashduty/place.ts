// The account's quota, as a rule: when the next call may go. Flashduty takes 50 calls a second and 1,000 a minute from an
// account. Calls arrive with different delays, and others use the account too: so it is used up to nine tenths.

/** Between two calls: 40 a second, and never many at once, whatever delays they meet on their way. */
export const SPACING_MS = 25;
export const PER_MINUTE = 900;
const MINUTE_MS = 60_000;

/** When the next call may go, after those in `given` (times in ms, in order; no more than `PER_MINUTE` are looked at). */
export function nextPlace(given: readonly number[], now: number): number {
  const last = given.at(-1) ?? -Infinity;
  const a_minute_of_calls_ago = given.at(-PER_MINUTE) ?? -Infinity;
  return Math.max(now, last + SPACING_MS, a_minute_of_calls_ago + MINUTE_MS);
}
