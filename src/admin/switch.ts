// The kill switch, as the admin API shows it.
import type { Switches } from "../runs/guard.ts";

function about<T extends { action: string }>(one: T) {
  return { ...one, action: one.action === "" ? null : one.action };
}

/** Each stop with what it is about, null for everything; the breakers that are open; and how it came to this. */
export function switchView({ stops, breakers, rulings }: Switches) {
  return {
    stops: stops.map(about),
    open_breakers: breakers.flatMap(({ action, opened_at, reason }) =>
      opened_at === null ? [] : [{ action, opened_at, reason }],
    ),
    rulings: rulings.map(about),
  };
}
