// A Flashduty whose API quotes its calls, address and key included: to each path it first says all that is wrong, in the
// vendor's envelope or as a proxy does, and does well after that.

import type { OpenApi } from "../../simulator/open-api.ts";
import type { Asked } from "../../simulator/system.ts";
import { quoteOf } from "./echo.ts";
import type { Marks } from "./marks.ts";

export interface EchoingFlashduty {
  before: (api: OpenApi) => OpenApi;
  /** The paths that have not been answered in every way yet. */
  unserved: () => string[];
}

type Wrong = (quote: string) => Response;

const told = (status: number, code: string, message: string) =>
  Response.json({ request_id: message, error: { code, message } }, { status });

const WRONG: Wrong[] = [
  (quote) => told(400, "InvalidParameter", quote),
  (quote) => told(200, quote, quote),
  (quote) => told(401, "Unauthorized", quote),
  (quote) => told(429, "RequestTooFrequently", quote),
  (quote) => told(500, "InternalError", quote),
  (quote) => new Response(`<html><pre>${quote}</pre></html>`, { status: 502 }),
  (quote) =>
    new Response("", { status: 302, headers: { Location: `https://login.example/?${encodeURIComponent(quote)}` } }),
  (quote) =>
    Response.json({ request_id: quote, data: { progress: 1, change_id: quote, items: [{ change_id: quote }] } }),
  (quote) => Response.json({ [quote]: quote }),
  (quote) => new Response(quote),
];

/** The calls that runs and reports make by themselves; `/incident/feed` is called only where an answer was lost. */
const PATHS = [
  "/incident/info",
  "/incident/comment",
  ...["list", "create", "info", "timeline/create"].map((call) => `/status-page/change/${call}`),
];

export function echoingFlashduty(marks: Marks): EchoingFlashduty {
  const counts = new Map(PATHS.map((path) => [path, 0]));
  let turn = 0;
  const before = (api: OpenApi): OpenApi => ({
    ...api,
    answer: async (request) => {
      const { pathname: path } = new URL(request.url);
      const number = counts.get(path) ?? 0;
      counts.set(path, number + 1);
      const wrong = WRONG[number];
      if (wrong === undefined) return api.answer(request);
      turn += 1;
      return wrong(quoteOf(await askedBy(request), marks, turn));
    },
  });
  const unserved = () => PATHS.filter((path) => (counts.get(path) ?? 0) <= WRONG.length);
  return { before, unserved };
}

async function askedBy(request: Request): Promise<Asked> {
  const { method, url, headers } = request;
  const { pathname: path, search, searchParams: query } = new URL(url);
  const body = await request.clone().text();
  const lines = [...headers].map(([name, value]) => `${name}: ${value}`);
  const raw = [`${method} ${path}${search}`, ...lines, "", body].join("\n");
  return { method, path, query, headers, body, json: undefined, raw };
}
