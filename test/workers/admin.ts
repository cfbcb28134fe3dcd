// The admin API as a person's tool reads it.
import { env, exports } from "cloudflare:workers";
import { expect } from "vitest";
import * as z from "zod";

/** A GET; without a token where it is null. */
export async function adminGet(path: string, token: string | null = env.ADMIN_TOKEN): Promise<Response> {
  const headers = new Headers(token === null ? {} : { Authorization: `Bearer ${token}` });
  return exports.default.fetch(`https://edge.example${path}`, { headers });
}

/** A request that carries JSON, with the right token; as text where it is none. */
export async function adminSend(method: "PUT" | "POST" | "DELETE", path: string, body: unknown): Promise<Response> {
  const headers = { Authorization: `Bearer ${env.ADMIN_TOKEN}`, "Content-Type": "application/json" };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return exports.default.fetch(`https://edge.example${path}`, { method, headers, body: text });
}

const Event = z.looseObject({
  event_id: z.string(),
  event_type: z.string(),
  address: z.string(),
  arrival: z.int(),
  progress: z.string(),
  claims_future: z.boolean(),
});

export const RunView = z.looseObject({
  run_id: z.string(),
  by: z.enum(["command", "rule"]),
  key: z.string(),
  state: z.string(),
  reason: z.string(),
  due_at: z.number().nullable(),
  failures: z.int(),
  trail: z.array(z.strictObject({ at: z.number(), what: z.string(), by: z.string(), text: z.string() })),
});

const IncidentView = z.strictObject({
  incident_id: z.string(),
  current_event_id: z.string(),
  incident: z.looseObject({ progress: z.string(), title: z.string() }).nullable(),
  opened_at: z.number(),
  left_out: z.strictObject({ events: z.int(), runs: z.int(), reports: z.int() }),
  events: z.array(Event.extend({ disposition: z.enum(["accepted", "stale"]) })),
  runs: z.array(RunView),
  reports: z.array(RunView.extend({ by: z.literal("report") })),
});

const EventView = Event.extend({ body: z.string(), push: z.looseObject({ event_id: z.string() }).nullable() });

const Quarantined = z.strictObject({
  id: z.string(),
  why: z.string(),
  detail: z.string(),
  path_and_query: z.string(),
  source: z.string(),
  first_at: z.number(),
  last_at: z.number(),
  times: z.int(),
  body_length: z.int(),
});

const QuarantineView = z.strictObject({
  items: z.array(Quarantined.extend({ body_head: z.string() })),
  next_cursor: z.string().nullable(),
});

const SwitchView = z.strictObject({
  stops: z.array(z.strictObject({ action: z.string().nullable(), by: z.string(), reason: z.string(), at: z.number() })),
  open_breakers: z.array(z.strictObject({ action: z.string(), opened_at: z.number(), reason: z.string() })),
  rulings: z.array(
    z.strictObject({
      at: z.number(),
      what: z.string(),
      action: z.string().nullable(),
      by: z.string(),
      reason: z.string(),
    }),
  ),
});

const EntryView = Quarantined.extend({ body: z.string() });

async function read<T extends z.ZodType>(schema: T, path: string): Promise<z.output<T>> {
  const response = await adminGet(path);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return schema.parse(JSON.parse(text));
}

export async function incidentView(incident_id: string) {
  return read(IncidentView, `/admin/api/incidents/${encodeURIComponent(incident_id)}`);
}

export async function eventView(incident_id: string, event_id: string) {
  return read(
    EventView,
    `/admin/api/incidents/${encodeURIComponent(incident_id)}/events/${encodeURIComponent(event_id)}`,
  );
}

export async function runView(run_id: string) {
  return read(RunView, `/admin/api/runs/${encodeURIComponent(run_id)}`);
}

export async function switchView() {
  return read(SwitchView, "/admin/api/switch");
}

/** The actions whose breakers are open. */
export async function openBreakers(): Promise<string[]> {
  return (await switchView()).open_breakers.map(({ action }) => action);
}

/** A change of the kill switch that is carried out; the switches afterwards. */
export async function switchTo(change: { action?: string; set: string; by: string; reason: string }) {
  const response = await adminSend("PUT", "/admin/api/switch", change);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return SwitchView.parse(JSON.parse(text));
}

export async function quarantineView(query = "") {
  return read(QuarantineView, `/admin/api/quarantine${query}`);
}

/** One entry of the quarantine, with its whole body. */
export async function entryView(id: string) {
  return read(EntryView, `/admin/api/quarantine/${encodeURIComponent(id)}`);
}

/** Of the newest hundred, those with exactly this body. */
export async function entriesOf(body: string) {
  const { items } = await quarantineView("?limit=100");
  const similar = items.filter(({ body_length }) => body_length === Array.from(body).length);
  const entries = await Promise.all(similar.map(async ({ id }) => entryView(id)));
  return entries.filter((entry) => entry.body === body);
}
