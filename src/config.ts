// The only reader of settings. Everything that is wrong is found at once, each fault with its remedy.
import { parseSources, type Source } from "./receive/source.ts";

/** The receiver's own settings, as far as they are sound. */
export interface Settings {
  /** The tokens that a push may carry: the present one, and the previous while it is being changed. */
  webhook_tokens: readonly string[];
  /** The token that opens the admin API; none where it is missing. */
  admin_tokens: readonly string[];
  sources: readonly Source[];
  /** `enforce`: an address that is not listed is refused. `report`: it is let in, and logged. */
  source_check: "enforce" | "report";
  /** Closed incidents and the quarantine are kept so long. */
  retention_ms: number;
  /** Everything that is missing or malformed, each with its remedy and without its value. */
  faults: readonly string[];
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
const TOKEN = /^[!-~]{16,512}$/;

const secret = (name: string) => `set it with: wrangler secret put ${name} (locally: a line in .dev.vars)`;
const variable = (name: string) => `set it under [vars] in wrangler.toml (locally: a line in .dev.vars): ${name}`;

const known = new WeakMap<Env, Settings>();

/** Read once for each `env`: settings do not change while a Worker lives. One that is wrong does not spoil the others. */
export function readSettings(env: Env): Settings {
  const settings = known.get(env) ?? parseSettings(env);
  known.set(env, settings);
  return settings;
}

/** Whether pushes can be received at all. */
export function canReceive({ webhook_tokens, sources }: Settings): boolean {
  return webhook_tokens.length > 0 && sources.length > 0;
}

function parseSettings(env: Env): Settings {
  const faults: string[] = [];
  const token = (name: string, required: boolean): string[] => {
    const value = valueOf(env, name);
    if (value === undefined && !required) return [];
    if (value !== undefined && TOKEN.test(value)) return [value];
    const wrong = value === undefined ? "is missing" : "must be 16 to 512 visible ASCII characters";
    faults.push(`${name} ${wrong}; ${secret(name)}`);
    return [];
  };
  const webhook_tokens = [...token("WEBHOOK_TOKEN", true), ...token("WEBHOOK_TOKEN_PREVIOUS", false)];
  // Whoever reads the webhook's headers in Flashduty's console must not be the admin by it.
  const [admin_token] = token("ADMIN_TOKEN", true);
  const is_shared = admin_token !== undefined && webhook_tokens.includes(admin_token);
  if (is_shared) faults.push(`ADMIN_TOKEN must differ from WEBHOOK_TOKEN; ${secret("ADMIN_TOKEN")}`);

  const { sources, wrong } = parseSources(valueOf(env, "ALLOWED_SOURCES") ?? "");
  for (const entry of wrong)
    faults.push(`ALLOWED_SOURCES: entry ${entry} is no address and no CIDR block; ${variable('"203.0.113.7"')}`);
  if (sources.length === 0)
    faults.push(`ALLOWED_SOURCES names no address; ${variable('"203.0.113.7, 2001:db8::/32"')}`);
  const source_check = valueOf(env, "SOURCE_CHECK") ?? "enforce";
  if (source_check !== "enforce" && source_check !== "report")
    faults.push(`SOURCE_CHECK must be "enforce" or "report"; ${variable('SOURCE_CHECK = "enforce"')}`);
  const kept_days = valueOf(env, "RETENTION_DAYS") ?? String(KEPT_DAYS);
  const is_sound = /^\d{1,4}$/.test(kept_days) && Number(kept_days) >= 1 && Number(kept_days) <= 3650;
  if (!is_sound)
    faults.push(`RETENTION_DAYS must be a whole number from 1 to 3650; ${variable('RETENTION_DAYS = "30"')}`);
  return {
    webhook_tokens,
    admin_tokens: admin_token === undefined || is_shared ? [] : [admin_token],
    sources,
    source_check: source_check === "report" ? "report" : "enforce",
    retention_ms: (is_sound ? Number(kept_days) : KEPT_DAYS) * DAY_MS,
    faults,
  };
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
