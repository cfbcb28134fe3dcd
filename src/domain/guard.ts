// The guards: what keeps an action from being started too often, on too much, or in spite of a person. `admit` is all of
// them, a pure function of what is asked, what has been started before, and now; the object in runs/guard.ts remembers.
import { begun, isBusy, type Start } from "./start.ts";
import { canOverride, type HeldBack, overriderOf } from "./override.ts";
import { SAME_PRESS_MS } from "./press.ts";
import { duration, moment } from "./time.ts";

/** How often an action may be started. What is left out is not limited. */
export interface Limit {
  /** Runs that may go on at the same time; one where there is a cool-down, for what goes on has not even ended. */
  at_once?: number;
  /** Not again for so long after the last one ended. */
  cool_down_ms?: number;
  /** At most so many runs are started in any stretch of time of that length. */
  budget?: { runs: number; window_ms: number };
}

/** The guards of an action, as the playbook says. */
export interface Guards {
  /** For one key: one host, one service. */
  each?: Limit;
  /** Over all keys. */
  all?: Limit;
  /** Opens after so many failures, or before so many and one different keys, within the window; a person closes it. */
  breaker?: { failures?: number; keys?: number; window_ms: number };
  /** So many runs may have succeeded for an incident that was reopened all the same. */
  comebacks?: number;
  /** A second press of the same person within this time overrides what a person may override; without it, nobody can. */
  override_within_ms?: number;
}

/** No window and no cool-down may be longer: so long a start is remembered. */
export const REMEMBERED_MS = 24 * 60 * 60_000;
/** A person's word that nothing is to be started: an action, or "" for everything. What is stopped is held. */
export interface Stop {
  action: string;
  by: string;
  reason: string;
  at: number;
}

/** The breaker of an action. `opened_at` null: it is closed, and what was before `closed_at` counts no more. */
export interface Breaker {
  opened_at: number | null;
  reason: string;
  closed_at: number;
}

/** What is remembered of an action. */
export interface Memory {
  /** The stops that hold it: its own, or the one of everything. */
  stops: readonly Stop[];
  breaker: Breaker | null;
  starts: readonly Start[];
  /** Of this key, by this person. */
  held_back: HeldBack | null;
}

/** A run that is about to start. */
export interface Candidate {
  start_id: string;
  run_id: string;
  action: string;
  key: string;
  by: "command" | "rule";
  /** Who pressed the button; "" where nobody can be told. */
  person_id: string;
  asked_by: string;
  /** When it was asked for: the press. By the incident's clock. */
  asked_at: number;
  /** Who has it started over in spite of the guards; "" for nobody. */
  override_by: string;
  /** The runs of the action on this key that succeeded for this incident, which was reopened all the same. */
  came_back: readonly string[];
}

export type GuardName = "at_once" | "cool_down" | "budget" | "breaker" | "comebacks";

export type Decision =
  /** `start` is null where it was admitted before, or nothing needs to be remembered. */
  | { kind: "go"; start: Start | null; overrides: string[]; by: string }
  | { kind: "hold"; reason: string }
  | { kind: "skip"; guard: GuardName; reason: string; opens: string | null; may_override: boolean };

/** What keeps a run from starting. */
interface Objection {
  guard: GuardName;
  reason: string;
  /** When it would be allowed; null where that takes a person. */
  allowed_at: number | null;
  /** Why the breaker opens by it. */
  opens?: string;
}

/** A person may know better than these. The others protect what goes on right now. */
const TO_BE_OVERRIDDEN: readonly GuardName[] = ["cool_down", "budget", "comebacks"];

/** Whether starts of an action with these guards have to be remembered. */
export function remembers({ each, all, breaker, comebacks }: Guards): boolean {
  return each !== undefined || all !== undefined || breaker !== undefined || comebacks !== undefined;
}

