// What the guards promise, by when runs were admitted, when they ended, and what came to targets. Where two of these are
// compared, only stretches of time are: clocks are wrong by a constant, so a stretch on the guards' own clock, on that of an
// incident, and of true time are the same.
import type { Limit } from "../../../src/domain/guard.ts";
import { leaseMs } from "../../../src/domain/lease.ts";
import type { Fact } from "../fact.ts";
import type { StartStory, Story } from "../story.ts";
import type { Law } from "./law.ts";

/** The outcome of an attempt may still come so long after its run has ended as unknown. */
const UNKNOWN_MS = 60_000;

/** What is limited: the starts on the same key, or all of the action. */
type Scope = "each" | "all";
const SCOPES: readonly Scope[] = ["each", "all"];

/** An admission: the start, and those that were admitted before. */
interface Admission {
  start: StartStory;
  others: StartStory[];
  what: string;
}

/** Where the fact is that the guards let a run pass for the first time. */
function admissionBy(fact: Fact, story: Story): Admission | null {
  if (fact.kind !== "decided" || fact.decision.kind !== "go") return null;
  const { start_id, action } = fact.candidate;
  const start = story.starts.get(start_id);
  if (start === undefined || start.at !== story.now) return null;
  return { start, others: story.othersOf(action, start_id), what: start_id };
}

function limitOf(start: StartStory, scope: Scope): Limit {
  return start.run.action?.guards[scope] ?? {};
}

/** What goes on has not even ended, so where there is a cool-down, nothing else does. */
function mostAtOnce({ at_once, cool_down_ms }: Limit): number {
  return at_once ?? (cool_down_ms === undefined ? Infinity : 1);
}

function within(scope: Scope, start: StartStory, others: readonly StartStory[]): StartStory[] {
  return scope === "all" ? [...others] : others.filter((one) => one.run.run.key === start.run.run.key);
}

/** Until when a run that was admitted keeps its key: to the end that is known, and longer where that is not really known. */
function isGoingOn({ end, run }: StartStory, now: number): boolean {
  if (end === null) return true;
  if (end.state === "unknown") return now < end.at + UNKNOWN_MS;
  return end.state === "cancelled" && now < end.at + leaseMs(run.run);
}

const asked: Law = {
  says: "nothing comes to a target without the guards' word",
  watch: (story) => (fact) => {
    if (fact.kind !== "arrived") return null;
    const start_id = `${fact.attempt.run_id}#${fact.attempt.run.round}`;
    return story.starts.has(start_id) ? null : `${start_id} was not admitted`;
  },
};

const at_once: Law = {
  says: "no more runs go on at once than the action allows, from the guards' word to the end that the incident knows",
  watch: (story) => (fact) => {
    const admission = admissionBy(fact, story);
    if (admission === null) return null;
    const { start, others, what } = admission;
    for (const scope of SCOPES) {
      const going_on = within(scope, start, others).filter(
        // An earlier round of the same run is over, or it would not have begun anew.
        (one) => one.run !== start.run && isGoingOn(one, story.now),
      );
      if (going_on.length >= mostAtOnce(limitOf(start, scope)))
        return `${what} was admitted while ${going_on.map(({ run }) => run.run_id).join(", ")} went on (${scope})`;
    }
    return null;
  },
};

const cool_down: Law = {
  says: "nothing starts again within the cool-down after the end of a run that has acted, unless overridden",
  watch: (story) => {
    /** Admitted in time only if the others have not acted and never do. */
    const suspects: { start: StartStory; other: StartStory }[] = [];
    return (fact) => {
      if (fact.kind === "rest") {
        const broken = suspects.find(({ other }) => other.has_acted);
        return broken === undefined
          ? null
          : `${broken.start.run.run_id} came too soon after ${broken.other.run.run_id}`;
      }
      const admission = admissionBy(fact, story);
      if (admission === null || admission.start.is_overridden) return null;
      const { start, others } = admission;
      for (const scope of SCOPES) {
        const { cool_down_ms = 0 } = limitOf(start, scope);
        for (const other of within(scope, start, others))
          if (other.end !== null && story.now < other.end.at + cool_down_ms) suspects.push({ start, other });
      }
      return null;
    };
  },
};

const budget: Law = {
  says: "in no stretch of the budget's length more runs are started that act than it allows, but for those overridden",
  watch: (story) => (fact) => {
    if (fact.kind !== "rest") return null;
    for (const [start_id, start] of story.starts) {
      if (start.is_overridden || !start.has_acted) continue;
      const before = story
        .othersOf(start.run.run.action, start_id)
        .filter((one) => one.has_acted && one.at <= start.at);
      for (const scope of SCOPES) {
        const { runs, window_ms } = limitOf(start, scope).budget ?? { runs: Infinity, window_ms: 0 };
        const counted = within(scope, start, before).filter(({ at }) => at > start.at - window_ms);
        if (counted.length >= runs) return `${start_id} was admitted after ${counted.length} others (${scope})`;
      }
    }
    return null;
  },
};

const breaker_keys: Law = {
  says: "within the breaker's window no more different hosts are acted on than it allows, until a person closes it",
  watch: (story) => {
    const closed_at = new Map<string, number>();
    const counted: { start_id: string; since: number }[] = [];
    return (fact) => {
      if (fact.kind === "switched" && fact.change.set === "breaker_closed")
        closed_at.set(fact.change.action, story.now);
      const admission = admissionBy(fact, story);
      if (admission !== null) {
        const { action } = admission.start.run.run;
        const window_ms = admission.start.run.action?.guards.breaker?.window_ms ?? 0;
        counted.push({ start_id: admission.what, since: Math.max(story.now - window_ms, closed_at.get(action) ?? 0) });
      }
      if (fact.kind !== "rest") return null;
      for (const { start_id, since } of counted) {
        const start = story.starts.get(start_id);
        const most = start?.run.action?.guards.breaker?.keys ?? Infinity;
        if (start === undefined || !start.has_acted || most === Infinity) continue;
        const before = story
          .othersOf(start.run.run.action, start_id)
          .filter((one) => one.has_acted && one.at > since && one.at <= start.at);
        const keys = new Set([...before, start].map(({ run }) => run.run.key));
        if (keys.size > most) return `${start_id} was admitted as number ${keys.size} of different hosts`;
      }
      return null;
    };
  },
};

