// `npm run deploy`: a first deploy and every later one. Each step looks before it acts, so that all of it can be run again
// after any failure. The running Worker is left alone until the last one, and the tables are there before the code is.
//
//   npm run deploy                             further arguments go on to `wrangler deploy`
//   npm run deploy -- --secrets-file FILE      brings the secrets along
//   npm run deploy -- --dry-run                builds and checks, and touches nothing

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import * as wrangler from "./wrangler.ts";
import type { Answer, Configuration, Resource } from "./wrangler.ts";

const configuration_file = "wrangler.toml";
/** There only while the last step runs, and beside the other one, since the paths in it are relative. */
const completed_file = "wrangler.deploy.toml";
/** Arguments that choose another Worker or account: only the last step would follow them. */
const elsewhere = /^(-[ec]|--(env|env-file|config|name|profile|cwd|temporary|dispatch-namespace))(=|$)/;

/** What went wrong, and what to do about it. */
type Trouble = string;
type Step = (config: Configuration, further: string[]) => Trouble | undefined;

function say(line: string): undefined {
  console.log(`deploy: ${line}`);
}

function failed(what: string, answer: Answer): Trouble {
  return `${what} failed. What wrangler said:\n${answer.stderr.trim() || answer.stdout.trim()}`;
}

const checkLogin: Step = () => {
  if (wrangler.saysLoggedOut(wrangler.ask(["whoami", "--json"])))
    return "Not logged in to Cloudflare. Run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN where no person is present.";
  return say("logged in");
};

const checkSecrets: Step = ({ name, secrets }, further) => {
  if (further.some((arg) => /^--secrets-file(=|$)/.test(arg))) return say("secrets come along in the file");
  const answer = wrangler.ask(["secret", "list"]);
  const present = wrangler.secretNames(answer);
  if (!present) return failed("Listing the secrets", answer);
  const missing = secrets.required.filter((secret) => !present.includes(secret));
  if (missing.length === 0) return say("required secrets are set");
  return [
    `The Worker "${name}" lacks ${missing.join(" and ")}. Set what is missing, then deploy again:`,
    ...missing.map((secret) => `  npx wrangler secret put ${secret}`),
    "Or bring them in a file of NAME=value lines: npm run deploy -- --secrets-file FILE",
    "Wrangler offers to create a Worker that does not exist yet: say yes. A good token: openssl rand -hex 32",
  ].join("\n");
};

const makeResources: Step = (config) => {
  for (const resource of wrangler.wantedResources(config)) {
    const trouble = makeResource(resource);
    if (trouble !== undefined) return trouble;
  }
  return undefined;
};

function makeResource(resource: Resource): Trouble | undefined {
  const title = `${resource.kind} ${resource.name}`;
  const looked = wrangler.ask(wrangler.lookCommand(resource));
  const there = wrangler.isThere(resource, looked);
  if (there === undefined) return failed(`Looking for the ${title}`, looked);
  if (there) return say(`${title} is there`);
  const created = wrangler.ask(wrangler.createCommand(resource));
  return created.ok ? say(`${title} created`) : failed(`Creating the ${title}`, created);
}

const applyMigrations: Step = ({ d1_databases }) => {
  for (const { binding } of d1_databases) {
    say(`migrations of ${binding}`);
    // Quietly: a person who declines wrangler's question would end it with success, and the new code would go live.
    if (wrangler.show(["d1", "migrations", "apply", binding, "--remote"], { quietly: true }) !== 0)
      return "A migration failed, see above. Nothing was deployed: the Worker that runs is still the old one.";
  }
  return undefined;
};

const deployWorker: Step = (config, further) => {
  const listed = wrangler.ask(["kv", "namespace", "list"]);
  const ids = wrangler.namespaceIds(listed);
  if (!ids) return failed("Looking up the KV namespace", listed);
  const completed = wrangler.withNamespaceIds(readFileSync(configuration_file, "utf8"), config, ids);
  if (completed === undefined)
    return `Write the id of each KV namespace beside its binding in ${configuration_file}: npx wrangler kv namespace list`;
  say("upload");
  writeFileSync(completed_file, completed);
  try {
    if (wrangler.show(["deploy", "--config", completed_file, ...further]) === 0) return undefined;
  } finally {
    rmSync(completed_file, { force: true });
  }
  return "The deploy failed, see above. What was made before it stays and is used by the next one.";
};

function deploy(further: string[]): number {
  const refused = further.find((arg) => elsewhere.test(arg));
  if (refused !== undefined) {
    console.error(
      `deploy: ${refused} is not passed on: it names another Worker or account than the steps before would use.`,
    );
    return 2;
  }
  if (further.includes("--dry-run")) return wrangler.show(["deploy", ...further]);

  const config = wrangler.readConfiguration(configuration_file);
  for (const step of [checkLogin, checkSecrets, makeResources, applyMigrations, deployWorker]) {
    const trouble = step(config, further);
    if (trouble === undefined) continue;
    console.error(`deploy: ${trouble}`);
    return 1;
  }
  say("done");
  if (!wrangler.hasAddress(config))
    say(`${configuration_file} has no route: unless the dashboard has one, add a custom domain (see README).`);
  return 0;
}

process.exitCode = deploy(process.argv.slice(2));
