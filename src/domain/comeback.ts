// Incidents that come back: what an action was good for.
import { runId } from "./event.ts";
import type { Run } from "./run.ts";

/**
 * The runs that succeeded for an incident which was reopened afterwards all the same; a dry run has done nothing that could
 * have helped. `reopened_at`: each time, in milliseconds.
 */
export function cameBack(runs: readonly Run[], reopened_at: readonly number[]): string[] {
  return runs
    .filter(({ state, policy }) => state === "succeeded" && !policy.dry_run)
    .filter(({ ended_at }) => reopened_at.some((at) => at > (ended_at ?? Infinity)))
    .map(runId);
}
