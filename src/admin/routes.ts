// The admin API: what is kept, straight from where it is kept.
import { Hono, type HonoRequest } from "hono";
import * as z from "zod";
import { parseRunId, runId } from "../domain/event.ts";
import { faultsOf } from "../fault.ts";
import { incidentOf } from "../incident/stub.ts";
import { log } from "../log.ts";
import { playbook } from "../playbook.ts";
import { problemOf, problemResponse } from "../problem.ts";
import { list, show } from "../receive/quarantine.ts";
import { guardOf } from "../runs/guard-stub.ts";
import { adminOnly } from "./auth.ts";
import { switchBody, switchView } from "./switch.ts";
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

const by = z.string().trim().min(1).max(100);
const Rulings = {
  approve: z.strictObject({ by }).transform((body) => ({ what: "approve" as const, ...body })),
  cancel: z
    .strictObject({ by, reason: z.string().trim().min(1).max(500) })
    .transform((body) => ({ what: "cancel" as const, ...body })),
  retry: z
    .strictObject({ by, override: z.boolean().default(false) })
    .transform((body) => ({ what: "retry" as const, by: body.by, overriding: body.override })),
};

for (const what of ["approve", "cancel", "retry"] as const)
  admin.post(`/api/runs/:run_id/${what}`, async (c) => {
    const body = Rulings[what].safeParse(await jsonOf(c.req));
    if (!body.success) return badBody(body.error);
    const ref = parseRunId(c.req.param("run_id"));
    if (ref === null || (await incidentOf(c.env, ref.incident_id).showRun(ref)) === null) return unknown("run");
    const ruled = await incidentOf(c.env, ref.incident_id).rule(ref, body.data);
    log("run.ruled", { run_id: runId(ref), what, by: body.data.by, done: "run" in ruled });
    if ("refused" in ruled) return problemResponse(problemOf("not_possible", 409, "Not possible", ruled.refused));
    return c.json(runView(ruled.run));
  });

admin.get("/api/switch", async (c) => c.json(switchView(await guardOf(c.env).switches())));

admin.put("/api/switch", async (c) => {
  const body = switchBody(Object.keys(playbook.actions)).safeParse(await jsonOf(c.req));
  if (!body.success) return badBody(body.error);
  const switches = await guardOf(c.env).change(body.data);
  const { action, set, by } = body.data;
  log("switch.changed", { action: action === "" ? "everything" : action, set, by });
  return c.json(switchView(switches));
});

/** What cannot be read is no object, and refused as such. */
async function jsonOf(request: HonoRequest): Promise<unknown> {
  return request.json<unknown>().catch(() => null);
}

function badBody(error: z.ZodError): Response {
  const detail = "Each fault is named in errors.";
  return problemResponse({ ...problemOf("bad_body", 400, "Wrong body", detail), errors: faultsOf(error) });
}

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
