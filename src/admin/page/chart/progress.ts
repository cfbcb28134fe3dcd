// How far the incident was at each time, by its events in order.
import { orderTime } from "../../../domain/order.ts";
import type { IncidentView } from "../../shapes.ts";

export type KnownEvent = IncidentView["events"][number];

/** A stretch of one progress. Milliseconds. */
export interface Band {
  /** Triggered, Processing, Closed; or what Flashduty says instead. */
  progress: string;
  from: number;
  to: number;
  /** What has begun with it: the incident was closed, or it came back. */
  turn: "closed" | "reopened" | null;
}

export const CLOSED = "Closed";

/** The stretches, in order, without a hole between them; the last one goes on until `now`. An event that came too late, or tells no progress, changes nothing. */
export function bandsOf(events: readonly KnownEvent[], now: number): Band[] {
  const bands: Band[] = [];
  for (const event of events) {
    if (event.disposition === "stale" || event.progress === "") continue;
    const last = bands.at(-1);
    const from = Math.max(orderTime(event), last?.from ?? -Infinity);
    const turn = turnOf(last, event);
    if (last?.progress === event.progress && turn === null) continue;
    if (last !== undefined) last.to = from;
    bands.push({ progress: event.progress, from, to: Math.max(now, from), turn });
  }
  return bands;
}

function turnOf(last: Band | undefined, { progress, event_type }: KnownEvent): Band["turn"] {
  if (progress === CLOSED) return last?.progress === CLOSED ? null : "closed";
  return event_type === "i_reopen" || last?.progress === CLOSED ? "reopened" : null;
}
