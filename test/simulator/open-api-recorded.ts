// Every call to the Open API as a text, headers included, for a test that asks what else went there than was to go.

import type { OpenApi } from "./open-api.ts";

/** The stand-in, to be served in its place, and the calls that it gets: without `app_key`, which has to be in each address. */
export function recorded(api: OpenApi): { listening: OpenApi; calls: readonly string[] } {
  const calls: string[] = [];
  const answer = async (request: Request) => {
    const address = new URL(request.url);
    address.searchParams.delete("app_key");
    const headers = [...request.headers].map(([name, value]) => `${name}: ${value}`);
    const body = await request.clone().text();
    calls.push([`${request.method} ${address.pathname}${address.search}`, ...headers, "", body].join("\n"));
    return api.answer(request);
  };
  return { listening: { ...api, answer }, calls };
}
