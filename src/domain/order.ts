// The order of an incident's events. An incident is its events: which one is current, and which came too late to
// matter, is told by three numbers of each event and by nothing that is kept beside them.

/** What of an event tells its place. */
export interface Place {
  /** Milliseconds, as the sender says; null where it does not. */
  event_time: number | null;
  /** Milliseconds, by our clock. */
  received_at: number;
  /** Counts the incident's events as they arrived, from 1. */
  arrival: number;
}

/** How far ahead of ours a sender's clock may be. Beyond it, a wrong clock would make everything after it stale. */
export const CLOCK_AHEAD_MS = 5 * 60_000;

/** Whether the event claims a time that is not to be believed. */
export function claimsFuture(place: Omit<Place, "arrival">): boolean {
  return place.event_time !== null && place.event_time > place.received_at + CLOCK_AHEAD_MS;
}

/** The time that orders the event: what it claims, or its arrival where it claims nothing or the future. Milliseconds. */
export function orderTime(place: Omit<Place, "arrival">): number {
  return place.event_time === null || claimsFuture(place) ? place.received_at : place.event_time;
}

/** Whether `one` supersedes `other`: the newer time wins; on a tie, the later arrival. */
export function supersedes(one: Place, other: Place): boolean {
  const difference = orderTime(one) - orderTime(other);
  return difference === 0 ? one.arrival > other.arrival : difference > 0;
}

/** The current event of an incident, or null where there is none. */
export function newest<P extends Place>(events: readonly P[]): P | null {
  return events.reduce<P | null>((best, event) => (best === null || supersedes(event, best) ? event : best), null);
}

/** What became of an event when it arrived: it was current, or a newer one was already there. */
export type Disposition = "accepted" | "stale";

/** Each event with its disposition, in the order of arrival. */
export function dispositions<P extends Place>(events: readonly P[]): (P & { disposition: Disposition })[] {
  let current: P | null = null;
  return events
    .toSorted((one, other) => one.arrival - other.arrival)
    .map((event) => {
      const accepted = current === null || supersedes(event, current);
      if (accepted) current = event;
      return { ...event, disposition: accepted ? "accepted" : "stale" };
    });
}
