// The Worker as it runs on this machine, in a process of its own that a test may kill: promises about crashes can only be
// tested against something that really dies. `wrangler dev` brings workerd with the same objects, queues, KV and D1, and
// keeps their files in one folder; whoever starts the next one on that folder gets what was on disk.

import { execFile, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { dirname, join, resolve as absolute } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { setTimeout as pause } from "node:timers/promises";
import type { ChildProcess } from "node:child_process";

export type RuntimeOptions = {
  /** Settings and secrets by name; they go before those of the configuration file. `.dev.vars` is not read. */
  vars?: Record<string, string>;
  /** The folder for everything that survives: objects, KV, D1, cache. Made where it is missing. */
  persist_to: string;
  /** The configuration file; default is the project's own `wrangler.toml`. */
  config?: string;
  /** The Worker's entry, from the configuration's folder; default is the one that the configuration names. */
  entry?: string;
  /** Default: a free one. */
  port?: number;
  /** `false` passes the Worker's output on to stderr. Default `true`. */
  quiet?: boolean;
  /** Longest wait for `GET /healthz` to answer 200, in milliseconds. Default 60,000. */
  ready_within_ms?: number;
};

export type Runtime = {
  url: string;
  port: number;
  /** What wrangler and the Worker have printed, the last 4 million characters of it. */
  log(): string;
  /** The processes that are alive now: wrangler, esbuild, workerd. */
  pids(): number[];
  /** Asks the processes to end, and ends them after five seconds. Resolves when the port is free. */
  stop(): Promise<void>;
  /** Ends all processes at once, as a crash does. Resolves when the port is free. */
  kill(): Promise<void>;
};

const project = fileURLToPath(new URL("../..", import.meta.url));
const wrangler = join(project, "node_modules/wrangler/bin/wrangler.js");
const kept_log_chars = 4_000_000;
const polite_ms = 5_000;

/** The two required tokens, made for this one occasion: 64 hexadecimal characters each. */
export function freshTokens(): { WEBHOOK_TOKEN: string; ADMIN_TOKEN: string } {
  return { WEBHOOK_TOKEN: randomBytes(32).toString("hex"), ADMIN_TOKEN: randomBytes(32).toString("hex") };
}

/** A port on 127.0.0.1 that nobody listens on, at this moment. */
export function freePort(): Promise<number> {
  return listenOnce(0);
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const bound = server.address();
      server.close(() => resolve(bound !== null && typeof bound === "object" ? bound.port : port));
    });
  });
}

async function portIsFree(port: number): Promise<boolean> {
  return listenOnce(port).then(
    () => true,
    () => false,
  );
}

/**
 * wrangler's own surroundings. Nothing of the caller's environment comes in: wrangler takes secrets from there, and they
 * would go before those of the file. What it would keep in the home folder goes to the folder of this runtime.
 */
function environment(persist_to: string): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return {
    ...(PATH !== undefined && { PATH }),
    ...(HOME !== undefined && { HOME }),
    ...(TMPDIR !== undefined && { TMPDIR }),
    XDG_CONFIG_HOME: join(persist_to, "config"),
    NODE_COMPILE_CACHE: join(persist_to, "compiled"),
    // None of them needed here, and each asks somebody outside or costs time at every start.
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_WRITE_LOGS: "false",
    X_LOCAL_EXPLORER: "false",
    X_LOCAL_OBSERVABILITY: "false",
    NO_COLOR: "1",
  };
}

/** A value as wrangler's reader of .env files takes it literally: it would replace `$NAME` even between single quotes. */
function quoted(value: string): string {
  const quote = ["'", '"', "`"].find((mark) => !value.includes(mark));
  if (quote === undefined) throw new Error("a value with all three kinds of quotes cannot be written to an .env file");
  return quote + value.replaceAll("$", String.raw`\$`) + quote;
}

/**
 * The settings, as arguments for wrangler. The file is for secrets: it is not to be seen in a list of processes. But with
 * `[secrets]` in the configuration wrangler drops every name of the file that neither `required` nor `[vars]` lists, so
 * all but the two required tokens are given as arguments too. These are for tests; real keys belong in `.dev.vars`.
 */
