// A push, from the request to its answer: door, body, event, incident. What could not be taken is refused with its reason,
// and kept where a person can look at it.
import { readSettings } from "../config.ts";
import { within } from "../deadline.ts";
import type { Event } from "../domain/event.ts";
import type { Asked } from "../domain/plan.ts";
import type { Receipt } from "../domain/receipt.ts";
import { describe, log } from "../log.ts";
import { type Body, readBody } from "./body.ts";
import { decide } from "./decide.ts";
import { admit } from "./door.ts";
import { keep } from "./quarantine.ts";
import { read } from "./read.ts";
import { isKept, problem, type PushProblem, type Refusal } from "./refusal.ts";
import { remember } from "./seen.ts";

/** The quarantine has a part of the sender's second to say that it has the push; it goes on when that is over. */
const QUARANTINE_WITHIN_MS = 300;
/** How long an incident may take to accept what was answered with 503, before that goes to the quarantine. */
const LATE_WITHIN_MS = 15_000;

export type Answer = { receipt: Receipt } | { problem: PushProblem };

/** Who and what came, for the log and the quarantine. */
interface Arrival {
  address: string;
  source: string;
  received_at: number;
}

interface Sound {
  event: Event;
  asked: readonly Asked[];
}

/** Receives a push at the address of the incident webhook (`action` null) or of a custom action. */
export async function receive(
  request: Request,
  action: string | null,
  env: Env,
  ctx: Pick<ExecutionContext, "waitUntil">,
): Promise<Answer> {
  const received_at = Date.now();
  const settings = readSettings(env);
  if (!settings.ok) return { problem: problem({ why: "not_set_up", faults: settings.faults }) };
  const { pathname, search, searchParams } = new URL(request.url);
  const visitor = await admit(request, settings.values);
  const arrival: Arrival = { address: pathname + search, source: visitor.source, received_at };
  if (visitor.refusal !== null) {
    const body = visitor.has_token && isKept(visitor.refusal) ? await readBody(request.body) : null;
    return refuse(visitor.refusal, arrival, body, env, ctx);
  }
  if (visitor.is_unlisted) log("source.unlisted", { source: visitor.source });
  const body = await readBody(request.body);
  const reading = read({ action, query: Object.fromEntries(searchParams), body, received_at }, env);
  if ("refusal" in reading) return refuse(reading.refusal, arrival, body, env, ctx);
  return take(reading, arrival, env, ctx);
}

/** What becomes of a push that is sound. */
async function take(
  { event, asked }: Sound,
  arrival: Arrival,
  env: Env,
  ctx: Pick<ExecutionContext, "waitUntil">,
): Promise<Answer> {
  const decision = await decide(event, asked, env);
  const { incident_id, event_id, event_type, address } = event;
  const about = { incident_id, event_id, event_type, address, by: decision.by };
  if (decision.by === "nobody") {
    ctx.waitUntil(keepIfLost(decision.taken, arrival, event, env));
    return answer({ why: "storage_silent" }, about, arrival);
  }
  const { receipt, by } = decision;
  const refusal = cannotRun(receipt, asked);
  if (by === "incident" && receipt.result !== "duplicate" && refusal === null)
    ctx.waitUntil(remember(env.SEEN, event, receipt));
  return answer(refusal ?? receipt, about, arrival);
}

function answer(said: Receipt | Refusal, about: Parameters<typeof log>[1], { received_at }: Arrival): Answer {
  const took_ms = Date.now() - received_at;
  if ("why" in said) {
    log("push.received", { ...about, result: said.why, took_ms });
    return { problem: problem(said) };
  }
  log("push.received", { ...about, result: said.result, runs: said.runs.map(({ run_id }) => run_id), took_ms });
  return { receipt: said };
}

/** A button that cannot do anything must not seem to have worked. */
function cannotRun(receipt: Receipt, asked: readonly Asked[]): Refusal | null {
  const command = asked.find(({ by, refused }) => by === "command" && refused !== null);
  const run = receipt.runs.find(({ action }) => action === command?.action);
  if (run === undefined) return null;
  return { why: "cannot_run", action: run.action, reason: run.reason ?? "", run_id: run.run_id };
}

/** The 503 that went out promised nothing; but an event that its incident does not take after all is kept. */
async function keepIfLost(taken: Promise<Receipt>, arrival: Arrival, event: Event, env: Env): Promise<void> {
  try {
    await within(LATE_WITHIN_MS, "the incident", taken);
  } catch (error) {
    const kept = { why: "storage_silent", detail: describe(error), ...arrival, body: event.body };
    await keep(env.DB, kept).catch((failure: unknown) => {
      log("quarantine.failed", { incident_id: event.incident_id, event_id: event.event_id, error: describe(failure) });
    });
  }
}

/** Refuses, and keeps `body`, where there is one, in the quarantine. */
async function refuse(
  refusal: Refusal,
  arrival: Arrival,
  body: Body | null,
  env: Env,
  ctx: Pick<ExecutionContext, "waitUntil">,
): Promise<Answer> {
  const said = problem(refusal);
  // Without the query: it is the user's, and may hold what is nobody's business.
  const [path] = arrival.address.split("?");
  const about = { why: refusal.why, status: said.status, source: arrival.source, path };
  if (body === null) {
    log("push.refused", about);
    return { problem: said };
  }
  const detail = JSON.stringify(said.errors ?? said.detail);
  const keeping = keep(env.DB, { why: refusal.why, detail, ...arrival, body: body.text });
  ctx.waitUntil(keeping.catch(() => undefined));
  try {
    const kept = await within(QUARANTINE_WITHIN_MS, "the quarantine", keeping);
    log("push.refused", { ...about, kept });
    return { problem: { ...said, kept } };
  } catch (error) {
    log("push.refused", { ...about, error: describe(error) });
    return { problem: said };
  }
}
