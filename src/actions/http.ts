// The connector for anything that takes an HTTP request: a webhook, a job runner, a small API. The address comes from a
// setting; what a push says fills path segments, query and body, always encoded, and never the host.
import * as z from "zod";
import type { Outcome } from "../domain/run.ts";
import type { Answer, OutgoingRequest } from "../runs/http.ts";
import { type Action, type Attempt, type Conduct, DEFAULT_POLICY } from "./action.ts";

type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };

/** An attempt, with its parameters as the action declares them. */
type Given<Shape extends z.ZodRawShape> = Omit<Attempt, "params"> & { params: z.output<z.ZodObject<Shape>> };

export interface HttpAction<Shape extends z.ZodRawShape> extends Conduct {
  summary: string;
  /** Names the setting that holds the address. It may have a path and a query of its own. */
  url: string;
  /** Names the setting that holds a token, sent as `Authorization: Bearer`; left out where it is not set. */
  token?: string;
  method: "POST" | "PUT" | "PATCH" | "GET" | "DELETE";
  /** What the address of the custom action may carry as query; `{}` for nothing. */
  params: Shape;
  /** Appended to the address, each as one segment. */
  path?: (given: Given<Shape>) => readonly string[];
  query?: (given: Given<Shape>) => Record<string, string>;
  headers?: (given: Given<Shape>) => Record<string, string>;
  body?: (given: Given<Shape>) => Json;
}

/** An action that makes one request. `Idempotency-Key` is the run's id: by it a target can tell a repetition. */
export function http<Shape extends z.ZodRawShape>(spec: HttpAction<Shape>): Action {
  const { once, attempts, time_limit_ms } = { ...DEFAULT_POLICY, ...spec };
  const params = z.strictObject(spec.params);
  if (spec.method === "GET" && spec.body !== undefined) throw new Error(`"${spec.summary}": a GET has no body`);
  return {
    summary: spec.summary,
    settings: [
      { name: spec.url, kind: "url", required: true },
      ...(spec.token === undefined ? [] : [{ name: spec.token, kind: "secret" as const, required: false }]),
    ],
    params,
    policy: { once, attempts, time_limit_ms },
    key: spec.key ?? null,
    start: async (attempt) => {
      const read = params.safeParse(attempt.params);
      if (!read.success) return { kind: "failed", reason: "the playbook no longer takes the parameters of this run" };
      const request = requestOf(spec, { ...attempt, params: read.data });
      if ("refused" in request) return { kind: "failed", reason: request.refused };
      return outcomeOf(await attempt.call(request), Date.now());
    },
  };
}

function requestOf<Shape extends z.ZodRawShape>(
  spec: HttpAction<Shape>,
  given: Given<Shape>,
): OutgoingRequest | { refused: string } {
  const url = new URL(given.settings[spec.url] ?? "");
  for (const segment of spec.path?.(given) ?? []) {
    // A dot segment would climb out of the address, in any spelling: the URL standard reads %2e as a dot too.
    if (/^\.{0,2}$/.test(segment)) return { refused: `"${segment}" cannot be a segment of the target's path` };
    url.pathname = `${url.pathname.replace(/\/$/, "")}/${encodeURIComponent(segment.toWellFormed())}`;
  }
  const own = new Set(url.searchParams.keys());
  for (const [name, value] of Object.entries(spec.query?.(given) ?? {})) {
    if (own.has(name)) return { refused: `the target's address has a "${name}" in its query already` };
    url.searchParams.set(name, value);
  }
  const body = spec.body?.(given);
  const token = spec.token === undefined ? undefined : given.settings[spec.token];
  const headers = new Headers(
    Object.entries(spec.headers?.(given) ?? {}).map(([name, value]) => [name, visible(value)]),
  );
  headers.set("Idempotency-Key", visible(given.run_id));
  if (body !== undefined) headers.set("Content-Type", "application/json");
  if (token !== undefined) headers.set("Authorization", `Bearer ${token}`);
  return { method: spec.method, url, headers, body: body === undefined ? undefined : JSON.stringify(body) };
}

/** A header holds visible ASCII; all else is percent-encoded. */
function visible(value: string): string {
  return value.toWellFormed().replaceAll(/[^ -~]/gu, encodeURIComponent);
}

/** Statuses by which a target says that it has done nothing yet, and may later. */
const LATER = new Set([425, 429, 503]);
/** Statuses that leave open how far the request came: it broke on the way, or at the target. */
const UNCLEAR = new Set([408, 500, 502, 504]);

function outcomeOf(answer: Answer, now: number): Outcome {
  if (answer.kind === "not_sent") return answer;
  if (answer.kind === "silent") return { kind: "unclear", reason: answer.reason };
  const said = `the target answered ${answer.status}`;
  if (answer.status >= 200 && answer.status < 300) return { kind: "succeeded", summary: said };
  if (LATER.has(answer.status)) return { kind: "later", reason: said, after_ms: retryAfterMs(answer.retry_after, now) };
  if (UNCLEAR.has(answer.status)) return { kind: "unclear", reason: said };
  if (answer.status < 400) return { kind: "failed", reason: `${said}: redirects are not followed` };
  return { kind: "failed", reason: said };
}

/** `Retry-After` (RFC 9110) as a delay: seconds, or a date. Undefined where it says nothing. */
function retryAfterMs(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(date - now, 0);
}
