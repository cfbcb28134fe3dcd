// The incidents of the stand-in: what is known of them, their custom fields and their timelines. Every write leaves an
// entry in the timeline, made by the owner of the key, because that is where a client finds out what it has done already.

import * as z from "zod";
import documented from "./fixtures/incident-info.json" with { type: "json" };
import { refused, route, text } from "./open-api-route.ts";
import type { Outcome, Route } from "./open-api-route.ts";

/** What is given about an incident; the rest of `/incident/info`'s answer is made up. Times are Unix seconds. */
export type IncidentFacts = {
  title?: string;
  progress?: "Triggered" | "Processing" | "Closed";
  incident_severity?: "Critical" | "Warning" | "Info";
  incident_status?: "Critical" | "Warning" | "Info" | "Ok";
  labels?: Record<string, string>;
  fields?: Record<string, unknown>;
  /** Any other documented property. */
  [documented: string]: unknown;
};

/** The JSON types that a custom field's value can have. */
export type FieldType = "string" | "number" | "boolean" | "list";

/** An entry of an incident's timeline. `creator_id`: 0 for the system. */
export type FeedEntry = { type: string; detail: Record<string, unknown>; creator_id: number; at_ms: number };

/** A comment as a test sees it. `by`: whose it is, by member id. */
export type CommentSeen = { comment: string; mute_reply: boolean; by: number; at_ms: number };

/** A write by which the account pushes: with what an event of the incident webhook is made of (push-body.ts). */
export type Written = {
  incident: string;
  event_type: "i_comm" | "i_r_field";
  at_ms: number;
  person: { person_id: number; person_name: string; email: string };
};

/** Whose account it is, and who is told of what is written with its key. */
export type Owned = {
  account_id: number;
  person: Written["person"];
  field_types: Readonly<Record<string, FieldType>>;
  onWrite: (written: Written) => void;
};

type Kept = { info: Record<string, unknown>; fields: Record<string, unknown>; feed: FeedEntry[] };

const INCIDENT_ID = /^[0-9a-f]{24}$/i;
const incident_id = z.string().regex(INCIDENT_ID);

const Comment = z.object({
  incident_ids: z.array(incident_id).min(1).max(100),
  comment: text(1024).optional(),
  mute_reply: z.boolean().optional(),
});
const Reset = z.object({ incident_id, field_name: z.string().min(1), field_value: z.unknown().optional() });
const Feed = z.object({
  incident_id,
  p: z.int().min(1).default(1),
  limit: z.int().min(1).max(100).default(20),
  asc: z.boolean().default(false),
  types: z.array(z.string()).default([]),
});

/** An incident like the documented one, which its alerts have just made. */
function made(incident_id: string, account_id: number, at_ms: number): Record<string, unknown> {
  const now_s = Math.floor(at_ms / 1000);
  const { channel_id } = documented.data;
  return {
    ...documented.data,
    incident_id,
    account_id,
    num: incident_id.slice(-6).toUpperCase(),
    start_time: now_s,
    last_time: now_s,
    created_at: now_s,
    updated_at: now_s,
    detail_url: `https://app.flashcat.cloud/incident/detail/${incident_id}`,
    silence_url: `https://app.flashcat.cloud/channel/detail/${channel_id}?tab=alertSuppression&fromIncidentId=${incident_id}`,
  };
}

function typeOf(value: unknown): string {
  return Array.isArray(value) ? "list" : typeof value;
}

/** The incidents, and the calls about them. */
export class Incidents {
  #kept = new Map<string, Kept>();
  #owned: Owned;

  constructor(owned: Owned) {
    this.#owned = owned;
  }

