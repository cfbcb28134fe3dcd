// Times in a picture: as short as they can be without being mistaken for others.
import { shortened, timeIn } from "../moment.ts";
import type { Viewer } from "./viewer.ts";

/** `03:01:20`, with the day where that is another than today, and the year where that is. */
export type Clock = (at: number) => string;

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
