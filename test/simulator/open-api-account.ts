// The two that see every call: the account behind the key, which lets it in or not, and the judge, who holds it against the
// contract.

import { Limits } from "./open-api-limits.ts";
import { refused } from "./open-api-route.ts";
import type { Contract } from "./contract.ts";
import type { Outcome, Route } from "./open-api-route.ts";

/** A call as it came, without its key. `body`: its JSON's value, or the text where it is none. `status`: null where no answer came. */
export type ApiCall = {
  at_ms: number;
  method: string;
  path: string;
  query: Record<string, string>;
  body: unknown;
  status: number | null;
};

/** A body of JSON, in a box, because its value can be anything; null where it is no JSON. */
export type Json = { json: unknown } | null;

/** The account behind the key: what it lets in, and what a call to it comes to. */
export class Account {
  #limits = new Limits();
  #routes: ReadonlyMap<string, Route>;
  #app_key: string;
  #is_limited: boolean;

  constructor(routes: Record<string, Route>, { app_key, limits }: { app_key: string; limits: boolean }) {
    this.#routes = new Map(Object.entries(routes));
    this.#app_key = app_key;
    this.#is_limited = limits;
  }

  outcome(call: ApiCall, key: string | null, content_type: string | null, body: Json): Outcome {
    const known = this.#routes.get(call.path);
    if (known === undefined) return refused("RouteNotFound", "The requested route does not exist.");
    if (call.method !== known.method) return refused("MethodNotAllowed", "The method is not allowed.");
    if (key !== this.#app_key) return refused("Unauthorized", "You are unauthorized.");
    if (this.#is_limited && !this.#limits.take(call.at_ms))
      return refused("RequestTooFrequently", "Request too frequently.");
    if (known.method === "GET") return known.answer(call.query, call.at_ms);
    if (!/^application\/json\s*(?:;|$)/i.test(content_type ?? ""))
      return refused("InvalidContentType", "The Content-Type is not application/json.");
    return known.answer(body?.json, call.at_ms);
  }
}

/** Judges both sides of every call, where there is a contract. */
export class Judge {
  readonly violations: string[] = [];
  #contract: Contract | null;

  constructor(contract: Contract | null) {
    this.#contract = contract;
  }

  request({ method, path, query }: ApiCall, body: Json): void {
    const faults = this.#contract?.request({ method, path, query, ...(body && { body: body.json }) }) ?? [];
    this.violations.push(...faults.map((fault) => `request ${method} ${path} ${fault}`));
  }

  answer({ method, path }: ApiCall, status: number, body: unknown): void {
    const faults = this.#contract?.answer({ method, path, status, body }) ?? [];
    this.violations.push(...faults.map((fault) => `answer ${method} ${path} ${fault}`));
  }
}
