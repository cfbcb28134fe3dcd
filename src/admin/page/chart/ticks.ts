// Which times are written below a picture: those that say most, as far as there is room for them.
import { timeIn } from "../moment.ts";
import type { Axis } from "./axis.ts";

/** A time that is written. */
export interface Tick {
  /** From 0 to 1. */
  place: number;
  /** `03:01`, or the word for now. */
  time: string;
  /** `11-22`, where the day is another than that of the tick before; "" elsewhere. */
  date: string;
  anchor: "start" | "middle" | "end";
}

/** Of a label with the space around it, at the size that the style sheet gives it. */
const LABEL_PX = 46;

/**
 * The ticks of an axis that is so wide, in order. Its beginning and `now` come first, then where something happens again
 * after a break, then whatever else happens.
 */
export function ticksOf(
  axis: Axis,
  moments: readonly number[],
  { now, zone, say_now, width_px }: { now: number; zone: string; say_now: string; width_px: number },
): Tick[] {
  const wanted = [now, axis.begin, ...axis.quiets.flatMap(({ from, to }) => [to, from]), ...moments];
  const kept: { at: number; left: number }[] = [];
  const minutes = new Set<string>();
  for (const at of wanted) {
    const left = leftOf(axis.place(at), width_px);
    if (kept.some((other) => Math.abs(other.left - left) < LABEL_PX)) continue;
    const minute = timeIn(zone, at).slice(0, "2026-11-22 03:01".length);
    if (minutes.has(minute)) continue;
    minutes.add(minute);
    kept.push({ at, left });
  }
  let day = timeIn(zone, now).slice(0, 10);
  return kept
    .toSorted((one, other) => one.at - other.at)
    .map(({ at }) => {
      const text = timeIn(zone, at);
      const place = axis.place(at);
      const [date, previous] = [text.slice(0, 10), day];
      day = date;
      const time = at === now ? say_now : text.slice(11, 16);
      return { place, time, date: date === previous ? "" : dayOf(date, previous), anchor: anchorOf(place, width_px) };
    });
}

/** With the year only where that is another one. */
function dayOf(date: string, previous: string): string {
  return date.slice(0, 4) === previous.slice(0, 4) ? date.slice(5) : date;
}

/** A label stays inside of the picture. */
function anchorOf(place: number, width_px: number): Tick["anchor"] {
  const at_px = place * width_px;
  if (at_px < LABEL_PX / 2) return "start";
  return at_px > width_px - LABEL_PX / 2 ? "end" : "middle";
}

function leftOf(place: number, width_px: number): number {
  return Math.min(Math.max(place * width_px - LABEL_PX / 2, 0), width_px - LABEL_PX);
}
