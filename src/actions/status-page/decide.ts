// What becomes of a run at a status page, whoever hosts the page: a pure function of the run's own event, of what the page
// shows, and of what the last run left behind. How the page is reached is in publish.ts.
import * as z from "zod";
import type { Context } from "../../domain/playbook.ts";
import { orderTime } from "../../domain/order.ts";
import type { Values } from "../../domain/run.ts";
import { type EventType, PRESS } from "../../flashduty/event-type.ts";
import { textOf, titleOf, type Wording } from "./text.ts";

/** What an entry can be, in Flashduty's words; those that are not over come first. */
export const EntryStatus = z.enum(["investigating", "identified", "monitoring", "resolved"]);
export type EntryStatus = z.output<typeof EntryStatus>;

/** What a component can be, likewise. */
export const ComponentStatus = z.enum(["operational", "degraded", "partial_outage", "full_outage"]);
export type ComponentStatus = z.output<typeof ComponentStatus>;

/** What the playbook says of a status page; what it leaves out has a default. */
export interface StatusPageSpec extends Wording {
  /** The settings' prefix. */
  settings?: string;
  /** The page's status by the incident's progress. */
  statuses?: Readonly<Record<string, EntryStatus>>;
  /** The status of the affected components by the incident's severity. */
  severities?: Readonly<Record<string, Exclude<ComponentStatus, "operational">>>;
  /** The ids of the affected components. Where it names none, or is left out, those of the setting are. */
  components?: (context: Pick<Context, "incident">) => readonly string[];
  /** Whether the page's subscribers are told. By default they are. */
  notify?: boolean;
}

const STATUSES: Readonly<Record<string, EntryStatus>> = {
  Triggered: "investigating",
  Processing: "identified",
  Closed: "resolved",
};
const SEVERITIES: Readonly<Record<string, ComponentStatus>> = {
  Critical: "full_outage",
  Warning: "partial_outage",
  Info: "degraded",
};

/** What is said on a page, as of one event. */
export interface Said {
  /** The time (ms) that orders the event. */
  event_time: number;
  status: EntryStatus;
  /** The affected components by id. */
  components: Readonly<Record<string, ComponentStatus>>;
  /** As it is sent: nothing in it is markup any more. */
  text: string;
}

export interface Post extends Said {
  title: string;
  notify: boolean;
}

/** An incident's entry, as the page shows it now. */
export interface Entry {
  id: string;
  /** Where people see it; "" where the page does not tell. */
  link: string;
  status: string;
  /** The ids of the components it affects. */
  components: readonly string[];
  /** The newest of what was said by this project; null where the page holds none of it any more. */
  said: Said | null;
}

/** What the last run that succeeded for the incident has left behind about this page. */
export interface Earlier {
  /** "" where there was none. */
  entry: string;
  /** The time of the newest event that was dealt with; -Infinity where none was. */
  event_time: number;
  status: string;
}

export type Decision =
  | { kind: "create" }
  /** `reopens`: the entry was resolved. */
  | { kind: "add"; entry: Entry; post: Post; reopens: boolean }
  /** The page says it already. */
  | { kind: "nothing"; summary: string }
  | { kind: "skip"; reason: string };

/** What the incident, as the run's own event shows it, has to say; or why that cannot be told. */
export function postOf(
  spec: StatusPageSpec,
  context: Pick<Context, "event" | "incident"> & { planned_at: number },
  /** The ids of the components in the setting, separated by commas or blanks. */
  configured: string,
  plain: (text: string) => string,
): { ok: true; post: Post } | { ok: false; reason: string } {
  const { event, incident, planned_at } = context;
  const { progress, incident_severity } = incident;
  const status = ownOf({ ...STATUSES, ...spec.statuses }, progress);
  if (status === undefined)
    return { ok: false, reason: `the incident is "${progress}", for which the playbook names no status of the page` };
  const level = ownOf({ ...SEVERITIES, ...spec.severities }, incident_severity) ?? "degraded";
  const chosen = spec.components?.({ incident }) ?? [];
  const ids = chosen.length > 0 ? chosen : configured.split(/[\s,]+/).filter((id) => id !== "");
  const post: Post = {
    // The same for every attempt, and the order in which the incident itself sees its events.
    event_time: orderTime({ event_time: event.event_time, received_at: planned_at }),
    status,
    components: all(ids, status === "resolved" ? "operational" : level),
    title: titleOf(spec, incident),
    text: plain(textOf(spec, status, incident)),
    notify: spec.notify ?? true,
  };
  return { ok: true, post };
}

