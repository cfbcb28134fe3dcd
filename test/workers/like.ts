// What stands for a text in what a test expects.
import { expect } from "vitest";

/** A text that holds this, or matches it. */
export function like(text: string | RegExp): unknown {
  return typeof text === "string" ? expect.stringContaining(text) : expect.stringMatching(text);
}
