// Asks the incident what becomes of an event, and KV, at the same time, whether the same push was seen lately. The
// incident decides; a hit in KV only lets the answer of a slow one go out in time.
import { readSettings, withoutTokens } from "../config.ts";
import { within } from "../deadline.ts";
import type { Event } from "../domain/event.ts";
import type { Receipt } from "../domain/receipt.ts";
import { wordsOf } from "../domain/thrown.ts";
import type { Received } from "../incident/desk.ts";
import { incidentOf } from "../incident/stub.ts";
import { aboutEvent, log } from "../log.ts";
import type { Arrival } from "./arrival.ts";
import { keep } from "./quarantine.ts";
import type { Reading } from "./read.ts";
import { seenBefore } from "./seen.ts";

/** The sender gives up after 1 s in one edition of its documents, and the network eats a part of that. */
const STORAGE_WITHIN_MS = 700;
/** How long an incident may take to accept what was answered with 503, before that goes to the quarantine. */
const LATE_WITHIN_MS = 15_000;

export type Decision =
  | ({ by: "incident" } & Received)
  | { by: "seen"; receipt: Receipt }
  /** Neither answered in time. `received` is the incident's answer, which may still come. */
  | { by: "nobody"; received: Promise<Received> };

export async function decide({ event, asked, consent }: Reading, env: Env): Promise<Decision> {
  const received = receivedBy(env, { event, asked, consent });
  const byIncident = received.then((answer) => ({ by: "incident" as const, ...answer }));
  const bySeen = seenBefore(env.SEEN, event).then((receipt) => {
    if (receipt === null) throw new Error("not seen lately");
    return { by: "seen" as const, receipt };
  });
  try {
    return await within(STORAGE_WITHIN_MS, "storage", Promise.any([byIncident, bySeen]));
  } catch (error) {
    log("storage.failed", { ...aboutEvent(event), error: wordsOf(error) });
    return { by: "nobody", received };
  }
}

/** A call through a stub may throw at once; here that is a rejection like any other. */
export async function receivedBy(env: Env, { event, asked, consent }: Reading): Promise<Received> {
  const incident = incidentOf(env, event.incident_id);
  if (event.replayed_by !== undefined) return incident.receiveReplay(event, asked, consent);
  const is_plain = consent === null && asked.every(({ approval }) => approval === null);
  return is_plain ? incident.receive(event, asked) : incident.receiveWithConsent(event, asked, consent);
}

/** The 503 that went out promised nothing; but an event that its incident does not take after all is kept. */
export async function keepIfLost(received: Promise<Received>, arrival: Arrival, event: Event, env: Env): Promise<void> {
  try {
    await within(LATE_WITHIN_MS, "the incident", received);
  } catch (error) {
    const path_and_query = withoutTokens(arrival.path_and_query, readSettings(env));
    const kept = {
      ...arrival,
      path_and_query,
      why: "storage_silent" as const,
      detail: wordsOf(error),
      body: event.body,
    };
    await keep(env.DB, kept).catch((failure: unknown) => {
      log("quarantine.failed", { ...aboutEvent(event), error: wordsOf(failure) });
    });
  }
}
