// Workers as they would be deployed: bundled by wrangler on the project's wrangler.toml, and how large that makes them.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const WRANGLER = join(ROOT, "node_modules/wrangler/bin/wrangler.js");

/**
 * Where everything of the benchmark lies: in memory, where this system has such a folder. Objects in production do not wait for
 * a disk of this machine, and waiting for one would hide what the receiver itself takes.
 */
export const SCRATCH = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** The one configuration: for the receiver, and for what it is compared with. */
export const CONFIG = join(ROOT, "wrangler.toml");

export interface Bundle {
  script: string;
  bytes: number;
  gzip_bytes: number;
}

/** Bundles the Worker whose entry is at `path`, from the project's root. */
export async function bundle(path: string): Promise<Bundle> {
  const folder = await mkdtemp(join(SCRATCH, "flashduty-edge-bundle-"));
  const args = [WRANGLER, "deploy", path, "--dry-run", "--config", CONFIG, "--outdir", folder];
  try {
    await promisify(execFile)(process.execPath, args, { cwd: ROOT, env: { ...process.env, ...QUIET } });
    const script = await readFile(join(folder, basename(path).replace(/\.ts$/, ".js")), "utf8");
    return { script, bytes: Buffer.byteLength(script), gzip_bytes: gzipSync(script).byteLength };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** None of it is needed here, and each asks somebody outside. */
export const QUIET = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_WRITE_LOGS: "false",
  WRANGLER_LOG: "error",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};
