// Flashduty's Open API, as far as it is used here. https://docs.flashcat.cloud/en/flashduty/openapi
// The key travels in the address; the way out takes it out of whatever comes back.
import * as z from "zod";
import type { FlashdutyAccess } from "../config.ts";
import { type Outcome } from "../domain/run.ts";
import { jsonIn } from "../json.ts";
import type { Answer, Call } from "../runs/http.ts";

/** What the API answered; or why it did not, as what an attempt comes to by it. `code` is the vendor's, where it gave one. */
export type Reply<T> =
  | { ok: true; data: T; request_id: string }
  | { ok: false; code: string | null; outcome: Extract<Outcome, { reason: string }> };

/** Takes a place in the account's quota: null when it is given, or in how many milliseconds to come again. */
export type TakePlace = () => Promise<number | null>;

const IncidentNow = z.object({ progress: z.string() });
/** A 64-bit id: as text, for a number of JavaScript holds only 53 bits of it. */
const Member = z
  .object({ member_id: z.union([z.int(), z.string().regex(/^\d{1,20}$/)]) })
  .transform(({ member_id }) => String(member_id));
const Done = z.unknown().transform(() => null);
const Feed = z.object({
  items: z.array(z.object({ detail: z.object({ comment: z.string().catch("") }).nullish() })).nullish(),
});

/** Statuses are the vendor's words: what they are is written down where it is decided what is said on a page. */
interface ComponentChange {
  component_id: string;
  status: string;
}

const ComponentsOfChange = z
  .array(z.object({ component_id: z.string().catch(""), status: z.string() }))
  .nullish()
  .transform((list) => list ?? []);

/** An entry of a status page, with its timeline; an update's status is "" where it did not change the entry's. */
const Change = z.object({
  change_id: z.int(),
  description: z.string().catch(""),
  status: z.string().catch(""),
  affected_components: ComponentsOfChange,
  updates: z
    .array(
      z.object({
        status: z.string().catch(""),
        description: z.string().catch(""),
        component_changes: ComponentsOfChange,
      }),
    )
    .nullish()
    .transform((list) => list ?? []),
});
export type Change = z.output<typeof Change>;
const Changes = z.object({ items: z.array(Change).nullish() }).transform(({ items }) => items ?? []);
const CreatedChange = z.object({ change_id: z.int() });

interface NewChange {
  page_id: number;
  title: string;
  description: string;
  status: string;
  /** The first entry of its timeline. */
  update: { status?: string; description: string; component_changes: ComponentChange[] };
  notify_subscribers: boolean;
}

interface TimelineEntry {
  page_id: number;
  change_id: number;
  status: string;
  description: string;
  component_changes: ComponentChange[];
}

/** Feed pages hold 100 entries at most. */
const FEED_PAGE = 100;
/** The vendor asks for a second at least after `RequestTooFrequently`. */
const TOO_FREQUENT_MS = 1_000;
const NOT_NOW = new Set(["RequestTooFrequently", "RequestLocked", "ServiceUnavailable"]);

export type OpenApi = ReturnType<typeof openApi>;

