// A time axis on which both a minute of action and a week of quiet can be read: up to a minute, a pause is as wide as it
// is long; beyond, it grows ever slower. A longer pause is never drawn narrower than a shorter one.

/** Up to this, pauses are drawn to scale. */
const TO_SCALE_MS = 60_000;
/** How much a pause grows, in widths of the one above, each time it is e times as long. */
const GROWS_BY = 0.25;
/** From here on the picture says that there is a break. */
export const QUIET_MS = 10 * 60_000;

/** A stretch in which nothing happened. Milliseconds. */
interface Quiet {
  from: number;
  to: number;
}

export interface Axis {
  begin: number;
  /** Where a time is drawn: 0 at the beginning, 1 at the end; what lies beyond them is drawn there. */
  place: (at: number) => number;
  /** The breaks, in order. */
  quiets: Quiet[];
}

/** The axis for a picture in which this happens, in any order; it begins with the first and ends with the last. */
export function axisOf(moments: readonly number[]): Axis {
  const times = [...new Set(moments)].toSorted((one, other) => one - other);
  const [begin = 0] = times;
  const pauses = times.slice(1).map((to, index) => ({ from: times[index] ?? begin, to }));
  const widths = pauses.map(({ from, to }) => widthOf(to - from));
  const whole = widths.reduce((sum, width) => sum + width, 0);
  let before = 0;
  const places = new Map([[begin, 0]]);
  for (const [index, { to }] of pauses.entries()) {
    before += widths[index] ?? 0;
    places.set(to, index === pauses.length - 1 ? 1 : before / whole);
  }
  return {
    begin,
    place: (at) => places.get(at) ?? between(times, places, at),
    quiets: pauses.filter(({ from, to }) => to - from >= QUIET_MS),
  };
}

/** How wide a pause is drawn, in any unit. */
function widthOf(ms: number): number {
  const part = ms / TO_SCALE_MS;
  return part <= 1 ? part : 1 + GROWS_BY * Math.log(part);
}

function between(times: readonly number[], places: ReadonlyMap<number, number>, at: number): number {
  const after = times.findIndex((time) => time > at);
  const [from, to] = [times[after - 1], times[after]];
  if (from === undefined || to === undefined) return after === -1 && times.length > 1 ? 1 : 0;
  const [left, right] = [places.get(from) ?? 0, places.get(to) ?? 1];
  return left + ((at - from) / (to - from)) * (right - left);
}
