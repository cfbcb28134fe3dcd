// What answers a push: short, for the person who looks at the delivery in Flashduty's console.
import * as z from "zod";
import { runId, type RunRef } from "./event.ts";
import type { Run } from "./run.ts";

export const Receipt = z.object({
  result: z.enum(["accepted", "duplicate", "stale"]),
  event_id: z.string(),
  incident_id: z.string(),
  runs: z.array(z.object({ run_id: z.string(), action: z.string(), state: z.string(), reason: z.string().optional() })),
});
export type Receipt = z.output<typeof Receipt>;

/** `runs`: all that the event has called for, by whichever push. */
export function receipt(event: Omit<RunRef, "action">, result: Receipt["result"], runs: readonly Run[]): Receipt {
  return {
    result,
    event_id: event.event_id,
    incident_id: event.incident_id,
    runs: runs.map((run) => ({
      run_id: runId(run),
      action: run.action,
      state: run.state,
      ...(run.reason !== "" && { reason: run.reason }),
    })),
  };
}

/**
 * The actions whose runs came to their end without ever being started: nothing was done, and nothing will be. Of a press
 * that only repeats another, that one's run is what was asked for.
 */
export function neverStarted(runs: readonly Run[]): string[] {
  return runs
    .filter((run) => run.ended_at !== null && run.fence === 0 && run.same_as === "")
    .map(({ action }) => action);
}
