// The two addresses that Flashduty calls.
import { type Context, Hono } from "hono";
import { problemResponse } from "../problem.ts";
import { receive } from "./receive.ts";

type Receiving = Context<{ Bindings: Env }>;

export const webhooks = new Hono<{ Bindings: Env }>();
webhooks.all("/incident", async (c) => respond(c, null));
webhooks.all("/action/:action", async (c) => respond(c, c.req.param("action")));

async function respond(c: Receiving, action: string | null): Promise<Response> {
  const answer = await receive(c.req.raw, action, c.env, c.executionCtx);
  return "receipt" in answer ? c.json(answer.receipt) : problemResponse(answer.problem);
}
