// A system that an action calls (Rundeck, Argo CD, Prometheus …), on a port: what it answers is a function of what it is
// asked, so that each stand-in is as small as the part of its system that is used. It keeps all it was asked.

import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

/** One request, as the system sees it. */
export interface Asked {
  method: string;
  /** As it travels: still encoded, and without the query. */
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: string;
  /** The body as JSON; undefined where it is none. */
  json: unknown;
  /** The whole of it as a text: method, address, headers, body. */
  raw: string;
}

/** An answer; or a connection that stays open without one until the caller gives up, or is closed without one. */
export type Said =
  | { status: number; json?: unknown; text?: string; headers?: Readonly<Record<string, string>> }
  | "hangs"
  | "closes";

/** How a system behaves. A state of its own is a closure. */
export type StandIn = (asked: Asked) => Said;

export interface System {
  url: string;
  /** What came so far, in the order of arrival. */
  asked: readonly Asked[];
  /** Closes every connection, hanging ones too. */
  close(): Promise<void>;
}

/** Serves a stand-in on a free port of 127.0.0.1. */
export async function serveSystem(standIn: StandIn): Promise<System> {
  const asked: Asked[] = [];
  const take = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const request = await requestOf(incoming);
    asked.push(request);
    say(standIn(request), outgoing);
  };
  const server = createServer((incoming, outgoing) => {
    // A stand-in that breaks must not look like one that answers.
    take(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("the system has no port");
  const close = async () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${bound.port}`, asked, close };
}

async function requestOf(incoming: IncomingMessage): Promise<Asked> {
  const { method = "", url = "/" } = incoming;
  const body = await text(incoming);
  const { pathname: path, searchParams: query } = new URL(url, "http://system");
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct))
    for (const value of values ?? []) headers.append(name, value);
  const lines = [...headers].map(([name, value]) => `${name}: ${value}`);
  return {
    method,
    path,
    query,
    headers,
    body,
    json: jsonIn(body),
    raw: [`${method} ${url}`, ...lines, "", body].join("\n"),
  };
}

function say(said: Said, outgoing: ServerResponse): void {
  if (said === "hangs") return;
  if (said === "closes") {
    outgoing.destroy();
    return;
  }
  const content_type = said.text === undefined ? "application/json" : "text/plain; charset=utf-8";
  outgoing.writeHead(said.status, { "Content-Type": content_type, ...said.headers });
  outgoing.end(said.text ?? (said.json === undefined ? "" : JSON.stringify(said.json)));
}

function jsonIn(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
