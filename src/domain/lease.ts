// How long one attempt may keep a run to itself.
import type { Policy } from "./run.ts";

/** What a claim holds beyond the attempt's own limit: the way to the target's answer and back to the object. */
export const LEASE_MARGIN_MS = 5_000;

export function leaseMs({ policy }: { policy: Pick<Policy, "time_limit_ms"> }): number {
  return policy.time_limit_ms + LEASE_MARGIN_MS;
}
