// The incident as a responder sees it at Flashduty: its comments, and its entries on the status page.

import type { CommentSeen } from "./open-api-incidents.ts";
import type { ChangeShown } from "./open-api-status-pages.ts";

/** Columns of the text; times stand in the first ten. */
const WIDTH = 100;
const INDENT = 12;

/** The comments, each with the time of its coming. `where`: "The incident". */
export function commentsInWords(where: string, comments: readonly CommentSeen[]): string {
  const told = comments.map(({ comment, at_ms }) => entry(timeOf(at_ms), comment));
  return [`${where} at Flashduty, ${comments.length} comments:`, ...told].join("\n\n");
}

/** The entries of the status page, each with its timeline. */
export function entriesInWords(entries: readonly ChangeShown[]): string {
  const told = entries.map(({ title, status, updates }) => {
    const timeline = updates.map(({ at_seconds, status = "", description = "", component_changes }) => {
      const components = component_changes.map(({ component_name, status }) => `${component_name}: ${status}`);
      return entry(timeOf(at_seconds * 1_000), [`${status} · ${components.join(", ")}`, description].join("\n"));
    });
    return [`The status page, "${title}", ${status}:`, ...timeline].join("\n\n");
  });
  return told.length === 0 ? "The status page has no entry." : told.join("\n\n");
}

/** The time of day (UTC), and a text beside it. */
function entry(time: string, text: string): string {
  const lines = text
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => wrapped(line, WIDTH - INDENT));
  return lines.map((line, index) => `${(index === 0 ? `  ${time}` : "").padEnd(INDENT)}${line}`).join("\n");
}

function timeOf(at_ms: number): string {
  return new Date(at_ms).toISOString().slice(11, 19);
}

/** Broken between words; a longer word stays whole. */
function wrapped(line: string, width: number): string[] {
  const lines = [""];
  for (const word of line.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last !== "" && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}
