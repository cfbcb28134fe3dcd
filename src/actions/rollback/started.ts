// What an earlier attempt has started, looked for among the jobs that began since: by the run's mark in a job's name.
import type { Outcome } from "../../domain/run.ts";
import type { Reading } from "../answer.ts";
import type { Attempt } from "../connector.ts";
import { isMarked, notYet } from "../mark.ts";

/** The target's clock may be behind ours by so much: what it began is looked for from that long before the run was planned. */
export const CLOCKS_DIFFER_MS = 5 * 60_000;
/** From when on the target is to be asked for jobs of the run: ISO 8601, in whole seconds. */
export function sinceOf({ planned_at }: Attempt): string {
  return `${new Date(Math.max(planned_at - CLOCKS_DIFFER_MS, 0)).toISOString().slice(0, 19)}Z`;
}

/** The job of the run; null where it surely has none; or what the attempt comes to, where that cannot be told. */
type Found<Job> = { ok: true; job: Job } | { ok: false; outcome: Outcome } | null;

/** Looks for the job that an earlier attempt may have started. That there is none is believed only after a while. */
export async function findStarted<Job extends { name: string }>(
  list: () => Promise<Reading<readonly Job[]>>,
  mark: string,
  attempt: Attempt,
): Promise<Found<Job>> {
  const found = await findOnce(list, mark);
  if (found !== null) return found;
  const outcome = notYet(attempt);
  return outcome === null ? null : { ok: false, outcome };
}

/** Looks for the job of the run, once. */
export async function findOnce<Job extends { name: string }>(
  list: () => Promise<Reading<readonly Job[]>>,
  mark: string,
): Promise<Found<Job>> {
  const listed = await list();
  return listed.ok ? findIn(listed.value, mark) : listed;
}

/** Looks for the job of the run among those that began since. A job without any mark could be it, and only a person can tell. */
function findIn<Job extends { name: string }>(jobs: readonly Job[], mark: string): Found<Job> {
  const job = jobs.find(({ name }) => name.includes(mark));
  if (job !== undefined) return { ok: true, job };
  const unmarked = jobs.filter(({ name }) => !isMarked(name)).length;
  if (unmarked === 0) return null;
  const reason = `it may have been started already: ${unmarked} jobs began there since, without a run_id in their names to tell by; look at them`;
  return { ok: false, outcome: { kind: "unclear", reason } };
}
