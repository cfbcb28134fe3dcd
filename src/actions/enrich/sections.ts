// The text of an enrichment: a section for each source, and room that is shared fairly. A report has little of it, and
// a source that has much to tell must not push the others out.
import { cut, visible } from "../../domain/text.ts";

/** What one source tells. */
export interface Section {
  name: string;
  lines: readonly string[];
}

/** Of one line: the rest of a long one is seldom what matters. */
const MOST_LINE = 200;
/** A shorter piece of a line tells little. */
const LEAST_LINE = 60;
/** Says that there was more. */
const REST = "\n…";

/** The sections as one text of at most `room` characters. Each has its name above, where there are several. */
export function layOut(sections: readonly Section[], room: number): string {
  const told = sections
    .filter(({ lines }) => lines.length > 0)
    .map(({ name, lines }) => ({ name, lines: lines.map(oneLine) }));
  const texts = told.map(({ name, lines }) => (told.length === 1 ? lines : headed(name, lines)));
  const needs = texts.map((lines) => lines.join("\n").length);
  const rooms = fairShares(needs, room - (texts.length - 1));
  return texts.map((lines, index) => fit(lines, rooms[index] ?? 0)).join("\n");
}

function headed(name: string, lines: readonly string[]): string[] {
  const [first = "", ...more] = lines;
  return more.length === 0 ? [`${name}: ${first}`] : [`${name}:`, ...lines.map((one) => `- ${one}`)];
}

/** Gaps are closed up: programs pad what they log, and room is scarce. */
function oneLine(text: string): string {
  return cut(visible(text).replaceAll(/\s+/g, " "), MOST_LINE);
}

/** Whoever needs less than an equal part gets what it needs; what is left over goes to the others. */
export function fairShares(needs: readonly number[], room: number): number[] {
  const shares = needs.map(() => 0);
  const by_need = [...needs.entries()].toSorted(([, one], [, other]) => one - other);
  let left = Math.max(room, 0);
  for (const [place, [index, need]] of by_need.entries()) {
    const share = Math.min(need, Math.floor(left / (by_need.length - place)));
    shares[index] = share;
    left -= share;
  }
  return shares;
}

/** As many lines as there is room for, from the first on: long ones are cut before others are left out. */
function fit(lines: readonly string[], room: number): string {
  const whole = lines.join("\n");
  if (whole.length <= room) return whole;
  const kept = lines.slice(0, howMany(lines, room - REST.length));
  const rest = kept.length < lines.length && room > REST.length ? REST : "";
  const shares = fairShares(
    kept.map(({ length }) => length),
    room - rest.length - (kept.length - 1),
  );
  return `${kept.map((one, index) => cut(one, Math.max(shares[index] ?? 0, 1))).join("\n")}${rest}`;
}

/** How many of the lines can be shown so that none is cut to less than it takes to tell something; one at least. */
function howMany(lines: readonly string[], room: number): number {
  let left = room;
  const first_left_out = lines.findIndex(({ length }) => (left -= Math.min(length, LEAST_LINE) + 1) < -1);
  return first_left_out === -1 ? lines.length : Math.max(first_left_out, 1);
}
