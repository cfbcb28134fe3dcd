// Just before a run starts: is the incident still as the playbook demands? Between the event and now lie a queue, retries,
// and whatever people have done in the meantime.
import type { Action } from "../actions/action.ts";
import type { Outcome } from "../domain/run.ts";
import type { OpenApi } from "../flashduty/open-api.ts";

/** Where Flashduty does not answer, it is asked again after this. */
export const ASK_AGAIN_MS = 15_000;

type Unanswered = Extract<Outcome, { reason: string }>;

/** What keeps the run from starting, by Flashduty's own word; null where nothing does, or where nobody can be asked. */
export async function liveCheck(
  action: Action,
  incident_id: string,
  flashduty: OpenApi | null,
): Promise<Outcome | null> {
  if (flashduty === null || action.demands === "nothing") return null;
  const reply = await flashduty.incident(incident_id);
  if (reply.ok) return reply.data.progress === "Closed" ? { kind: "skipped", reason: "the incident is closed" } : null;
  const { code, outcome } = reply;
  if (code === "ResourceNotFound") return { kind: "skipped", reason: "Flashduty has no such incident any more" };
  return unanswered(action, outcome);
}

/** What follows where Flashduty has not answered: the playbook says whether to go on. */
export function unanswered(action: Action, { reason, ...more }: Unanswered): Outcome | null {
  if (action.unanswered === "go_on") return null;
  const after_ms = Math.max(("after_ms" in more && more.after_ms) || 0, ASK_AGAIN_MS);
  return { kind: "held", reason: `whether the incident is still open is not known: ${reason}`, after_ms };
}