  add(incident_id: string, { fields = {}, ...facts }: IncidentFacts, at_ms: number): void {
    if (!INCIDENT_ID.test(incident_id))
      throw new Error(`${incident_id} is no incident id: it has 24 hexadecimal digits`);
    const info = { ...made(incident_id, this.#owned.account_id, at_ms), ...facts };
    const { incident_severity: severity, title } = info;
    const feed = [{ type: "i_new", detail: { severity, title }, creator_id: 0, at_ms }];
    this.#kept.set(incident_id, { info, fields: { ...fields }, feed });
  }

  change(incident_id: string, { fields = {}, ...facts }: IncidentFacts, at_ms: number): void {
    const kept = this.#known(incident_id);
    Object.assign(kept.info, { updated_at: Math.floor(at_ms / 1000) }, facts);
    Object.assign(kept.fields, fields);
  }

  note(incident_id: string, entry: FeedEntry): void {
    this.#known(incident_id).feed.push(entry);
  }

  /** In the order of their coming. */
  comments(incident_id: string): CommentSeen[] {
    const comments = this.#known(incident_id).feed.filter(({ type }) => type === "i_comm");
    return comments.map(({ detail: { comment, mute_reply }, creator_id, at_ms }) => ({
      comment: typeof comment === "string" ? comment : "",
      mute_reply: mute_reply === true,
      by: creator_id,
      at_ms,
    }));
  }

  fields(incident_id: string): Record<string, unknown> {
    return { ...this.#known(incident_id).fields };
  }

  routes(): Record<string, Route> {
    return {
      "/incident/info": route("POST", z.object({ incident_id }), (asked) => this.#info(asked.incident_id)),
      "/incident/comment": route("POST", Comment, (asked, at_ms) => this.#comment(asked, at_ms)),
      "/incident/field/reset": route("POST", Reset, (asked, at_ms) => this.#reset(asked, at_ms)),
      "/incident/feed": route("POST", Feed, (asked) => this.#page(asked)),
    };
  }

  /** For a test that names an incident which it never added. */
  #known(incident_id: string): Kept {
    const kept = this.#kept.get(incident_id);
    if (kept === undefined) throw new Error(`no incident ${incident_id} was added`);
    return kept;
  }

  #info(incident_id: string): Outcome {
    const kept = this.#kept.get(incident_id);
    return kept === undefined ? missing(incident_id) : { data: { ...kept.info, fields: kept.fields } };
  }

  #comment({ incident_ids, ...detail }: z.output<typeof Comment>, at_ms: number): Outcome {
    const unknown = incident_ids.find((incident_id) => !this.#kept.has(incident_id));
    if (unknown !== undefined) return missing(unknown);
    for (const incident_id of incident_ids) this.#wrote(incident_id, "i_comm", detail, at_ms);
    return { data: null };
  }

  #reset({ incident_id, field_name, field_value }: z.output<typeof Reset>, at_ms: number): Outcome {
    const kept = this.#kept.get(incident_id);
    if (kept === undefined) return missing(incident_id);
    const { field_types } = this.#owned;
    const type = Object.hasOwn(field_types, field_name) ? field_types[field_name] : undefined;
    if (type === undefined) return refused("InvalidParameter", `The account has no custom field ${field_name}.`);
    const to = field_value ?? null;
    if (to !== null && typeOf(to) !== type)
      return refused("InvalidParameter", `The custom field ${field_name} is a ${type}.`);
    kept.fields[field_name] = to;
    this.#wrote(incident_id, "i_r_field", { field_name, to }, at_ms);
    return { data: null };
  }

  #wrote(incident: string, type: Written["event_type"], detail: Record<string, unknown>, at_ms: number): void {
    const { person, onWrite } = this.#owned;
    this.note(incident, { type, detail, creator_id: person.person_id, at_ms });
    this.change(incident, {}, at_ms);
    if (detail["mute_reply"] !== true) onWrite({ incident, event_type: type, at_ms, person });
  }

  #page({ incident_id, p, limit, asc, types }: z.output<typeof Feed>): Outcome {
    const kept = this.#kept.get(incident_id);
    if (kept === undefined) return missing(incident_id);
    const oldest_first = kept.feed
      .filter(({ type }) => types.length === 0 || types.includes(type))
      .toSorted((one, other) => one.at_ms - other.at_ms);
    const all = asc ? oldest_first : oldest_first.toReversed();
    const items = all.slice((p - 1) * limit, p * limit).map(({ at_ms, ...entry }) => ({
      ...entry,
      ref_id: incident_id,
      account_id: this.#owned.account_id,
      created_at: at_ms,
      updated_at: at_ms,
    }));
    return { data: { has_next_page: all.length > p * limit, items } };
  }
}

function missing(incident_id: string): Outcome {
  return refused("ResourceNotFound", `The incident ${incident_id} does not exist.`);
}
