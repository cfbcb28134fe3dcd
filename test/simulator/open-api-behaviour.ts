// Failures on order. What matters about a failed call is whether it was carried out: after a lost answer it was, and a
// client that asks again without looking writes its comment twice.

import { STATUS_OF } from "./open-api-route.ts";
import type { ErrorCode } from "./open-api-route.ts";

/** How a call is answered. Nothing given: as documented. */
export type Behaviour = {
  /** 502 and 504 answer with a proxy's page, all others with an error in the envelope. */
  status?: number;
  /** The error's code. Without a status it comes in a 200, as some do; without a code it is the one that the status has. */
  code?: ErrorCode;
  /** Seconds, or an HTTP date: becomes `Retry-After`. */
  retry_after?: number | string;
  /** The connection ends without an answer, or stays open without one until the caller gives up. */
  no_answer?: "closes" | "hangs";
  /** Carries the call out before it fails: only the answer is lost. */
  done?: true;
};

/** `count` times the same: `behave("/incident/comment", ...times(2, { status: 502 }), {})` fails twice, then does well. */
export function times(count: number, behaviour: Behaviour): Behaviour[] {
  return Array.from({ length: count }, () => behaviour);
}

/** The behaviours by path, or `"*"` for every path without its own; each list is used up from its front, the last one stays. */
export class Script {
  #lists = new Map<string, Behaviour[]>();

  set(path: string, behaviours: readonly Behaviour[]): void {
    this.#lists.set(path, [...behaviours]);
  }

  next(path: string): Behaviour {
    const list = this.#lists.get(path) ?? this.#lists.get("*") ?? [];
    return (list.length > 1 ? list.shift() : list[0]) ?? {};
  }

  forget(): void {
    this.#lists.clear();
  }
}

/** Whether the call is to fail, in whatever way. */
export function fails({ status, code, no_answer }: Behaviour): boolean {
  return status !== undefined || code !== undefined || no_answer !== undefined;
}

/** The error that a failure on order tells; null for the page of a proxy, which knows nothing of the vendor's envelope. */
export function errorOf({ status = 200, code }: Behaviour): { code: string; message: string } | null {
  if (status === 502 || status === 504) return null;
  const usual = Object.entries(STATUS_OF).find(([, stands_for]) => stands_for === status)?.[0];
  return { code: code ?? usual ?? "InternalError", message: "Failed on order." };
}

/** Rejects as soon as the caller gives up; never, where nobody does. */
export function untilGivenUp(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const given_up = () => reject(signal.reason instanceof Error ? signal.reason : new Error("the caller gave up"));
    if (signal.aborted) given_up();
    else signal.addEventListener("abort", given_up, { once: true });
  });
}
