// What the picture of an incident's life shows, before anything is drawn: its bands, events and runs, and the axis on which
// all of them stand.
import { orderTime } from "../../../domain/order.ts";
import type { IncidentView } from "../../shapes.ts";
import { type Axis, axisOf } from "./axis.ts";
import { type Band, bandsOf, type KnownEvent } from "./progress.ts";
import type { KnownRun } from "./verdict.ts";
import { type Way, wayOf } from "./way.ts";

/** More lanes are not taken in by anybody. */
export const MOST_LANES = 60;

export interface Life {
  axis: Axis;
  /** When anything happens, what says most first. Milliseconds. */
  moments: number[];
  bands: Band[];
  /** In order of their time. */
  events: { event: KnownEvent; at: number }[];
  /** By when they began. */
  lanes: { run: KnownRun; way: Way }[];
  /** How many runs have no lane. */
  left_out: number;
}

export function lifeOf({ events, runs }: Pick<IncidentView, "events" | "runs">, now: number): Life {
  const bands = bandsOf(events, now);
  const happened = events
    .map((event) => ({ event, at: orderTime(event) }))
    .toSorted((one, other) => one.at - other.at || one.event.arrival - other.event.arrival);
  const ways = runs.map((run) => ({ run, way: wayOf(run, now) }));
  const lanes = kept(ways).toSorted((one, other) => one.way.from - other.way.from);
  const moments = new Set([
    ...bands.map(({ from }) => from),
    ...happened.map(({ at }) => at),
    ...lanes.flatMap(({ way }) => momentsOf(way)),
  ]);
  const axis = axisOf([now, ...moments]);
  return { axis, moments: [...moments], bands, events: happened, lanes, left_out: ways.length - lanes.length };
}

/** What has not ended, and the newest of what has. */
function kept(ways: readonly Life["lanes"][number][]): Life["lanes"] {
  const rank = ({ run, way }: Life["lanes"][number]) => (run.ended_at === null ? Infinity : way.to);
  return ways.toSorted((one, other) => (rank(one) === rank(other) ? 0 : rank(other) - rank(one))).slice(0, MOST_LANES);
}

function momentsOf({ from, to, stretches, attempts, ends }: Way): number[] {
  const within = [...stretches, ...attempts].flatMap((one) => [one.from, one.to]);
  return [from, to, ...ends.map(({ at }) => at), ...within];
}
