// The two addresses that Flashduty calls; what comes to another one with the right token is a slip in its settings.
import { Hono } from "hono";
import { problemResponse } from "../problem.ts";
import { destinationOf } from "./arrival.ts";
import { receive } from "./receive.ts";

export const webhooks = new Hono<{ Bindings: Env }>();
webhooks.all("*", async (c) => {
  const { pathname } = new URL(c.req.url);
  const answer = await receive(c.req.raw, destinationOf(pathname), c.env, c.executionCtx);
  return "receipt" in answer ? c.json(answer.receipt) : problemResponse(answer.problem);
});
