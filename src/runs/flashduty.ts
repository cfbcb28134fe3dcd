// Flashduty's own API, as runs and their checks reach it.
import { readSettings } from "../config.ts";
import { type OpenApi, openApi } from "../flashduty/open-api.ts";
import { ownId } from "../flashduty/own.ts";
import { takePlace } from "../flashduty/quota.ts";
import type { AboutAttempt } from "../log.ts";
import { hiding } from "../secret.ts";
import { type Call, caller } from "./http.ts";

const LEARN_WITHIN_MS = 10_000;

/** The receiver's own credential for Flashduty's API, to be hidden; none where there is none. */
export function keysOf(env: Env): string[] {
  const { flashduty } = readSettings(env);
  return flashduty === null ? [] : [flashduty.app_key];
}

/** Flashduty's own API, by that way out, for a run or for none; null where there is no key for it. */
export function flashdutyBy(call: Call, env: Env, about: Partial<AboutAttempt> = {}): OpenApi | null {
  const { flashduty } = readSettings(env);
  return flashduty === null ? null : openApi(flashduty, call, async () => takePlace(env, about));
}

/** Finds out who the receiver is in Flashduty, for the pushes that are still to come. Never throws. */
export async function learnOwnId(env: Env): Promise<void> {
  const call = caller({ deadline_at: Date.now() + LEARN_WITHIN_MS, services: {}, hide: hiding(keysOf(env)) });
  await ownId(env, flashdutyBy(call, env));
}
