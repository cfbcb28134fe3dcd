// What a page or an answer can do without: it has a second, and where it does not come, the rest is shown, above all in a bad
// night.
import { within } from "../deadline.ts";
import { wordsOf } from "../domain/thrown.ts";
import { log } from "../log.ts";

const PART_WITHIN_MS = 1_000;

/** What `ask` finds; null, and a line in the log, where that breaks or does not come in time. */
export async function part<T>(name: string, ask: () => Promise<T>): Promise<T | null> {
  try {
    return await within(PART_WITHIN_MS, name, ask());
  } catch (error) {
    log("part.failed", { part: name, error: wordsOf(error) });
    return null;
  }
}
