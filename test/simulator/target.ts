// A system that an action calls (Rundeck, Statuspage, the vendor's own Open API …), reduced to what a test asks of it:
// it keeps what it was sent, and fails on order. It also counts how many requests with one Idempotency-Key were ever in
// progress together, because "two attempts of a run never overlap" can only be seen from the other end.

import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** A request as it came. `at_ms`: when, Unix milliseconds. A query's repeated name keeps its last value. */
export type TargetRequest = {
  at_ms: number;
  method: string;
  path: string;
  query: Record<string, string>;
  headers: IncomingHttpHeaders;
  body: string;
};

/** How a request is answered. Nothing given: 200 `{"ok":true}`. */
export type Behaviour = {
  status?: number;
  headers?: Record<string, string>;
  /** A text is sent as it is, anything else as JSON. */
  body?: unknown;
  /** Seconds, or an HTTP date: becomes `Retry-After`. */
  retry_after?: number | string;
  /** Waits so many milliseconds before anything else happens. */
  delay_ms?: number;
  /** Never answers, or never ends the answer it began, until the caller gives up or the target is closed. */
  hang?: "before_answer" | "in_answer";
  /** Closes the connection without an answer, or in the middle of one. */
  drop?: "before_answer" | "in_answer";
  /** Becomes `Location`, with status 302 where no other is given. */
  redirect_to?: string;
  /** Answers with so many bytes. */
  huge_bytes?: number;
  /** Answers with the request itself, as JSON. */
  echo?: boolean;
};

/** A path (`"/api/41/job"`), every path (`"*"`), or one `Idempotency-Key`. A key goes before a path, a path before `"*"`. */
export type Where = string | { key: string };

export type Filter = { path?: string; method?: string; key?: string };

export type Target = {
  url: string;
  port: number;
  /** What has come so far, in the order of arrival. */
  requests(filter?: Filter): TargetRequest[];
  /** Resolves as soon as `count` such requests have come; rejects after `within_ms` (default 10,000). */
  arrivals(count: number, filter?: Filter, within_ms?: number): Promise<TargetRequest[]>;
  /** Sets the behaviour. Of several, each request takes the next one, and the last one stays. */
  behave(where: Where, ...behaviours: Behaviour[]): void;
  /** The most requests with this `Idempotency-Key` that were in progress at the same time. */
  most_overlapping(key: string): number;
  /** Requests that have not been answered yet. */
  in_progress(): number;
  /** Forgets requests, overlaps and behaviours. */
  forget(): void;
  /** Closes every connection, hanging ones too. */
  close(): Promise<void>;
};

/** `count` times the same: `behave("/", ...times(3, { status: 503 }), {})` fails three times and then succeeds. */
export function times(count: number, behaviour: Behaviour): Behaviour[] {
  return Array.from({ length: count }, () => behaviour);
}

const longest_body_bytes = 8_388_608;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    if (length <= longest_body_bytes) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function keyOf(headers: IncomingHttpHeaders): string | undefined {
  const key = headers["idempotency-key"];
  return Array.isArray(key) ? key[0] : key;
}

/** Requests in progress by key, and the most there ever were. */
class Overlaps {
  #now = new Map<string, number>();
  #most = new Map<string, number>();

  begin(key: string): void {
    const count = (this.#now.get(key) ?? 0) + 1;
    this.#now.set(key, count);
    this.#most.set(key, Math.max(count, this.most(key)));
  }

  end(key: string): void {
    this.#now.set(key, (this.#now.get(key) ?? 1) - 1);
  }

  most(key: string): number {
    return this.#most.get(key) ?? 0;
  }

  /** The most is counted anew; what is in progress stays so. */
  forget(): void {
    this.#most = new Map(this.#now);
  }
}

/** The behaviours, by where they apply; each list is used up from its front. */
class Script {
  #lists = new Map<string, Behaviour[]>();

  set(where: Where, behaviours: Behaviour[]): void {
    this.#lists.set(typeof where === "string" ? where : `key ${where.key}`, [...behaviours]);
  }

  next(path: string, key: string | undefined): Behaviour {
    const list = this.#lists.get(`key ${key}`) ?? this.#lists.get(path) ?? this.#lists.get("*") ?? [];
    return (list.length > 1 ? list.shift() : list[0]) ?? {};
  }

