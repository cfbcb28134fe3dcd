// The queue's consumer: parse, claim, run, settle, one line in the log. A message is acknowledged once its run is claimed:
// from there on the incident's lease guards it, and one slow target does not hold the messages behind it.
import * as z from "zod";
import { within } from "../deadline.ts";
import type { RunRef } from "../domain/event.ts";
import { isReport } from "../domain/report.ts";
import type { Outcome, Run } from "../domain/run.ts";
import type { Claimed, Granted } from "../incident/desk.ts";
import { incidentOf } from "../incident/stub.ts";
import { wordsOf } from "../domain/thrown.ts";
import { aboutAttempt, aboutRun, log } from "../log.ts";
import { observe } from "../tally/tally.ts";
import { spanUnder } from "../trace.ts";
import { type Attempted, carryOut } from "./attempt.ts";
import { keepDead } from "./dead.ts";
import { startIdOf } from "./gate.ts";
import { tellGuard } from "./guard-stub.ts";
import { RunMessage } from "./message.ts";

/** What the incident did not answer is asked again after this. Seconds, doubled with each try. */
const ASK_AGAIN_S = 5;
/** A claim that takes longer is asked for again: the time of the attempt is running. */
const CLAIM_WITHIN_MS = 3_000;
/** Pauses before an outcome is told again, and how long each telling may take. One that comes after the lease still counts. */
const TELL_AGAIN_MS = [0, 500, 1_500, 3_000];
const TELL_WITHIN_MS = 2_000;

/** Handles a batch of either queue. Never throws: a throw would bring back messages that were acknowledged. */
export async function consume(batch: MessageBatch, env: Env, ctx: ExecutionContext): Promise<void> {
  const handle = batch.queue.endsWith("-dead") ? keepDead : deliver;
  await Promise.all(batch.messages.map(async (message) => handle(message, env, ctx)));
}

async function deliver(message: Message, env: Env, ctx: ExecutionContext): Promise<void> {
  const parsed = RunMessage.safeParse(message.body);
  if (!parsed.success) {
    log("message.malformed", { message_id: message.id, error: z.prettifyError(parsed.error) });
    message.retry(); // in the end the dead letter queue keeps it
    return;
  }
  const ref = parsed.data;
  // Taken before the claim, so that the attempt is over before its lease is, whatever the clocks say.
  const began_at = Date.now();
  observe(env, ctx, "queue_age_seconds", (began_at - message.timestamp.getTime()) / 1_000);
  try {
    const claimed = await claim(ref, env);
    message.ack();
    if ("refused" in claimed) log("run.refused", { ...aboutRun(ref), state: claimed.refused });
    else ctx.waitUntil(makeAttempt(claimed, began_at, env));
  } catch (error) {
    log("claim.failed", { ...aboutRun(ref), error: wordsOf(error) });
    message.retry({ delaySeconds: ASK_AGAIN_S * 2 ** (message.attempts - 1) });
  }
}

/** Asks twice, as the same claimant: a claim whose answer was lost is granted again instead of being nobody's. */
async function claim(ref: RunRef, env: Env): Promise<Claimed> {
  const claimant = crypto.randomUUID();
  const ask = async () => within(CLAIM_WITHIN_MS, "the incident", claimOnce(ref, claimant, env));
  return ask().catch(ask);
}

async function claimOnce(ref: RunRef, claimant: string, env: Env): Promise<Claimed> {
  return incidentOf(env, ref.incident_id).claim(ref, claimant, true);
}

async function makeAttempt(granted: Granted, began_at: number, env: Env): Promise<void> {
  const { run } = granted;
  const span = spanUnder(run.traceparent);
  const attempted = await carryOut({ ...granted, span }, began_at, env);
  const { outcome } = attempted;
  const about = aboutAttempt(run, span);
  const { action, round, fence } = run;
  const told = { ...about, action, round, fence, outcome: outcome.kind, took_ms: Date.now() - began_at };
  try {
    log("run.attempted", { ...told, settled: await settle(run, attempted, env) });
    if (mayEnd(run, outcome)) await tellGuard(startIdOf(about.run_id, round), about, env);
  } catch (error) {
    // The lease runs out, and the incident decides what that means.
    log("run.attempted", { ...told, settled: false, error: wordsOf(error) });
  }
}

/** Whether the guards may have something to know: their key may be free now. */
function mayEnd(run: Run, { kind }: Outcome): boolean {
  return !isReport(run) && kind !== "waiting" && kind !== "held";
}

/** Tells the outcome, again and again while the lease lasts: a call that was made must not be made once more for nothing. */
async function settle(run: Run, { outcome, notes }: Attempted, env: Env): Promise<boolean> {
  const { incident_id, event_id, action, fence } = run;
  let failure: unknown;
  for (const pause_ms of TELL_AGAIN_MS) {
    if (pause_ms > 0) await scheduler.wait(pause_ms);
    try {
      const telling = incidentOf(env, incident_id).settle({ incident_id, event_id, action }, fence, outcome, notes);
      return await within(TELL_WITHIN_MS, "the incident", telling);
    } catch (error) {
      failure = error;
    }
  }
  throw new Error("the incident could not be told", { cause: failure });
}
