// The only reader of settings. Everything that is wrong is found at once, each fault with its remedy.
import * as z from "zod";
import { parseSources, type Source } from "./receive/source.ts";

export interface Settings {
  /** The tokens that a push may carry: the present one, and the previous while it is being changed. */
  webhook_tokens: readonly string[];
  admin_token: string;
  sources: readonly Source[];
  /** `enforce`: an address that is not listed is refused. `report`: it is let in, and logged. */
  source_check: "enforce" | "report";
}

/** A setting that an action needs: an address to call, or a credential for it. */
export interface ActionSetting {
  name: string;
  kind: "url" | "secret";
  required: boolean;
}

type Read<T> = { ok: true; values: T } | { ok: false; faults: string[] };

const DAY_MS = 24 * 60 * 60_000;
const KEPT_DAYS = 30;

/** Visible ASCII, as a header can carry it; short ones can be guessed. */
const Token = z.string().regex(/^[!-~]{16,512}$/);

const secret = (name: string) => `set it with: wrangler secret put ${name} (locally: a line in .dev.vars)`;
const variable = (name: string) => `set it under [vars] in wrangler.toml (locally: a line in .dev.vars): ${name}`;

/** The receiver's own settings, or every fault in them. */
export function readSettings(env: Env): Read<Settings> {
  const faults: string[] = [];
  const token = (name: string, required: boolean): string[] => {
    const value = valueOf(env, name);
    if (value === undefined && !required) return [];
    if (Token.safeParse(value).success && value !== undefined) return [value];
    const wrong = value === undefined ? "is missing" : "must be 16 to 512 visible ASCII characters";
    faults.push(`${name} ${wrong}; ${secret(name)}`);
    return [];
  };
  const { sources, wrong } = parseSources(valueOf(env, "ALLOWED_SOURCES") ?? "");
  for (const entry of wrong) faults.push(`ALLOWED_SOURCES: "${entry}" is no address and no CIDR block`);
  if (sources.length === 0)
    faults.push(`ALLOWED_SOURCES names no address; ${variable('"203.0.113.7, 2001:db8::/32"')}`);
  const source_check = valueOf(env, "SOURCE_CHECK") ?? "enforce";
  if (source_check !== "enforce" && source_check !== "report")
    faults.push(`SOURCE_CHECK must be "enforce" or "report"; ${variable('SOURCE_CHECK = "enforce"')}`);
  if (keptDays(env) === null)
    faults.push(`RETENTION_DAYS must be a whole number from 1 to 3650; ${variable('RETENTION_DAYS = "30"')}`);
  const webhook_tokens = [...token("WEBHOOK_TOKEN", true), ...token("WEBHOOK_TOKEN_PREVIOUS", false)];
  const [admin_token = ""] = token("ADMIN_TOKEN", true);
  if (faults.length > 0) return { ok: false, faults };
  const check = source_check === "report" ? "report" : "enforce";
  return { ok: true, values: { webhook_tokens, admin_token, sources, source_check: check } };
}

/** The values of an action's settings by name, without the optional ones that are not set; or every fault in them. */
export function readActionSettings(env: Env, settings: readonly ActionSetting[]): Read<Record<string, string>> {
  const faults: string[] = [];
  const values: Record<string, string> = {};
  for (const { name, kind, required } of settings) {
    const value = valueOf(env, name);
    if (value !== undefined) values[name] = value;
    if (value === undefined && required) faults.push(`${name} is missing; ${secret(name)}`);
    if (value !== undefined && kind === "url" && !isSafeAddress(value))
      faults.push(`${name} must be an https address without user or password; ${secret(name)}`);
    if (value !== undefined && kind === "secret" && !/^[ -~]+$/.test(value))
      faults.push(`${name} must be visible ASCII on one line; ${secret(name)}`);
  }
  return faults.length === 0 ? { ok: true, values } : { ok: false, faults };
}

/** How long closed incidents and the quarantine are kept. Milliseconds. */
export function retentionMs(env: Env): number {
  return (keptDays(env) ?? KEPT_DAYS) * DAY_MS;
}

function keptDays(env: Env): number | null {
  const value = valueOf(env, "RETENTION_DAYS");
  if (value === undefined) return KEPT_DAYS;
  return /^\d{1,4}$/.test(value) && Number(value) >= 1 && Number(value) <= 3650 ? Number(value) : null;
}

/** Credentials travel with a request: without TLS only on this machine. */
function isSafeAddress(value: string): boolean {
  const url = URL.parse(value);
  if (url === null || url.username !== "" || url.password !== "") return false;
  const is_loopback = url.hostname === "localhost" || /^127(\.\d{1,3}){3}$|^\[::1\]$/.test(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && is_loopback);
}

/** An empty setting is none: that is how a variable is switched off. */
function valueOf(env: Env, name: string): string | undefined {
  const value: unknown = Reflect.get(env, name);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}
