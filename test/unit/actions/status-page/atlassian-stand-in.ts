// Atlassian Statuspage, reduced to the incidents of one page, as its published OpenAPI description tells them:
// https://developer.statuspage.io/ , version 1.0.0 (as kept by sbecker59/statuspage-api-client-go, read in November 2026).
import * as z from "zod";
import type { Asked, Said, StandIn } from "../play.ts";

const Status = z.enum(["investigating", "identified", "monitoring", "resolved"]);
const Level = z.enum(["operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage"]);
const Fields = z.object({
  name: z.string().min(1).max(255).optional(),
  status: Status.optional(),
  body: z.string().max(25_000).optional(),
  components: z.record(z.string(), Level).default({}),
  component_ids: z.array(z.string()).optional(),
  deliver_notifications: z.boolean().default(true),
  metadata: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});
type Fields = z.output<typeof Fields>;

export interface Entry {
  id: string;
  name: string;
  status: string;
  metadata: Record<string, Record<string, unknown>>;
  component_ids: string[];
  /** The newest first. */
  incident_updates: { status: string; body: string; deliver_notifications: boolean }[];
}

export const TOKEN = "89a229ce1a8dbcf9ff30430fbe35eb4c";
export const PAGE = "gytm4qzbx9t6";

/** A page with components `api` and `web`. `entries` are its incidents, the newest first. */
export function statuspageStandIn() {
  const entries: Entry[] = [];
  const levels = new Map([
    ["api", "operational"],
    ["web", "operational"],
  ]);
  const shown = ({ component_ids, ...entry }: Entry) => ({
    ...entry,
    impact: "critical",
    page_id: PAGE,
    shortlink: `https://stspg.io/${entry.id}`,
    scheduled_for: null,
    components: component_ids.map((id) => ({ id, name: id, status: levels.get(id), group: false })),
  });
  const change = (entry: Entry, { name, status, body, components, component_ids, metadata, ...rest }: Fields) => {
    entry.name = name ?? entry.name;
    entry.metadata = metadata ?? entry.metadata;
    entry.component_ids = component_ids ?? entry.component_ids;
    for (const [id, level] of Object.entries(components)) levels.set(id, level);
    entry.status = status ?? entry.status;
    if (status !== undefined || body !== undefined)
      entry.incident_updates.unshift({ status: entry.status, body: body ?? "", ...rest });
    return shown(entry);
  };
  const write = (json: unknown, entry: Entry | null): Said => {
    const read = z.object({ incident: Fields }).safeParse(json);
    if (!read.success) return { status: 422, json: { error: [z.prettifyError(read.error)] } };
    const { incident } = read.data;
    const strange = [...(incident.component_ids ?? []), ...Object.keys(incident.components)].find(
      (id) => !levels.has(id),
    );
    if (strange !== undefined) return { status: 422, json: { message: `Unknown component ${strange}` } };
    if (entry !== null) return { status: 200, json: change(entry, incident) };
    if (incident.name === undefined) return { status: 422, json: { message: "Name can't be blank" } };
    const made: Entry = {
      id: `p${entries.length + 1}`,
      name: "",
      status: "investigating",
      metadata: {},
      component_ids: [],
      incident_updates: [],
    };
    entries.unshift(made);
    return { status: 201, json: change(made, incident) };
  };
  const standIn: StandIn = ({ method, path, query, headers, json }: Asked): Said => {
    if (headers.get("Authorization") !== `OAuth ${TOKEN}`)
      return { status: 401, json: { error: "Could not authenticate" } };
    const [, id] = /^\/v1\/pages\/gytm4qzbx9t6\/incidents(?:\/([^/]+))?$/.exec(path) ?? [];
    const known = entries.find((entry) => entry.id === id);
    const is_list = path === `/v1/pages/${PAGE}/incidents`;
    if (is_list && method === "POST") return write(json, null);
    if (is_list && method === "GET")
      return { status: 200, json: entries.slice(0, Number(query.get("limit") ?? 100)).map(shown) };
    if (known === undefined) return { status: 404, json: { error: "not found" } };
    if (method === "GET") return { status: 200, json: shown(known) };
    if (method === "PATCH") return write(json, known);
    return { status: 404, json: { error: "not found" } };
  };
  return { standIn, entries, levels };
}