function settingsArguments(persist_to: string, vars: Record<string, string>): string[] {
  const file = join(persist_to, "settings.env");
  const lines = Object.entries(vars).map(([name, value]) => `${name}=${quoted(value)}\n`);
  writeFileSync(file, lines.join(""), { mode: 0o600 });
  const open = Object.entries(vars).filter(([name]) => name !== "WEBHOOK_TOKEN" && name !== "ADMIN_TOKEN");
  return ["--env-file", file, ...open.flatMap(([name, value]) => ["--var", `${name}:${value}`])];
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function namesIn(folder: string): string {
  try {
    return readdirSync(folder).toSorted().join("\n");
  } catch {
    return "";
  }
}

/** Applies D1's migrations, unless this folder has had them: starting wrangler for nothing costs two seconds. */
async function migrate(persist_to: string, config: string): Promise<void> {
  const marker = join(persist_to, "migrated.txt");
  const names = namesIn(join(dirname(config), "migrations"));
  if (names === textOf(marker)) return;
  const command = ["d1", "migrations", "apply", "DB", "--local", "--persist-to", persist_to, "--config", config];
  await promisify(execFile)(process.execPath, [wrangler, ...command], {
    cwd: dirname(config),
    env: environment(persist_to),
    timeout: 60_000,
  });
  writeFileSync(marker, names);
}

const alive = new Set<number>();

function endGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // Nobody of the group is left.
  }
}

function endAll(): void {
  for (const group of alive) endGroup(group, "SIGKILL");
  alive.clear();
}

let guarded = false;

/** No child outlives this process, however it ends (but for a SIGKILL of its own). */
function guardExit(): void {
  if (guarded) return;
  guarded = true;
  process.once("exit", endAll);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      endAll();
      // Where nobody else has a say in how to end, end as if nobody had listened.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    });
  }
}

function groupMembers(group: number): number[] {
  const rows = execFileSync("ps", ["-A", "-o", "pid=,pgid=,stat="], { encoding: "utf8" }).trim().split("\n");
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, pgid, state]) => pgid === String(group) && !state?.startsWith("Z"))
    .map(([pid]) => Number(pid));
}

function statusOf(url: string): Promise<{ status: number | null; text: string }> {
  return new Promise((resolve) => {
    const request = get(url, { timeout: 2_000, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("error", () => resolve({ status: null, text: "" }));
      response.on("end", () => resolve({ status: response.statusCode ?? null, text }));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve({ status: null, text: "" }));
  });
}

/** Ends the group and waits, for ten seconds at most, until its processes are gone and the port is free. */
async function end(child: ChildProcess, group: number, port: number, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  const began_ms = performance.now();
  endGroup(group, signal);
  let hard = signal === "SIGKILL";
  for (;;) {
    const gone = child.exitCode !== null || child.signalCode !== null;
    if (gone && (await portIsFree(port)) && groupMembers(group).length === 0) break;
    const waited_ms = performance.now() - began_ms;
    if (waited_ms > 2 * polite_ms) throw new Error(`processes ${groupMembers(group).join(", ")} do not end`);
    // The first process may end well before the others: who is still there after five seconds is not asked again.
    if (!hard && waited_ms > polite_ms) {
      endGroup(group, "SIGKILL");
      hard = true;
    }
    await pause(10);
  }
  alive.delete(group);
}

/** Starts the Worker and waits until it is healthy. Throws with the last output where it does not get there. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const config = absolute(options.config ?? join(project, "wrangler.toml"));
  const persist_to = absolute(options.persist_to);
  const { vars = {}, entry, quiet = true, ready_within_ms = 60_000 } = options;
  mkdirSync(persist_to, { recursive: true });
  await migrate(persist_to, config);
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  guardExit();

  const places = ["--config", config, "--ip", "127.0.0.1", "--port", String(port), "--persist-to", persist_to];
  const manners = ["--inspector-port", "0", "--show-interactive-dev-session=false"];
  const script = entry === undefined ? [] : [entry];
  const command = [wrangler, "dev", ...script, ...places, ...manners, ...settingsArguments(persist_to, vars)];
  const child = spawn(process.execPath, command, {
    cwd: dirname(config),
    env: environment(persist_to),
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const group = child.pid;
  if (group === undefined) throw new Error("wrangler did not start");
  alive.add(group);
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      log = (log + chunk).slice(-kept_log_chars);
      if (!quiet) process.stderr.write(chunk);
    });
  }

  const began_ms = performance.now();
  for (;;) {
    const { status, text } = await statusOf(`${url}/healthz`);
    if (status === 200) break;
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended || performance.now() - began_ms > ready_within_ms) {
      await end(child, group, port, "SIGKILL");
      const said = status === null ? "nothing" : `${status} ${text.slice(0, 2_000)}`;
      throw new Error(`the Worker is not healthy; GET /healthz: ${said}\n${log.slice(-4_000)}`);
    }
    await pause(20);
  }
  return {
    url,
    port,
    log: () => log,
    pids: () => groupMembers(group),
    stop: () => end(child, group, port, "SIGTERM"),
    kill: () => end(child, group, port, "SIGKILL"),
  };
}
