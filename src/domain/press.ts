// When a press is the same as another: who presses twice in a hurry means it once.
import { isSameKey } from "./key.ts";
import type { Asked } from "./plan.ts";
import type { Run } from "./run.ts";

/** A person who presses twice within this time means it once. */
export const SAME_PRESS_MS = 10_000;

/** The run that the same press by the same person has called for before. */
export function samePress(
  { action, person_id, key, params, by, brought_by }: Asked,
  lately: readonly Run[],
  now: number,
): Run | undefined {
  if (by !== "command" || brought_by !== "" || person_id === "") return undefined;
  return lately.find(
    (run) =>
      run.action === action &&
      run.by === "command" &&
      run.person_id === person_id &&
      isSameKey(run.key, key) &&
      now - run.planned_at < SAME_PRESS_MS &&
      // What was never started, for nothing was set up, may be pressed again as soon as it is.
      (run.ended_at === null || run.fence > 0) &&
      isSame(run.params, params),
  );
}

function isSame(one: Record<string, string>, other: Record<string, string>): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
