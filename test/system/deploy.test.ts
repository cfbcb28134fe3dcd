// `npm run deploy` as a person calls it. Its order, its messages and its exit codes against a stand-in for wrangler; that
// the stand-in's answers are wrangler's own, against the real one with an account on this machine.

import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { readConfiguration, wantedResources, withNamespaceIds } from "../../scripts/wrangler.ts";
import { Account, serve } from "./account.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));
const toml = readFileSync(join(project, "wrangler.toml"), "utf8");

/** Knows what is in the account from state.json, and writes down in calls.jsonl what it was asked. */
const stand_in = `
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
const argv = process.argv.slice(2);
const state = JSON.parse(readFileSync("state.json", "utf8"));
const called = argv.join(" ");
appendFileSync("calls.jsonl", JSON.stringify(called) + "\\n");
const end = (code, out, error = "") => {
  writeFileSync("state.json", JSON.stringify(state));
  process.stdout.write(out);
  process.stderr.write(error);
  process.exit(code);
};
const created = (list, one) => { list.push(one); end(0, "created"); };
const name = argv.at(-1);
if (state.broken && called.startsWith(state.broken)) end(1, "", "✘ [ERROR] the reason of " + state.broken);
if (called === "whoami --json") end(state.logged_in ? 0 : 1, "\\n" + JSON.stringify({ loggedIn: state.logged_in }));
if (called === "secret list") {
  if (state.secrets) end(0, JSON.stringify(state.secrets.map((name) => ({ name, type: "secret_text" }))));
  end(1, "", '✘ [ERROR] Worker "flashduty-edge" not found.\\n\\n  If this is a new Worker, run ...');
}
if (called === "kv namespace list") end(0, JSON.stringify(state.namespaces.map((title) => ({ title, id: "id-of-" + title }))));
if (called.startsWith("kv namespace create")) created(state.namespaces, name);
if (called === "d1 list --json") end(0, JSON.stringify(state.databases.map((name) => ({ name, uuid: "1" }))));
if (called.startsWith("d1 create")) created(state.databases, name);
if (called.startsWith("queues info")) {
  if (state.queues.includes(name)) end(0, "Queue Name: " + name);
  end(1, "a banner", '✘ [ERROR] Queue "' + name + '" does not exist. To create it, run: wrangler queues create ' + name);
}
if (called.startsWith("queues create")) created(state.queues, name);
if (called.startsWith("d1 migrations apply")) end(0, "applied\\n");
if (argv[0] === "deploy") {
  if (argv[1] === "--config") writeFileSync("deployed.toml", readFileSync(argv[2]));
  end(0, "deployed\\n");
}
end(1, "", "not known to the stand-in: " + called);
`;

const everything = {
  logged_in: true,
  secrets: ["ADMIN_TOKEN", "WEBHOOK_TOKEN"],
  namespaces: ["another", "flashduty-edge-seen"],
  databases: ["another", "flashduty-edge"],
  queues: ["flashduty-edge-dead", "flashduty-edge-runs"],
};
const looks = [
  "whoami --json",
  "secret list",
  "kv namespace list",
  "d1 list --json",
  "queues info flashduty-edge-runs",
  "queues info flashduty-edge-dead",
];
const goes_live = ["d1 migrations apply DB --remote", "kv namespace list", "deploy --config wrangler.deploy.toml"];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flashduty-edge-deploy-"));
  writeFileSync(join(folder, "wrangler.toml"), toml);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

type Ended = { code: number | null; said: string[]; errors: string };