  forget(): void {
    this.#lists.clear();
  }
}

function matches(request: TargetRequest, filter: Filter): boolean {
  return (
    (filter.path === undefined || request.path === filter.path) &&
    (filter.method === undefined || request.method === filter.method) &&
    (filter.key === undefined || keyOf(request.headers) === filter.key)
  );
}

function answerText(behaviour: Behaviour, request: TargetRequest): string {
  if (behaviour.huge_bytes !== undefined) return "x".repeat(behaviour.huge_bytes);
  const body = behaviour.echo ? request : (behaviour.body ?? { ok: (behaviour.status ?? 200) < 400 });
  return typeof body === "string" ? body : JSON.stringify(body);
}

function answer(response: ServerResponse, socket: Socket, behaviour: Behaviour, request: TargetRequest): void {
  if (behaviour.hang === "before_answer") return;
  if (behaviour.drop === "before_answer") {
    socket.end();
    return;
  }
  const text = answerText(behaviour, request);
  const { redirect_to, retry_after } = behaviour;
  response.writeHead(behaviour.status ?? (redirect_to === undefined ? 200 : 302), {
    "Content-Type": "application/json",
    "Content-Length": String(Buffer.byteLength(text)),
    ...(redirect_to !== undefined && { Location: redirect_to }),
    ...(retry_after !== undefined && { "Retry-After": String(retry_after) }),
    ...behaviour.headers,
  });
  if (behaviour.hang === undefined && behaviour.drop === undefined) {
    response.end(text);
    return;
  }
  // Half of what Content-Length has promised, and then nothing, or the end of the connection.
  response.write(text.slice(0, text.length / 2), () => {
    if (behaviour.drop) socket.end();
  });
}

/** Starts a target on 127.0.0.1; without `port`, on a free one. */
export async function startTarget(options: { port?: number } = {}): Promise<Target> {
  const kept: TargetRequest[] = [];
  const script = new Script();
  const overlaps = new Overlaps();
  const delays = new Set<NodeJS.Timeout>();
  const watchers = new Set<() => void>();
  let in_progress = 0;

  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const at_ms = Date.now();
    const address = new URL(request.url ?? "/", "http://target");
    const key = keyOf(request.headers);
    in_progress += 1;
    if (key !== undefined) overlaps.begin(key);
    response.once("close", () => {
      in_progress -= 1;
      if (key !== undefined) overlaps.end(key);
    });
    const seen: TargetRequest = {
      at_ms,
      method: request.method ?? "",
      path: address.pathname,
      query: Object.fromEntries(address.searchParams),
      headers: request.headers,
      body: await bodyOf(request),
    };
    kept.push(seen);
    const behaviour = script.next(seen.path, key);
    for (const watch of watchers) watch();
    if (!behaviour.delay_ms) {
      answer(response, request.socket, behaviour, seen);
      return;
    }
    const delay = setTimeout(() => {
      delays.delete(delay);
      if (!response.destroyed) answer(response, request.socket, behaviour, seen);
    }, behaviour.delay_ms).unref();
    delays.add(delay);
  };

  const server = createServer((request, response) => {
    // A caller that leaves in the middle of its own request is none of the target's business.
    take(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("the target has no port");

  const requests = (filter: Filter = {}) => kept.filter((request) => matches(request, filter));
  return {
    url: `http://127.0.0.1:${bound.port}`,
    port: bound.port,
    requests,
    arrivals: (count, filter = {}, within_ms = 10_000) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          watchers.delete(watch);
          reject(new Error(`${requests(filter).length} of ${count} requests came within ${within_ms} ms`));
        }, within_ms);
        const watch = () => {
          const come = requests(filter);
          if (come.length < count) return;
          clearTimeout(late);
          watchers.delete(watch);
          resolve(come);
        };
        watchers.add(watch);
        watch();
      }),
    behave: (where, ...behaviours) => script.set(where, behaviours),
    most_overlapping: (key) => overlaps.most(key),
    in_progress: () => in_progress,
    forget: () => {
      kept.length = 0;
      overlaps.forget();
      script.forget();
    },
    close: () =>
      new Promise((resolve) => {
        for (const delay of delays) clearTimeout(delay);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
