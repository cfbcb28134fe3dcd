// The vendor's limits, and what was asked of it in any stretch of time: a client's quota is judged by what arrives.

/** Per account, for each of the calls that the stand-in knows. */
const LIMITS = [
  { calls: 50, window_ms: 1_000 },
  { calls: 1_000, window_ms: 60_000 },
];

/** Lets calls in until a limit is reached. One that is refused does not count against those that come later. */
export class Limits {
  #let_in: number[] = [];

  take(at_ms: number): boolean {
    const longest_ms = Math.max(...LIMITS.map(({ window_ms }) => window_ms));
    this.#let_in = this.#let_in.filter((then_ms) => then_ms > at_ms - longest_ms);
    const within = (window_ms: number) => this.#let_in.filter((then_ms) => then_ms > at_ms - window_ms).length;
    if (LIMITS.some(({ calls, window_ms }) => within(window_ms) >= calls)) return false;
    this.#let_in.push(at_ms);
    return true;
  }
}

/** The most of these moments that lie in one window. Two that are a whole window apart do not share one. */
export function mostWithin(moments_ms: readonly number[], window_ms: number): number {
  const in_order = moments_ms.toSorted((one, other) => one - other);
  let first = 0;
  let most = 0;
  for (const [last, at_ms] of in_order.entries()) {
    while ((in_order[first] ?? at_ms) <= at_ms - window_ms) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
