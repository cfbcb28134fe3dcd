// How long an incident is kept: for a set time after it was closed.

/**
 * When an incident without open runs may be forgotten: `keep_ms` after its closing arrived; null while it is open.
 * `current` is its current event, with the progress that it shows.
 */
export function forgetAt(current: { received_at: number; progress: string }, keep_ms: number): number | null {
  return current.progress === "Closed" ? current.received_at + keep_ms : null;
}
