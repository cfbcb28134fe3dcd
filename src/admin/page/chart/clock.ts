// Times in a picture: as short as they can be without being mistaken for others.
import { timeIn } from "../moment.ts";
import type { Viewer } from "./viewer.ts";

/** `03:01:20`, with the day where that is another than today, and the year where that is. */
export type Clock = (at: number) => string;

const [DAY, YEAR] = ["2026-11-22".length, "2026".length];

/** For one picture, in which the same times come again and again: to write one in a zone is slow. */
export function clockOf({ now, zone }: Pick<Viewer, "now" | "zone">): Clock {
  const today = timeIn(zone, now);
  const known = new Map<number, string>();
  return (at) => {
    const text = known.get(at) ?? shortened(timeIn(zone, at), today);
    known.set(at, text);
    return text;
  };
}

function shortened(text: string, today: string): string {
  if (text.slice(0, DAY) === today.slice(0, DAY)) return text.slice(DAY + 1);
  return text.slice(0, YEAR) === today.slice(0, YEAR) ? text.slice(YEAR + 1) : text;
}
