// The life of an incident with a status page: what happens to it, in what order that arrives, and which answers get lost;
// and the law that holds at every moment of it. The incident's object is played as far as it matters here.
import * as fc from "fast-check";
import { expect } from "vitest";
import type { Values } from "../../../../src/domain/run.ts";
import type { Played } from "../play.ts";

/** What becomes of one request: answered, lost on its way, carried out with its answer lost, or refused for now. */
export type Fate = "answered" | "lost" | "answer_lost" | "busy";

export interface Event {
  at: number;
  event_type: string;
  progress: "Triggered" | "Processing" | "Closed";
  severity: string;
}

/** A page of one vendor. */
export interface Vendor {
  /** One attempt, whose first requests have these fates. */
  attempt: (event: Event, earlier: Values, may_have_acted: boolean, fates: readonly Fate[]) => Promise<Played>;
  /** Flashduty's own word on the incident. */
  know: (progress: Event["progress"]) => void;
  /** The entries, each with its status and what was said there, the oldest first. */
  shown: () => { status: string; texts: string[] }[];
}

export const MAPPED = { Triggered: "investigating", Processing: "identified", Closed: "resolved" } as const;
/** What is said with a status. */
export const words = (status: string, severity: string) => (status === "resolved" ? status : `${status}: ${severity}`);
/** One event of an incident's life: what happens, how many others overtake it, and the fates of its attempts' requests. */
interface Happening {
  what: string;
  late: number;
  fates: Fate[][];
  /** How many attempts are made, at whichever runs are open, before the next event arrives. */
  attempts: number[];
}

const fate = fc.constantFrom<Fate>("answered", "answered", "answered", "lost", "answer_lost", "busy");
export const happening: fc.Arbitrary<Happening> = fc.record({
  what: fc.constantFrom("press", "press", "i_ack", "i_unack", "i_r_severity", "i_rslv", "i_reopen"),
  late: fc.constantFrom(0, 0, 0, 1, 2),
  fates: fc.array(fc.array(fate, { maxLength: 6 }), { maxLength: 6 }),
  attempts: fc.array(fc.nat(9), { maxLength: 4 }),
});

const BEGUN: Event = { at: 0, event_type: "i_new", progress: "Triggered", severity: "Critical" };

function after(before: Event, what: string): Event {
  const event = { ...before, at: before.at + 60, event_type: what === "press" ? "i_custom" : what };
  if (what === "i_reopen" && before.progress === "Closed") return { ...event, progress: "Triggered" };
  if (before.progress === "Closed") return event;
  if (what === "i_ack") return { ...event, progress: "Processing" };
  if (what === "i_unack") return { ...event, progress: "Triggered" };
  if (what === "i_rslv") return { ...event, progress: "Closed" };
  if (what === "i_r_severity") return { ...event, severity: before.severity === "Critical" ? "Warning" : "Critical" };
  return event;
}

interface Run {
  event: Event;
  fates: readonly (readonly Fate[])[];
  failures: number;
  may_have_acted: boolean;
  state: "open" | "succeeded" | "ended";
}

/** The incident with its runs, as its object carries them out: no two at once, a follow-up only after a beginning. */
class Life {
  #runs: Run[] = [];
  #earlier: Values = {};
  #newest = -1;
  #vendor: Vendor;

  constructor(vendor: Vendor) {
    this.#vendor = vendor;
  }

  arrive(event: Event, fates: Run["fates"]): void {
    const is_stale = event.at < this.#newest;
    if (!is_stale) this.#vendor.know(event.progress);
    this.#newest = Math.max(this.#newest, event.at);
    const has_begun = this.#runs.some(({ state }) => state !== "ended");
    if (event.event_type !== "i_custom" && (is_stale || !has_begun)) return;
    this.#runs.push({ event, fates, failures: 0, may_have_acted: false, state: "open" });
  }

  /** One attempt at one of the open runs; false where none is open. */
  async go(choice: number): Promise<boolean> {
    const open = this.#runs.filter(({ state }) => state === "open");
    const run = open[choice % Math.max(open.length, 1)];
    if (run === undefined) return false;
    const fates = run.fates[run.failures] ?? [];
    const { last } = await this.#vendor.attempt(run.event, this.#earlier, run.may_have_acted, fates);
    if (last.kind === "succeeded") {
      run.state = "succeeded";
      this.#earlier = last.values ?? {};
    } else if (last.kind === "failed" || last.kind === "skipped") run.state = "ended";
    else {
      run.failures += 1;
      run.may_have_acted ||= last.kind === "unclear";
      if (run.failures === 5) run.state = "ended";
    }
    this.check();
    return true;
  }

  check(): void {
    const entries = this.#vendor.shown();
    expect(entries.length).toBeLessThanOrEqual(1);
    const [entry] = entries;
    if (entry === undefined) return;
    expect(entry.texts.filter((text, at) => text === entry.texts[at - 1])).toEqual([]);
    const since = Math.max(-1, ...this.#runs.filter(({ state }) => state === "succeeded").map(({ event }) => event.at));
    const allowed = this.#runs.filter(({ event }) => event.at >= since).map(({ event }) => MAPPED[event.progress]);
    expect(allowed).toContain(entry.status);
  }
}

/** Lives through it all. Fails where the law is broken. */
export async function holds(vendor: Vendor, happenings: readonly Happening[]): Promise<void> {
  const life = new Life(vendor);
  let last = BEGUN;
  const events = happenings.map((one, at) => ({ ...one, event: (last = after(last, one.what)), place: at + one.late }));
  for (const { event, fates, attempts } of events.toSorted((one, other) => one.place - other.place)) {
    life.arrive(event, fates);
    for (const choice of attempts) await life.go(choice);
  }
  while (await life.go(0));
  // At the end somebody presses the button, and all goes well.
  const press = after(last, "press");
  life.arrive(press, []);
  while (await life.go(0));
  const entries = vendor.shown();
  const text = words(MAPPED[press.progress], press.severity);
  if (press.progress === "Closed") expect(entries.every(({ status }) => status === "resolved")).toBe(true);
  else expect(entries.map(({ status, texts }) => [status, texts.at(-1)])).toEqual([[MAPPED[press.progress], text]]);
}
