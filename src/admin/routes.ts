// The admin API: what is kept, straight from where it is kept.
import { Hono } from "hono";
import * as z from "zod";
import { parseRunId } from "../domain/event.ts";
import { faultsOf } from "../fault.ts";
import { incidentOf } from "../incident/stub.ts";
import { problemOf, problemResponse } from "../problem.ts";
import { list, show } from "../receive/quarantine.ts";
import { adminOnly } from "./auth.ts";
import { eventView, incidentView, runView } from "./view.ts";

export const admin = new Hono<{ Bindings: Env }>();
admin.use(adminOnly);

admin.get("/api/incidents/:incident_id", async (c) => {
  const incident_id = c.req.param("incident_id");
  const kept = await incidentOf(c.env, incident_id).show();
  return kept === null ? unknown("incident") : c.json(incidentView(incident_id, kept));
});

admin.get("/api/incidents/:incident_id/events/:event_id", async (c) => {
  const event = await incidentOf(c.env, c.req.param("incident_id")).showEvent(c.req.param("event_id"));
  return event === null ? unknown("event") : c.json(eventView(event));
});

admin.get("/api/runs/:run_id", async (c) => {
  const key = parseRunId(c.req.param("run_id"));
  const run = key && (await incidentOf(c.env, key.incident_id).showRun(key));
  return run === null ? unknown("run") : c.json(runView(run));
});

/** Where the last page ended: the time and the id of its last row. */
const Page = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z
    .string()
    .regex(/^\d{1,15}\.[0-9a-f]{32}$/, { error: "is not a cursor that this list has given" })
    .transform((cursor) => ({ last_at: Number(cursor.split(".")[0]), id: cursor.split(".")[1] ?? "" }))
    .optional(),
});

admin.get("/api/quarantine", async (c) => {
  const page = Page.safeParse(c.req.query());
  if (!page.success) {
    const detail = faultsOf(page.error).map(({ path, message }) => `${path}: ${message}`);
    return problemResponse(problemOf("bad_query", 400, "Wrong query", detail.join("; ")));
  }
  const { limit, cursor } = page.data;
  const items = await list(c.env.DB, cursor ?? null, limit);
  const last = items.length < limit ? undefined : items.at(-1);
  return c.json({ items, next_cursor: last === undefined ? null : `${last.last_at}.${last.id}` });
});

admin.get("/api/quarantine/:id", async (c) => {
  const kept = await show(c.env.DB, c.req.param("id"));
  return kept === null ? unknown("entry of the quarantine") : c.json(kept);
});

function unknown(what: string): Response {
  return problemResponse(
    problemOf("not_found", 404, `Unknown ${what}`, `There is no such ${what}, or it was forgotten.`),
  );
}
