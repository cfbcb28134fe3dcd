// The way of one call through the stand-in: it is noted, judged, fails where a test has ordered it, is carried out, and its
// answer is judged. A call is noted before anything can fail, so that a test sees the ones that nobody answered.

import { errorOf, fails, untilGivenUp } from "./open-api-behaviour.ts";
import { STATUS_OF, idsFrom } from "./open-api-route.ts";
import type { Account, ApiCall, Judge, Json } from "./open-api-account.ts";
import type { Behaviour, Script } from "./open-api-behaviour.ts";

const PROXY_PAGE = "<html><head><title>Bad Gateway</title></head><body><center>nginx</center></body></html>";

function read(text: string): Json {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return null;
  }
}

/** Where calls come in; it keeps them. */
export class Door {
  /** In the order of arrival. */
  readonly calls: ApiCall[] = [];
  /** A request that hangs is held here: nothing else holds it, and with it goes the signal that ends it. */
  readonly #hanging = new Set<Request>();
  readonly #request_id = idsFrom("01HK8XQE3Z7JM2NTFQ");
  readonly #inside: { account: Account; judge: Judge; script: Script; now: () => number };

  constructor(inside: { account: Account; judge: Judge; script: Script; now: () => number }) {
    this.#inside = inside;
  }

  /** As `fetch` would: rejects where no answer comes. */
  async answer(request: Request): Promise<Response> {
    const { account, judge, script, now } = this.#inside;
    const { pathname: path, searchParams } = new URL(request.url);
    const { app_key = null, ...query } = Object.fromEntries(searchParams);
    const call: ApiCall = { at_ms: now(), method: request.method, path, query, body: undefined, status: null };
    this.calls.push(call);
    const text = await request.text();
    const body = read(text);
    call.body = body === null ? text || undefined : body.json;
    judge.request(call, body);
    const behaviour = script.next(path);
    if (fails(behaviour) && !behaviour.done) return this.#failed(call, behaviour, request);
    const outcome = account.outcome(call, app_key, request.headers.get("Content-Type"), body);
    if (fails(behaviour)) return this.#failed(call, behaviour, request);
    return this.#told(call, "error" in outcome ? STATUS_OF[outcome.error.code] : 200, outcome);
  }

  async #failed(call: ApiCall, behaviour: Behaviour, request: Request): Promise<Response> {
    if (behaviour.no_answer === "closes") throw new TypeError("the connection ended without an answer");
    if (behaviour.no_answer === "hangs") {
      this.#hanging.add(request);
      return untilGivenUp(request.signal).finally(() => this.#hanging.delete(request));
    }
    const { status = 200, retry_after } = behaviour;
    const error = errorOf(behaviour);
    if (error !== null) return this.#told(call, status, { error }, retry_after);
    call.status = status;
    return new Response(PROXY_PAGE, { status, headers: { "Content-Type": "text/html" } });
  }

  #told(call: ApiCall, status: number, content: object, retry_after?: number | string): Response {
    const request_id = this.#request_id();
    const body = { request_id, ...content };
    this.#inside.judge.answer(call, status, body);
    call.status = status;
    const headers = new Headers({ "Content-Type": "application/json", "Flashcat-Request-Id": request_id });
    if (retry_after !== undefined) headers.set("Retry-After", String(retry_after));
    return new Response(JSON.stringify(body), { status, headers });
  }
}