/** What is to be done. `entry` is null where the page has none for the incident. */
export function decide(post: Post, entry: Entry | null, earlier: Earlier, event_type: string): Decision {
  if (post.event_time < Math.max(earlier.event_time, entry?.said?.event_time ?? -Infinity))
    return { kind: "skip", reason: "the status page was brought up to date by a newer event already" };
  const is_press = event_type === PRESS;
  if (entry === null) return withoutEntry(post, earlier, is_press);
  const is_resolved = entry.status === "resolved";
  if (post.status === "resolved") {
    if (is_resolved) return { kind: "nothing", summary: "the status page's entry is resolved already" };
    const affected = entry.components.length > 0 ? entry.components : Object.keys(post.components);
    return { kind: "add", entry, post: { ...post, components: all(affected, "operational") }, reopens: false };
  }
  if (is_resolved) {
    const by_us = (entry.said?.status ?? earlier.status) === "resolved";
    if (by_us || is_press || event_type === REOPENED) return { kind: "add", entry, post, reopens: true };
    const reason = "a person has resolved the status page's entry by hand; press the button to open it again";
    return { kind: "skip", reason };
  }
  if (entry.said !== null && isSame(post, entry.said))
    return { kind: "nothing", summary: "the status page says so already; nothing was added" };
  return { kind: "add", entry, post, reopens: false };
}

const REOPENED: EventType = "i_reopen";

function withoutEntry(post: Post, earlier: Earlier, is_press: boolean): Decision {
  if (post.status === "resolved") {
    const words = "the incident is closed, and the status page has no entry for it";
    // That it was closed is remembered of a follow-up, so that an older press which comes late puts nothing up.
    return is_press ? { kind: "skip", reason: words } : { kind: "nothing", summary: words };
  }
  if (earlier.entry === "" || is_press) return { kind: "create" };
  return { kind: "skip", reason: "the status page's entry was deleted; press the button to put up a new one" };
}

/** Whether they say the same, whenever it was. A page may set line breaks of its own. */
function isSame(one: Said, other: Said): boolean {
  return gist(one) === gist(other);
}

function gist({ status, components, text }: Said): string {
  return JSON.stringify([status, Object.entries(components).toSorted(byName), text.replaceAll(/\s+/g, " ").trim()]);
}

function byName([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : 1;
}

function all(ids: readonly string[], status: ComponentStatus): Record<string, ComponentStatus> {
  return Object.fromEntries(ids.map((id) => [id, status]));
}

/** What the map has under the name itself, and not by being an object. */
function ownOf<T>(map: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

const Left = z.object({ page: z.string(), entry: z.string(), event_time: z.number(), status: z.string() });

/** What the last run left behind about the page of this id; nothing where it was about another. */
export function earlierOn(page: string, values: Values): Earlier {
  const left = Left.safeParse(values);
  return left.success && left.data.page === page ? left.data : { entry: "", event_time: -Infinity, status: "" };
}

/** What a run leaves behind for the next: the page and the entry, and what was said last. */
export function leaveBehind(page: string, entry: Pick<Entry, "id" | "said">, post: Post): Values {
  const { status, components, text } = entry.said ?? post;
  // No component at all is as good as all of them in order.
  const component_status = Object.values(components).find((one) => one !== "operational") ?? "operational";
  return { page, entry: entry.id, event_time: post.event_time, status, component_status, text };
}
