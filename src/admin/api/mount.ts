// Endpoints as routes: what is asked is handed over as it comes, what is answered goes out as JSON or as its problem.
import type { Context, Hono } from "hono";
import { problemOf, problemResponse } from "../../problem.ts";
import { readBody } from "../../receive/body.ts";
import { isRefused, type Unread } from "../endpoint.ts";
import { spanUnder } from "../../trace.ts";
import type { AdminEnv } from "../who.ts";
import type { Endpoints } from "./endpoints.ts";

/** Mounts them; at their addresses, other methods are refused. */
export function mount(app: Hono<AdminEnv>, endpoints: Endpoints): void {
  for (const { method, path, serve } of Object.values(endpoints))
    app.on(method, path, async (c) => {
      const answer = await serve({
        params: c.req.param(),
        query: c.req.query(),
        body: method === "GET" ? undefined : await jsonOf(c.req.raw.body),
        ...askedBy(c),
      });
      return isRefused(answer) ? problemResponse(answer.problem) : Response.json(answer);
    });
  for (const path of new Set(Object.values(endpoints).map((one) => one.path)))
    app.all(path, () => {
      const methods = Object.values(endpoints).flatMap((one) => (one.path === path ? [one.method] : []));
      const answer = problemResponse(
        problemOf("wrong_method", 405, "Method not allowed", `It is ${methods.join(" or ")}.`),
      );
      answer.headers.set("Allow", methods.join(", "));
      return answer;
    });
}

/** Who asks, and with what to answer. */
export function askedBy(c: Context<AdminEnv>): Pick<Unread, "who" | "span" | "env" | "ctx"> {
  const span = spanUnder(c.req.header("traceparent"));
  return { who: c.get("who"), span, env: c.env, ctx: c.executionCtx };
}

/** An empty body says nothing; what cannot be read is no object, and refused as such. */
async function jsonOf(stream: ReadableStream | null): Promise<unknown> {
  const { text, flaw } = await readBody(stream);
  if (flaw !== null) return null;
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return null;
  }
}
