// A target as a connector sees it: where it is and what opens it, by settings that share a prefix, and requests to it.
// What a push says fills path segments, query and body, always encoded, and never chooses the host.
import type { ConnectorSetting } from "../config.ts";
import type { Answer } from "../runs/http.ts";
import type { Given } from "./connector.ts";

export type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };

export interface TargetSpec {
  /** Where the address is not set. */
  url?: string;
  /** The address opens the door to whoever knows it. */
  is_secret_url?: boolean;
  /** Whether a credential is needed. */
  token: "required" | "optional";
  /** The headers that carry the credential; by default `Authorization: Bearer <token>`. */
  authorize?: (token: string) => Record<string, string>;
}

type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** What a request carries. */
export interface Asking {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Appended to the target's address, each as one segment. */
  path?: readonly string[];
  /** A segment may hold slashes: the target does not read them as its own. */
  takes_slashes?: boolean;
  /** The path ends in a slash: Django's systems answer with a redirect without it. */
  ends_in_slash?: boolean;
  /** Undefined ones are left out; a list repeats the name. */
  query?: Query;
  headers?: Readonly<Record<string, string>>;
  /** It may change something although it is a GET. */
  acts?: boolean;
  /** Sent as JSON. */
  json?: Json;
  /** Sent as a form. */
  form?: Readonly<Record<string, string>>;
}

/** What requests need of an attempt. */
type Asker = Pick<Given<unknown>, "settings" | "call" | "idempotency_key">;

export interface Target {
  /** `<PREFIX>_URL`, `_TOKEN`, `_ACCESS` (a service token of Cloudflare Access, `id:secret`), `_VPC` (a service's binding). */
  settings: readonly ConnectorSetting[];
  /** Throws where the request cannot be made: that is a fault of the playbook, or an attempt to climb out of the address. */
  ask: (given: Asker, asking: Asking) => Promise<Answer>;
  /** The address of a page of the target, for links: each segment encoded, no slash at the end. Without segments, its own. */
  page: (given: Pick<Given<unknown>, "settings">, ...segments: readonly string[]) => string;
}

/** The target whose settings begin with `prefix`: `target("RUNDECK", …)` reads `RUNDECK_URL` and `RUNDECK_TOKEN`. */
export function target(prefix: string, spec: TargetSpec): Target {
  const [url, token, access, vpc] = [`${prefix}_URL`, `${prefix}_TOKEN`, `${prefix}_ACCESS`, `${prefix}_VPC`];
  const authorize = spec.authorize ?? ((value) => ({ Authorization: `Bearer ${value}` }));
  return {
    settings: [
      {
        name: url,
        kind: spec.is_secret_url ? "secret_url" : "url",
        required: true,
        through: vpc,
        ...(spec.url !== undefined && { default: spec.url }),
      },
      { name: token, kind: "secret", required: spec.token === "required" },
      { name: access, kind: "secret", required: false },
      { name: vpc, kind: "service", required: false },
    ],
    ask: async ({ settings, call, idempotency_key }, asking) => {
      const headers = new Headers(
        Object.entries<string>(asking.headers ?? {}).map(([name, value]) => [name, asHeader(value)]),
      );
      headers.set("User-Agent", "flashduty-edge"); // GitHub refuses requests without one
      if (!headers.has("Accept")) headers.set("Accept", "application/json");
      if (asking.method !== "GET" || asking.acts) headers.set("Idempotency-Key", asHeader(idempotency_key));
      const secret = settings[token];
      const credentials = { ...(secret === undefined ? {} : authorize(secret)), ...accessHeaders(settings[access]) };
      for (const [name, value] of Object.entries(credentials)) headers.set(name, value);
      const body = bodyOf(asking, headers);
      const { method, acts } = asking;
      return call({ method, url: addressOf(settings[url] ?? "", asking), headers, body, through: vpc, acts });
    },
    page: ({ settings }, ...segments) => {
      const base = (settings[url] ?? "").replace(/\/$/, "");
      return [base, ...segments.map((segment) => encodeURIComponent(segment.toWellFormed()))].join("/");
    },
  };
}

/** https://developers.cloudflare.com/cloudflare-one/access-controls/service-credentials/service-tokens/ */
function accessHeaders(service_token: string | undefined): Record<string, string> {
  if (service_token === undefined) return {};
  const [id = "", secret = ""] = service_token.split(":");
  return { "CF-Access-Client-Id": id, "CF-Access-Client-Secret": secret };
}

function bodyOf({ json, form }: Asking, headers: Headers): string | undefined {
  if (json !== undefined) {
    if (!headers.get("Content-Type")?.endsWith("+json")) headers.set("Content-Type", "application/json");
    return JSON.stringify(json);
  }
  if (form === undefined) return undefined;
  headers.set("Content-Type", "application/x-www-form-urlencoded");
  return new URLSearchParams(form).toString();
}

function addressOf(base: string, { path = [], takes_slashes = false, ends_in_slash = false, query = {} }: Asking): URL {
  const url = new URL(base);
  for (const segment of path) {
    // A dot segment would climb out of the address, in any spelling: the URL standard reads %2e as a dot too.
    // Many decode a path before they read it: what is encoded here would be a slash again.
    const is_odd =
      /^\.{0,2}$/.test(segment) || /[\p{Cc}\\]/u.test(segment) || (!takes_slashes && segment.includes("/"));
    if (is_odd) throw new Error(`"${segment}" cannot be a segment of the target's path`);
    url.pathname = `${url.pathname.replace(/\/$/, "")}/${encodeURIComponent(segment.toWellFormed())}`;
  }
  if (ends_in_slash) url.pathname = `${url.pathname.replace(/\/$/, "")}/`;
  const own = new Set(url.searchParams.keys());
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    if (own.has(name)) throw new Error(`the target's address has a "${name}" in its query already`);
    const values: readonly string[] = typeof value === "object" ? value : [String(value)];
    for (const one of values) url.searchParams.append(name, one);
  }
  return url;
}

/** A header holds visible ASCII; all else is percent-encoded. */
function asHeader(value: string): string {
  return value.toWellFormed().replaceAll(/[^ -~]/gu, encodeURIComponent);
}
