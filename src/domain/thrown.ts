// What was thrown, in words. Anything can be thrown, even what cannot be turned into text; and what is thrown may quote
// what it was given.

import { cut, visible } from "./text.ts";

/** The error's name and message, at most 200 characters of what `hide` leaves of them. Never throws. */
export function wordsOf(thrown: unknown, hide = (text: string) => text): string {
  try {
    const said =
      thrown instanceof AggregateError && thrown.errors.length > 0
        ? thrown.errors.map(String).join("; ")
        : String(thrown);
    return cut(visible(hide(said)), 200).toWellFormed() || "nothing was said";
  } catch {
    return "what was thrown cannot be told";
  }
}
