// The ids by which the parts of a picture lead to what tells more, on the same page.

/** The `id` of an event's row. */
export function eventAnchor(event_id: string): string {
  return `event-${event_id}`;
}

/** The `id` of a run's part. */
export function runAnchor(run_id: string): string {
  return `run-${run_id}`;
}

/** The address that leads to an id of this page. */
export function linkTo(anchor: string): string {
  return `#${encodeURIComponent(anchor.toWellFormed())}`;
}
