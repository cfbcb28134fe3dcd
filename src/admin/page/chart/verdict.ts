// What the automation did, and whether that helped, in at most three short statements: what a person must do comes first.
import type { IncidentView } from "../../shapes.ts";
import { type Band, CLOSED } from "./progress.ts";

export type KnownRun = IncidentView["runs"][number];

export type Verdict =
  /** It has not ended; `until`: by then it has to be approved. */
  | { kind: "awaiting_approval"; run: KnownRun; until: number | null }
  | { kind: "held" | "open"; run: KnownRun; since: number }
  /** So long after the run had succeeded, the incident came back, or was closed. */
  | { kind: "came_back" | "closed"; run: KnownRun; after_ms: number }
  /** The run has succeeded, and the incident is open still. */
  | { kind: "not_closed"; run: KnownRun; since: number }
  /** The newest run that has ended in another way, or about which nothing else is to be said. */
  | { kind: "ended"; run: KnownRun }
  | { kind: "closed_without" | "nothing_run" | "only_told" };

/** As many statements as are taken in at a glance. */
const MOST = 3;
const FIRST: readonly Verdict["kind"][] = ["awaiting_approval", "came_back", "held", "open"];

/**
 * `bands`: see progress.ts. `helps`: whether what an action does could have helped; it did not where all that it does is to
 * tell something.
 */
export function verdictsOf(
  runs: readonly KnownRun[],
  bands: readonly Band[],
  helps: (action: string) => boolean,
): Verdict[] {
  if (runs.length === 0) return [{ kind: "nothing_run" }];
  const rank = ({ kind }: Verdict) => (FIRST.includes(kind) ? FIRST.indexOf(kind) : FIRST.length);
  const helping = runs.filter(({ action }) => helps(action));
  const outcomes = helping.length === 0 ? [{ kind: "only_told" as const }] : outcomesOf(helping, bands);
  return [...runs.flatMap(openOf), ...outcomes].toSorted((one, other) => rank(one) - rank(other)).slice(0, MOST);
}

function openOf(run: KnownRun): Verdict[] {
  if (run.ended_at !== null) return [];
  if (run.state === "awaiting_approval") return [{ kind: "awaiting_approval", run, until: run.due_at }];
  if (run.held_since !== null) return [{ kind: "held", run, since: run.held_since }];
  return [{ kind: "open", run, since: run.started_at ?? run.planned_at }];
}

/** What the runs that have ended came to, and what became of the incident afterwards. */
function outcomesOf(runs: readonly KnownRun[], bands: readonly Band[]): Verdict[] {
  const ended = runs
    .flatMap((run) => (run.ended_at === null ? [] : [{ run, at: run.ended_at }]))
    .toSorted((one, other) => one.at - other.at);
  const is_closed = bands.at(-1)?.progress === CLOSED;
  const success = ended.findLast(({ run: { state, policy } }) => state === "succeeded" && !policy.dry_run);
  const last = ended.at(-1);
  const others = last === undefined || last === success ? [] : [{ kind: "ended" as const, run: last.run }];
  if (success !== undefined) return [...others, ...sinceSuccess(success, bands, is_closed)];
  return is_closed ? [...others, { kind: "closed_without" }] : others;
}

function sinceSuccess(
  { run, at }: { run: KnownRun; at: number },
  bands: readonly Band[],
  is_closed: boolean,
): Verdict[] {
  const since = bands.filter(({ from }) => from >= at);
  const back = since.find(({ turn }) => turn === "reopened");
  const closed = since.find(({ turn }) => turn === "closed");
  if (back !== undefined) return [{ kind: "came_back", run, after_ms: back.from - at }];
  if (closed !== undefined) return [{ kind: "closed", run, after_ms: closed.from - at }];
  return is_closed ? [{ kind: "ended", run }] : [{ kind: "not_closed", run, since: at }];
}
