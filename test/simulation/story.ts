// What the facts of a history come to so far: each run with its ends and its starts. The laws read it.
import { runId } from "../../src/domain/event.ts";
import { isReport } from "../../src/domain/report.ts";
import { type EndState, type Run, type RunState } from "../../src/domain/run.ts";
import type { Attempt, Fact, Happened } from "./fact.ts";
import type { Scene, SceneAction } from "./scene.ts";

/** How a run ended, and when by true time. */
export interface End {
  at: number;
  state: RunState;
}

/** A run as it was admitted by the guards: one for each time that it began anew. */
export interface StartStory {
  run: RunStory;
  round: number;
  /** When the guards first let it pass. */
  at: number;
  /** The guards let it pass although something spoke against it. */
  is_overridden: boolean;
  end: End | null;
  /** The target did what it was asked for, or may have. */
  has_acted: boolean;
}

export interface RunStory {
  run_id: string;
  /** Undefined for a report. */
  action: SceneAction | undefined;
  happened: Happened | undefined;
  run: Run;
  /** It had ended when it was planned. */
  is_stillborn: boolean;
  /** The rounds in which it waited for somebody's consent. */
  waited: Set<number>;
  /** When it was asked for, approved, or started over. */
  asked_at: number;
  /** How often a person had it started over, and the round that began with the last time. */
  retries: number;
  retried_round: number;
  /** Who had it started over in spite of the guards, by the round that began with that. */
  override_by: Map<number, string>;
  /** The start that its attempts belong to. */
  start: StartStory | null;
  ends: Map<number, End>;
  /** Of the newest claim; and when each was handed out. */
  fence: number;
  claimed_at: Map<number, number>;
  attempts: Attempt[];
  /** Since it was last started over by hand: what came to the target, and how much of that is known to have done nothing. */
  arrivals: number;
  turned_away: number;
}

export class Story {
  readonly scene: Scene;
  now = 0;
  readonly events = new Map<string, Happened>();
  readonly runs = new Map<string, RunStory>();
  /** When an incident took the press or the event that called for a run. */
  readonly pressed_at = new Map<string, number>();
  readonly starts = new Map<string, StartStory>();
  /** Reports that were planned, by event and name. */
  readonly reports = new Set<string>();
  #retried_by: { run_id: string; override_by: string } | null = null;

  constructor(scene: Scene) {
    this.scene = scene;
  }

  tell(fact: Fact, now: number): void {
    this.now = now;
    if (fact.kind === "taken") this.events.set(fact.happened.event_id, fact.happened);
    if (fact.kind === "ruled" && fact.ruling.what === "retry")
      this.#retried_by = { run_id: fact.run_id, override_by: fact.ruling.overriding ? fact.ruling.by : "" };
    if (fact.kind === "changed") this.#changed(fact.before, fact.after);
    if (fact.kind === "granted") this.#of(fact.attempt)?.attempts.push(fact.attempt);
    if (fact.kind === "arrived") this.#arrived(fact.attempt);
    if (fact.kind === "turned_away") this.#turnedAway(fact.attempt);
    if (fact.kind === "decided") this.#decided(fact);
  }

  runOf(run_id: string): RunStory | undefined {
    return this.runs.get(run_id);
  }

  /** Every start of the action but that one. */
  othersOf(action: string, start_id: string): StartStory[] {
    const others: StartStory[] = [];
    for (const [id, start] of this.starts) if (id !== start_id && start.run.run.action === action) others.push(start);
    return others;
  }

  #of({ run_id }: Attempt): RunStory | undefined {
    return this.runs.get(run_id);
  }

  #changed(before: Run | null, after: Run): void {
    if (isReport(after)) {
      this.reports.add(`${after.event_id} ${after.action}`);
      return;
    }
    const run_id = runId(after);
    const known = this.runs.get(run_id);
    const run = known ?? this.#begun(run_id, after);
    if (known === undefined) {
      this.runs.set(run_id, run);
      this.pressed_at.set(run_id, this.now);
    }
    run.run = after;
    if (after.state === "awaiting_approval") run.waited.add(after.round);
    if (after.state === "running" && after.fence !== before?.fence) {
      run.fence = after.fence;
      run.claimed_at.set(after.fence, this.now);
    }
    if (before?.state === "awaiting_approval" && after.state === "planned") run.asked_at = this.now;
    if (before !== null && after.round > before.round) this.#beganAnew(run, after);
    if (after.ended_at === null || (before?.ended_at ?? null) === after.ended_at) return;
    const end = { at: this.now, state: after.state };
    run.ends.set(after.round, end);
    if (run.start !== null) run.start.end = end;
  }

  #begun(run_id: string, run: Run): RunStory {
    return {
      run_id,
      action: this.scene.playbook.actions[run.action],
      happened: this.events.get(run.event_id),
      run,
      is_stillborn: run.ended_at !== null,
      waited: new Set<number>(),
      asked_at: this.now,
      retries: 0,
      retried_round: 0,
      override_by: new Map<number, string>(),
      start: null,
      ends: new Map<number, End>(),
      fence: 0,
      claimed_at: new Map<number, number>(),
      attempts: [],
      arrivals: 0,
      turned_away: 0,
    };
  }

  /** By hand, or because an outcome came late that counts: then its start goes on. */
  #beganAnew(run: RunStory, after: Run): void {
    const by_hand = this.#retried_by;
    if (by_hand?.run_id === run.run_id) {
      this.#retried_by = null;
      run.retries += 1;
      run.retried_round = after.round;
      if (by_hand.override_by !== "") run.override_by.set(after.round, by_hand.override_by);
      run.asked_at = this.now;
      run.start = null;
      run.arrivals = 0;
      run.turned_away = 0;
    } else if (run.start !== null && after.ended_at === null) run.start.end = null;
  }

  #arrived(attempt: Attempt): void {
    const run = this.#of(attempt);
    if (run === undefined) return;
    // An attempt from before a person had it started over may still be on its way.
    if (attempt.run.round >= run.retried_round) run.arrivals += 1;
    const start = this.starts.get(`${run.run_id}#${attempt.run.round}`);
    if (start !== undefined) start.has_acted = true;
  }

  /** The last request did nothing, so if it was the only one, its start has not acted. */
  #turnedAway(attempt: Attempt): void {
    const run = this.#of(attempt);
    if (run === undefined) return;
    if (attempt.run.round >= run.retried_round) run.turned_away += 1;
    const start = this.starts.get(`${run.run_id}#${attempt.run.round}`);
    if (start !== undefined && run.arrivals === run.turned_away) start.has_acted = false;
  }

  #decided({ candidate, decision }: Extract<Fact, { kind: "decided" }>): void {
    if (decision.kind !== "go" || this.starts.has(candidate.start_id)) return;
    const run = this.runs.get(candidate.run_id);
    if (run === undefined) return;
    const round = roundOf(candidate.start_id);
    const is_overridden = decision.overrides.length > 0;
    const end = run.ends.get(round) ?? null;
    const start = { run, round, at: this.now, is_overridden, end, has_acted: false };
    this.starts.set(candidate.start_id, start);
    if (run.run.round === round) run.start = start;
  }
}

export function roundOf(start_id: string): number {
  return Number(start_id.slice(start_id.lastIndexOf("#") + 1));
}

export function isEndState(state: RunState): state is EndState {
  return ["succeeded", "failed", "skipped", "unknown", "expired", "cancelled"].includes(state);
}
