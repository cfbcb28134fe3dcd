// Asks the incident what becomes of an event, and KV, at the same time, whether the same push was seen lately. The
// incident decides; a hit in KV only lets the answer of a slow one go out in time.
import { within } from "../deadline.ts";
import type { Event } from "../domain/event.ts";
import type { Asked } from "../domain/plan.ts";
import type { Receipt } from "../domain/receipt.ts";
import { incidentOf } from "../incident/stub.ts";
import { wordsOf } from "../domain/thrown.ts";
import { log } from "../log.ts";
import { seenBefore } from "./seen.ts";

/** The sender gives up after 1 s in one edition of its documents, and the network eats a part of that. */
const STORAGE_WITHIN_MS = 700;

export type Decision =
  | { by: "incident" | "seen"; receipt: Receipt }
  /** Neither answered in time. `taken` is the incident's answer, which may still come. */
  | { by: "nobody"; taken: Promise<Receipt> };

export async function decide(event: Event, asked: readonly Asked[], env: Env): Promise<Decision> {
  const taken = takeUp(event, asked, env);
  const byIncident = taken.then((receipt) => ({ by: "incident" as const, receipt }));
  const bySeen = seenBefore(env.SEEN, event).then((receipt) => {
    if (receipt === null) throw new Error("not seen lately");
    return { by: "seen" as const, receipt };
  });
  try {
    return await within(STORAGE_WITHIN_MS, "storage", Promise.any([byIncident, bySeen]));
  } catch (error) {
    const { incident_id, event_id } = event;
    log("storage.silent", { incident_id, event_id, error: wordsOf(error) });
    return { by: "nobody", taken };
  }
}

/** A call through a stub may throw at once; here that is a rejection like any other. */
async function takeUp(event: Event, asked: readonly Asked[], env: Env): Promise<Receipt> {
  return incidentOf(env, event.incident_id).receive(event, asked);
}
