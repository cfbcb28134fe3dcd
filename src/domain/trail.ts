// The trail of a run: who asked, what decided, what was sent, what came back, who approved, overrode or stopped. It is
// part of the run, is written with it in one row, and only grows.
import * as z from "zod";
import { cut } from "./text.ts";

/** What an entry is about: what a person did, what an attempt did, or the state that the run came to. */
const WHAT = [
  "asked",
  "approved",
  "approval_refused",
  "overridden",
  "retried",
  "cancelled",
  "claimed",
  "guard",
  "sent",
  "would_send",
  "answered",
  "state",
] as const;

export const Entry = z.object({
  /** Milliseconds. */
  at: z.number(),
  what: z.enum(WHAT),
  /** Who did it, where a person or a rule did. */
  by: z.string().default(""),
  text: z.string(),
});
export type Entry = z.output<typeof Entry>;
/** An entry before it is written down. */
export type Note = Pick<Entry, "what" | "text"> & Partial<Pick<Entry, "by">>;

/** Characters of one entry. */
const MOST_TEXT = 600;
/**
 * Entries about one thing: a run that goes round and round must not grow without an end, and what happens often must not
 * leave out what happens once.
 */
export const MOST_ABOUT_ONE = 40;

/** What people have decided is left out last. */
const BY_PERSONS: readonly Entry["what"][] = ["approved", "overridden", "retried", "cancelled"];

/** The trail with what is added; what is there stays as it is. `is_last`: it is how the run ends, for which there is room. */
export function grown(trail: readonly Entry[], notes: readonly Note[], now: number, is_last = false): Entry[] {
  const most = ({ what }: Note) => {
    if (BY_PERSONS.includes(what)) return 5 * MOST_ABOUT_ONE;
    return is_last && what === "state" ? 2 * MOST_ABOUT_ONE : MOST_ABOUT_ONE;
  };
  return notes.reduce<Entry[]>(
    (kept, note) =>
      kept.filter(({ what }) => what === note.what).length < most(note)
        ? [...kept, { at: now, what: note.what, by: cut(note.by ?? "", 200), text: cut(note.text, MOST_TEXT) }]
        : kept,
    [...trail],
  );
}