/** The script's own process, in the temporary folder. `said`: its own lines, without wrangler's. */
function deploy(args: string[], env: Record<string, string>): Promise<Ended> {
  const script = join(project, "scripts/deploy.ts");
  const child = spawn(process.execPath, [script, ...args], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  const out: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
  return new Promise((resolve) => {
    child.on("close", (code) => {
      const lines = Buffer.concat(out).toString().split("\n");
      const said = lines.flatMap((line) => (line.startsWith("deploy: ") ? [line.slice("deploy: ".length)] : []));
      resolve({ code, said, errors: Buffer.concat(errors).toString() });
    });
  });
}

async function deployWithStandIn(state: object, ...args: string[]): Promise<Ended & { calls: string[] }> {
  const wrangler = join(folder, "wrangler.mjs");
  writeFileSync(wrangler, stand_in);
  writeFileSync(join(folder, "state.json"), JSON.stringify(state));
  rmSync(join(folder, "calls.jsonl"), { force: true });
  const ended = await deploy(args, { WRANGLER: wrangler });
  const recorded = existsSync(join(folder, "calls.jsonl")) ? readFileSync(join(folder, "calls.jsonl"), "utf8") : "";
  const calls = recorded
    .split("\n")
    .filter(Boolean)
    .map((line) => z.string().parse(JSON.parse(line)));
  return { ...ended, calls };
}

describe("npm run deploy", () => {
  it("makes what is missing, then applies the migrations, then uploads", async () => {
    const nothing = { ...everything, namespaces: ["another"], databases: [], queues: [] };
    const { code, said, calls } = await deployWithStandIn(nothing);
    expect(code).toBe(0);
    expect(calls).toEqual([
      "whoami --json",
      "secret list",
      "kv namespace list",
      "kv namespace create flashduty-edge-seen",
      "d1 list --json",
      "d1 create flashduty-edge",
      "queues info flashduty-edge-runs",
      "queues create flashduty-edge-runs",
      "queues info flashduty-edge-dead",
      "queues create flashduty-edge-dead",
      ...goes_live,
    ]);
    expect(said).toContain("queue flashduty-edge-dead created");
  });

  it("makes nothing that is there, and passes its arguments on", async () => {
    const { code, said, calls } = await deployWithStandIn(everything, "--message", "second");
    expect(code).toBe(0);
    expect(calls).toEqual([
      ...looks,
      ...goes_live.slice(0, -1),
      "deploy --config wrangler.deploy.toml --message second",
    ]);
    expect(said).toEqual([
      "logged in",
      "required secrets are set",
      "KV namespace flashduty-edge-seen is there",
      "D1 database flashduty-edge is there",
      "queue flashduty-edge-runs is there",
      "queue flashduty-edge-dead is there",
      "migrations of DB",
      "upload",
      "done",
      "wrangler.toml has no route: unless the dashboard has one, add a custom domain (see README).",
    ]);
  });

  it("uploads the configuration as it is, with the namespace's id, and leaves no copy behind", async () => {
    await deployWithStandIn(everything);
    const deployed = readFileSync(join(folder, "deployed.toml"), "utf8");
    expect(deployed).toBe(toml.replace('binding = "SEEN"', 'binding = "SEEN"\nid = "id-of-flashduty-edge-seen"'));
    expect(existsSync(join(folder, "wrangler.deploy.toml"))).toBe(false);
    expect(readFileSync(join(folder, "wrangler.toml"), "utf8")).toBe(toml);
  });

  it("only builds for --dry-run", async () => {
    const { code, calls } = await deployWithStandIn({ ...everything, logged_in: false }, "--dry-run");
    expect({ code, calls }).toEqual({ code: 0, calls: ["deploy --dry-run"] });
  });

  it("lets wrangler check the secrets that come in a file", async () => {
    const { code, calls } = await deployWithStandIn({ ...everything, secrets: null }, "--secrets-file", "tokens");
    expect(code).toBe(0);
    expect(calls).toEqual([
      ...looks.filter((call) => call !== "secret list"),
      ...goes_live.slice(0, -1),
      "deploy --config wrangler.deploy.toml --secrets-file tokens",
    ]);
  });

  it.each(["--env", "--env=staging", "-c"])("refuses %s, which only the last step would follow", async (argument) => {
    const { code, calls, errors } = await deployWithStandIn(everything, argument, "staging");
    expect({ code, calls }).toEqual({ code: 2, calls: [] });
    expect(errors).toContain(`${argument} is not passed on`);
  });

  it.each([
    {
      when: "nobody is logged in",
      state: { logged_in: false },
      last: "whoami --json",
      says: ["Not logged in", "npx wrangler login", "CLOUDFLARE_API_TOKEN"],
    },
    {
      when: "the Worker does not exist and so has no secrets",
      state: { secrets: null },
      last: "secret list",
      says: ["lacks WEBHOOK_TOKEN and ADMIN_TOKEN", "npx wrangler secret put WEBHOOK_TOKEN", "--secrets-file"],
    },
    {
      when: "one secret is missing",
      state: { secrets: ["WEBHOOK_TOKEN"] },
      last: "secret list",
      says: ["lacks ADMIN_TOKEN.", "npx wrangler secret put ADMIN_TOKEN"],
    },
    {
      when: "the secrets cannot be listed",
      state: { broken: "secret list" },
      last: "secret list",
      says: ["Listing the secrets failed", "the reason of secret list"],
    },
    {
      when: "a look fails",
      state: { broken: "queues info" },
      last: "queues info flashduty-edge-runs",
      says: ["Looking for the queue flashduty-edge-runs failed", "the reason of queues info"],
    },
    {
      when: "something cannot be made",
      state: { broken: "d1 create", databases: [] },
      last: "d1 create flashduty-edge",
      says: ["Creating the D1 database flashduty-edge failed", "the reason of d1 create"],
    },
    {
      when: "a migration fails",
      state: { broken: "d1 migrations apply" },
      last: "d1 migrations apply DB --remote",
      says: ["the reason of d1 migrations apply", "A migration failed", "Nothing was deployed"],
    },
    {
      when: "the upload fails",
      state: { broken: "deploy" },
      last: "deploy --config wrangler.deploy.toml",
      says: ["the reason of deploy", "The deploy failed"],
    },
  ])("stops, says why and ends with 1 when $when", async ({ state, last, says }) => {
    const { code, said, calls, errors } = await deployWithStandIn({ ...everything, ...state });
    expect(code).toBe(1);
    expect(calls.at(-1)).toBe(last);
    for (const text of says) expect(errors).toContain(text);
    expect(said).not.toContain("done");
    expect(existsSync(join(folder, "wrangler.deploy.toml"))).toBe(false);
  });
});

describe("npm run deploy, with the real wrangler", () => {
  const account_id = "0123456789abcdef0123456789abcdef";

  it("deploys into an empty account, although the first upload is refused, and once more", async () => {
    const account = new Account();
    const api = await serve(account, account_id);
    const env = {
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      CI: "true",
      CLOUDFLARE_API_BASE_URL: api.url,
      CLOUDFLARE_API_TOKEN: "a-token-that-only-tests-use",
      CLOUDFLARE_ACCOUNT_ID: account_id,
      WRANGLER_SEND_METRICS: "false",
    };
    mkdirSync(join(folder, "src"));
    writeFileSync(
      join(folder, "src/index.ts"),
      "export class Incident {}\nexport class Quota {}\nexport class Guard {}\nexport class Register {}\nexport default { fetch() {}, queue() {} };\n",
    );
    cpSync(join(project, "migrations"), join(folder, "migrations"), { recursive: true });
    writeFileSync(join(folder, "tokens"), "WEBHOOK_TOKEN=one\nADMIN_TOKEN=two\n");

    const withoutSecrets = await deploy([], env);
    expect(withoutSecrets.code).toBe(1);
    expect(withoutSecrets.errors).toContain("lacks WEBHOOK_TOKEN and ADMIN_TOKEN");
    expect(account.changes).toEqual([]);

    account.refuse_upload = true;
    const refused = await deploy(["--secrets-file", "tokens"], env);
    expect(refused.code).toBe(1);
    expect(refused.errors).toContain("refused, for the test");
    expect(account.worker).toBeUndefined();

    const second = await deploy(["--secrets-file", "tokens"], env);
    expect(second.errors).toBe("");
    expect(second.code).toBe(0);
    expect(account.worker).toContainEqual({
      name: "SEEN",
      type: "kv_namespace",
      namespace_id: "id-of-flashduty-edge-seen",
    });

    account.changes = [];
    const later = await deploy([], env);
    expect(later.code).toBe(0);
    expect(account.changes.filter((change) => /^POST \/(storage|queues$|d1\/database$)/.test(change))).toEqual([]);
    expect(account.unknown).toEqual([]);
    api.stop();
  });

  it("says so when nobody is logged in", async () => {
    const { code, errors } = await deploy([], { PATH: process.env["PATH"] ?? "", HOME: folder });
    expect(code).toBe(1);
    expect(errors).toContain("Not logged in");
  });
});

describe("what the configuration asks for", () => {
  const config = readConfiguration(join(project, "wrangler.toml"));

  it("is every resource without an id, by name", () => {
    expect(wantedResources(config)).toEqual([
      { kind: "KV namespace", name: "flashduty-edge-seen" },
      { kind: "D1 database", name: "flashduty-edge" },
      { kind: "queue", name: "flashduty-edge-runs" },
      { kind: "queue", name: "flashduty-edge-dead" },
    ]);
  });

  it("is nothing that has an id", () => {
    const with_ids = {
      ...config,
      kv_namespaces: [{ binding: "SEEN", id: "1" }],
      d1_databases: [{ binding: "DB", database_id: "2" }],
    };
    expect(wantedResources(with_ids).map(({ kind }) => kind)).toEqual(["queue", "queue"]);
    expect(withNamespaceIds("", with_ids, new Map())).toBe("");
  });

  it.each([
    { layout: "a comment behind it", text: `binding='SEEN' # seen`, becomes: `binding='SEEN' # seen\nid = "1"` },
    {
      layout: "another binding before it",
      text: `binding = "SEEN_TOO"\n  binding = "SEEN"`,
      becomes: `binding = "SEEN_TOO"\n  binding = "SEEN"\nid = "1"`,
    },
    { layout: "all on one line", text: `kv_namespaces = [{ binding = "SEEN" }]`, becomes: undefined },
  ])("is completed by the id, with $layout", ({ text, becomes }) => {
    expect(withNamespaceIds(text, config, new Map([["flashduty-edge-seen", "1"]]))).toBe(becomes);
    expect(withNamespaceIds(text, config, new Map())).toBeUndefined();
  });
});
