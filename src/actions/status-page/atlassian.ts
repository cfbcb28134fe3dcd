// Atlassian Statuspage. https://developer.statuspage.io/ : "Create an incident", "Update an incident". An API key may ask
// once a second, as measured over a minute, so each run makes two requests: one that looks, and one that writes.
// What was said last, and for which incident, is kept in the entry's `metadata`: by it an entry is found whose answer was lost.
import * as z from "zod";
import type { Incident } from "../../flashduty/push.ts";
import { readStart } from "../answer.ts";
import type { Connector, Given } from "../connector.ts";
import { ComponentStatus, type Entry, EntryStatus, type Post, type Said, type StatusPageSpec } from "./decide.ts";
import { publish, type StatusPage, type Step } from "./publish.ts";
import { withoutTags } from "./text.ts";
import { type Asking, type Target, target } from "../target.ts";

/** The page's newest entries that are searched: with their updates they must fit into what is read of an answer. */
const SEARCHED = 20;

/** The vendor's words for what a component can be. */
const LEVELS: Readonly<Record<ComponentStatus, string>> = {
  operational: "operational",
  degraded: "degraded_performance",
  partial_outage: "partial_outage",
  full_outage: "major_outage",
};

/**
 * Needs `STATUSPAGE_TOKEN` (an API key of a user who may manage the page's incidents) and `STATUSPAGE_PAGE`; the ids of the
 * components it names by default come from `STATUSPAGE_COMPONENTS`.
 */
export function statuspage<Params>({ settings = "STATUSPAGE", ...spec }: StatusPageSpec = {}): Connector<Params> {
  const server = target(settings, {
    url: "https://api.statuspage.io",
    token: "required",
    authorize: (token) => ({ Authorization: `OAuth ${token}` }),
  });
  const [page, components] = [`${settings}_PAGE`, `${settings}_COMPONENTS`];
  return {
    name: `Statuspage (${settings})`,
    settings: [
      ...server.settings,
      { name: page, kind: "text", required: true },
      { name: components, kind: "text", required: false },
    ],
    repeatable: true,
    start: async (given) =>
      publish(spec, given, pageOf(server, given, given.settings[page] ?? "", given.settings[components] ?? "")),
  };
}

/** An entry as the vendor shows it: what it calls an incident. */
const Shown = z.object({
  id: z.string().min(1),
  status: z.string(),
  shortlink: z.string().nullish(),
  components: z.array(z.object({ id: z.string() })).nullish(),
  metadata: z.record(z.string(), z.json()).catch({}),
});
type Shown = z.output<typeof Shown>;

/** What is kept in an entry's metadata. */
const Kept = z.object({
  incident_id: z.string(),
  event_time: z.coerce.number(),
  status: EntryStatus,
  components: z.record(z.string(), ComponentStatus).catch({}),
  text: z.string(),
});

function pageOf<Params>(server: Target, given: Given<Params>, id: string, components: string): StatusPage {
  const { incident } = given;
  const ask = async (method: Asking["method"], path: readonly string[], rest: Pick<Asking, "query" | "json"> = {}) =>
    server.ask(given, { method, path: ["v1", "pages", id, "incidents", ...path], ...rest });
  /** What was there before, so that nobody else's metadata and components are lost. */
  const seen = new Map<string, Shown>();
  const entryOf = (shown: Shown): Entry => {
    seen.set(shown.id, shown);
    const ids = (shown.components ?? []).map((component) => component.id);
    const said = saidIn(shown, incident);
    return { id: shown.id, link: shown.shortlink ?? "", status: shown.status, components: ids, said };
  };
  return {
    id,
    components,
    plain: withoutTags,
    entry: async (entry_id) => {
      const answer = await ask("GET", [entry_id]);
      if (answer.kind === "answered" && answer.status === 404) return { ok: true, value: null };
      return map(readStart(answer, Shown), entryOf);
    },
    search: async () => {
      const newest = readStart(await ask("GET", [], { query: { limit: SEARCHED } }), z.array(Shown));
      return map(newest, (all) => all.map(entryOf).find(({ said }) => said !== null) ?? null);
    },
    create: async (post) => {
      const body = { name: post.title, ...update(post, incident, null) };
      return map(readStart(await ask("POST", [], { json: { incident: body } }), Shown), entryOf);
    },
    add: async (entry, post) => {
      const body = update(post, incident, seen.get(entry.id) ?? null);
      return map(readStart(await ask("PATCH", [entry.id], { json: { incident: body } }), Shown), entryOf);
    },
  };
}

function map<T, U>(reading: Step<T>, change: (value: T) => U): Step<U> {
  return reading.ok ? { ok: true, value: change(reading.value) } : reading;
}

function saidIn({ metadata }: Shown, { incident_id }: Incident): Said | null {
  const kept = Kept.safeParse(metadata[MARK]);
  return kept.success && kept.data.incident_id === incident_id ? kept.data : null;
}

/** Under this name in the metadata, whose values must be objects. */
const MARK = "flashduty";

function update(post: Post, { incident_id }: Incident, before: Shown | null) {
  const { event_time, status, components, text, notify } = post;
  const levels = Object.entries(components).map(([id, level]): [string, string] => [id, LEVELS[level]]);
  const affected = new Set([...(before?.components ?? []).map(({ id }) => id), ...Object.keys(components)]);
  return {
    status,
    body: text,
    // The list is the whole of what the entry affects; left out, it stays as it is.
    ...(levels.length > 0 && { components: Object.fromEntries<string>(levels), component_ids: [...affected] }),
    deliver_notifications: notify,
    metadata: { ...before?.metadata, [MARK]: { incident_id, event_time, status, components, text } },
  };
}
