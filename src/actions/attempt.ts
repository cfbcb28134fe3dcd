// One attempt at a run: what the action's connector is given, and what becomes of what it throws.
import { runId } from "../domain/event.ts";
import { contextOf } from "../domain/playbook.ts";
import type { Outcome, Run } from "../domain/run.ts";
import { wordsOf } from "../domain/thrown.ts";
import type { Push } from "../flashduty/push.ts";
import type { Call } from "../runs/http.ts";
import type { Action, Attempt } from "./action.ts";

/** Makes one attempt at a run. Never throws: what a connector throws is an outcome like any other. */
export async function attempt(
  action: Action,
  run: Run,
  push: Push,
  tools: Pick<Attempt, "settings" | "call">,
): Promise<Outcome> {
  let sent = 0;
  const call: Call = async (request) => {
    sent += 1;
    const answer = await tools.call(request).catch((error: unknown) => {
      sent -= 1; // only a request that could not even be made throws
      throw error;
    });
    if (answer.kind === "not_sent") sent -= 1;
    return answer;
  };
  const { settings } = tools;
  const given = { ...contextOf(push), settings, call, run_id: runId(run), params: run.params, key: run.key };
  try {
    if (run.handle === null) return await action.start(given);
    if (action.look === undefined) return { kind: "failed", reason: "the action cannot look at what it started" };
    return await action.look(run.handle, given);
  } catch (error) {
    const reason = `the action broke: ${wordsOf(error, Object.values(settings))}`;
    return { kind: sent > 0 ? "unclear" : "failed", reason };
  }
}
