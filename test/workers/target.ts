// The systems outside that an action calls, faked at `fetch`: the only thing that is faked for good.
import { vi } from "vitest";

/** One request that reached a target. */
export interface Called {
  method: string;
  url: string;
  redirect: string;
  headers: Record<string, string>;
  body: string;
}

/** Answers the runs of one incident, and records what they asked; everybody else's get a 204. `nth` counts from 1. */
export function fakeTarget(incident_id: string, answer: (nth: number) => Response | Promise<Response>): Called[] {
  const calls: Called[] = [];
  const elsewhere = vi.mocked(globalThis.fetch).getMockImplementation();
  vi.mocked(globalThis.fetch).mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const isOurs = request.headers.get("Idempotency-Key")?.startsWith(`${incident_id}:`) === true;
    // What was asked is read once: the body has moved to the new request.
    if (!isOurs) return elsewhere?.(request) ?? new Response(null, { status: 204 });
    const { method, url, redirect } = request;
    calls.push({ method, url, redirect, headers: Object.fromEntries(request.headers), body: await request.text() });
    return answer(calls.length);
  });
  return calls;
}

/** An agreeable answer. */
export const ok = () => new Response("done");
