// What the guards remember and decide, for all actions and incidents. The rules are in domain/guard.ts; this looks up what
// they need and keeps what follows. It has no binding and no clock: the object in guard.ts gives it both.
import { admit, type Candidate, type Decision, type Guards, type Memory, trips } from "../domain/guard.ts";
import type { Run } from "../domain/run.ts";
import { afterLook, asCameBack, type Start } from "../domain/start.ts";
import type { GuardTable, Looked, Ruling } from "./guard-table.ts";

/** A start's run is looked at again after this, if nobody says before that it has ended. */
const LOOK_AGAIN_FIRST_MS = 60_000;
const LOOK_AGAIN_LAST_MS = 10 * 60_000;

/** A person's word, by the admin API. `action` is "" for everything. */
export type SwitchChange = Pick<Ruling, "action" | "by" | "reason"> & {
  set: Exclude<Ruling["what"], "breaker_opened">;
};

export class Gate {
  readonly #kept: Pick<GuardTable, keyof GuardTable>;
  readonly #guardsOf: (action: string) => Guards;

  constructor(kept: Pick<GuardTable, keyof GuardTable>, guardsOf: (action: string) => Guards) {
    this.#kept = kept;
    this.#guardsOf = guardsOf;
  }

  /** Decides whether the run may start, without keeping anything. */
  decide(asking: Candidate, now: number): Decision {
    const candidate = asPressed(asking);
    return admit(candidate, this.#guardsOf(candidate.action), this.#memory(candidate), now);
  }

  /** Decides, and keeps what follows. */
  admit(asking: Candidate, now: number): Decision {
    const candidate = asPressed(asking);
    const { action, run_id, person_id, key } = candidate;
    if (candidate.came_back.length > 0) {
      for (const { start, round } of candidate.came_back.flatMap((run_id) => this.#kept.startsOfRun(run_id)))
        if (start.free_at !== null) this.#kept.saveStart(asCameBack(start, now), round, null);
      this.#openIfTripped(action, now);
    }
    const decision = this.decide(candidate, now);
    if (decision.kind === "go" && decision.start !== null) {
      this.#kept.saveStart(overridden(decision.start, decision), roundOf(candidate), now + LOOK_AGAIN_FIRST_MS);
      // Whoever has been let in must be held back again before the next press overrides anything.
      this.#kept.hearOut(action, key, person_id);
    }
    if (decision.kind === "skip" && decision.may_override)
      this.#kept.holdBack(action, key, { run_id, person_id, told_at: now });
    if (decision.kind === "skip" && decision.opens !== null) this.#open(action, decision.opens, now);
    return decision.kind === "go" && decision.start === null ? this.#asBefore(decision, candidate) : decision;
  }

  /** What was overridden is told with each attempt: the one before may have been cut off before it was written down. */
  #asBefore(decision: Extract<Decision, { kind: "go" }>, { start_id }: Candidate): Decision {
    const { by, objections } = this.#kept.start(start_id)?.start.overridden ?? { by: "", objections: [] };
    return { ...decision, by, overrides: objections };
  }

  /** Keeps what a look at the run of a start has shown; `run` is null where the incident does not know it. */
  looked({ start, round }: Looked, run: Run | null, now: number): void {
    const after = afterLook(start, run, round, now);
    if (after === null) this.#kept.forget(start.start_id);
    else {
      // The longer it goes on, the less often; what has ended, and only may come back, will be known soon.
      const patience_ms = after.outcome === null ? (now - start.started_at) / 2 : 0;
      const again_ms = Math.min(Math.max(patience_ms, LOOK_AGAIN_FIRST_MS), LOOK_AGAIN_LAST_MS);
      this.#kept.saveStart(after, round, after.free_at === null ? Math.ceil(now + again_ms) : null);
    }
    this.#openIfTripped(start.action, now);
  }

  /** Carries out a person's word. */
  change({ action, by, reason, set }: SwitchChange, now: number): void {
    if (set === "stopped") this.#kept.stop({ action, by, reason, at: now });
    if (set === "running") this.#kept.goOn(action);
    if (set === "breaker_closed") this.#kept.saveBreaker(action, { opened_at: null, reason, closed_at: now });
    this.#kept.note({ at: now, what: set, action, by, reason });
  }

  #memory({ action, key, person_id }: Candidate): Memory {
    return {
      stops: this.#kept.stops(action),
      breaker: this.#kept.breaker(action),
      starts: this.#kept.starts(action),
      held_back: person_id === "" ? null : this.#kept.heldBack(action, key, person_id),
    };
  }

  #openIfTripped(action: string, now: number): void {
    const memory = { breaker: this.#kept.breaker(action), starts: this.#kept.starts(action) };
    const reason = trips(this.#guardsOf(action), memory, now);
    if (reason !== null) this.#open(action, reason, now);
  }

  #open(action: string, reason: string, now: number): void {
    const closed_at = this.#kept.breaker(action)?.closed_at ?? 0;
    this.#kept.saveBreaker(action, { opened_at: now, reason, closed_at });
    const opened: Ruling = { at: now, what: "breaker_opened", action, by: "", reason };
    this.#kept.note(opened);
  }
}

/** The start, with what was overridden for it. */
function overridden(start: Start, { overrides: objections, by }: Extract<Decision, { kind: "go" }>): Start {
  return objections.length === 0 ? start : { ...start, overridden: { by, objections } };
}

/** A start is named by its run and the round of that. */
export function startIdOf(run_id: string, round: number): string {
  return `${run_id}#${round}`;
}

/** What somebody has had started over is not the press of whoever pressed it first. */
function asPressed(candidate: Candidate): Candidate {
  return roundOf(candidate) === 0 ? candidate : { ...candidate, person_id: "" };
}

function roundOf({ start_id }: Candidate): number {
  return Number(start_id.slice(start_id.lastIndexOf("#") + 1));
}
