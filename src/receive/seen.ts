// Pushes seen lately, in KV. It forgets, lags and cannot compare and set, so it never decides: a hit only lets the answer
// go out before a slow incident has given its own. What fails here costs nothing.
import { pushKey } from "../domain/event.ts";
import type { Event } from "../domain/event.ts";
import { Receipt } from "../domain/receipt.ts";
import { wordsOf } from "../domain/thrown.ts";
import { aboutEvent, log } from "../log.ts";

/** Flashduty repeats a push within seconds; a day covers what people do by hand. */
const KEPT_S = 24 * 60 * 60;

/** The receipt that the same push was given before, as that of a duplicate; null where KV does not know. */
export async function seenBefore(kv: KVNamespace, event: Event): Promise<Receipt | null> {
  try {
    const known = Receipt.safeParse(await kv.get(pushKey(event), "json"));
    return known.success ? { ...known.data, result: "duplicate" } : null;
  } catch (error) {
    log("seen.failed", { ...aboutEvent(event), error: wordsOf(error) });
    return null;
  }
}

/** Remembers a push that its incident has taken. */
export async function remember(kv: KVNamespace, event: Event, receipt: Receipt): Promise<void> {
  try {
    await kv.put(pushKey(event), JSON.stringify(receipt), { expirationTtl: KEPT_S });
  } catch (error) {
    log("seen.failed", { ...aboutEvent(event), error: wordsOf(error) });
  }
}
