// A push, from the request to its answer: door, body, event, incident.
import { readSettings } from "../config.ts";
import type { Event } from "../domain/event.ts";
import type { Asked } from "../domain/plan.ts";
import type { Receipt } from "../domain/receipt.ts";
import { log } from "../log.ts";
import { readBody } from "./body.ts";
import { decide } from "./decide.ts";
import { admit } from "./door.ts";
import { read } from "./read.ts";
import { isKept, problem, type PushProblem, type Refusal } from "./refusal.ts";
import { type Arrival, type Background, keepIfLost, refuse } from "./refuse.ts";
import { remember } from "./seen.ts";

/** What a push is answered with. */
export type Answer = { receipt: Receipt } | { problem: PushProblem };

interface Sound {
  event: Event;
  asked: readonly Asked[];
}

/** Receives a push at the address of the incident webhook (`action` null) or of a custom action. */
export async function receive(request: Request, action: string | null, env: Env, ctx: Background): Promise<Answer> {
  const received_at = Date.now();
  const settings = readSettings(env);
  if (!settings.ok) return { problem: problem({ why: "not_set_up", faults: settings.faults }) };
  const { pathname, search, searchParams } = new URL(request.url);
  const visitor = await admit(request, settings.values);
  const arrival: Arrival = { address: pathname + search, source: visitor.source, received_at };
  if (visitor.refusal !== null) {
    const body = visitor.has_token && isKept(visitor.refusal) ? await readBody(request.body) : null;
    return { problem: await refuse(visitor.refusal, arrival, body, env, ctx) };
  }
  if (visitor.is_unlisted) log("source.unlisted", { source: visitor.source });
  const body = await readBody(request.body);
  const reading = read({ action, query: Object.fromEntries(searchParams), body, received_at }, env);
  if ("refusal" in reading) return { problem: await refuse(reading.refusal, arrival, body, env, ctx) };
  return take(reading, arrival, env, ctx);
}

/** What becomes of a push that is sound. */
async function take({ event, asked }: Sound, arrival: Arrival, env: Env, ctx: Background): Promise<Answer> {
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
