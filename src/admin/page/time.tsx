// Times in a page's markup: short in the line, whole for programs and on request.
import { age, isDate, lasted, offsetOf, shortened, timeIn } from "./moment.ts";
import type { Viewer } from "./viewer.ts";

/** The day is left out where it is today, the year where it is this one; with how long ago it was. */
export function Time({ viewer, at }: { viewer: Viewer; at: number | null }) {
  if (at === null || !isDate(at)) return <>–</>;
  const { zone, now, language } = viewer;
  const whole = timeIn(zone, at);
  return (
    <time datetime={new Date(at).toISOString()} title={`${whole} ${offsetOf(zone, at)}`}>
      {shortened(whole, timeIn(zone, now))} <small>{age(at, now, language)}</small>
    </time>
  );
}

/** How long something takes, until now where it goes on. */
export function Took({ viewer, from, to }: { viewer: Viewer; from: number | null; to: number | null }) {
  if (from === null) return <>–</>;
  return <>{lasted((to ?? viewer.now) - from, viewer.language) + (to === null ? "…" : "")}</>;
}
