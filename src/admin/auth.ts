// Who may use the admin API: whoever carries the admin token.
import { createMiddleware } from "hono/factory";
import { readSettings, withoutTokens } from "../config.ts";
import { log } from "../log.ts";
import { problemOf, problemResponse } from "../problem.ts";
import { carriesToken } from "../receive/token.ts";

export const adminOnly = createMiddleware<{ Bindings: Env }>(async (c, next) => {
  const settings = readSettings(c.env);
  if (settings.admin_tokens.length === 0)
    return problemResponse(problemOf("not_set_up", 503, "The receiver is not set up", settings.faults.join("; ")));
  if (!(await carriesToken(c.req.raw, settings.admin_tokens))) {
    log("admin.refused", { source: c.req.header("CF-Connecting-IP"), path: withoutTokens(c.req.path, settings) });
    return problemResponse(problemOf("wrong_token", 401, "Wrong token", "Send Authorization: Bearer <ADMIN_TOKEN>"));
  }
  c.header("Cache-Control", "no-store");
  return next();
});
