// The queue's consumer: parse, claim, run, settle, one line in the log. A message is acknowledged once its run is claimed:
// from there on the incident's lease guards it, and one slow target does not hold the messages behind it.
import * as z from "zod";
import { attempt } from "../actions/action.ts";
import { readActionSettings } from "../config.ts";
import { within } from "../deadline.ts";
import { runId, type RunKey } from "../domain/event.ts";
import { actionNamed } from "../domain/playbook.ts";
import type { Outcome, Run } from "../domain/run.ts";
import { parsePush } from "../flashduty/push.ts";
import { incidentOf } from "../incident/stub.ts";
import { wordsOf } from "../domain/thrown.ts";
import { log } from "../log.ts";
import { playbook } from "../playbook.ts";
import { keepDead } from "./dead.ts";
import { caller } from "./http.ts";
import { Message } from "./message.ts";

/** What the incident did not answer is asked again after this. Seconds, doubled with each try. */
const ASK_AGAIN_S = 5;

/** Handles a batch of either queue. Never throws: a throw would bring back messages that were acknowledged. */
export async function consume(batch: MessageBatch, env: Env, ctx: ExecutionContext): Promise<void> {
  const handle = batch.queue.endsWith("-dead") ? keepDead : carryOut;
  await Promise.all(batch.messages.map(async (message) => handle(message, env, ctx)));
}

async function carryOut(message: globalThis.Message, env: Env, ctx: ExecutionContext): Promise<void> {
  const parsed = Message.safeParse(message.body);
  if (!parsed.success) {
    log("message.malformed", { message_id: message.id, error: z.prettifyError(parsed.error) });
    message.retry(); // in the end the dead letter queue keeps it
    return;
  }
  const key = parsed.data;
  // Taken before the claim, so that the attempt is over before its lease is, whatever the clocks say.
  const asked_at = Date.now();
  try {
    const claimed = await incidentOf(env, key.incident_id).claim(key);
    message.ack();
    if ("refused" in claimed) log("run.unclaimed", { run_id: runId(key), state: claimed.refused });
    else ctx.waitUntil(makeAttempt(claimed.run, claimed.body, asked_at, env));
  } catch (error) {
    log("run.unclaimed", { run_id: runId(key), error: wordsOf(error) });
    message.retry({ delaySeconds: ASK_AGAIN_S * 2 ** (message.attempts - 1) });
  }
}

async function makeAttempt(run: Run, body: string, asked_at: number, env: Env): Promise<void> {
  const outcome = await outcomeOf(run, body, asked_at, env);
  const about = { run_id: runId(run), fence: run.fence, outcome: outcome.kind, took_ms: Date.now() - asked_at };
  try {
    const settled = await settle(run, outcome, env);
    log("run.attempted", { ...about, settled });
  } catch (error) {
    // The lease runs out, and the incident decides what that means.
    log("run.attempted", { ...about, settled: false, error: wordsOf(error) });
  }
}

async function outcomeOf(run: Run, body: string, asked_at: number, env: Env): Promise<Outcome> {
  const action = actionNamed(playbook, run.action);
  if (action === undefined) return { kind: "failed", reason: `the playbook has no action "${run.action}" any more` };
  const settings = readActionSettings(env, action.settings);
  if (!settings.ok) return { kind: "failed", reason: settings.faults.join("; ") };
  const parsed = parsePush(body);
  if (!parsed.ok) return { kind: "failed", reason: "the event's body can no longer be read" };
  const { time_limit_ms } = run.policy;
  const tools = { settings: settings.values, call: caller(asked_at + time_limit_ms) };
  try {
    return await within(time_limit_ms, "the action", attempt(action, run, parsed.push, tools));
  } catch (error) {
    return { kind: "unclear", reason: wordsOf(error) };
  }
}

/** The outcome of a call that was made must not be lost to one failed request: a new stub, once more. */
async function settle(run: Run, outcome: Outcome, env: Env): Promise<boolean> {
  const key: RunKey = run;
  try {
    return await incidentOf(env, run.incident_id).settle(key, run.fence, outcome);
  } catch {
    return incidentOf(env, run.incident_id).settle(key, run.fence, outcome);
  }
}
