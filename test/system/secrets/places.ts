// Where a secret could turn up: everything that the receiver has said, kept or sent.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { System } from "../../simulator/system.ts";
import type { Marks } from "./marks.ts";

/** A place that is searched. `kind`: by which a control is held to be found in each of them. */
export interface Place {
  kind: "log" | "answer to a push" | "answer to an admin" | "object" | "database" | "KV" | "Open API" | "target";
  /** In more words. */
  where: string;
  text: string;
}

/** A secret that turned up where it must not. */
export interface Leak {
  name: string;
  kind: Place["kind"];
  where: string;
  form: string;
  around: string;
}

/** Every mark in these places, each once for each kind of place and each form; `where` tells the first. */
export function leaksIn(places: readonly Place[], marks: Marks): Leak[] {
  const leaks = places.flatMap(({ kind, where, text }) =>
    marks.in(text).map((sighting): Leak => ({ ...sighting, kind, where })),
  );
  const alike = Map.groupBy(leaks, ({ name, kind, where, form }) =>
    [name, kind, form, kind === "target" ? where : ""].join(),
  );
  return [...alike.values()].flatMap(([first]) => first ?? []);
}

const Shown = z.object({
  events: z.array(z.object({ event_id: z.string() })),
  runs: z.array(z.object({ run_id: z.string() })),
  reports: z.array(z.object({ run_id: z.string() })),
});
const Kept = z.object({ items: z.array(z.object({ id: z.string() })) });

/** What the admin API answers about these incidents, their runs with their trails, the quarantine and the switch; and what it refuses. */
export async function adminAnswers(url: string, admin_token: string, incidents: readonly string[]): Promise<Place[]> {
  const places: Place[] = [];
  const ask = async (path: string, token = admin_token): Promise<unknown> => {
    const response = await fetch(url + path, { headers: { Authorization: `Bearer ${token}` } });
    const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`);
    const body = await response.text();
    places.push({ kind: "answer to an admin", where: `GET ${path}`, text: [...headers, body].join("\n") });
    return body.startsWith("{") ? JSON.parse(body) : null;
  };
  const about = async (incident_id: string) => {
    const path = `/admin/api/incidents/${encodeURIComponent(incident_id)}`;
    const { events = [], runs = [], reports = [] } = Shown.safeParse(await ask(path)).data ?? {};
    for (const { event_id } of events) await ask(`${path}/events/${encodeURIComponent(event_id)}`);
    for (const { run_id } of [...runs, ...reports]) await ask(`/admin/api/runs/${encodeURIComponent(run_id)}`);
  };
  for (let from = 0; from < incidents.length; from += AT_A_TIME)
    await Promise.all(incidents.slice(from, from + AT_A_TIME).map(about));
  const kept = Kept.safeParse(await ask("/admin/api/quarantine?limit=100"));
  for (const { id } of kept.data?.items ?? []) await ask(`/admin/api/quarantine/${id}`);
  await ask("/admin/api/switch");
  await ask("/admin/api/quarantine", "a-wrong-admin-token");
  await ask("/admin/api/nothing");
  await ask("/healthz");
  return places;
}

const AT_A_TIME = 16;

/** What Flashduty and the systems were asked. */
export function asked(calls: readonly string[], systems: Readonly<Record<string, System>>): Place[] {
  return [
    ...calls.map((text): Place => ({ kind: "Open API", where: text.split("\n", 1)[0] ?? "", text })),
    ...Object.entries(systems).flatMap(([prefix, system]) =>
      system.asked.map(({ raw }): Place => ({ kind: "target", where: prefix, text: raw })),
    ),
  ];
}

/** Every byte that survives in objects, D1 and KV. */
export function persisted(persist_to: string): Place[] {
  const folder = join(persist_to, "v3"); // beside it lie the settings, and what wrangler keeps for itself
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return files
    .map((file) => join(file.parentPath, file.name))
    .map((path) => ({ kind: kindOf(path), where: path.slice(folder.length + 1), text: readFileSync(path, "latin1") }));
}

function kindOf(path: string): Place["kind"] {
  if (path.includes("/d1/")) return "database";
  return path.includes("/kv/") ? "KV" : "object";
}
