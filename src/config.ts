// The only reader of settings. Everything that is wrong is found at once, each fault with its remedy.
import type { Language } from "./domain/report.ts";
import { parseSources, type Source } from "./receive/source.ts";
import { hiding } from "./secret.ts";

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
  /** Flashduty's own API, to ask it and to write back; null where there is no key for it. */
  flashduty: FlashdutyAccess | null;
  /** Cloudflare Access, where it stands before `/admin`; null where it does not, or is not wholly set up. */
  access: AccessGate | null;
  /** Everything is done but the calls to targets. */
  dry_run: boolean;
  /** The language of what is written to an incident. */
  language: Language;
  /** Everything that is missing or malformed, each with its remedy and without its value. */
  faults: readonly string[];
}

/** How Flashduty's own API is reached. The key travels in the address of each call: neither may be quoted. */
export interface FlashdutyAccess {
  url: string;
  app_key: string;
}

/** Who signs for the people that Cloudflare Access lets in, and for which application. */
export interface AccessGate {
  /** The team's own address, which is also what its signatures name as their issuer. */
  team_url: string;
  audience: string;
}

/** A setting that a connector needs. */
export interface ConnectorSetting {
  name: string;
  /**
   * `url`: the address of a system, nothing secret in it. `secret_url`: one that opens the door to whoever knows it.
   * `text`: the name of a job, a page, a workload. `service`: a binding by which a system in a private network is reached.
   */
  kind: "url" | "secret_url" | "secret" | "text" | "service";
  required: boolean;
  /** What holds where it is not set. */
  default?: string;
  /** Others need it as well: that it is set does not say that somebody means to use this connector. */
  shared?: boolean;
  /** Of an address: the name of the service by which requests go where it is bound. Such an address may be http. */
  through?: string;
}

/** A connector's settings as they are. */
export interface ConnectorSettings {
  /** By name, without the optional ones that are not set. */
  values: Readonly<Record<string, string>>;
  services: Readonly<Record<string, Fetcher>>;
  /** The values that nobody may read. */
  secrets: readonly string[];
}

/** What keeps a connector from being used. */
export interface Unready {
  ok: false;
  faults: string[];
  /** Something of it is set. */
  is_begun: boolean;
  /** It was meant to be used, and must not be passed over for another: what is set is wrong, or the job is named already. */
  is_meant: boolean;
}

type Read = { ok: true; settings: ConnectorSettings } | Unready;

const DAY_MS = 24 * 60 * 60_000;
const KEPT_DAYS = 30;
const FLASHDUTY_API_URL = "https://api.flashcat.cloud";

