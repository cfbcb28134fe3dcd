// The Hono app: what is mounted where, and what answers when nothing is or something breaks.
import { Hono } from "hono";
import { admin } from "./admin/routes.ts";
import { readSettings, withoutTokens } from "./config.ts";
import { wordsOf } from "./domain/thrown.ts";
import { log } from "./log.ts";
import { problemOf, problemResponse } from "./problem.ts";
import { webhooks } from "./receive/routes.ts";

export const app = new Hono<{ Bindings: Env }>();

app.route("/webhooks", webhooks);
app.route("/admin", admin);

// Touches no storage, and tells a stranger nothing but whether it is up and set up.
app.get("/healthz", (c) => {
  const { faults } = readSettings(c.env);
  if (faults.length === 0) return c.json({ status: "ok" });
  log("settings.faulty", { faults });
  return c.json({ status: "not set up" }, 503);
});

app.notFound(() => problemResponse(problemOf("not_found", 404, "Not found", "There is nothing at this address.")));

app.onError((error, c) => {
  // What stands in an address by mistake must not stand in the log.
  const path = withoutTokens(c.req.path, readSettings(c.env));
  log("request.failed", { method: c.req.method, path, error: wordsOf(error) });
  return problemResponse(problemOf("failed", 500, "Something broke", "It is in the log."));
});
