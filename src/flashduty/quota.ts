// The one object through which all runs share the account's quota. It gives places; who has one waits for it, and calls.
import { DurableObject } from "cloudflare:workers";
import { within } from "../deadline.ts";
import { wordsOf } from "../domain/thrown.ts";
import { type AboutAttempt, log } from "../log.ts";
import { nextPlace, PER_MINUTE } from "./place.ts";

/** A place that is further away is not given: who would wait so long comes again. */
const MOST_WAIT_MS = 3_000;
const ANSWER_WITHIN_MS = 2_000;
/** Where the object itself does not answer. */
const COME_AGAIN_MS = 5_000;

/** A place, to be waited for; or in how many milliseconds to come again. */
export type Place = { wait_ms: number } | { full_for_ms: number };

export class Quota extends DurableObject<Env> {
  take(): Place {
    const now = Date.now();
    const { kv } = this.ctx.storage;
    // Kept on disk: an object that starts anew must not begin to count anew.
    // Places of a clock that ran ahead for a while are none: they would keep everyone waiting until that time comes.
    const given = (kv.get<number[]>("given") ?? []).filter((at) => at <= now + MOST_WAIT_MS);
    const at = nextPlace(given, now);
    if (at - now > MOST_WAIT_MS) return { full_for_ms: at - now };
    kv.put("given", [...given, at].slice(-PER_MINUTE));
    return { wait_ms: at - now };
  }
}

/** Takes a place and waits for it: null when the call may go now, or in how many milliseconds to come again. */
export async function takePlace(env: Env, about: Partial<AboutAttempt> = {}): Promise<number | null> {
  let place: Place;
  try {
    place = await within(ANSWER_WITHIN_MS, "the quota", takeOnce(env));
  } catch (error) {
    log("quota.failed", { ...about, error: wordsOf(error) });
    return COME_AGAIN_MS;
  }
  if ("full_for_ms" in place) return place.full_for_ms;
  if (place.wait_ms > 0) await scheduler.wait(place.wait_ms);
  return null;
}

async function takeOnce(env: Env): Promise<Place> {
  return env.QUOTA.getByName("account").take();
}
