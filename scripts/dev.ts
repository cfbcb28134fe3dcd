// `npm run dev`: the bare receiver on this machine. Makes what it needs: `.dev.vars` with fresh tokens where there is none,
// D1's tables; then hands over to `wrangler dev`, with all further arguments.

import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const project = fileURLToPath(new URL("..", import.meta.url).href);
const wrangler = `${project}node_modules/wrangler/bin/wrangler.js`;
const settings_file = `${project}.dev.vars`;
const local_configuration = `${project}wrangler.dev.toml`;

// Neither is needed here, and each asks somebody outside at every start.
const env = { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false" };

function freshToken(): string {
  return randomBytes(32).toString("hex");
}

/** Settings for this machine: fresh tokens, and a source list that lets its own requests in. */
function freshSettings(): string {
  return [
    "# Settings for this machine, made by `npm run dev`. Not to be committed.",
    `WEBHOOK_TOKEN="${freshToken()}"`,
    `ADMIN_TOKEN="${freshToken()}"`,
    "# This machine's own requests are let in, beside the address that `npm run push` seems to come from.",
    'ALLOWED_SOURCES="127.0.0.1, ::1, 47.94.95.118"',
    "# The shipped action is live once it has an address to call:",
    '# RESTART_HOST_URL="http://127.0.0.1:9000/restart"',
    "# Everything but the calls to targets:",
    '# DRY_RUN="on"',
    "",
  ].join("\n");
}

/**
 * The configuration without its [secrets]: with them, wrangler passes on only those names of `.dev.vars` that are listed as
 * required, and an action's settings would never reach the Worker. It stands beside the other one, as the paths in it are
 * relative.
 */
function writeLocalConfiguration(): void {
  const configuration = readFileSync(`${project}wrangler.toml`, "utf8");
  writeFileSync(local_configuration, configuration.replace(/^\[secrets\]\n(?:(?!\[).*\n)*/m, ""));
}

if (!existsSync(settings_file)) {
  writeFileSync(settings_file, freshSettings(), { mode: 0o600 });
  console.log("Wrote .dev.vars with fresh random tokens.");
}
writeLocalConfiguration();

const further = process.argv.slice(2);
const { values } = parseArgs({ args: further, options: { "persist-to": { type: "string" } }, strict: false });
const persistence = typeof values["persist-to"] === "string" ? ["--persist-to", values["persist-to"]] : [];
const local = ["--config", local_configuration];
// Where CI is set it asks nothing.
const migrated = spawnSync(
  process.execPath,
  [wrangler, "d1", "migrations", "apply", "DB", "--local", ...local, ...persistence],
  { cwd: project, env: { ...env, CI: "true" }, encoding: "utf8" },
);
if (migrated.status !== 0) {
  console.error(`The local database could not be brought up to date:\n${migrated.stdout}\n${migrated.stderr}`);
  process.exit(1);
}

const child = spawn(process.execPath, [wrangler, "dev", ...local, ...further], { cwd: project, env, stdio: "inherit" });
// The terminal sends Ctrl-C to both; a signal to this process alone is passed on.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 1));
