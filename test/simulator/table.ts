// The demo's table: what was sent, what was promised, what was answered and what was found.
import { styleText } from "node:util";

/** One step of the demo, as it came out. */
export interface Step {
  sent: string;
  promise: string;
  answer: string;
  found: string;
  came_true: boolean;
}

const HEADINGS = ["", "Flashduty sends", "promised", "answer", "found"];

/** The steps as text, in columns as wide as what is in them. */
export function table(steps: readonly Step[]): string {
  const rows = steps.map(({ sent, promise, answer, found, came_true }) => [
    came_true ? "✓" : "✗",
    sent,
    promise,
    answer,
    found,
  ]);
  const widths = HEADINGS.map((_, column) => Math.max(...[HEADINGS, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("──");
  const painted = rows.map((row, index) => styleText(steps[index]?.came_true ? "reset" : "red", line(row)));
  return [styleText("bold", line(HEADINGS)), rule, ...painted].join("\n");
}
