// How a change is named to a person who is asked to believe that it is the one: which, what, by whom, when.
import { within } from "../../deadline.ts";
import { cut } from "../../domain/text.ts";

/** The end of a job is known when its change is asked for, and must not wait for long to be told. */
const ASK_WITHIN_MS = 2_000;

/** What a system tells of a change; what it does not tell is left out. */
interface Change {
  /** A commit, a tag, a chart's version. */
  revision: string;
  /** The first line of a commit's message is its title. */
  message?: string | null | undefined;
  by?: string | null | undefined;
  /** ISO 8601. */
  at?: string | null | undefined;
}

/** `9c2d1e7f "Raise the pool size" (Alice, 2026-11-20 10:00 UTC)` */
export function nameOf({ revision, message, by, at }: Change): string {
  const [title = ""] = (message ?? "").trim().split(/[\r\n]/, 1);
  const about = [cut(by ?? "", 60), timeOf(at)].filter((part) => part !== "").join(", ");
  return `${shortOf(revision)}${title === "" ? "" : ` "${cut(title, 80)}"`}${about === "" ? "" : ` (${about})`}`;
}

/** What is asked for beside, where it comes in time; null where it does not, or not at all. */
export async function ifItComes<T>(asking: Promise<T>): Promise<T | null> {
  return within(ASK_WITHIN_MS, "the target", asking).catch(() => null);
}

/** A commit by its first eight characters. */
export function shortOf(revision: string): string {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(revision) ? revision.slice(0, 8) : cut(revision, 60);
}

/** `2026-11-20 10:00 UTC`; "" where it is no time. */
function timeOf(at: string | null | undefined): string {
  const time = Date.parse(at ?? "");
  return Number.isNaN(time) ? "" : `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
