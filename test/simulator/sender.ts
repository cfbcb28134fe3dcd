// The Flashduty that pushes, with the manners of the real one: two seconds, 200 or nothing, and one retry after three
// faults only. A receiver tested with a forgiving client looks reliable; this one shows what it would have lost.
// Node's own http is used because it can tell the faults apart the way the vendor's Go client names them.

import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { setTimeout as pause } from "node:timers/promises";
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { pushText } from "./push-body.ts";

/**
 * Why an attempt brought no complete answer, as Go tells it:
 * - `deadline_awaiting_headers`: `context deadline exceeded … while awaiting headers`, a slow answer. Not retried.
 * - `deadline`: `context deadline exceeded … while reading body`. Retried.
 * - `io_timeout`: `dial` or `write`: `i/o timeout`. Retried.
 * - `eof`: `EOF`, `unexpected EOF`: closed without an answer, or in the middle of one. Retried.
 * - `refused`: no connection: `connection refused`, `no such host`, `no route to host`. Not retried.
 * - `broken`: `connection reset by peer`, `broken pipe`, `malformed HTTP response`. Not retried: none of the three.
 */
export type Fault = "deadline_awaiting_headers" | "deadline" | "io_timeout" | "eof" | "refused" | "broken";

/** What became of one push. Everything but `attempts` and `elapsed_ms` is of the last attempt. */
export type Delivery = {
  /** Whether a whole answer with status 200 came in time. */
  delivered: boolean;
  /** The status, where one was seen at all. */
  status: number | null;
  attempts: number;
  fault: Fault | null;
  /** The answer's body, as far as it came; at most 1 MiB of it. */
  body: string;
  /** From the start of the first attempt to the end of the last, in milliseconds. */
  elapsed_ms: number;
};

/** What is to be sent. A text as body goes out as it is, valid or not. */
export type Sendable = {
  /** Below `/webhooks/`, a query included: `incident`, `action/restart-host?dc=nj`. */
  address: string;
  body: unknown;
};

export type SenderOptions = {
  /** Where the Worker is: `http://127.0.0.1:8787`. */
  url: string;
  /** Becomes the custom header `Authorization: Bearer <token>`. Left out: no such header. */
  token?: string;
  /** Time for one attempt, in milliseconds: 2,000 (default), or 1,000 as another edition of the vendor's page says. */
  deadline_ms?: number;
  /**
   * The sender's address, sent as `CF-Connecting-IP`. Locally the header stands for the address from which a push comes;
   * a deployed Worker never sees it, because the edge writes its own. `null`: no such header.
   */
  source?: string | null;
  /** More custom headers. */
  headers?: Record<string, string>;
};

/** `concurrency`: so many at a time. `rate_per_s`: so many a second, however slow the answers are. */
export type Pace = { concurrency: number } | { rate_per_s: number };

export type Sender = {
  send(push: Sendable): Promise<Delivery>;
  /** Sends all in their order; the deliveries stand in the same order. */
  sendAll(pushes: readonly Sendable[], pace?: Pace): Promise<Delivery[]>;
  /** Closes the connections that are kept open. */
  close(): void;
};

/** One of the vendor's published addresses. */
export const published_source = "47.94.95.118";

const default_deadline_ms = 2_000;
const kept_answer_chars = 1_048_576;
const retried: ReadonlySet<Fault | null> = new Set<Fault | null>(["deadline", "io_timeout", "eof"]);

type Attempt = Pick<Delivery, "status" | "fault" | "body">;

function faultOf(error: unknown): Fault {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ECONNREFUSED":
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EADDRNOTAVAIL":
      return "refused";
    case "ETIMEDOUT":
      return "io_timeout";
    case "ECONNRESET":
      // Node gives an orderly close this code too; only a reset from the other side names the call it broke.
      return error instanceof Error && "syscall" in error ? "broken" : "eof";
    default:
      return "broken";
  }
}

