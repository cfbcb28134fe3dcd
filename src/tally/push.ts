// What is counted of a push, and what is noticed about it: each is counted once, as answered with a receipt or as refused.
import { readSettings, withoutTokens } from "../config.ts";
import type { Event } from "../domain/event.ts";
import type { Receipt } from "../domain/receipt.ts";
import { wordsOf } from "../domain/thrown.ts";
import { log } from "../log.ts";
import type { Arrival } from "../receive/arrival.ts";
import type { Refusal } from "../receive/refusal.ts";
import type { Background } from "../receive/refuse.ts";
import { keepDrift, unwritten } from "./drift.ts";
import { driftOf, type Finding, finding } from "./finding.ts";
import { count, observe, pace } from "./tally.ts";

const NOWHERE = { incident_id: "", event_id: "" };

/** A push whose event its incident has, or had already, and what the answer says. */
export function tallyTaken(event: Event, { result }: Receipt, received_at: number, env: Env, ctx: Background): void {
  count(env, ctx, "pushes", { type: event.event_type, result });
  observe(env, ctx, "answer_seconds", (Date.now() - received_at) / 1_000);
  // A repeated push shows nothing new.
  if (result !== "duplicate") ctx.waitUntil(noticeDrift(event, env, ctx));
}

/** A push that was refused; `body` where it came with the right token. */
export function tallyRefused(refusal: Refusal, arrival: Arrival, body: string | null, env: Env, ctx: Background): void {
  count(env, ctx, "refusals", { reason: refusal.why });
  if (body === null) return;
  observe(env, ctx, "answer_seconds", (Date.now() - arrival.received_at) / 1_000);
  if (refusal.why === "unknown_source") tallyUnlisted(arrival.source, env, ctx);
  if (refusal.why === "placeholders") notice([customBody(arrival, body)], NOWHERE, env, ctx);
}

/** A push with the right token from an address that is not listed. */
export function tallyUnlisted(source: string, env: Env, ctx: Background): void {
  count(env, ctx, "unlisted_sources", {});
  notice([finding("source", source || "none", source)], NOWHERE, env, ctx);
}

/** The placeholder tells enough; what else such a body holds is whatever somebody has written into it. */
function customBody(arrival: Arrival, body: string): Finding {
  const [placeholder = ""] = /\{\{[^{}]*\}\}/.exec(body) ?? [];
  return finding("custom_body", webhookOf(arrival), placeholder);
}

function webhookOf({ destination }: Arrival): string {
  return destination.kind === "action" ? `/webhooks/action/${destination.action}` : "/webhooks/incident";
}

async function noticeDrift(event: Event, env: Env, ctx: Background): Promise<void> {
  // The answer goes out first; without a pause this would come before it.
  if (pace.is_automatic) await scheduler.wait(0);
  const body = withoutTokens(event.body, readSettings(env));
  notice(driftOf(event.event_type, body), event, env, ctx);
}

/** Counts what was found, and keeps what this isolate has not kept lately. Never throws. */
function notice(findings: readonly Finding[], where: typeof NOWHERE, env: Env, ctx: Background): void {
  for (const { kind } of findings) count(env, ctx, "drift", { kind });
  const now = Date.now();
  const fresh = unwritten(findings, now);
  if (fresh.length > 0) ctx.waitUntil(keepDrift(env.DB, fresh, where, now).catch(sayFailed));
}

function sayFailed(error: unknown): void {
  log("tally.failed", { error: wordsOf(error) });
}
