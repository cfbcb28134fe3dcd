// Wrangler as `npm run deploy` sees it: what the configuration asks for, how a command is run, what its answers say.
// Where a text of wrangler has to be recognised (those of 4.155), it stands here and nowhere else.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { unstable_readConfig } from "wrangler";
import * as z from "zod";

// What the configuration asks for

const Configuration = z.object({
  name: z.string(),
  secrets: z.object({ required: z.array(z.string()).default([]) }).prefault({}),
  kv_namespaces: z.array(z.object({ binding: z.string(), id: z.string().optional() })),
  d1_databases: z.array(
    z.object({ binding: z.string(), database_name: z.string().optional(), database_id: z.string().optional() }),
  ),
  queues: z.object({
    producers: z.array(z.object({ queue: z.string().optional() })).default([]),
    consumers: z.array(z.object({ queue: z.string(), dead_letter_queue: z.string().optional() })).default([]),
  }),
  routes: z.array(z.unknown()).default([]),
  route: z.unknown().optional(),
  workers_dev: z.boolean().optional(),
});
export type Configuration = z.infer<typeof Configuration>;

export function readConfiguration(path: string): Configuration {
  const read: unknown = unstable_readConfig({ config: path }, { hideWarnings: true });
  return Configuration.parse(read);
}

/** Something that has to exist in the account before the code goes live, found and made by its name. */
export type Resource = { kind: "KV namespace" | "D1 database" | "queue"; name: string };

/** Those without an id in the configuration. One with an id is the user's own, and wrangler says if it is gone. */
export function wantedResources(config: Configuration): Resource[] {
  const queues = [
    ...config.queues.producers.map((producer) => producer.queue),
    ...config.queues.consumers.flatMap((consumer) => [consumer.queue, consumer.dead_letter_queue]),
  ].filter((name) => name !== undefined);
  return [
    ...config.kv_namespaces
      .filter((one) => one.id === undefined)
      .map((one) => ({ kind: "KV namespace" as const, name: resourceName(config, one.binding) })),
    ...config.d1_databases
      .filter((one) => one.database_id === undefined)
      .map((one) => ({ kind: "D1 database" as const, name: one.database_name ?? resourceName(config, one.binding) })),
    ...[...new Set(queues)].map((name) => ({ kind: "queue" as const, name })),
  ];
}

/** The name wrangler itself would choose for a binding that has none: who deployed without this script keeps theirs. */
function resourceName(config: Configuration, binding: string): string {
  return `${config.name}-${binding.toLowerCase().replaceAll("_", "-")}`;
}

/** Shows whether it exists; `isThere` reads the answer. */
export function lookCommand({ kind, name }: Resource): string[] {
  switch (kind) {
    case "KV namespace":
      return ["kv", "namespace", "list"];
    case "D1 database":
      return ["d1", "list", "--json"];
    case "queue":
      return ["queues", "info", name];
  }
}

export function createCommand({ kind, name }: Resource): string[] {
  switch (kind) {
    case "KV namespace":
      return ["kv", "namespace", "create", name];
    case "D1 database":
      return ["d1", "create", name];
    case "queue":
      return ["queues", "create", name];
  }
}

/**
 * The configuration's text, with an id beside each KV namespace that has none. Wrangler finds a database or a queue by its
 * name, but a namespace only through a Worker that is bound to it: after a first deploy that stopped half-way, each further
 * one would fail, because it wants to make the same namespace again. Undefined where an id or the place for it is not found.
 */
export function withNamespaceIds(toml: string, config: Configuration, ids: Map<string, string>): string | undefined {
  let text = toml;
  for (const { binding, id } of config.kv_namespaces) {
    if (id !== undefined) continue;
    const found = ids.get(resourceName(config, binding));
    const line = new RegExp(`^[ \\t]*binding[ \\t]*=[ \\t]*["']${binding}["'].*$`, "m");
    if (found === undefined || !line.test(text)) return undefined;
    text = text.replace(line, (written) => `${written}\nid = ${JSON.stringify(found)}`);
  }
  return text;
}

/** Whether a request can reach the Worker, as far as the configuration tells: a domain can also come from the dashboard. */
export function hasAddress(config: Configuration): boolean {
  return config.workers_dev !== false || config.route !== undefined || config.routes.length > 0;
}

// Running it

/** WRANGLER: another script in its place, for tests. */
const script =
  process.env["WRANGLER"] ??
  fileURLToPath(new URL("bin/wrangler.js", import.meta.resolve("wrangler/package.json")).href);
/** A list of an account's namespaces or databases; Node's own limit of 1 MiB would cut a long one off. */
const longest_answer_bytes = 64 * 1024 * 1024;

/** Without the banner, which also asks the registry for a newer wrangler, at each of some ten starts. */
const env = { ...process.env, WRANGLER_HIDE_BANNER: "true" };

export type Answer = { ok: boolean; stdout: string; stderr: string };

/** Runs a command that only asks or makes something, and keeps what it prints. Without a terminal it never waits for a key. */
export function ask(args: string[]): Answer {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    env: { ...env, NO_COLOR: "1" },
    maxBuffer: longest_answer_bytes,
  });
  return { ok: status === 0, stdout, stderr };
}

/** Runs a command before the eyes of the person, who may be asked something unless `quietly`. Returns its exit code. */
export function show(args: string[], { quietly = false } = {}): number {
  const stdin = quietly ? "ignore" : "inherit";
  return spawnSync(process.execPath, [script, ...args], { stdio: [stdin, "inherit", "inherit"], env }).status ?? 1;
}

// What its answers say

const LoggedOut = z.object({ loggedIn: z.literal(false) });
const Secrets = z.array(z.object({ name: z.string() }));
const Databases = z.array(z.object({ name: z.string() }));
const Namespaces = z.array(z.object({ title: z.string(), id: z.string() }));

/** To `whoami --json`. A token that may not read its own user fails there as well, and is none the worse for it. */
export function saysLoggedOut(answer: Answer): boolean {
  return !answer.ok && LoggedOut.safeParse(json(answer.stdout)).success;
}

/** To `secret list`. A Worker that does not exist yet has none. Undefined: the question itself failed. */
export function secretNames(answer: Answer): string[] | undefined {
  if (!answer.ok) return /Worker ".*" not found/s.test(answer.stderr) ? [] : undefined;
  return Secrets.safeParse(json(answer.stdout)).data?.map((secret) => secret.name);
}

/** To the resource's `lookCommand`. Undefined: the question itself failed. */
export function isThere({ kind, name }: Resource, answer: Answer): boolean | undefined {
  switch (kind) {
    case "KV namespace":
      return namespaceIds(answer)?.has(name);
    case "D1 database":
      return databaseNames(answer)?.includes(name);
    case "queue":
      // The one question without an answer in JSON.
      return answer.ok || (/Queue ".*" does not exist/.test(answer.stderr) ? false : undefined);
  }
}

/** To `kv namespace list`: id by title. */
export function namespaceIds(answer: Answer): Map<string, string> | undefined {
  const namespaces = answer.ok ? Namespaces.safeParse(json(answer.stdout)).data : undefined;
  return namespaces && new Map(namespaces.map(({ title, id }) => [title, id]));
}

function databaseNames(answer: Answer): string[] | undefined {
  return answer.ok ? Databases.safeParse(json(answer.stdout)).data?.map((database) => database.name) : undefined;
}

/** A line or two of wrangler's own may stand before the JSON. */
function json(stdout: string): unknown {
  const start = stdout.search(/^[[{]/m);
  try {
    return start < 0 ? undefined : JSON.parse(stdout.slice(start));
  } catch {
    return undefined;
  }
}
