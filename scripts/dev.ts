// `npm run dev`: the bare receiver on this machine. Makes what it needs: `.dev.vars` with fresh tokens where there is none,
// D1's tables; then hands over to `wrangler dev`, with all further arguments.

import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";

const project = fileURLToPath(new URL("..", import.meta.url));
const wrangler = `${project}node_modules/wrangler/bin/wrangler.js`;
const settings_file = `${project}.dev.vars`;
/** Those that wrangler.toml requires; wrangler reads them from the file by itself. */
const required = new Set(["WEBHOOK_TOKEN", "ADMIN_TOKEN"]);

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
    "",
  ].join("\n");
}

/**
 * With `[secrets]` in wrangler.toml, wrangler passes on only those names of `.dev.vars` that it lists as required or that
 * stand under [vars]. The optional ones, such as an action's settings, go as arguments.
 */
function optionalSettings(): string[] {
  const settings = Object.entries(parseEnv(readFileSync(settings_file, "utf8")));
  return settings.flatMap(([name, value]) => (required.has(name) ? [] : ["--var", `${name}:${value ?? ""}`]));
}

/** The folder that a `--persist-to` among the arguments names: D1's tables have to be there too. */
function persistence(args: string[]): string[] {
  const at = args.findIndex((arg) => arg === "--persist-to" || arg.startsWith("--persist-to="));
  const [name = "", given = args[at + 1] ?? ""] = (args[at] ?? "").split("=");
  return at < 0 ? [] : [name, given];
}

const further = process.argv.slice(2);
if (!existsSync(settings_file)) {
  writeFileSync(settings_file, freshSettings(), { mode: 0o600 });
  console.log("Wrote .dev.vars with fresh random tokens.");
}
const migrate = ["d1", "migrations", "apply", "DB", "--local", ...persistence(further)];
// CI=true: it asks nothing.
execFileSync(process.execPath, [wrangler, ...migrate], { cwd: project, env: { ...env, CI: "true" }, stdio: "ignore" });

const serve = [wrangler, "dev", ...optionalSettings(), ...further];
const child = spawn(process.execPath, serve, { cwd: project, env, stdio: "inherit" });
// The terminal sends Ctrl-C to both; a signal to this process alone is passed on.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 1));
