// One attempt at a run: what the action's connector is given, and what becomes of what it answers or throws.
import { runId } from "../domain/event.ts";
import { contextOf } from "../domain/playbook.ts";
import type { Outcome, Run, Values } from "../domain/run.ts";
import { wordsOf } from "../domain/thrown.ts";
import type { OpenApi } from "../flashduty/open-api.ts";
import type { Push } from "../flashduty/push.ts";
import type { Call } from "../runs/http.ts";
import type { Action } from "./action.ts";
import type { Connector, Given, RawParams } from "./connector.ts";
import { tidy } from "./tidy.ts";

/** What an attempt is given beside the run and its push. */
export type Tools = Pick<Given<RawParams>, "settings" | "call" | "hide" | "earlier" | "deadline_at"> & {
  /** Flashduty's own API, by that way out; null where there is no key for it. */
  flashduty: (call: Call) => OpenApi | null;
};

/** Makes one attempt at a run. Never throws: what a connector throws is an outcome like any other. */
export async function attempt(
  action: Action,
  connector: Connector,
  run: Run,
  push: Push,
  { flashduty, ...tools }: Tools,
): Promise<Outcome> {
  const { hide } = tools;
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
  const { params, key, planned_at, may_have_acted, unclear_at, round } = run;
  const run_id = runId(run);
  const idempotency_key = round === 0 ? run_id : `${run_id}#${round + 1}`;
  const about = { run_id, idempotency_key, action: run.action, params, key, planned_at, may_have_acted, unclear_at };
  const given = { ...contextOf(push), ...about, ...tools, call, flashduty: flashduty(call) };
  try {
    if (!action.params.safeParse(params).success)
      return {
        kind: run.handle === null ? "failed" : "unclear",
        reason: "the playbook no longer takes the parameters of this run",
      };
    if (run.handle === null) return tidy(await connector.start(given), fieldsOf(action), hide);
    if (connector.look === undefined) return { kind: "failed", reason: "the action cannot look at what it started" };
    return tidy(await connector.look(run.handle, given), fieldsOf(action), hide);
  } catch (error) {
    const reason = `the action broke: ${wordsOf(error, hide)}`;
    // What was started before goes on, whatever breaks here.
    return { kind: sent > 0 || run.handle !== null ? "unclear" : "failed", reason };
  }
}

/** The custom fields that the playbook maps, of what was found. */
function fieldsOf({ fields }: Action): (values: Values) => Values {
  return (values) =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([field, value_name]) => {
        const value = values[value_name];
        return value === undefined ? [] : [[field, value]];
      }),
    );
}
