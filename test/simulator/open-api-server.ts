// The stand-in on a port, for what can only be reached over the network: the receiver in its own process.

import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { OpenApi } from "./open-api.ts";

/** A stand-in that listens. `url`: what `FLASHDUTY_API_URL` is set to. */
export type OpenApiServer = {
  url: string;
  port: number;
  /** Closes every connection, hanging ones too. */
  close(): Promise<void>;
};

async function requestOf(incoming: IncomingMessage, signal: AbortSignal): Promise<Request> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) if (chunk instanceof Uint8Array) chunks.push(chunk);
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headersDistinct))
    for (const one of value ?? []) headers.append(name, one);
  const { method = "GET" } = incoming;
  // A request of the web has no body where its method is one of these.
  const body = method === "GET" || method === "HEAD" ? null : Buffer.concat(chunks);
  return new Request(new URL(incoming.url ?? "/", "http://open-api"), { method, headers, body, signal });
}

async function serve(api: OpenApi, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort());
  const response = await api.answer(await requestOf(incoming, gone.signal));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}

/** Serves a stand-in on 127.0.0.1; without `port`, on a free one. */
export async function serveOpenApi(api: OpenApi, options: { port?: number } = {}): Promise<OpenApiServer> {
  const server = createServer((incoming, outgoing) => {
    // The stand-in rejects where no answer is to come: the connection ends without one.
    serve(api, incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("the stand-in has no port");
  return {
    url: `http://127.0.0.1:${bound.port}`,
    port: bound.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
