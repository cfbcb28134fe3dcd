// `npm run playbook` as a person calls it: in a copy of the project, with a playbook and settings of the test's own.

import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

const project = fileURLToPath(new URL("../..", import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flashduty-edge-playbook-"));
  cpSync(join(project, "scripts"), join(folder, "scripts"), { recursive: true });
  symlinkSync(join(project, "node_modules"), join(folder, "node_modules"));
});
beforeEach(() => {
  for (const name of ["src", "wrangler.toml", "package.json"])
    cpSync(join(project, name), join(folder, name), { recursive: true });
  rmSync(join(folder, ".dev.vars"), { force: true });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Ended {
  code: number | null;
  said: string;
  errors: string;
}

function run(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const script = join(folder, "scripts/playbook.ts");
  // Some forty starts: what wrangler takes to be compiled is kept from one to the next.
  const all = { NODE_COMPILE_CACHE: join(folder, "compiled"), ...env };
  const child = spawn(process.execPath, [script, ...args], {
    cwd: folder,
    env: all,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const out: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
  return new Promise((resolve) => {
    child.on("close", (code) => {
      resolve({ code, said: Buffer.concat(out).toString(), errors: Buffer.concat(errors).toString() });
    });
  });
}

/** Without the line breaks of the layout, so that a sentence can be looked for. */
function flowing(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

const HEAD = `
import * as z from "zod";
import { action } from "./actions/action.ts";
import { http } from "./actions/http.ts";
import { rundeck } from "./actions/restart/rundeck.ts";
import { label } from "./domain/key.ts";
import { definePlaybook } from "./domain/playbook.ts";
const guards = { each: { at_once: 1, cool_down_ms: 600_000 } };
const look = action({ summary: "look", params: {}, informational: true }, [http({ settings: "LOOK", method: "GET" })]);
const restart = action(
  { summary: "restart", key: label("resource"), params: { dc: z.string().optional() }, after: "look", guards },
  [rundeck({ job: "RESTART_JOB" }), http({ settings: "RESTART", method: "POST" })],
);
`;

/** What stands in definePlaybook's parentheses. */
function playbookOf(text: string): void {
  writeFileSync(join(folder, "src/playbook.ts"), `${HEAD}export const playbook = definePlaybook(${text});\n`);
}

function settingsOf(settings: Record<string, string>): void {
  const lines = Object.entries(settings).map(([name, value]) => `${name}="${value}"`);
  writeFileSync(join(folder, ".dev.vars"), lines.join("\n"));
}

function pushOf(event_type: string, incident: object = { labels: { resource: "es.nj.01" } }): string {
  const person = { person_id: 7, person_name: "zhangsan" };
  const body = { event_id: "event-1", event_type, event_time: 1, person, incident: { incident_id: "i1", ...incident } };
  writeFileSync(join(folder, "push.json"), JSON.stringify(body));
  return "push.json";
}

const RULES = `{ actions: { look, restart }, rules: [
  { on: ["i_new"], when: { severity: ["Critical"] }, run: "look" },
  { on: ["i_new"], when: { hours: { zone: "Asia/Shanghai", from: "22:00", to: "06:00" } },
    approval: { within_ms: 1_800_000, not_by: () => ["lisi"] }, run: "restart" },
  { on: ["i_reopen"], when: { occurrence: "first" }, run: "restart" },
  { on: ["i_reopen"], follows: true, run: "look" },
] }`;

const READY = { LOOK_URL: "https://look.example/a-secret-address", RESTART_URL: "https://restart.example/" };

describe("the shipped playbook", () => {
  it("is sound, is told within 100 columns, and names what is to be set up", async () => {
    const { code, said, errors } = await run([]);
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    expect(said.split("\n").filter((line) => line.length > 100)).toEqual([]);
    for (const words of [
      "restart-host: restart the host that the incident is about button /webhooks/action/restart-host?dc=…",
      "acts on the label `resource`",
      "RUNDECK_URL, RUNDECK_TOKEN (secret), RUNDECK_RESTART_JOB",
      "one of PROMETHEUS_URL, LOKI_URL, JAEGER_URL, TEMPO_URL, CATALOG_URL",
      "on one key: at most 1 at a time; not again within 10 minutes after a run; at most 3 runs within 6 hours",
      'or gets another severity, then "update-status-page" is run, where it was run for the incident before.',
    ])
      expect(flowing(said)).toContain(words);
    // Its only rule follows up.
    expect(said).not.toContain('rules call for "update-status-page"');
  });

  it("passes the check, which tells nothing but that and what may surprise", async () => {
    const { code, said } = await run(["--check"]);
    expect(code).toBe(0);
    expect(said).toMatch(/^The playbook: \d+ actions, \d+ rules?\. Nothing is wrong with it\.\n/);
    expect(said).not.toContain("acts on");
  });
});

describe("a playbook that is wrong", () => {
  const wrong = `{
    actions: { look, "Re Start": restart, approve: { ...look, destructive: true }, late: { ...look, after: "lok" } },
    rules: [{ on: [], run: "lock" }],
  }`;

  it.each([[[]], [["--check"]], [["push.json"]]])("is told fault by fault: %j", async (args) => {
    playbookOf(wrong);
    pushOf("i_new");
    const { code, said } = await run(args);
    expect(code).toBe(1);
    const faults = flowing(said).split(/(?= - )/);
    expect(faults[0]).toBe("The playbook is wrong:");
    for (const [at, words] of [
      'action "Re Start": a name is lower-case letters',
      'action "approve": this name is taken',
      'action "approve": it changes something, but names no key to act on: give it one',
      'action "approve": it changes something, but nothing limits how often',
      'action "late": it waits for "lok", which the playbook does not have',
      'rule 1 ( → lock): the playbook has no action "lock"',
      "rule 1 ( → lock): it is on no event at all Put it right, and look again with: npm run playbook",
    ].entries())
      expect(faults[at + 1]).toContain(words);
    expect(faults).toHaveLength(8);
  });

  it("is told as one sentence each, where a fault has several lines", async () => {
    playbookOf("{ actions: { look: { ...look, policy: { ...look.policy, attempts: 0 } } }, rules: [] }");
    expect((await run([])).said).toMatch(/^ {2}- action "look": .+ at attempts$/m);
  });

  it("is told, too, where only the compiler would refuse it", async () => {
    playbookOf('{ actions: { look }, rules: [{ on: ["i_now", "i_new", "i_custom"], run: "look" }] }');
    const { code, said } = await run([]);
    expect(code).toBe(1);
    expect(flowing(said)).toContain('- rule 1 (look): a rule cannot be on "i_now"; there is: i_new,');
    expect(flowing(said)).toContain('- rule 1 (look): a rule cannot be on "i_custom"; there is: i_new,');
  });

  it.each([
    ["a slip of the pen", "{ actions: { look }, rules: [[ foo bar", /src\/playbook\.ts:\d+: SyntaxError: /],
    [
      "a name that is not there",
      "{ actions: { look: loock }, rules: [] }",
      /src\/playbook\.ts:\d+: ReferenceError: loock/,
    ],
  ])("is told with its place: %s", async (_, text, said) => {
    playbookOf(text);
    const ended = await run([]);
    expect(ended.code).toBe(1);
    expect(ended.said).toMatch(said);
  });
});

describe("settings", () => {
  it("choose the connector: the first that is set up", async () => {
    playbookOf(RULES);
    settingsOf(READY);
    const { code, said } = await run([]);
    expect(code).toBe(0);
    expect(flowing(said)).toContain("by HTTP (RESTART) (not by Rundeck (RUNDECK, RESTART_JOB): it needs RUNDECK_URL");
    expect(said).not.toContain("a-secret-address");
  });

  it.each([
    ["half of a connector", { RUNDECK_URL: "https://rundeck.example" }, "RESTART_JOB is missing; set it under [vars]"],
    ["a wrong address", { ...READY, LOOK_URL: "http://look.example" }, "LOOK_URL must be an https address"],
    ["a wrong one of the receiver's own", { ...READY, DRY_RUN: "yes" }, 'DRY_RUN must be "on" or "off"'],
  ])("that are wrong are faults, in the check too: %s", async (_, settings, fault) => {
    playbookOf(RULES);
    settingsOf(settings);
    for (const { code, said } of await Promise.all([run([]), run(["--check"])])) {
      expect(code).toBe(1);
      expect(flowing(said)).toMatch(/Wrong is: - .* in \.dev\.vars\)/);
      expect(flowing(said)).toContain(fault);
    }
  });

  it("that are not there are none, but rules that call for nothing are noted", async () => {
    playbookOf(RULES);
    const { code, said } = await run([]);
    expect(code).toBe(0);
    expect(flowing(said)).toContain('rules call for "look", which is not set up here');
    expect(flowing(said)).toContain("FLASHDUTY_APP_KEY is not set here");
  });

  it("that another action's connector needs do not mean this one", async () => {
    playbookOf(
      `{ actions: { look, restart, other: { ...restart, connectors: [rundeck({ job: "OTHER_JOB" })] } }, rules: [] }`,
    );
    settingsOf({ RUNDECK_URL: "https://rundeck.example", RUNDECK_TOKEN: "0123456789", OTHER_JOB: "a-job" });
    expect((await run([])).code).toBe(0);
  });

  it("that are wrong stop a connector that somebody means, though others need them as well", async () => {
    settingsOf({ FLASHDUTY_APP_KEY: "short" });
    const { code, said } = await run(["--check"]);
    expect(code).toBe(1);
    expect(flowing(said)).toContain('action "update-status-page", Flashduty status page (FLASHDUTY_PAGE):');
  });

  it("come from the environment first; the check looks at files alone", async () => {
    playbookOf(RULES);
    settingsOf(READY);
    const wrong = { RESTART_URL: "nowhere" };
    const [whole, check] = await Promise.all([run([], wrong), run(["--check"], wrong)]);
    expect([whole.code, check.code]).toEqual([1, 0]);
    expect(flowing(whole.said)).toContain("RESTART_URL must be an https address");
    expect(flowing(whole.said)).toContain("RESTART_URL in the environment)");
  });

  it("may name a private network's service", async () => {
    playbookOf(RULES);
    settingsOf({ ...READY, LOOK_URL: "http://look.internal" });
    writeFileSync(join(folder, "wrangler.toml"), '\n[[vpc_services]]\nbinding = "LOOK_VPC"\nservice_id = "1"\n', {
      flag: "a",
    });
    expect((await run([])).code).toBe(0);
  });
});

const runOf = (said: string, action: string) =>
  flowing(said.slice(said.indexOf(`\n${action}\n`), said.indexOf("\nRules that", said.indexOf(`\n${action}\n`))));

describe("what would happen", () => {
  beforeEach(() => {
    playbookOf(RULES);
    settingsOf(READY);
  });

  it("to an event: the runs, what they wait for, and why no others", async () => {
    const { code, said } = await run([
      pushOf("i_new", { incident_severity: "Critical", labels: { resource: "es.nj.01" } }),
      "--at",
      "2026-11-22T03:00:00+08:00",
    ]);
    expect(code).toBe(0);
    expect(said).toContain("arriving at 2026-11-21 19:00 UTC");
    expect(flowing(said)).toContain("2 runs would be planned:");
    expect(runOf(said, "look")).toContain(
      "run_id i1:event-1:look called for rule 1 acts on nothing in particular by HTTP (LOOK) then it starts at once",
    );
    const restart = runOf(said, "restart");
    expect(restart).toContain("called for rule 2 acts on es.nj.01 by HTTP (RESTART)");
    expect(restart).toContain("it waits to be approved until 2026-11-21 19:30 UTC (30 minutes), by others than lisi");
    expect(restart).toContain('it waits until the run of "look" has ended, 1 minute at most');
    expect(restart).toContain("on one key: at most 1 at a time; not again within 10 minutes after a run");
    expect(flowing(said)).toContain("- 3 (restart), 4 (look): it is for other types of event");
  });

  it("at another time, with another severity: what of the rules does not hold", async () => {
    const { said } = await run([pushOf("i_new"), "--at", "2026-11-22T12:00:00+08:00"]);
    expect(said).toContain("No run would be planned.");
    expect(flowing(said)).toContain("- 1 (look): what does not hold: its severity is Critical");
    expect(flowing(said)).toContain("- 2 (restart): what does not hold: it is between 22:00 and 06:00 (Asia/Shanghai)");
  });

  it("to an incident that comes back, of which nothing is known", async () => {
    const { said } = await run([pushOf("i_reopen")]);
    const far = "what does not hold, as far as is known here:";
    expect(flowing(said)).toContain(`- 3 (restart): ${far} it has never been reopened`);
    expect(flowing(said)).toContain(`- 4 (look): ${far} "look" was run for the incident before`);
  });

  it("to the press of a button: what is run, on what, by what, with what", async () => {
    const { code, said } = await run([pushOf("i_custom"), "--action", "restart", "--query", "dc=nj"]);
    expect(code).toBe(0);
    expect(flowing(said)).toContain("to /webhooks/action/restart, arriving at");
    expect(runOf(said, "restart")).toContain(
      'called for the press of its button by zhangsan acts on es.nj.01 with dc=nj by HTTP (RESTART) then it waits until the run of "look" has ended, 1 minute at most',
    );
    expect(runOf(said, "look")).toContain("called for restart, to come before it");
  });

  it("where the key is missing, or nothing is set up: the run ends at once, and why", async () => {
    const without_key = await run([pushOf("i_custom", { labels: {} }), "--action", "restart"]);
    expect(runOf(without_key.said, "restart")).toContain(
      "then it ends as skipped at once: the label `resource` is missing",
    );
    settingsOf({});
    const without_settings = await run([pushOf("i_custom"), "--action", "restart"]);
    expect(runOf(without_settings.said, "restart")).toContain("then it ends as failed at once: RUNDECK_URL is missing");
  });

  it("to a press that came to the incident webhook, and to one that approves", async () => {
    expect((await run([pushOf("i_custom")])).said).toContain("add: --action NAME");
    const { said } = await run([pushOf("i_custom"), "--action", "approve", "--query", "action=restart"]);
    expect(flowing(said)).toContain('approves every run of "restart" that waits for approval');
  });

  it("is found out without asking anybody", async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    settingsOf({ RESTART_URL: url, LOOK_URL: url, FLASHDUTY_API_URL: url, FLASHDUTY_APP_KEY: "0123456789abcdef" });
    const { code } = await run([pushOf("i_custom"), "--action", "restart"]);
    expect({ code, asked }).toEqual({ code: 0, asked: 0 });
    server.close();
  });
});

describe("what cannot be answered", () => {
  it.each<[string, string[], string]>([
    ["a file that is not there", ["no.json"], "no such file"],
    ["no JSON", ["wrangler.toml"], "- the body is not JSON"],
    ["JSON that is no push", ["package.json"], "- event_type "],
    ["an unknown action", ["push.json", "--action", "nix"], 'There is no "nix". There is: look, restart, approve.'],
    ["an event at a button's address", ["push.json", "--action", "look"], '"i_new" is no press of a button'],
    ["a wrong parameter", ["press.json", "--action", "restart", "--query", "host=a"], "- query Unrecognized key"],
    [
      "a parameter twice",
      ["press.json", "--action", "restart", "--query", "dc=a", "--query", "dc=b"],
      "- query.dc is given more than once",
    ],
    ["half a parameter", ["press.json", "--action", "restart", "--query", "dc"], '--query is NAME=VALUE, not "dc"'],
    ["a parameter of no button", ["push.json", "--query", "dc=a"], "name its action with --action"],
    ["a time without its zone", ["push.json", "--at", "2026-11-22T03:00:00"], "like 2026-11-22T03:00:00+08:00"],
    ["a time that is none", ["push.json", "--at", "2026-13-22T03:00:00Z"], "like 2026-11-22T03:00:00+08:00"],
    ["an action without a push", ["--action", "look"], "name the file that holds its body"],
    ["two pushes", ["push.json", "press.json"], '"press.json" is one too many'],
    ["an unknown option", ["--nix"], "--nix"],
  ])("is told with what to do, and ends with 2: %s", async (_, args, said) => {
    playbookOf(RULES);
    writeFileSync(
      join(folder, "press.json"),
      JSON.stringify({ event_id: "e", event_type: "i_custom", incident: { incident_id: "i" } }),
    );
    pushOf("i_new");
    const ended = await run(args);
    expect({ code: ended.code, said: ended.said }).toEqual({ code: 2, said: "" });
    expect(flowing(ended.errors)).toContain(said);
    expect(ended.errors).toContain("npm run playbook -- --help");
  });

  it("leaves the usage to --help", async () => {
    const { code, said } = await run(["--help"]);
    expect(code).toBe(0);
    expect(said).toContain("--at TIME");
  });
});
