// A push, from the request to its answer: door, body, event, incident.
import { canReceive, readSettings } from "../config.ts";
import type { Receipt } from "../domain/receipt.ts";
import { isOwnIdKnown } from "../flashduty/own.ts";
import { log } from "../log.ts";
import { learnOwnId } from "../runs/flashduty.ts";
import { tallyRefused, tallyTaken, tallyUnlisted } from "../tally/push.ts";
import { idsOf } from "../trace.ts";
import { type Arrival, arrivalOf, type Destination } from "./arrival.ts";
import { readBody } from "./body.ts";
import { decide, type Decision, keepIfLost } from "./decide.ts";
import { admit } from "./door.ts";
import { read, type Reading } from "./read.ts";
import { isKept, problem, type PushProblem, type Refusal } from "./refusal.ts";
import { type Background, refuse } from "./refuse.ts";
import { remember } from "./seen.ts";

/** What a push is answered with. */
export type Answer = { receipt: Receipt } | { problem: PushProblem };

export async function receive(request: Request, destination: Destination, env: Env, ctx: Background): Promise<Answer> {
  const arrival = arrivalOf(request, destination, Date.now());
  const settings = readSettings(env);
  if (!canReceive(settings))
    return { problem: await refuse({ why: "not_set_up", faults: settings.faults }, arrival, null, env, ctx) };
  const visitor = await admit(request, arrival.source, settings);
  if (visitor.refusal !== null) {
    const body = visitor.has_token && isKept(visitor.refusal) ? await readBody(request.body) : null;
    return { problem: await refuse(visitor.refusal, arrival, body, env, ctx) };
  }
  if (!visitor.is_listed) {
    log("source.unlisted", { ...idsOf(arrival.span), source: arrival.source });
    tallyUnlisted(arrival.source, env, ctx);
  }
  const body = await readBody(request.body);
  const reading = read(arrival, body, env);
  if ("refusal" in reading) return { problem: await refuse(reading.refusal, arrival, body, env, ctx) };
  return hand(reading, arrival, env, ctx);
}

/** Hands a sound push to its incident. */
async function hand(reading: Reading, arrival: Arrival, env: Env, ctx: Background): Promise<Answer> {
  const { event } = reading;
  const decision = await decide(reading, env);
  const refusal = refusalOf(decision, arrival.destination);
  const is_new = decision.by === "incident" && decision.receipt.result !== "duplicate";
  if (is_new && refusal === null) ctx.waitUntil(remember(env.SEEN, event, decision.receipt));
  if (!isOwnIdKnown(env)) ctx.waitUntil(learnOwnId(env));
  if (decision.by === "nobody") ctx.waitUntil(keepIfLost(decision.received, arrival, event, env));

  const { incident_id, event_id, event_type, address } = event;
  const receipt = decision.by === "nobody" ? null : decision.receipt;
  log("push.received", {
    ...idsOf(arrival.span),
    incident_id,
    event_id,
    event_type,
    address,
    source: arrival.source,
    result: refusal?.why ?? receipt?.result,
    by: decision.by,
    runs: receipt?.runs.map(({ run_id }) => run_id),
    took_ms: Date.now() - arrival.received_at,
  });
  if (refusal === null && receipt !== null) {
    tallyTaken(event, receipt, arrival.received_at, env, ctx);
    return { receipt };
  }
  tallyRefused(refusal ?? SILENT, arrival, event.body, env, ctx);
  return { problem: problem(refusal ?? SILENT) };
}

const SILENT: Refusal = { why: "storage_silent" };

/** A button that cannot do anything must not seem to have worked. */
export function refusalOf(decision: Decision, destination: Destination): Refusal | null {
  if (decision.by === "nobody") return SILENT;
  if (decision.by === "seen" || destination.kind !== "action") return null;
  const { receipt, never_started, not_approved } = decision;
  // An object of an older release says nothing of it.
  if (typeof not_approved === "string") return { why: "cannot_approve", reason: not_approved };
  const run = receipt.runs.find(({ action }) => action === destination.action);
  if (run === undefined || !never_started.includes(run.action)) return null;
  return { why: "cannot_run", action: run.action, reason: run.reason ?? "", run_id: run.run_id };
}
