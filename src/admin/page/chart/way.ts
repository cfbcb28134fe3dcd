// The way of a run, as its trail tells it: when it waited, when it was tried, how it came to its end, and again after that.
import { EndState, type Run } from "../../../domain/run.ts";
import type { Entry } from "../../../domain/trail.ts";

/** A stretch of the way. Milliseconds. */
interface Stretch {
  /** For a person's consent; for its turn, a guard or the next attempt; or it is carried out. */
  kind: "approval" | "waits" | "works";
  from: number;
  to: number;
}

export interface Way {
  from: number;
  /** Its end, or now. */
  to: number;
  stretches: Stretch[];
  /** `is_sent`: something went to the target. */
  attempts: { from: number; to: number; is_sent: boolean }[];
  /** One for each round that has ended. */
  ends: { at: number; state: EndState }[];
}

type Walked = Pick<Run, "state" | "approval" | "planned_at" | "started_at" | "ended_at" | "trail">;

/** The way as far as it has come by `now`. */
export function wayOf(run: Walked, now: number): Way {
  const trail = run.trail.length === 0 ? scantTrail(run) : run.trail;
  const from = Math.min(trail[0]?.at ?? run.planned_at, run.planned_at);
  const walk = new Walk(from, run.approval !== null);
  for (const entry of trail) walk.pass(entry);
  if (run.ended_at === null) return walk.until(Math.max(now, from), run.state);
  return walk.ended(run.ended_at, run.state);
}

/** What a run without a trail tells all the same: older ones have none. */
function scantTrail({ planned_at, started_at, approval }: Walked): Entry[] {
  const approved = approval === null ? [] : [entry(planned_at, "approved")];
  return [...approved, ...(started_at === null ? [] : [entry(started_at, "claimed")])];
}

function entry(at: number, what: Entry["what"]): Entry {
  return { at, what, by: "", text: "" };
}

/** One step after the other along a trail. */
class Walk {
  readonly #from: number;
  readonly #stretches: Stretch[] = [];
  readonly #attempts: Way["attempts"] = [];
  readonly #ends: Way["ends"] = [];
  #needs_consent: boolean;
  #kind: Stretch["kind"] | null;
  #since: number;
  /** The target goes on with it between two looks at it. */
  #is_followed = false;

  constructor(from: number, needs_consent: boolean) {
    this.#from = this.#since = from;
    this.#needs_consent = needs_consent;
    this.#kind = this.#toWait();
  }

  #toWait(): Stretch["kind"] {
    return this.#needs_consent ? "approval" : "waits";
  }

  pass({ what, at, text }: Entry): void {
    switch (what) {
      case "asked":
      case "retried":
        return this.#go(at, this.#toWait());
      case "approved":
        this.#needs_consent = false;
        return this.#go(at, "waits");
      case "claimed":
        this.#go(at, "works");
        this.#attempts.push({ from: this.#since, to: this.#since, is_sent: false });
        return;
      case "guard":
      case "would_send":
      case "sent":
      case "answered":
        return this.#settled(at, what === "sent" || what === "answered");
      case "state":
        return this.#came(at, text);
      case "approval_refused":
      case "overridden":
      case "cancelled":
    }
  }

  /** What an attempt has to tell is written down when it is over. */
  #settled(at: number, is_sent: boolean): void {
    const attempt = this.#attempts.at(-1);
    if (is_sent && attempt !== undefined) attempt.is_sent = true;
    if (this.#kind === "works" && !this.#is_followed) this.#go(at, "waits");
  }

  /** The text begins with the state that the run came to. */
  #came(at: number, text: string): void {
    const state = text.slice(0, Math.max(text.indexOf(":"), 0));
    const end = EndState.safeParse(state);
    if (end.success) {
      this.#go(at, null);
      this.#ends.push({ at: this.#since, state: end.data });
    } else if (state === "running" || state === "waiting") {
      this.#go(at, "works");
      this.#is_followed = state === "waiting";
    } else this.#go(at, this.#toWait());
  }

  /** On to the next stretch, or to none. */
  #go(at: number, kind: Stretch["kind"] | null): void {
    const to = Math.max(at, this.#since);
    const last = this.#stretches.at(-1);
    if (this.#kind !== null && to > this.#since) {
      if (last?.kind === this.#kind && last.to === this.#since) last.to = to;
      else this.#stretches.push({ kind: this.#kind, from: this.#since, to });
    }
    const attempt = this.#attempts.at(-1);
    if (this.#kind === "works" && attempt !== undefined) attempt.to = to;
    this.#kind = kind;
    this.#since = to;
    this.#is_followed = false;
  }

  until(now: number, state: Run["state"]): Way {
    if (this.#kind !== "works" || (state !== "running" && state !== "waiting")) this.#kind = openKind(state);
    this.#go(now, null);
    return this.#way();
  }

  ended(at: number, state: Run["state"]): Way {
    const end = EndState.safeParse(state);
    // A trail that is full, or was never written, does not tell it.
    if (end.success && this.#ends.at(-1)?.at !== at) {
      this.#go(at, null);
      this.#ends.push({ at: this.#since, state: end.data });
    }
    return this.#way();
  }

  #way(): Way {
    const to = this.#since;
    return { from: this.#from, to, stretches: this.#stretches, attempts: this.#attempts, ends: this.#ends };
  }
}

function openKind(state: Run["state"]): Stretch["kind"] {
  if (state === "awaiting_approval") return "approval";
  return state === "running" || state === "waiting" ? "works" : "waits";
}
