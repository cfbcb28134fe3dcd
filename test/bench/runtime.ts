// The local runtime under load: workerd by way of Miniflare, without the proxy that `wrangler dev` puts before a Worker
// (it would be what is measured). Every Worker of the benchmark is served in the same setting: bindings, compatibility
// date and flags of the project's wrangler.toml, a socket of workerd's own, files in a fresh folder.
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4ModuleDefinition } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import * as z from "zod";
import { CONFIG, QUIET, SCRATCH } from "./bundle.ts";
import { type Database, migrated } from "./database.ts";
import { childrenNamed } from "./process.ts";

export interface Runtime {
  url: string;
  /** workerd's; null where this system does not tell. */
  pid: number | null;
  /** What the Worker logged last, for when something goes wrong. */
  said: () => string;
  /** Its database, as `wrangler d1 migrations apply` would have made it. */
  database: () => Promise<Database>;
  stop: () => Promise<void>;
}

/** For this benchmark alone: they guard nothing but a socket of this machine, for as long as it runs. */
export const WEBHOOK_TOKEN = "a-token-that-only-the-benchmark-uses";
const ADMIN_TOKEN = "an-admin-token-that-only-the-benchmark-uses";

const KEPT_LINES = 20;
const Variables = z.record(z.string(), z.string());

/** Serves modules, the entry first, on a free port of 127.0.0.1. `target` is where the action `restart-host` goes. */
export async function serve(modules: V4ModuleDefinition[], target: string): Promise<Runtime> {
  const folder = mkdtempSync(join(SCRATCH, "flashduty-edge-bench-"));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", removeFolder);
  const before = childrenNamed("workerd");
  const lines: string[] = [];
  const options = optionsOf(folder);
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...options,
      bindings: { ...Variables.parse(options["bindings"]), WEBHOOK_TOKEN, ADMIN_TOKEN, RESTART_HOST_URL: target },
      modules,
      host: "127.0.0.1",
      unsafeDirectSockets: [{ host: "127.0.0.1" }],
      resourcePersistencePath: folder,
      log: new Log(LogLevel.ERROR),
      handleStructuredLogs: ({ message }) => {
        lines.push(message);
        if (lines.length > KEPT_LINES) lines.shift();
      },
    }),
  );
  const { origin } = await miniflare.unsafeGetDirectURL();
  return {
    url: origin,
    pid: childrenNamed("workerd").find((pid) => !before.includes(pid)) ?? null,
    said: () => lines.join("\n"),
    database: async () => migrated(await miniflare.getD1Database("DB")),
    stop: async () => {
      await miniflare.dispose();
      process.off("exit", removeFolder);
      removeFolder();
    },
  };
}

/**
 * What wrangler.toml says, read by wrangler itself, so that it is what `wrangler dev` serves; but read where no .dev.vars
 * lies beside it, for a benchmark must not call anything real.
 */
function optionsOf(folder: string) {
  Object.assign(process.env, QUIET);
  const copy = join(folder, "wrangler.toml");
  copyFileSync(CONFIG, copy);
  return unstable_getMiniflareWorkerOptions(copy).workerOptions;
}
