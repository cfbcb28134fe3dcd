// Refusing a push: it is told why, and what came with the right token is kept where a person can look at it.
import { readSettings, withoutTokens } from "../config.ts";
import { within } from "../deadline.ts";
import { wordsOf } from "../domain/thrown.ts";
import { log } from "../log.ts";
import { tallyRefused } from "../tally/push.ts";
import { idsOf } from "../trace.ts";
import type { Arrival } from "./arrival.ts";
import type { Body } from "./body.ts";
import { keep } from "./quarantine.ts";
import { inWords, problem, type PushProblem, type Refusal } from "./refusal.ts";

/** The quarantine has a part of the sender's second to say that it has the push; it goes on when that is over. */
const QUARANTINE_WITHIN_MS = 300;

/** Where work goes on after the answer. */
export type Background = Pick<ExecutionContext, "waitUntil">;

/** Refuses, and keeps `body`, where there is one, in the quarantine. */
export async function refuse(
  refusal: Refusal,
  arrival: Arrival,
  body: Body | null,
  env: Env,
  ctx: Background,
): Promise<PushProblem> {
  const said = problem(refusal);
  // Without the query: it is the user's, and may hold what is nobody's business.
  const path_and_query = withoutTokens(arrival.path_and_query, readSettings(env));
  const [path] = path_and_query.split("?");
  const ids = idsOf(arrival.span);
  const about = { ...ids, result: refusal.why, status: said.status, source: arrival.source, path };
  if (body === null) {
    log("push.refused", { ...about, took_ms: Date.now() - arrival.received_at });
    tallyRefused(refusal, arrival, null, env, ctx);
    return said;
  }
  const keeping = keep(env.DB, {
    ...arrival,
    path_and_query,
    why: refusal.why,
    detail: withoutTokens(inWords(said), readSettings(env)),
    body: body.text,
    flaw: body.flaw,
  });
  const failed = (error: unknown) => {
    log("quarantine.failed", { ...ids, path, error: wordsOf(error) });
  };
  ctx.waitUntil(keeping.catch(failed));
  const kept = await within(QUARANTINE_WITHIN_MS, "the quarantine", keeping).catch(() => undefined);
  log("push.refused", { ...about, kept, took_ms: Date.now() - arrival.received_at });
  tallyRefused(refusal, arrival, body.text, env, ctx);
  return kept === undefined ? said : { ...said, kept };
}
