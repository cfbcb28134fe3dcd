// What holds of every history, by what the targets saw and what the admin API tells of the runs. A law names what breaks it.
// When the guards have let a run pass is told nowhere: it was between its first claim and its first request, and no law asks
// for more than follows from that.
import type { Limit } from "../../../src/domain/guard.ts";
import type { RunSeen } from "../../simulator/receiver.ts";
import type { Execution } from "../../simulator/rundeck.ts";
import { ACTIONS, type ActionName, LIMITS, TIME_LIMIT_MS } from "../../simulator/workers/limits.ts";
import { JOB_TAKES_MS, type Started } from "./systems.ts";

/** What has happened. */
export interface History {
  runs: readonly RunSeen[];
  started: readonly Started[];
  jobs: readonly Execution[];
  /** When everything was stopped: from the answer to that, until it was asked to go on. */
  stopped: { from: number; until: number };
  /** All comments, of all incidents. */
  comments: readonly string[];
}

/** A run that has called its target. */
interface Caller {
  run: RunSeen;
  /** Between these the guards have let it pass. */
  claimed_at: number;
  called_at: number;
  /** From when on its key is free, at the earliest. */
  free_at: number;
  is_overriding: boolean;
}

/** A run whose outcome is not known may still be going on. */
const UNKNOWN_GOES_ON_MS = 70_000;
/** What was let pass just before a stop calls its target a moment later. */
const ON_ITS_WAY_MS = 1_000;

/** Everything that breaks a law. */
export function faultsIn(history: History): string[] {
  return [
    ...history.runs.flatMap((run) => [...endFaults(run), ...startFaults(run, history), ...toldFaults(run, history)]),
    ...ACTIONS.flatMap((action) => limitFaults(action, history)),
    ...history.runs.flatMap((run) => overrideFaults(run, history)),
    ...overlapping(history.jobs).map((host) => `two jobs at once drain ${host}`),
    ...history.started
      .filter(({ at }) => at > history.stopped.from + ON_ITS_WAY_MS && at < history.stopped.until)
      .map(({ run_id }) => `${run_id} was started while everything was stopped`),
  ];
}

/** Every run ends; what was not done says why, by the guard that held it back or by the press that it repeats. */
function endFaults({ run_id, state, reason, ended_at, trail, same_as }: RunSeen): string[] {
  if (ended_at === null) return [`${run_id} has not ended: ${state}, ${reason}`];
  if (state !== "skipped") return [];
  const guard = trail.find(({ what }) => what === "guard");
  const is_explained = same_as !== "" || guard?.text.endsWith(reason) === true || reason.includes("too late");
  return is_explained && reason !== "" ? [] : [`${run_id} was skipped without a reason: "${reason}"`];
}

/** What must not be started twice was not, and nothing was when nobody expected it any more. */
function startFaults({ run_id, action, planned_at }: RunSeen, { started }: History): string[] {
  const own = started.filter((one) => one.run_id === run_id);
  const { once, max_age_ms } = limitsOf(action);
  const is_late = own.some(({ at }) => at > planned_at + max_age_ms + TIME_LIMIT_MS);
  return [
    ...(once && own.length > 1 ? [`${run_id} must be started once, and was ${own.length} times`] : []),
    ...(is_late ? [`${run_id} was started too late`] : []),
  ];
}

/** Its incident is told how it ended, once; and nothing else twice. A comment's first line says how it stands, the last names it. */
function toldFaults({ run_id, round }: RunSeen, { comments }: History): string[] {
  const name = round === 0 ? `run ${run_id}` : `run ${run_id} #${round + 1}`;
  const told = comments
    .map((comment) => comment.split("\n"))
    .flatMap((lines) => (lines.at(-1) === name ? [lines[0] ?? ""] : []));
  const ends = told.filter((first) => !/ has started| is held back/.test(first));
  return ends.length === 1 && new Set(told).size === told.length ? [] : [`${run_id} was told: ${told.join("; ")}`];
}

