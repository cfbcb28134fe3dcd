// What the Worker logged during the test.
import { vi } from "vitest";
import * as z from "zod";

const Line = z.looseObject({ what: z.string() });

let lines: string[] = [];

/** Gathers the lines of one test instead of printing them. */
export function gatherLines(): void {
  lines = [];
  vi.spyOn(console, "log").mockImplementation((line) => {
    lines.push(String(line));
  });
}

/** Every line, as it was written. */
export function logged(): readonly string[] {
  return lines;
}

/** The lines of one kind of work: `push.received`. */
export function linesOf(what: string): z.output<typeof Line>[] {
  return lines.map((line) => Line.parse(JSON.parse(line))).filter((line) => line.what === what);
}
