// What may be decided, as links to the pages that ask once more. Only what the state of the thing allows is offered.
import { EndState, type RunState } from "../../domain/run.ts";
import type { RunItem } from "../shapes.ts";
import { type RunDecision, toDecide } from "./paths.ts";
import { shown } from "./shown.ts";
import { say, type Viewer } from "./viewer.ts";

/** What waits for consent gets it; what has not ended can be ended, and what has, otherwise than well, started over. */
function decisionsIn(state: RunState): RunDecision[] {
  if (state === "awaiting_approval") return ["approve", "cancel"];
  if (!EndState.safeParse(state).success) return ["cancel"];
  return state === "succeeded" ? [] : ["retry"];
}

export function RunButtons({
  viewer,
  run,
}: {
  viewer: Viewer;
  run: Pick<RunItem, "run_id" | "action" | "key" | "state">;
}) {
  const words = say(viewer).decide;
  const { run_id, action, key } = run;
  return (
    <span class="buttons">
      {decisionsIn(run.state).map((what) => (
        <Button
          href={toDecide(run_id, what)}
          text={words[what]}
          about={words.about(words[what], action, key)}
          main={what === "approve"}
        />
      ))}
    </span>
  );
}

/** `about`: the same in more words, for who hears the button and does not see where it stands. */
export function Button(given: { href: string; text: string; about?: string; main?: boolean }) {
  const { href, text, about = text, main = false } = given;
  return (
    <a class={main ? "button main" : "button"} href={href} aria-label={about === text ? undefined : shown(about)}>
      {text}
    </a>
  );
}
