// Taking an event: what becomes of a push when it reaches its incident. The object applies what is decided here.
import { APPROVING } from "./approval.ts";
import { type Address, type Event, runId } from "./event.ts";
import { type Disposition, type Place, supersedes } from "./order.ts";
import type { Asked } from "./plan.ts";
import { end, type EndState, planned, type Run } from "./run.ts";
import { samePress } from "./press.ts";
import { duration } from "./time.ts";
import { grown } from "./trail.ts";

/** What the incident knows when an event arrives. */
export interface Known {
  /** The same event, where it was taken before, and the runs it called for. */
  same: { address: Address } | null;
  runs: readonly Run[];
  /** The place of the current event. */
  newest: Place | null;
  /** The actions that were run for the incident, with success or not yet at their end. */
  begun: readonly string[];
  /** The incident was reopened before. */
  reopened: boolean;
  /** The incident's runs that were asked for lately: within `LATELY_MS`. */
  lately: readonly Run[];
}

/** How far back the incident looks for what was asked for before. */
export const LATELY_MS = 60 * 60_000;
/** Runs that rules may call for in one incident within `LATELY_MS`: more is a loop, whatever feeds it. */
export const MOST_RULED = 30;

type RunsEvent = Pick<Event, "incident_id" | "event_id" | "event_type" | "traceparent" | "replayed_by">;

/** What is to be done with the event. */
export interface Taken {
  result: Disposition | "duplicate";
  /** `add` it, `complete` the one recorded with this push's body and address, or leave all as it is. */
  record: "add" | "complete" | "nothing";
  /** Runs to add. */
  runs: Run[];
}

/**
 * Decides about an event that arrives as `place`, at `address`.
 *
 * One press may reach two addresses. The event is taken once; a command is run once, whichever comes first: a press that
 * came as an event of the incident webhook before is completed by the push to the action's address, which alone carries
 * alerts and is accepted as new, because its run is.
 */
export function take(
  event: Place & RunsEvent & Pick<Event, "address">,
  known: Known,
  asked: readonly Asked[],
  now: number,
): Taken {
  const stale = known.newest !== null && !supersedes(event, known.newest);
  const wanted = asked
    // What follows an incident puts what it finds in order itself, and must not miss the close that another event overtook.
    .filter(({ by, follows }) => by === "command" || (known.same === null && (!stale || follows)))
    .filter(({ follows, action, brought_by }) => !follows || brought_by !== "" || known.begun.includes(action))
    .filter(({ occurrence }) => occurrence === null || (occurrence === "reopened") === isReopened(event, known));
  const counted = withinCount(newOnes(wanted, known.runs), known.lately);
  const begun = counted.map((one) => ({
    one,
    run: begin(
      event,
      { ...one, after: isExpected(one.after, counted, known.runs) ? one.after : "" },
      known.lately,
      now,
    ),
  }));
  const goesOn = (name: string) => begun.some(({ run }) => run.action === name && run.ended_at === null);
  const runs = begun.flatMap(({ one, run }) => (one.brought_by === "" || goesOn(one.brought_by) ? [run] : []));
  if (known.same === null) return { result: stale ? "stale" : "accepted", record: "add", runs };
  const is_new_here = event.address === APPROVING && known.same.address === "incident";
  if (runs.length === 0 && !is_new_here) return { result: "duplicate", record: "nothing", runs };
  return { result: "accepted", record: known.same.address === "incident" ? "complete" : "nothing", runs };
}

/** Of those for one action the first, where the event has not called for it before; and what is brought along, with who brings it. */
function newOnes(wanted: readonly Asked[], runs: readonly Run[]): Asked[] {
  return wanted.reduce<Asked[]>((kept, one) => {
    const is_there = [...runs, ...kept].some(({ action }) => action === one.action);
    const is_brought = one.brought_by === "" || kept.some(({ action }) => action === one.brought_by);
    return is_there || !is_brought ? kept : [...kept, one];
  }, []);
}

function isReopened({ event_type }: RunsEvent, { reopened }: Known): boolean {
  return reopened || event_type === "i_reopen";
}

/** Whether the run that another is to wait for comes, or is there and has not ended. */
function isExpected(after: string, new_ones: readonly Asked[], runs: readonly Run[]): boolean {
  const is_coming = new_ones.some(({ action, refused }) => action === after && refused === null);
  return is_coming || runs.some(({ action, ended_at }) => action === after && ended_at === null);
}

const LOOP = `rules have called for ${MOST_RULED} runs in this incident within ${duration(LATELY_MS)}: this looks like a loop, so they call for no more for now; buttons still work`;

/** What stops a loop that nothing else has stopped. The one too many is told of; those after it are not even that. */
function withinCount(asked: readonly Asked[], lately: readonly Run[]): Asked[] {
  let count = lately.filter(({ by }) => by === "rule").length;
  return asked.flatMap((one) => {
    if (one.by === "command") return [one];
    count += 1;
    if (count <= MOST_RULED) return [one];
    return count === MOST_RULED + 1 ? [{ ...one, refused: { state: "skipped" as const, reason: LOOP } }] : [];
  });
}

function begin(event: RunsEvent, asked: Asked, lately: readonly Run[], now: number): Run {
  const { incident_id, event_id, traceparent = "", replayed_by = "" } = event;
  const { refused, follows: _, occurrence: __, brought_by: ___, ...given } = asked;
  const run = planned({ incident_id, event_id, traceparent, replayed_by, ...given }, now);
  const first = samePress(asked, lately, now);
  const ended = (state: EndState, reason: string): Run => ({
    ...end(run, state, reason, now),
    trail: grown(run.trail, [{ what: "state", text: `${state}: ${reason}` }], now),
  });
  if (refused !== null) return ended(refused.state, refused.reason);
  if (first === undefined) return run;
  const reason = `the same press ${Math.round((now - first.planned_at) / 1_000)} s after the first counts as one: see run ${runId(first)}`;
  return { ...ended("skipped", reason), same_as: runId(first) };
}
