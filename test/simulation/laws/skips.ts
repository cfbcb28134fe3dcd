// Guards protect, and do not hinder: what they skip, they skip with a cause, and say when it would be allowed. What they
// know is what they have been shown, so that is what counts here.
import type { Limit } from "../../../src/domain/guard.ts";
import { leaseMs } from "../../../src/domain/lease.ts";
import type { Run } from "../../../src/domain/run.ts";
import type { Fact } from "../fact.ts";
import type { Story } from "../story.ts";
import type { Law } from "./law.ts";

/** A start as the guards know it. */
interface Known {
  action: string;
  key: string;
  admitted_at: number;
  /** When they were shown that it has ended, and from when on they have to take its key for free; null until then. */
  shown_at: number | null;
  free_at: number;
  /** They were shown an end that they may not believe yet. */
  is_doubtful: boolean;
  /** It counts as a failure. */
  has_failed: boolean;
}

/** An outcome may come so long after an end that is not known, or was cancelled; clocks may differ by the latter. */
const UNKNOWN_MS = 60_000;
const CLOCKS_DIFFER_MS = 10_000;

type Skipped = Extract<Fact, { kind: "decided" }>;

const with_cause: Law = {
  says: "the guards skip nothing without a cause, and hold nothing that is not stopped",
  watch: (story) => {
    const known = new Map<string, Known>();
    const opened = new Set<string>();
    const closed_at = new Map<string, number>();
    const learn = (fact: Fact) => {
      if (fact.kind === "shown") show(known, fact, story);
      if (fact.kind === "switched" && fact.change.set === "breaker_closed") {
        opened.delete(fact.change.action);
        closed_at.set(fact.change.action, story.now);
      }
      if (fact.kind === "decided") {
        for (const [start_id, one] of known) {
          const run_id = start_id.slice(0, start_id.lastIndexOf("#"));
          const is_new = one.shown_at !== null && !one.has_failed && fact.candidate.came_back.includes(run_id);
          if (is_new) known.set(start_id, { ...one, has_failed: true, shown_at: story.now });
        }
      }
      openBreakers(story, known, opened, closed_at, fact);
    };
    return (fact) => {
      learn(fact);
      if (fact.kind !== "decided") return null;
      const { candidate, decision } = fact;
      if (decision.kind === "go") {
        const { action, key } = candidate;
        const before = known.get(candidate.start_id);
        const start = {
          action,
          key,
          admitted_at: story.now,
          shown_at: null,
          free_at: 0,
          is_doubtful: false,
          has_failed: false,
        };
        // A request that comes late may bring a start back.
        if (before === undefined || decision.start !== null) known.set(candidate.start_id, start);
      }
      if (decision.kind !== "skip") return null;
      const has_cause = decision.guard === "breaker" ? opened.has(candidate.action) : causeOf(fact, story, known);
      return has_cause ? null : `${candidate.start_id} was skipped without a cause: ${decision.reason}`;
    };
  },
};

function show(
  known: Map<string, Known>,
  { start_id, round, run }: Extract<Fact, { kind: "shown" }>,
  story: Story,
): void {
  const one = known.get(start_id);
  if (one === undefined || (run !== null && run.round === round && run.ended_at === null)) return;
  const is_same = run !== null && run.round === round;
  // A run that has ended as unknown may come back; one that did, with a job at its target, goes on.
  if (run !== null && !is_same && run.ended_at === null && run.handle !== null) return;
  if (is_same && run.state === "skipped" && run.handle === null) {
    known.delete(start_id);
    return;
  }
  const has_failed = !is_same || run.state === "failed" || run.state === "unknown";
  const { now } = story;
  const in_doubt_until = (story.starts.get(start_id)?.end?.at ?? now) + UNKNOWN_MS + 2 * CLOCKS_DIFFER_MS;
  const is_doubtful = is_same && run.state === "unknown" && now < in_doubt_until;
  known.set(start_id, { ...one, shown_at: now, free_at: now + lingersMs(run, round), is_doubtful, has_failed });
}