const breaker_failures: Law = {
  says: "once the guards were shown so many failures within the breaker's window, nothing starts until a person closes it",
  watch: (story) => {
    const failed = new Map<string, Map<string, { at: number; state: string }>>();
    const closed_at = new Map<string, number>();
    const open = new Set<string>();
    const count = (action: string) => {
      const { failures = Infinity, window_ms = 0 } = story.scene.playbook.actions[action]?.guards.breaker ?? {};
      const closed = closed_at.get(action) ?? 0;
      const since = Math.max(story.now - window_ms, closed);
      // What was begun before a person closed it, that person knew of.
      const counted = [...(failed.get(action) ?? [])].filter(([id]) => (story.starts.get(id)?.at ?? 0) > closed);
      const times = counted.filter(([, { at }]) => at > since);
      if (times.length >= failures) open.add(action);
    };
    // It failed when that was shown first, and not when it is looked at again.
    const fail = (action: string, start_id: string, state: string) => {
      const times = failed.get(action) ?? new Map<string, { at: number; state: string }>();
      failed.set(action, times);
      if (times.get(start_id)?.state !== state) times.set(start_id, { at: story.now, state });
    };
    return (fact) => {
      if (fact.kind === "switched" && fact.change.set === "breaker_closed") {
        closed_at.set(fact.change.action, story.now);
        open.delete(fact.change.action);
      }
      if (fact.kind === "shown" && fact.run !== null && fact.run.round === fact.round) {
        const { action, state } = fact.run;
        if (state === "failed" || state === "unknown") fail(action, fact.start_id, state);
        else failed.get(action)?.delete(fact.start_id);
        count(action);
      }
      // A request that comes late brings a start back until its run is looked at once more.
      if (fact.kind === "decided" && fact.decision.kind === "go" && fact.decision.start !== null)
        failed.get(fact.candidate.action)?.delete(fact.candidate.start_id);
      const admission = admissionBy(fact, story);
      if (admission === null || !open.has(admission.start.run.run.action)) return null;
      return `${admission.what} was admitted although the breaker had to be open`;
    };
  },
};

const comebacks: Law = {
  says: "an action is not tried again where it has succeeded so often for an incident that was reopened, unless overridden",
  watch: (story) => {
    const known = new Set<string>();
    const reopened = new Map<string, number[]>();
    return (fact) => {
      if (fact.kind === "taken" && fact.happened.event_type === "i_reopen" && !known.has(fact.happened.event_id)) {
        const { incident_id, event_id } = fact.happened;
        known.add(event_id);
        reopened.set(incident_id, [...(reopened.get(incident_id) ?? []), story.now]);
      }
      const admission = admissionBy(fact, story);
      if (admission === null || admission.start.is_overridden) return null;
      const { run, action } = admission.start.run;
      const [first] = admission.start.run.attempts.filter((one) => one.run.round === admission.start.round);
      const claimed_at = admission.start.run.claimed_at.get(first?.run.fence ?? 0) ?? 0;
      const vain = [...story.runs.values()].filter((one) => {
        if (one.run.incident_id !== run.incident_id || one.run.action !== run.action || one.run.key !== run.key)
          return false;
        const end = one.ends.get(one.run.round);
        // Whether it was before or after tells the clock of another machine: what lies close together does not count.
        return (
          end?.state === "succeeded" &&
          (reopened.get(run.incident_id) ?? []).some((at) => at > end.at + 10_000 && at < claimed_at)
        );
      });
      if (vain.length < (action?.guards.comebacks ?? Infinity)) return null;
      return `${admission.what} was admitted after ${vain.map(({ run_id }) => run_id).join(", ")} did not help`;
    };
  },
};

const stopped: Law = {
  says: "nothing is admitted while a person has stopped everything or the action",
  watch: (story) => {
    const stops = new Map<string, string>();
    return (fact) => {
      if (fact.kind === "switched" && fact.change.set === "stopped") stops.set(fact.change.action, fact.change.by);
      if (fact.kind === "switched" && fact.change.set === "running") stops.delete(fact.change.action);
      if (fact.kind !== "decided" || fact.decision.kind !== "go") return null;
      const by = stops.get("") ?? stops.get(fact.candidate.action);
      return by === undefined ? null : `${fact.candidate.start_id} was admitted at ${story.now} in spite of ${by}`;
    };
  },
};

const shown: Law = {
  says: "when nothing more is to come, the guards have seen the end of every run that they let pass",
  watch: () => {
    const open = new Set<string>();
    return (fact) => {
      if (fact.kind === "decided" && fact.decision.kind === "go" && fact.decision.start !== null)
        open.add(fact.candidate.start_id);
      if (fact.kind === "shown" && (fact.run === null || fact.run.ended_at !== null || fact.run.round !== fact.round))
        open.delete(fact.start_id);
      if (fact.kind !== "rest") return null;
      const [left] = open;
      return left === undefined ? null : `${left} goes on for ever, as far as they know`;
    };
  },
};

export const LAWS_OF_GUARDS: readonly Law[] = [
  asked,
  at_once,
  cool_down,
  budget,
  breaker_keys,
  breaker_failures,
  comebacks,
  stopped,
  shown,
];