/** Nobody overrides but who was held back in the same incident a moment before, by name. */
function overrideFaults(run: RunSeen, { runs }: History): string[] {
  const { override_within_ms = 0 } = limitsOf(run.action).guards;
  const overridden = run.trail.filter(({ what }) => what === "overridden");
  const was_held_back = runs.some(
    (one) =>
      one.incident_id === run.incident_id &&
      one.action === run.action &&
      one.key === run.key &&
      one.person_id === run.person_id &&
      one.trail.some(({ what }) => what === "guard") &&
      one.planned_at < run.planned_at &&
      one.planned_at >= run.planned_at - override_within_ms,
  );
  if (overridden.length === 0) return [];
  return was_held_back && overridden.every(({ by }) => by === run.asked_by)
    ? []
    : [`${run.run_id} overrides what has not held ${run.asked_by} back`];
}

function limitFaults(action: ActionName, history: History): string[] {
  const { each = {}, all = {} } = LIMITS[action].guards;
  const callers = history.runs.filter((run) => run.action === action).flatMap((run) => callerOf(run, history));
  const hosts = [...new Set(callers.map(({ run }) => run.key))];
  return [
    ...hosts.flatMap((host) =>
      faultsOfLimit(
        each,
        callers.filter(({ run }) => run.key === host),
      ),
    ),
    ...faultsOfLimit(all, callers),
  ];
}

function callerOf(run: RunSeen, { started }: History): Caller[] {
  const called_at = Math.min(...started.filter(({ run_id }) => run_id === run.run_id).map(({ at }) => at));
  if (called_at === Infinity) return [];
  const free_at = (run.ended_at ?? Infinity) + (run.state === "unknown" ? UNKNOWN_GOES_ON_MS : 0);
  const is_overriding = run.trail.some(({ what }) => what === "overridden");
  const claimed_at = run.trail.find(({ what }) => what === "claimed")?.at ?? called_at;
  return [{ run, claimed_at, called_at, free_at, is_overriding }];
}

function faultsOfLimit({ at_once, cool_down_ms = 0, budget }: Limit, callers: readonly Caller[]): string[] {
  return callers.flatMap((caller) => {
    const { run, called_at, claimed_at, is_overriding } = caller;
    const others = callers.filter((one) => one !== caller);
    const busy = others.filter((one) => one.called_at <= called_at && called_at < one.free_at);
    const hot = others.filter((one) => one.called_at <= called_at && called_at < one.free_at + cool_down_ms);
    // Those that were surely let pass before this one, and within the window. What did nothing does not count.
    const counted = others
      .filter((one) => one.run.state !== "skipped" && one.called_at <= claimed_at)
      .filter((one) => one.claimed_at > called_at - (budget?.window_ms ?? 0));
    return [
      ...(at_once !== undefined && busy.length >= at_once
        ? [`${run.run_id} runs at once with ${names(busy)} on ${run.key}`]
        : []),
      ...(cool_down_ms > 0 && !is_overriding && hot.length > 0
        ? [`${run.run_id} runs too soon after ${names(hot)}`]
        : []),
      ...(budget !== undefined && !is_overriding && counted.length >= budget.runs
        ? [`${run.run_id} exceeds a budget of ${budget.runs}, after ${names(counted)}`]
        : []),
    ];
  });
}

function names(list: readonly Caller[]): string {
  return list.map(({ run }) => run.run_id).join(", ");
}

/** The hosts on which a job began before another one was over. */
function overlapping(jobs: readonly Execution[]): string[] {
  return jobs
    .filter((job, at) =>
      jobs.some(
        (other, place) => place < at && other.host === job.host && job.began_at < other.began_at + JOB_TAKES_MS,
      ),
    )
    .map(({ host }) => host);
}

function limitsOf(action: string) {
  const name = ACTIONS.find((one) => one === action);
  if (name === undefined) throw new Error(`there is no action "${action}"`);
  return LIMITS[name];
}