function lingersMs(run: Run | null, round: number): number {
  if (run === null) return 0;
  if (run.round !== round) return UNKNOWN_MS + CLOCKS_DIFFER_MS;
  return run.state === "cancelled" ? leaseMs(run) + CLOCKS_DIFFER_MS : 0;
}

function openBreakers(
  story: Story,
  known: Map<string, Known>,
  opened: Set<string>,
  closed_at: Map<string, number>,
  fact: Fact,
): void {
  if (fact.kind !== "shown" && fact.kind !== "decided") return;
  const action = fact.kind === "decided" ? fact.candidate.action : (known.get(fact.start_id)?.action ?? "");
  const breaker = story.scene.playbook.actions[action]?.guards.breaker;
  if (breaker === undefined) return;
  const closed = closed_at.get(action) ?? 0;
  const since = Math.max(story.now - breaker.window_ms, closed);
  const starts = [...known].filter(([, one]) => one.action === action);
  const failed = starts.filter(([, one]) => one.has_failed && (one.shown_at ?? 0) > since && one.admitted_at > closed);
  if (failed.length >= (breaker.failures ?? Infinity)) opened.add(action);
  if (fact.kind !== "decided") return;
  const others = starts.filter(([start_id, one]) => start_id !== fact.candidate.start_id && one.admitted_at > since);
  const keys = new Set([...others.map(([, { key }]) => key), fact.candidate.key]);
  if (keys.size > (breaker.keys ?? Infinity)) opened.add(action);
}

/** Whether the guard that is named has something to say against the run. */
function causeOf({ candidate, decision }: Skipped, story: Story, known: Map<string, Known>): boolean {
  const guards = story.scene.playbook.actions[candidate.action]?.guards ?? {};
  if (decision.kind !== "skip") return true;
  if (decision.guard === "comebacks") return candidate.came_back.length >= (guards.comebacks ?? Infinity);
  const others = [...known].filter(([id, { action }]) => id !== candidate.start_id && action === candidate.action);
  const all = others.map(([, one]) => one);
  const same = all.filter(({ key }) => key === candidate.key);
  return (
    speaksAgainst(decision.guard, guards.each, same, story.now) ||
    speaksAgainst(decision.guard, guards.all, all, story.now)
  );
}

function speaksAgainst(guard: string, limit: Limit = {}, starts: readonly Known[], now: number): boolean {
  const { cool_down_ms, at_once = cool_down_ms === undefined ? Infinity : 1, budget } = limit;
  if (guard === "at_once")
    return (
      starts.filter(({ shown_at, free_at, is_doubtful }) => shown_at === null || free_at > now || is_doubtful).length >=
      at_once
    );
  if (guard === "cool_down")
    return starts.some(
      ({ shown_at, free_at, is_doubtful }) => shown_at !== null && (is_doubtful || now < free_at + (cool_down_ms ?? 0)),
    );
  return (
    budget !== undefined &&
    starts.filter(({ admitted_at }) => admitted_at > now - budget.window_ms).length >= budget.runs
  );
}

const says_why: Law = {
  says: "every skip has a reason, which the trail has too; what time alone will allow again says when",
  watch: () => (fact) => {
    if (fact.kind === "decided" && fact.decision.kind === "skip") {
      const is_timed = fact.decision.guard === "cool_down" || fact.decision.guard === "budget";
      if (is_timed && !/allowed again at|it does not help/.test(fact.decision.reason))
        return `"${fact.decision.reason}" does not say when it would be allowed`;
    }
    if (fact.kind !== "changed" || fact.after.state !== "skipped" || fact.after.by === "report") return null;
    const { reason, trail, run_id } = { ...fact.after, run_id: `${fact.after.event_id}:${fact.after.action}` };
    if (reason.trim() === "") return `${run_id} was skipped without a word`;
    const last = trail.at(-1);
    return last?.what === "state" && last.text.startsWith("skipped: ")
      ? null
      : `the trail of ${run_id} does not say why`;
  },
};

export const LAWS_OF_SKIPS: readonly Law[] = [with_cause, says_why];