/** The calls. Each takes a place in the quota first, and is `held` where there is none for the time being. */
export function openApi({ url, app_key }: FlashdutyAccess, call: Call, takePlace: TakePlace) {
  const ask = async <T>(
    method: "GET" | "POST",
    only_reads: boolean,
    path: string,
    input: object,
    schema: z.ZodType<T>,
  ) => {
    const busy_ms = await takePlace();
    if (busy_ms !== null) return refused({ kind: "held", reason: "Flashduty's quota is used up", after_ms: busy_ms });
    const address = new URL(url);
    address.pathname = address.pathname.replace(/\/$/, "") + path;
    address.searchParams.set("app_key", app_key);
    const headers = new Headers({ Accept: "application/json", "User-Agent": "flashduty-edge" });
    if (method === "POST") headers.set("Content-Type", "application/json");
    else for (const [name, value] of Object.entries(input)) address.searchParams.set(name, String(value));
    const body = method === "POST" ? JSON.stringify(input) : undefined;
    return read(await call({ method, url: address, headers, body, only_reads }), schema);
  };
  const get = async <T>(path: string, input: object, schema: z.ZodType<T>) => ask("GET", true, path, input, schema);
  // Most of what only reads is a POST as well.
  const query = async <T>(path: string, input: object, schema: z.ZodType<T>) => ask("POST", true, path, input, schema);
  const post = async <T>(path: string, input: object, schema: z.ZodType<T>) => ask("POST", false, path, input, schema);
  return {
    /** Whose key it is: the `person_id` of pushes about what was done with it. */
    member: async () => query("/member/info", {}, Member),
    /** The incident as it is now. */
    incident: async (incident_id: string) => query("/incident/info", { incident_id }, IncidentNow),
    /** Adds a comment, 1,024 characters at most, that triggers no webhook reply. */
    comment: async (incident_id: string, comment: string) =>
      post("/incident/comment", { incident_ids: [incident_id], comment, mute_reply: true }, Done),
    /** The newest comments, 100 at most. */
    comments: async (incident_id: string): Promise<Reply<string[]>> => {
      const input = { incident_id, p: 1, limit: FEED_PAGE, asc: false, types: ["i_comm"] };
      return query(
        "/incident/feed",
        input,
        Feed.transform(({ items }) => (items ?? []).map(({ detail }) => detail?.comment ?? "")),
      );
    },
    /** Sets a custom field; its name must exist in the account. */
    resetField: async (incident_id: string, field_name: string, field_value: string | number | boolean) =>
      post("/incident/field/reset", { incident_id, field_name, field_value }, Done),
    createChange: async ({ update, ...change }: NewChange) =>
      post("/status-page/change/create", { ...change, type: "incident", updates: [update] }, CreatedChange),
    addToTimeline: async (entry: TimelineEntry) => post("/status-page/change/timeline/create", entry, Done),
    /** One entry of a status page. */
    change: async (page_id: number, change_id: number) =>
      get("/status-page/change/info", { page_id, change_id }, Change),
    /** The entries of a status page that are in a state; those that began at `since_s` (Unix seconds) or later. */
    changes: async (page_id: number, status: string, since_s?: number) => {
      const since = since_s === undefined ? {} : { start_at_seconds: since_s };
      return get("/status-page/change/list", { page_id, type: "incident", status, ...since }, Changes);
    },
  };
}

const Envelope = z.object({
  request_id: z.string().catch(""),
  data: z.unknown().optional(), // an error comes without
  error: z.object({ code: z.string(), message: z.string().catch("") }).nullish(),
});

function read<T>(answer: Answer, schema: z.ZodType<T>): Reply<T> {
  if (answer.kind === "not_sent") return refused(answer);
  if (answer.kind === "silent") return refused({ kind: "unclear", reason: `Flashduty: ${answer.reason}` });
  const envelope = Envelope.safeParse(jsonIn(answer.text));
  const { request_id = "", error } = envelope.data ?? {};
  if (error) return refused(failure(error.code, error.message, request_id, answer.status), error.code);
  const is_ok = answer.status >= 200 && answer.status < 300;
  const data = schema.safeParse(envelope.data?.data);
  if (is_ok && envelope.success && data.success) return { ok: true, data: data.data, request_id };
  const reason = `Flashduty answered ${answer.status}${is_ok ? ", but not as documented" : ""}${requestNamed(request_id)}`;
  if (answer.status === 429) return refused({ kind: "later", reason, after_ms: TOO_FREQUENT_MS });
  return refused({ kind: is_ok || answer.status >= 500 ? "unclear" : "failed", reason });
}

/** An error of the envelope; some come with status 200. */
function failure(
  code: string,
  message: string,
  request_id: string,
  status: number,
): Extract<Outcome, { reason: string }> {
  const reason = `Flashduty refused: ${code}${message === "" ? "" : `, ${message.slice(0, 200)}`}${requestNamed(request_id)}`;
  if (NOT_NOW.has(code) || status === 429) return { kind: "later", reason, after_ms: TOO_FREQUENT_MS };
  return { kind: code === "InternalError" || status >= 500 ? "unclear" : "failed", reason };
}

/** Support asks for it. */
function requestNamed(request_id: string): string {
  return request_id === "" ? "" : ` (request ${request_id.slice(0, 64)})`;
}

function refused(outcome: Extract<Outcome, { reason: string }>, code: string | null = null) {
  return { ok: false as const, code, outcome };
}
