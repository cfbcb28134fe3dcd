// Who may have something run in spite of the guards: whoever presses once more in time, or has it started over so.
import { roundOf, type RunStory } from "../story.ts";
import type { Law } from "./law.ts";

/** Clocks of two machines differ by no more. */
const CLOCKS_DIFFER_MS = 10_000;

/** That a person could be told that a press was held back. */
interface Told {
  run_id: string;
  incident_id: string;
  at: number;
}

const justified: Law = {
  says: "an override is a press of the same person in the same incident, in time after being told; or an administrator asked for it",
  watch: (story) => {
    const told = new Map<string, Told[]>();
    const admitted = new Set<string>();
    return (fact) => {
      if (fact.kind !== "decided") return null;
      const { candidate, decision } = fact;
      const run = story.runOf(candidate.run_id);
      if (run === undefined) return null;
      const who = `${candidate.action} on ${candidate.key} by ${run.happened?.person?.person_id ?? "nobody"}`;
      const is_press = run.run.by === "command" && run.happened?.person !== null && roundOf(candidate.start_id) === 0;
      const before = told.get(who) ?? [];
      if (decision.kind === "skip" && decision.may_override && is_press)
        told.set(who, [...before, { run_id: run.run_id, incident_id: run.run.incident_id, at: story.now }]);
      // What was let pass before is only told once more.
      const is_first = !admitted.has(candidate.start_id);
      if (decision.kind === "go") admitted.add(candidate.start_id);
      if (decision.kind !== "go" || !is_first) return null;
      // Whoever is let in must be held back again before the next press overrides anything.
      if (is_press && decision.start !== null) told.delete(who);
      if (decision.overrides.length === 0) return null;
      const by = run.override_by.get(roundOf(candidate.start_id));
      if (by !== undefined) return decision.by === by ? null : `${candidate.start_id} is overridden by ${decision.by}`;
      const within_ms = run.action?.guards.override_within_ms ?? -Infinity;
      const pressed_at = story.pressed_at.get(run.run_id) ?? 0;
      if (!is_press || !before.some((one) => isSecond(one, run, pressed_at, within_ms)))
        return `${candidate.start_id} was overridden by nobody's second press`;
      return decision.by === run.happened?.person?.person_name ? null : `${candidate.start_id} names ${decision.by}`;
    };
  },
};

/** The press is by the clock of an incident, the telling by that of the guards. */
function isSecond(first: Told, second: RunStory, pressed_at: number, within_ms: number): boolean {
  const after_ms = pressed_at - first.at;
  const is_in_time = after_ms > -CLOCKS_DIFFER_MS && after_ms <= within_ms + CLOCKS_DIFFER_MS;
  return first.run_id !== second.run_id && first.incident_id === second.run.incident_id && is_in_time;
}

const named: Law = {
  says: "who has overridden the guards stands in the trail, once an attempt that was let pass has told what it came to",
  watch: (story) => {
    const overridden = new Map<string, string>();
    const told: string[] = [];
    return (fact) => {
      if (fact.kind === "decided" && fact.decision.kind === "go" && fact.decision.start !== null)
        overridden.set(fact.candidate.start_id, fact.decision.overrides.length > 0 ? fact.decision.by : "");
      if (fact.kind === "told" && fact.attempt.has_passed)
        told.push(`${fact.attempt.run_id}#${fact.attempt.run.round}`);
      if (fact.kind !== "rest") return null;
      const unnamed = told.find((start_id) => {
        const by = overridden.get(start_id) ?? "";
        const entries = story.starts.get(start_id)?.run.run.trail ?? [];
        return (
          by !== "" &&
          !entries.some((entry) => entry.by === by && (entry.what === "overridden" || entry.what === "retried"))
        );
      });
      return unnamed === undefined ? null : `${overridden.get(unnamed)} is not in the trail of ${unnamed}`;
    };
  },
};

export const LAWS_OF_OVERRIDES: readonly Law[] = [justified, named];