type Stage = "sending" | "awaiting_headers" | "reading_body";

const deadline_faults: Record<Stage, Fault> = {
  sending: "io_timeout",
  awaiting_headers: "deadline_awaiting_headers",
  reading_body: "deadline",
};

function attempt(open: () => ClientRequest, text: string, deadline_ms: number): Promise<Attempt> {
  return new Promise((resolve) => {
    let stage: Stage = "sending";
    let status: number | null = null;
    let body = "";
    const request = open();
    const end = (fault: Fault | null) => {
      clearTimeout(deadline);
      resolve({ status, fault, body });
      if (fault !== null) request.destroy();
    };
    const deadline = setTimeout(() => end(deadline_faults[stage]), deadline_ms).unref();
    request.once("finish", () => {
      if (stage === "sending") stage = "awaiting_headers";
    });
    request.on("error", (error) => end(faultOf(error)));
    request.once("response", (response: IncomingMessage) => {
      stage = "reading_body";
      status = response.statusCode ?? null;
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        if (body.length < kept_answer_chars) body += chunk;
      });
      response.on("error", (error) => end(faultOf(error)));
      response.once("end", () => end(response.complete ? null : "eof"));
    });
    request.end(text);
  });
}

/** Runs `work` for 0 … `count` - 1, at most `concurrency` at a time. */
async function inTurns(count: number, concurrency: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const turn = async () => {
    while (next < count) {
      next += 1;
      await work(next - 1);
    }
  };
  await Promise.all(Array.from({ length: Math.min(Math.max(1, concurrency), count) }, turn));
}

/** Starts `work` for 0 … `count` - 1 at a steady rate, without waiting for what was started before. */
async function atRate(count: number, rate_per_s: number, work: (index: number) => Promise<void>): Promise<void> {
  const started_ms = performance.now();
  const running: Promise<void>[] = [];
  for (let index = 0; index < count; index += 1) {
    const early_ms = started_ms + (index * 1_000) / rate_per_s - performance.now();
    if (early_ms > 1) await pause(early_ms);
    running.push(work(index));
  }
  await Promise.all(running);
}

/** A Flashduty for one receiver. `close()` it at the end. */
export function createSender(options: SenderOptions): Sender {
  const { url, token, deadline_ms = default_deadline_ms, source = published_source } = options;
  const secure = new URL(url).protocol === "https:";
  const agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const base = url.replace(/\/+$/, "");
  const own_headers = {
    "Content-Type": "application/json",
    "User-Agent": "Go-http-client/1.1",
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    ...(source !== null && { "CF-Connecting-IP": source }),
    ...options.headers,
  };

  const send = async (push: Sendable): Promise<Delivery> => {
    const text = pushText(push.body);
    const to = new URL(`${base}/webhooks/${push.address}`);
    const headers = { ...own_headers, "Content-Length": String(Buffer.byteLength(text)) };
    const settings: RequestOptions = { method: "POST", agent, headers };
    const open = () => (secure ? httpsRequest(to, settings) : httpRequest(to, settings));
    const started_ms = performance.now();
    let attempts = 1;
    let last = await attempt(open, text, deadline_ms);
    if (retried.has(last.fault)) {
      attempts = 2;
      last = await attempt(open, text, deadline_ms);
    }
    const delivered = last.fault === null && last.status === 200;
    return { delivered, attempts, ...last, elapsed_ms: performance.now() - started_ms };
  };

  const sendAll = async (pushes: readonly Sendable[], pace: Pace = { concurrency: 8 }): Promise<Delivery[]> => {
    const deliveries: Delivery[] = [];
    const work = async (index: number) => {
      const push = pushes[index];
      if (push !== undefined) deliveries[index] = await send(push);
    };
    await ("concurrency" in pace
      ? inTurns(pushes.length, pace.concurrency, work)
      : atRate(pushes.length, pace.rate_per_s, work));
    return deliveries;
  };

  return { send, sendAll, close: () => agent.destroy() };
}
