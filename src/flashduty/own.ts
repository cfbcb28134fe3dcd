// Who the receiver is in Flashduty: the person of its key. What this person did, the receiver did itself, and a rule on it
// would feed itself. Asked once, then remembered.
import { type FlashdutyAccess, readSettings } from "../config.ts";
import { wordsOf } from "../domain/thrown.ts";
import { log } from "../log.ts";
import type { OpenApi } from "./open-api.ts";

const KEPT_S = 24 * 60 * 60;

/** By key. */
const known = new Map<string, string>();

/** The `person_id` of the receiver's own key, as far as this Worker knows it by now; "" where it does not. */
export function ownIdNow(env: Env): string {
  const { flashduty } = readSettings(env);
  return flashduty === null ? "" : (known.get(flashduty.app_key) ?? "");
}

/** The `person_id` of the receiver's own key; "" where there is no key, null where nobody answers. Never throws. */
export async function ownId(env: Env, api: OpenApi | null): Promise<string | null> {
  const { flashduty } = readSettings(env);
  if (flashduty === null || api === null) return "";
  const id = known.get(flashduty.app_key) ?? (await remembered(flashduty, env)) ?? (await asked(flashduty, api, env));
  if (id !== null) known.set(flashduty.app_key, id);
  return id;
}

/** Whether it is worth asking. */
export function isOwnIdKnown(env: Env): boolean {
  const { flashduty } = readSettings(env);
  return flashduty === null || known.has(flashduty.app_key);
}

async function remembered(access: FlashdutyAccess, env: Env): Promise<string | null> {
  try {
    return (await env.SEEN.get(await nameOf(access))) || null; // an empty one would be nobody for good
  } catch (error) {
    log("seen.failed", { error: wordsOf(error) });
    return null;
  }
}

async function asked(access: FlashdutyAccess, api: OpenApi, env: Env): Promise<string | null> {
  const reply = await api.member();
  if (!reply.ok) return null;
  try {
    await env.SEEN.put(await nameOf(access), reply.data, { expirationTtl: KEPT_S });
  } catch (error) {
    log("seen.failed", { error: wordsOf(error) });
  }
  return reply.data;
}

/** Another key is another person; the key itself is nobody's business. */
async function nameOf({ app_key }: FlashdutyAccess): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(app_key));
  return `own-person:${Array.from(new Uint8Array(digest, 0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