/** Decides whether the run may start now. */
export function admit(candidate: Candidate, guards: Guards, memory: Memory, now: number): Decision {
  const stop = memory.stops[0];
  if (stop !== undefined) return { kind: "hold", reason: stopped(stop) };
  const known = memory.starts.find(({ start_id }) => start_id === candidate.start_id);
  const objections = objectionsTo(candidate, guards, memory, now);
  const is_known = known !== undefined && known.free_at === null;
  // What was let pass may try again; but an open breaker stops everything.
  const opened = memory.breaker?.opened_at ?? null;
  if (is_known && opened === null) return { kind: "go", start: null, overrides: [], by: "" };
  const firm = objections.find(({ guard }) => !TO_BE_OVERRIDDEN.includes(guard));
  if (firm !== undefined) return skip([firm], allowedAt(objections), 0);
  const by = overriderOf(candidate, guards, memory.held_back);
  if (objections.length > 0 && by === null)
    return skip(
      objections,
      allowedAt(objections),
      canOverride(candidate, guards) ? (guards.override_within_ms ?? 0) : 0,
    );
  const start = remembers(guards) ? begun(candidate, now) : null;
  return { kind: "go", start, overrides: objections.map(({ reason }) => reason), by: by ?? "" };
}

/** Why nothing starts. */
export function stopped({ action, by, reason, at }: Stop): string {
  return `${action === "" ? "everything" : `"${action}"`} was stopped by ${by} at ${moment(at)}: ${reason}`;
}

function objectionsTo(candidate: Candidate, guards: Guards, memory: Memory, now: number): Objection[] {
  const { breaker, starts } = memory;
  // Its own start, where it began anew under the same name, must not stand in its way.
  const others = starts.filter(({ start_id }) => start_id !== candidate.start_id);
  const same_key = others.filter(({ key }) => key === candidate.key);
  const { run_id } = candidate;
  const what = candidate.key === "" ? `"${candidate.action}"` : `"${candidate.action}" on ${candidate.key}`;
  const open = breaker !== null && breaker.opened_at !== null;
  return [
    ...(open ? [breakerOpen(breaker.reason, breaker.opened_at ?? now)] : []),
    ...within(guards.each ?? {}, same_key, { run_id, what }, now),
    ...within(guards.all ?? {}, others, { run_id, what: `"${candidate.action}" in all` }, now),
    ...(open ? [] : tooManyKeys(candidate, guards, others, breaker?.closed_at ?? 0, now)),
    ...tooManyComebacks(candidate, guards),
  ];
}

/** What a limit on these starts has against a run. An earlier round of the same run is over before it is claimed again. */
function within(
  limit: Limit,
  starts: readonly Start[],
  { run_id, what }: { run_id: string; what: string },
  now: number,
) {
  const { cool_down_ms, at_once = cool_down_ms === undefined ? Infinity : 1, budget } = limit;
  const objections: Objection[] = [];
  const busy = starts
    .filter((start) => isBusy(start, now) && !(start.run_id === run_id && start.outcome !== null))
    .toSorted((one, other) => freeAt(one) - freeAt(other));
  // When this one is over, there are few enough.
  const last = busy[busy.length - at_once];
  if (last !== undefined) {
    const is_open = last.outcome !== null;
    const going_on = is_open ? "may still be under way" : `has been going on since ${moment(last.started_at)}`;
    const reason = `${what}: ${runs(at_once)} at a time, and run ${last.run_id} ${going_on}`;
    objections.push({ guard: "at_once", reason, allowed_at: last.free_at });
  }
  // Whose end is not certain yet is over no sooner than now.
  const last_at = Math.max(...starts.map(({ free_at, outcome }) => free_at ?? (outcome === null ? -Infinity : now)));
  if (cool_down_ms !== undefined && now < last_at + cool_down_ms) {
    const reason = `${what}: not again within ${duration(cool_down_ms)} of the last run`;
    objections.push({ guard: "cool_down", reason, allowed_at: last_at + cool_down_ms });
  }
  if (budget !== undefined) {
    const counted = starts.map(({ started_at }) => started_at).filter((at) => at > now - budget.window_ms);
    const decisive = counted.toSorted((one, other) => other - one)[budget.runs - 1];
    if (decisive !== undefined) {
      const reason = `${what}: at most ${runs(budget.runs)} within ${duration(budget.window_ms)}`;
      objections.push({ guard: "budget", reason, allowed_at: decisive + budget.window_ms });
    }
  }
  return objections;
}

