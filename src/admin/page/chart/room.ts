// What fits where. A picture is as wide as its place on the page, which nobody knows here: everything stands at a part of
// the width, and what needs room is drawn for a narrow place and for a wide one; the style sheet shows one of the two.

/** The least width of the part in which time passes, in a narrow place (a phone) and in a wide one. */
const NARROW_PX = 260;
const WIDE_PX = 560;

/** How high the lane of times is: what goes through all lanes begins below it. */
export const TIMES_PX = 34;

/** Where something is shown. */
export type Room = "narrow" | "wide";
export const ROOMS: readonly (readonly [Room, number])[] = [
  ["narrow", NARROW_PX],
  ["wide", WIDE_PX],
];

/** The class of what is shown in that place only. */
export const classOf = (room: Room) => `chart-${room}`;

/** The class of a text that has that part of the width: "" where it always fits, null where it never does. */
export function fits(text: string, part: number): string | null {
  const needs_px = textPx(text);
  if (needs_px <= part * NARROW_PX) return "";
  return needs_px <= part * WIDE_PX ? classOf("wide") : null;
}

/** How wide a text is with some space around it; characters beyond Latin ones take twice the room. */
export function textPx(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + (character > "\u02ff" ? 13 : 7), 10);
}

/** A part of the width, as SVG writes it. */
export function percent(part: number): string {
  return `${Math.round(part * 10_000) / 100}%`;
}