/** A team's name, or its whole domain. */
const ACCESS_TEAM = /^(?:https:\/\/)?([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.cloudflareaccess\.com\/?)?$/i;
const ACCESS_AUD = /^[0-9a-f]{64}$/;

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

const hidden = new WeakMap<Settings, (text: string) => string>();

/** The text of somebody else, an address or a body, without the tokens that have got into it by mistake, in whatever form. */
export function withoutTokens(text: string, settings: Settings): string {
  const { webhook_tokens, admin_tokens, flashduty } = settings;
  const hide = hidden.get(settings) ?? hiding([...webhook_tokens, ...admin_tokens, flashduty?.app_key ?? ""]);
  hidden.set(settings, hide);
  return hide(text);
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
  const [app_key] = token("FLASHDUTY_APP_KEY", false);
  const url = valueOf(env, "FLASHDUTY_API_URL") ?? FLASHDUTY_API_URL;
  const is_safe = isSafeAddress(url, false);
  if (!is_safe) faults.push(`FLASHDUTY_API_URL must be an https address; ${variable(`"${FLASHDUTY_API_URL}"`)}`);
  const language = valueOf(env, "REPORT_LANGUAGE") ?? "en";
  if (language !== "en" && language !== "zh")
    faults.push(`REPORT_LANGUAGE must be "en" or "zh"; ${variable('REPORT_LANGUAGE = "zh"')}`);
  const dry_run = valueOf(env, "DRY_RUN") ?? "off";
  // Who misspells it means it: nothing is called until it is put right.
  if (dry_run !== "on" && dry_run !== "off")
    faults.push(`DRY_RUN must be "on" or "off"; ${variable('DRY_RUN = "off"')}`);
  return {
    webhook_tokens,
    admin_tokens: admin_token === undefined || is_shared ? [] : [admin_token],
    sources,
    source_check: source_check === "report" ? "report" : "enforce",
    retention_ms: (is_sound ? Number(kept_days) : KEPT_DAYS) * DAY_MS,
    flashduty: app_key === undefined || !is_safe ? null : { url, app_key },
    access: accessGate(env, faults),
    dry_run: dry_run !== "off",
    language: language === "zh" ? "zh" : "en",
    faults,
  };
}

/** Both settings or none: with half of them nobody would be let in by Access, and nobody would see why. */
function accessGate(env: Env, faults: string[]): AccessGate | null {
  const team = valueOf(env, "ACCESS_TEAM");
  const audience = valueOf(env, "ACCESS_AUD");
  if (team === undefined && audience === undefined) return null;
  const name = ACCESS_TEAM.exec(team ?? "")?.[1]?.toLowerCase();
  const tag = ACCESS_AUD.exec(audience ?? "")?.[0];
  if (name === undefined) {
    const rule = "must be the team's name, or its domain under cloudflareaccess.com, where ACCESS_AUD is set";
    faults.push(`ACCESS_TEAM ${rule}; ${variable('ACCESS_TEAM = "my-team"')}`);
  }
  if (tag === undefined) {
    const rule = "must be the application's tag, 64 hexadecimal digits, where ACCESS_TEAM is set";
    faults.push(`ACCESS_AUD ${rule}; ${variable('ACCESS_AUD = "…"')}`);
  }
  if (name === undefined || tag === undefined) return null;
  return { team_url: `https://${name}.cloudflareaccess.com`, audience: tag };
}

/** A connector's settings, or every fault in them. */
export function readConnectorSettings(env: Env, settings: readonly ConnectorSetting[]): Read {
  const faults: string[] = [];
  const values: Record<string, string> = {};
  const services: Record<string, Fetcher> = {};
  const secrets: string[] = [];
  let is_wrong = false;
  for (const setting of settings) {
    const { name, kind } = setting;
    const service = kind === "service" ? serviceOf(env, name) : undefined;
    if (service !== undefined) services[name] = service;
    if (kind === "service") continue;
    const value = valueOf(env, name) ?? setting.default;
    if (value === undefined) {
      faults.push(...missingFrom([setting], {}));
      continue;
    }
    values[name] = value;
    const wrong = faultIn(value, setting, env);
    if (wrong) faults.push(`${name} ${wrong}; ${remedy(setting)}`);
    if (wrong) is_wrong = true;
    if (kind === "secret" || kind === "secret_url") secrets.push(value);
  }
  if (faults.length === 0) return { ok: true, settings: { values, services, secrets } };
  const is_named = settings.some(({ name, kind, required }) => kind === "text" && required && name in values);
  return { ok: false, faults, is_begun: isBegun(settings, values), is_meant: is_wrong || is_named };
}

/** A fault with its remedy for each setting that is required and has no value. */
export function missingFrom(settings: readonly ConnectorSetting[], values: Readonly<Record<string, string>>): string[] {
  const unset = settings.filter(({ name, kind }) => kind !== "service" && values[name] === undefined);
  return unset.flatMap((setting) => (setting.required ? [`${setting.name} is missing; ${remedy(setting)}`] : []));
}

/** Something is set that nobody else needs, so somebody means to use them. */
export function isBegun(settings: readonly ConnectorSetting[], values: Readonly<Record<string, string>>): boolean {
  const set = settings.filter(({ name }) => values[name] !== undefined);
  return set.some((setting) => setting.default === undefined && !setting.shared);
}

function remedy({ name, kind }: ConnectorSetting): string {
  return kind === "secret" || kind === "secret_url" ? secret(name) : variable(`${name} = "…"`);
}

function faultIn(value: string, { kind, through = "" }: ConnectorSetting, env: Env): string | false {
  if (kind === "secret")
    return !/^[ -~]{8,4096}$/.test(value) && "must be 8 or more visible ASCII characters on one line";
  if (kind === "text") return /[\p{Cc}]/u.test(value) && "must be one line of text";
  const is_private = serviceOf(env, through) !== undefined;
  return !isSafeAddress(value, is_private) && "must be an https address without user or password";
}

/** Credentials travel with a request: without TLS only on this machine, or through a service of a private network. */
function isSafeAddress(value: string, is_private: boolean): boolean {
  const url = URL.parse(value);
  if (url === null || url.username !== "" || url.password !== "") return false;
  const is_loopback = url.hostname === "localhost" || /^127(\.\d{1,3}){3}$|^\[::1\]$/.test(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && (is_loopback || is_private));
}

function serviceOf(env: Env, name: string): Fetcher | undefined {
  const binding: unknown = Reflect.get(env, name);
  return isFetcher(binding) ? binding : undefined;
}

function isFetcher(binding: unknown): binding is Fetcher {
  return typeof binding === "object" && binding !== null && "fetch" in binding && typeof binding.fetch === "function";
}

/** An empty setting is none: that is how a variable is switched off. */
function valueOf(env: Env, name: string): string | undefined {
  const value: unknown = Reflect.get(env, name);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}
