// What lists are asked with: filters, words, and how much from where. An empty one, as an empty field of a form sends it, is
// none.
import * as z from "zod";

/** Optional, and none where it is empty. */
export function orNone<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((given) => (given === "" ? undefined : given), schema.optional()).optional();
}

/** Exactly this one. Flashduty may have new names for things, so any may be asked for. */
export function filter(description: string) {
  return orNone(z.string().max(200).describe(description));
}

/** Where to go on: what the page before has named. */
export function cursorOf<Schema extends z.ZodType>(schema: Schema) {
  return schema.describe("The next_cursor of the page before").optional();
}

/** How many of them at once. */
export const limit = z.coerce.number().int().min(1).max(100).default(20);
