// How long an incident is kept: for a set time after anything last happened to it, once it is closed.

/** When an incident without open runs may be forgotten; null while it is open. `progress` is as its newest event shows it. */
export function forgetAt(progress: string, last_active_at: number, keep_ms: number): number | null {
  return progress === "Closed" ? last_active_at + keep_ms : null;
}
