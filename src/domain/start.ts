// A start of a run, as the guards remember it: when its key is taken, when it is free again, and what it came to.
import { leaseMs } from "./lease.ts";
import { EndState, type Run } from "./run.ts";

/** The outcome of an attempt may still come so long after its run ended as unknown: see settle.ts. */
export const LATE_COUNTS_MS = 60_000;
/** Clocks of different machines may differ by so much. */
const CLOCKS_DIFFER_MS = 10_000;

/** A start that the guards remember. */
export interface Start {
  /** Names the run and its round. */
  start_id: string;
  run_id: string;
  action: string;
  key: string;
  /** Milliseconds, like all times here, and by the clock of the object that remembers. */
  started_at: number;
  /** When it was known to have ended, as far as is known; null while it goes on. */
  ended_at: number | null;
  /** From when on its key is free; null while it goes on, or may come back. */
  free_at: number | null;
  /** What it came to, as far as is known. */
  outcome: EndState | "came_back" | null;
  /** Who had it begin in spite of the guards, and what they objected; left out where they let it pass. */
  overridden?: { by: string; objections: string[] } | undefined;
}

/** The start of a run that begins now. */
export function begun(
  { start_id, run_id, action, key }: Pick<Start, "start_id" | "run_id" | "action" | "key">,
  now: number,
): Start {
  return { start_id, run_id, action, key, started_at: now, ended_at: null, free_at: null, outcome: null };
}

/** Whether its key is still taken. */
export function isBusy({ free_at }: Start, now: number): boolean {
  return free_at === null || free_at > now;
}

/**
 * A start as it is after a look at its run (null: the incident has forgotten it); null where nothing was done, so that it
 * does not count. `round`: that of the start.
 */
export function afterLook(start: Start, run: Run | null, round: number, now: number): Start | null {
  if (run === null) return { ...start, ended_at: now, free_at: now, outcome: "unknown" };
  if (goesOn(run, round)) return { ...start, ended_at: null, outcome: null };
  if (mayComeBack(run, round, now)) return { ...start, ended_at: start.ended_at ?? now, outcome: "unknown" };
  const outcome = run.round === round ? endOf(run) : "unknown";
  if (outcome === "skipped" && run.handle === null) return null;
  const ended_at = outcome === start.outcome ? (start.ended_at ?? now) : now;
  return { ...start, ended_at, free_at: now + goesOnMs(run, round), outcome };
}

/** In a later round, what has a job at the target came back from an unknown outcome, or was started anew and says so itself. */
function goesOn({ round, ended_at, handle }: Run, started: number): boolean {
  return ended_at === null && (round === started || handle !== null);
}

/** A late outcome may still tell that the target has begun: until it cannot any more, the key is taken. */
function mayComeBack({ state, round, ended_at }: Run, started: number, now: number): boolean {
  return state === "unknown" && round === started && now < (ended_at ?? 0) + LATE_COUNTS_MS + CLOCKS_DIFFER_MS;
}

function endOf({ state }: Run): EndState {
  return EndState.safeParse(state).data ?? "unknown";
}

/** How long after its end an attempt may still be under way. */
function goesOnMs(run: Run, started: number): number {
  if (run.round !== started) return LATE_COUNTS_MS + CLOCKS_DIFFER_MS;
  return run.state === "cancelled" ? leaseMs(run) + CLOCKS_DIFFER_MS : 0;
}

/** Of a run that succeeded: its incident came back all the same. */
export function asCameBack(start: Start, now: number): Start {
  return start.outcome === "succeeded" ? { ...start, outcome: "came_back", ended_at: now } : start;
}
