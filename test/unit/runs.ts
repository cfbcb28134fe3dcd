// Runs, at any point of their way.
import type { Plannable } from "../../src/domain/playbook.ts";
import { type Approval, type Outcome, planned, type Policy, type Run, type RunState } from "../../src/domain/run.ts";

export const REF = { incident_id: "incident-1", event_id: "event-1", action: "restart-host" };
export const HOUR_MS = 3_600_000;
export const POLICY: Policy = {
  once: false,
  repeatable: true,
  attempts: 3,
  time_limit_ms: 10_000,
  max_age_ms: HOUR_MS,
  dry_run: false,
};
/** Consent that is needed within half an hour, and not by lisi. */
export const CONSENT: Approval = { within_ms: HOUR_MS / 2, not_by: ["lisi"] };

/** What planning knows of an action, and the name by which tests know it. */
export interface Named extends Plannable {
  name: string;
}

/** An action that acts on nothing in particular, in whatever number and order, but for what a test says. */
export function named(name: string, changed: Partial<Plannable> = {}): Named {
  return { name, policy: POLICY, key: null, after: null, guards: {}, destructive: false, causes: [], ...changed };
}

/** A run that was planned at 0, and what a test says beyond that. */
export function runOf(changed: Partial<Run> = {}): Run {
  const asked = { by: "command" as const, asked_by: "zhangsan", connector: "HTTP (RESTART_HOST)", key: "es.nj.01" };
  return { ...planned({ ...REF, ...asked, params: {}, policy: POLICY }, 0), ...changed };
}

export const ENDED = ["succeeded", "failed", "skipped", "unknown", "expired", "cancelled"] as const;

/** A run in a state, as it would be there: one that has ended has no due time, an open one is due at 1,000. */
export function runIn(state: RunState, changed: Partial<Run> = {}): Run {
  const has_ended = ENDED.some((end) => end === state);
  return runOf({ state, due_at: has_ended ? null : 1_000, ended_at: has_ended ? 500 : null, fence: 1, ...changed });
}

export const SUCCEEDED: Outcome = { kind: "succeeded", summary: "done" };
export const FAILED: Outcome = { kind: "failed", reason: "the target answered 404" };
export const SKIPPED: Outcome = { kind: "skipped", reason: "nothing to do" };
export type Held = Extract<Outcome, { kind: "held" }>;
export const HELD: Held = { kind: "held", reason: "nobody could be asked", after_ms: 15_000 };
/** Outcomes after which an attempt is made again. */
export type Again = Extract<Outcome, { kind: "later" | "not_sent" | "unclear" }>;
export const LATER: Again = { kind: "later", reason: "the target answered 503" };
export const NOT_SENT: Again = { kind: "not_sent", reason: "the attempt's time was up" };
export const UNCLEAR: Again = { kind: "unclear", reason: "the target did not answer in time" };
export const WAITING: Outcome = { kind: "waiting", handle: "job-7", after_ms: 60_000, summary: "job 7 has started" };
