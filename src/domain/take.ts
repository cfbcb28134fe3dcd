// Taking an event: what becomes of a push when it reaches its incident. The object applies what is decided here.
import type { Address, Event } from "./event.ts";
import { type Disposition, type Place, supersedes } from "./order.ts";
import type { Asked } from "./plan.ts";
import { end, planned, type Run } from "./run.ts";

/** What the incident knows when an event arrives. */
export interface Known {
  /** The same event, where it was taken before, and the runs it called for. */
  same: { address: Address } | null;
  runs: readonly Run[];
  /** The place of the current event. */
  newest: Place | null;
  /** The actions that were run for the incident, with success or not yet at their end. */
  begun: readonly string[];
}

type RunsEvent = Pick<Event, "incident_id" | "event_id">;

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
    .filter(({ follows, action }) => !follows || known.begun.includes(action));
  const runs = wanted
    .filter(({ action }) => !known.runs.some((run) => run.action === action))
    .map((one) => begin(event, one, now));
  if (known.same === null) return { result: stale ? "stale" : "accepted", record: "add", runs };
  if (runs.length === 0) return { result: "duplicate", record: "nothing", runs };
  return { result: "accepted", record: known.same.address === "incident" ? "complete" : "nothing", runs };
}

function begin({ incident_id, event_id }: RunsEvent, asked: Asked, now: number): Run {
  const { action, by, asked_by, params, key, connector, policy, refused } = asked;
  const run = planned({ incident_id, event_id, action, by, asked_by, params, key, connector, policy }, now);
  return refused === null ? run : end(run, refused.state, refused.reason, now);
}
