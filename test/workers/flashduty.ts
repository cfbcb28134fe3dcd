// Flashduty's Open API as the Worker meets it at `fetch`: a stand-in that every call is held against the vendor's
// description by, where that is at hand. Importing this gives the Worker its key, for the whole file of tests.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, onTestFinished, vi } from "vitest";
import { learnOwnId } from "../../src/runs/flashduty.ts";
import { contractOf } from "../simulator/contract.ts";
import { createOpenApi, type OpenApi } from "../simulator/open-api.ts";
import type { Changes } from "./push.ts";
import type { Clock } from "./taken.ts";

export const APP_KEY = "an-app-key-that-only-tests-use";
// Objects and the queue's consumer see it too: settings are read from this very object.
Object.assign(env, { FLASHDUTY_APP_KEY: APP_KEY });

const description: unknown = JSON.parse(env.FLASHDUTY_DESCRIPTION);
const contract = description === null ? null : contractOf(description);

/** Of the person that the key belongs to: what this one does, the Worker does. */
export const OWN_ID = 2476444212131;

// The Worker asks once who it is, and remembers it: no test is to be the one in which it happens to ask.
beforeAll(async () => {
  const api = createOpenApi({ app_key: APP_KEY, now: Date.now, contract });
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => api.answer(new Request(input, init)));
  await learnOwnId(env);
  expect(api.calls()).toMatchObject([{ path: "/member/info", status: 200 }]);
  vi.restoreAllMocks();
});

/** Limits of time that requests were given, as `AbortSignal.timeout` gives them, until somebody waits for one. */
interface Limit {
  at: number;
  giver: AbortController;
}

/**
 * The account, for one test, by its clock. Where the stand-in is silent, the caller's time is up at once, and the clock
 * shows it. Whatever was asked and answered must have been as the vendor describes it.
 */
export function openAccount(clock: Clock, app_key = APP_KEY): OpenApi {
  const custom_fields = { cpu_at_incident: "number" as const };
  const api = createOpenApi({ app_key, now: () => clock.now, custom_fields, contract });
  const limits = holdLimits(clock);
  const elsewhere = vi.mocked(globalThis.fetch).getMockImplementation();
  vi.mocked(globalThis.fetch).mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    if (new URL(request.url).hostname === "api.flashcat.cloud") return api.answer(impatient(request, clock, limits));
    return elsewhere?.(request) ?? new Response(null, { status: 204 });
  });
  onTestFinished(() => {
    expect(api.violations).toEqual([]);
  });
  return api;
}

function holdLimits(clock: Clock): Limit[] {
  const limits: Limit[] = [];
  vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    const giver = new AbortController();
    limits.push({ at: clock.now + ms, giver });
    return giver.signal;
  });
  return limits;
}

/** A request whose caller gives up as soon as somebody looks whether it has: only a stand-in that is silent does. */
function impatient(request: Request, clock: Clock, limits: Limit[]): Request {
  const { signal } = request;
  const get = () => {
    limits.sort((one, other) => one.at - other.at);
    while (!signal.aborted) {
      const first = limits.shift();
      if (first === undefined) throw new Error("the request has no limit of time");
      clock.now = Math.max(clock.now, first.at);
      first.giver.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
    }
    return signal;
  };
  return Object.defineProperty(request, "signal", { get });
}

/** Changes settings for the object of an incident, until it is evicted; everything else goes on with what there was. */
export async function changeSettings(incident_id: string, changes: Changes): Promise<void> {
  await runInDurableObject(env.INCIDENT.getByName(incident_id), (object) => {
    Reflect.set(object, "env", { ...env, ...changes });
  });
}
