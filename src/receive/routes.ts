// The two addresses that Flashduty calls; what comes to another one with the right token is a slip in its settings.
import { type Context, Hono } from "hono";
import { problemResponse } from "../problem.ts";
import type { Destination } from "./arrival.ts";
import { receive } from "./receive.ts";

type Receiving = Context<{ Bindings: Env }>;

export const webhooks = new Hono<{ Bindings: Env }>();
webhooks.all("/incident", async (c) => respond(c, { kind: "incident" }));
webhooks.all("/action/:action", async (c) => respond(c, { kind: "action", action: c.req.param("action") }));
webhooks.all("*", async (c) => respond(c, { kind: "nowhere" }));

async function respond(c: Receiving, destination: Destination): Promise<Response> {
  const answer = await receive(c.req.raw, destination, c.env, c.executionCtx);
  return "receipt" in answer ? c.json(answer.receipt) : problemResponse(answer.problem);
}