function freeAt({ free_at }: Start): number {
  return free_at ?? Number.MAX_VALUE;
}

function runs(count: number): string {
  return `${count} ${count === 1 ? "run" : "runs"}`;
}

function tooManyKeys(
  { action, key }: Candidate,
  { breaker }: Guards,
  starts: readonly Start[],
  closed_at: number,
  now: number,
): Objection[] {
  if (breaker?.keys === undefined) return [];
  const since = Math.max(now - breaker.window_ms, closed_at);
  const keys = new Set(starts.filter(({ started_at }) => started_at > since).map((start) => start.key));
  if (keys.add(key).size <= breaker.keys) return [];
  const opens = `"${action}" was called for on more than ${breaker.keys} different hosts or services within ${duration(breaker.window_ms)}`;
  return [{ ...breakerOpen(opens, now), opens }];
}

function tooManyComebacks({ came_back, action }: Candidate, { comebacks }: Guards): Objection[] {
  if (comebacks === undefined || came_back.length < comebacks) return [];
  const times = came_back.length === 1 ? "once" : `${came_back.length} times`;
  const reason = `"${action}" has succeeded ${times} for this incident, which was reopened even so: it does not help`;
  return [{ guard: "comebacks", reason, allowed_at: null }];
}

function breakerOpen(why: string, at: number): Objection {
  const reason = `stopped by its breaker at ${moment(at)}: ${why}; a person has to close the breaker, at /admin/api/switch`;
  return { guard: "breaker", reason, allowed_at: null };
}

/** Why the breaker of an action opens by how its runs have ended; null where it does not. */
export function trips(guards: Guards, { breaker, starts }: Pick<Memory, "breaker" | "starts">, now: number) {
  const { failures, window_ms = 0 } = guards.breaker ?? {};
  if (failures === undefined || (breaker !== null && breaker.opened_at !== null)) return null;
  // What was begun before a person closed it, that person knew of.
  const begun_since = starts.filter(({ started_at }) => started_at > (breaker?.closed_at ?? 0));
  const failed = begun_since.filter(
    ({ outcome, ended_at }) =>
      ended_at !== null && ended_at > now - window_ms && ["failed", "unknown", "came_back"].includes(outcome ?? ""),
  );
  if (failed.length < failures) return null;
  return `${failed.length} of its runs within ${duration(window_ms)} failed, or did not help`;
}

/** When none of them would object any more; null where that takes a person. */
function allowedAt(objections: readonly Objection[]): number | null {
  const times = objections.map(({ allowed_at }) => allowed_at);
  return times.includes(null) ? null : Math.max(...times.map((at) => at ?? 0));
}

/** `override_ms`: how long a second press overrides them; 0 where it does not. */
function skip(told: readonly Objection[], allowed_at: number | null, override_ms: number): Decision {
  const [first] = told;
  if (first === undefined) throw new Error("what nobody objects to is not skipped");
  const again = allowed_at === null ? "" : `; allowed again at ${moment(allowed_at, "up")}`;
  const may_override = override_ms > 0;
  const override = may_override
    ? `; to run it all the same, press again within ${duration(override_ms)}, but not in the first ${duration(SAME_PRESS_MS)}`
    : "";
  const reason = `${told.map((one) => one.reason).join("; ")}${again}${override}`;
  return { kind: "skip", guard: first.guard, reason, opens: first.opens ?? null, may_override };
}
