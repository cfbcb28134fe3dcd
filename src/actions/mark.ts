// The mark of a run: it goes into the name of the job that a target starts, so that a start whose answer was lost is found
// again, and not made twice.
import type { Outcome } from "../domain/run.ts";
import type { Reading } from "./answer.ts";
import type { Given } from "./connector.ts";

/** The target's clock may be behind ours by so much: jobs are looked for from that long before the run was planned. */
const CLOCKS_DIFFER_MS = 5 * 60_000;
/** A system may take a moment to list a new job, or still be at work at a request that was cut off. */
const LOOK_AGAIN_AFTER_MS = 3_000;
const MARKED = /@\d{13}(?!\d)/;

/** Differs from run to run, and from round to round: what a person starts over must not find the job of before. */
export function markOf({ run_id, planned_at }: Pick<Given<unknown>, "run_id" | "planned_at">): string {
  return `${encodeURIComponent(run_id.toWellFormed())}@${String(planned_at).padStart(13, "0")}`;
}

/** From when on the target is to be asked for jobs of the run: ISO 8601, in whole seconds. */
export function sinceOf({ planned_at }: Pick<Given<unknown>, "planned_at">): string {
  return `${new Date(Math.max(planned_at - CLOCKS_DIFFER_MS, 0)).toISOString().slice(0, 19)}Z`;
}

/** The job of the run; null where it surely has none; or what the attempt comes to, where that cannot be told. */
export type Found<Job> = { ok: true; job: Job } | { ok: false; outcome: Outcome } | null;

/** Looks for the job that an earlier attempt may have started; twice, before it is taken for sure that there is none. */
export async function findStarted<Job extends { name: string }>(
  list: () => Promise<Reading<readonly Job[]>>,
  mark: string,
): Promise<Found<Job>> {
  const found = await findOnce(list, mark);
  if (found !== null) return found;
  await new Promise((resolve) => {
    setTimeout(resolve, LOOK_AGAIN_AFTER_MS);
  });
  return findOnce(list, mark);
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
  const unmarked = jobs.filter(({ name }) => !MARKED.test(name)).length;
  if (unmarked === 0) return null;
  const reason = `it may have been started already: ${unmarked} jobs began there since, without a run_id in their names to tell by; look at them`;
  return { ok: false, outcome: { kind: "unclear", reason } };
}
