// Overriding: a person who was told why a press was held back, and presses once more, knows better.
import { parseRunId } from "./event.ts";
import type { Candidate, Guards } from "./guard.ts";

/** That a person's press was held back: a second one may override it. */
export interface HeldBack {
  run_id: string;
  person_id: string;
  /** When that was decided, and could be told. */
  told_at: number;
}

/** Whether a second press may override what keeps the run from starting. */
export function canOverride({ by, person_id }: Candidate, { override_within_ms }: Guards): boolean {
  return by === "command" && person_id !== "" && override_within_ms !== undefined;
}

/** Who overrides, where somebody does. */
export function overriderOf(candidate: Candidate, guards: Guards, held_back: HeldBack | null): string | null {
  if (guards.override_within_ms === undefined) return null;
  if (candidate.override_by !== "") return candidate.override_by;
  if (held_back === null || !canOverride(candidate, guards) || held_back.person_id !== candidate.person_id) return null;
  // The same run, asking again after a crash, is no second press; and what another incident was told is not known here.
  // A press from before it was told is only an impatient one.
  const after_ms = candidate.asked_at - held_back.told_at;
  const is_same_incident = incidentIdOf(held_back) === incidentIdOf(candidate);
  const is_second = is_same_incident && held_back.run_id !== candidate.run_id && after_ms > 0;
  return is_second && after_ms <= guards.override_within_ms
    ? candidate.asked_by || `person ${candidate.person_id}`
    : null;
}

function incidentIdOf({ run_id }: Pick<Candidate, "run_id">): string | undefined {
  return parseRunId(run_id)?.incident_id;
}
