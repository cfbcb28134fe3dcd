// Flashduty's own status page. https://docs.flashcat.cloud/en/on-call/statuspage/publish-events
// It has no field for a foreign id, so each text ends with a line that names the incident and the event's time. By it an
// entry is found whose answer was lost, and what people have written on the page is told from what was written here.
import * as z from "zod";
import type { Incident } from "../../flashduty/push.ts";
import type { Change, OpenApi, Reply } from "../../flashduty/open-api.ts";
import type { Connector } from "../connector.ts";
import { ComponentStatus, type Entry, EntryStatus, type Post, type Said, type StatusPageSpec } from "./decide.ts";
import { publish, type StatusPage, type Step } from "./publish.ts";
import { plainMarkdown } from "./text.ts";

/** Resolved entries are looked at from a day before the incident on: a page keeps all it ever had. */
const BEFORE_INCIDENT_S = 24 * 60 * 60;

/**
 * Needs `FLASHDUTY_APP_KEY` (with the right to manage the status pages' events), `FLASHDUTY_PAGE_ID`, and the components'
 * ids in `FLASHDUTY_PAGE_COMPONENTS`, unless the playbook names them.
 */
export function flashdutyStatusPage<Params>({
  settings: prefix = "FLASHDUTY_PAGE",
  ...spec
}: StatusPageSpec = {}): Connector<Params> {
  const [page, components] = [`${prefix}_ID`, `${prefix}_COMPONENTS`];
  const remedy = `${page} must be the page's id, a whole number; set it under [vars] in wrangler.toml`;
  return {
    name: `Flashduty status page (${prefix})`,
    settings: [
      { name: page, kind: "text", required: true },
      { name: components, kind: "text", required: spec.components === undefined },
      { name: "FLASHDUTY_APP_KEY", kind: "secret", required: true, shared: true },
    ],
    lacks: (settings) => (Number.isSafeInteger(pageId(settings[page])) ? null : remedy),
    repeatable: true,
    start: async (given) => {
      const { flashduty, incident, settings } = given;
      if (flashduty === null)
        return { kind: "failed", reason: "there is no usable key for Flashduty's API; see FLASHDUTY_APP_KEY" };
      return publish(spec, given, pageOf(flashduty, pageId(settings[page]), settings[components] ?? "", incident));
    },
  };
}

function pageId(setting = ""): number {
  return /^\d+$/.test(setting) ? Number(setting) : Number.NaN;
}

function pageOf(api: OpenApi, page_id: number, components: string, { incident_id, start_time }: Incident): StatusPage {
  return {
    id: String(page_id),
    components,
    plain: plainMarkdown,
    entry: async (id) => {
      const reply = await api.change(page_id, Number(id));
      if (!reply.ok && reply.code === "ResourceNotFound") return { ok: true, value: null };
      return reply.ok ? { ok: true, value: entryOf(reply.data, incident_id) } : reply;
    },
    search: async () => {
      const since_s = start_time > 0 ? start_time - BEFORE_INCIDENT_S : undefined;
      const lists = EntryStatus.options.map(async (status) =>
        api.changes(page_id, status, status === "resolved" ? since_s : undefined),
      );
      const entries: Entry[] = [];
      for (const reply of await Promise.all(lists)) {
        if (!reply.ok) return reply;
        entries.push(...reply.data.map((change) => entryOf(change, incident_id)));
      }
      return { ok: true, value: entries.find(({ said }) => said !== null) ?? null };
    },
    create: async (post) => {
      const { title, status, notify } = post;
      const component_changes = changesOf(post);
      if (component_changes.length === 0) return failed("Flashduty's status page takes no entry without a component");
      const description = marked(post, incident_id);
      const update = { status, description, component_changes };
      const change = { page_id, title, description, status, update, notify_subscribers: notify };
      const reply = await api.createChange(change);
      return written(reply, (data) => String(data.change_id));
    },
    add: async ({ id }, post) => {
      const description = marked(post, incident_id);
      const component_changes = changesOf(post);
      const entry = { page_id, change_id: Number(id), status: post.status, description, component_changes };
      return written(await api.addToTimeline(entry), () => id);
    },
  };
}

function failed(reason: string): Step<never> {
  return { ok: false, outcome: { kind: "failed", reason } };
}

function written<T>(reply: Reply<T>, idIn: (data: T) => string): Step<Pick<Entry, "id" | "link">> {
  return reply.ok ? { ok: true, value: { id: idIn(reply.data), link: "" } } : reply;
}

function changesOf({ components }: Post): { component_id: string; status: ComponentStatus }[] {
  return Object.entries(components).map(([component_id, status]) => ({ component_id, status }));
}

/** The text with its mark. The incident's id is percent-encoded, so that nothing in it is markup. */
function marked({ text, event_time }: Post, incident_id: string): string {
  return `${text}\n\nref:${inMark(incident_id)}-${event_time.toString(36)}`;
}

function inMark(incident_id: string): string {
  return encodeURIComponent(incident_id).replaceAll(
    /[-_.*~!'()]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const MARK = /\bref:([\w%]+)-([0-9a-z]{1,11})\s*$/;
const SaidOnPage = z.object({
  status: EntryStatus,
  components: z.record(z.string(), ComponentStatus),
});

function entryOf(change: Change, incident_id: string): Entry {
  const { change_id, status, description, affected_components, updates } = change;
  const first = { status, description, component_changes: affected_components };
  const ours = [first, ...updates].flatMap((update) => saidIn(update, status, incident_id));
  return {
    id: String(change_id),
    link: "",
    status,
    components: affected_components.map(({ component_id }) => component_id).filter((id) => id !== ""),
    // What is told by the timeline goes before the entry's own description, which may lag behind it or not.
    said: ours.reduce<Said | null>(
      (best, one) => (best === null || one.event_time >= best.event_time ? one : best),
      null,
    ),
  };
}

function saidIn(update: Change["updates"][number], of_entry: string, incident_id: string): Said[] {
  const mark = MARK.exec(update.description);
  if (mark === null || mark[1] !== inMark(incident_id)) return [];
  const text = update.description.slice(0, mark.index);
  const components = Object.fromEntries(update.component_changes.map((one) => [one.component_id, one.status]));
  const read = SaidOnPage.safeParse({ status: update.status || of_entry, components });
  return read.success ? [{ ...read.data, text, event_time: Number.parseInt(mark[2] ?? "", 36) }] : [];
}
