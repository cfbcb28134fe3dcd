// Refusing a push: it is told why, and what came with the right token is kept where a person can look at it.
import { within } from "../deadline.ts";
import type { Event } from "../domain/event.ts";
import type { Receipt } from "../domain/receipt.ts";
import { wordsOf } from "../domain/thrown.ts";
import { log } from "../log.ts";
import type { Body } from "./body.ts";
import { keep } from "./quarantine.ts";
import { problem, type PushProblem, type Refusal } from "./refusal.ts";

/** The quarantine has a part of the sender's second to say that it has the push; it goes on when that is over. */
const QUARANTINE_WITHIN_MS = 300;
/** How long an incident may take to accept what was answered with 503, before that goes to the quarantine. */
const LATE_WITHIN_MS = 15_000;

/** Where a push came to and from, and when (ms). */
export interface Arrival {
  /** Path and query. */
  address: string;
  source: string;
  received_at: number;
}

/** Where work goes on after the answer. */
export type Background = Pick<ExecutionContext, "waitUntil">;

/** The 503 that went out promised nothing; but an event that its incident does not take after all is kept. */
export async function keepIfLost(taken: Promise<Receipt>, arrival: Arrival, event: Event, env: Env): Promise<void> {
  try {
    await within(LATE_WITHIN_MS, "the incident", taken);
  } catch (error) {
    const kept = { why: "storage_silent", detail: wordsOf(error), ...arrival, body: event.body };
    await keep(env.DB, kept).catch((failure: unknown) => {
      log("quarantine.failed", { incident_id: event.incident_id, event_id: event.event_id, error: wordsOf(failure) });
    });
  }
}

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
  const [path] = arrival.address.split("?");
  const about = { why: refusal.why, status: said.status, source: arrival.source, path };
  if (body === null) {
    log("push.refused", about);
    return said;
  }
  const detail = JSON.stringify(said.errors ?? said.detail);
  const keeping = keep(env.DB, { why: refusal.why, detail, ...arrival, body: body.text });
  ctx.waitUntil(
    keeping.catch((error: unknown) => {
      log("quarantine.failed", { ...about, error: wordsOf(error) });
    }),
  );
  const kept = await within(QUARANTINE_WITHIN_MS, "the quarantine", keeping).catch(() => undefined);
  log("push.refused", { ...about, kept });
  return kept === undefined ? said : { ...said, kept };
}
