// A host restart, tried for real: a press, the receiver as a process, and Debian's `webhook`, which runs a script. What is
// restarted is a file. (`apt-get install webhook`; without it, only CI insists.)
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { actionBody } from "../simulator/push-body.ts";
import { type Receiver, receiverAt } from "../simulator/receiver.ts";
import { freePort, freshTokens, type Runtime, startRuntime } from "../simulator/runtime.ts";
import { createSender, type Sender } from "../simulator/sender.ts";

const TOKEN = "a-credential-of-the-runner";
const scratch = mkdtempSync(join(tmpdir(), "flashduty-edge-webhook-"));
const restarted = join(scratch, "restarted");

function isInstalled(): boolean {
  try {
    execFileSync("webhook", ["-version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** The script restarts a host once per run, by whatever number of requests, and refuses one that it does not know. */
const SCRIPT = `#!/bin/sh
case "$1" in es.nj.*) ;; *) echo "unknown host"; exit 1 ;; esac
mkdir "${scratch}/$(printf %s "$2" | tr -c 'A-Za-z0-9' _)" 2>/dev/null || { echo "done before"; exit 0; }
echo "$1" >> "${restarted}"
`;

const HOOKS = [
  {
    id: "restart",
    "execute-command": join(scratch, "restart.sh"),
    "http-methods": ["POST"],
    "include-command-output-in-response": true,
    "pass-arguments-to-command": [
      { source: "payload", name: "host" },
      { source: "payload", name: "run_id" },
    ],
    "trigger-rule": {
      match: { type: "value", value: `Bearer ${TOKEN}`, parameter: { source: "header", name: "Authorization" } },
    },
    "trigger-rule-mismatch-http-response-code": 401,
  },
];

async function startWebhook(port: number): Promise<ChildProcess> {
  writeFileSync(join(scratch, "restart.sh"), SCRIPT);
  chmodSync(join(scratch, "restart.sh"), 0o700);
  writeFileSync(join(scratch, "hooks.json"), JSON.stringify(HOOKS));
  const args = ["-hooks", join(scratch, "hooks.json"), "-ip", "127.0.0.1", "-port", String(port)];
  const child = spawn("webhook", args, { stdio: "ignore" });
  for (let tries = 0; tries < 200; tries++) {
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => null);
    if (answer !== null) return child;
    await pause(25);
  }
  child.kill("SIGKILL");
  throw new Error("webhook did not start");
}

describe.skipIf(!isInstalled() && process.env["CI"] !== "true")("a host that webhook restarts", () => {
  const tokens = freshTokens();
  let webhook: ChildProcess;
  let runtime: Runtime;
  let sender: Sender;
  let receiver: Receiver;

  beforeAll(async () => {
    const port = await freePort();
    webhook = await startWebhook(port);
    const vars = { ...tokens, RESTART_HOST_URL: `http://127.0.0.1:${port}/hooks/restart`, RESTART_HOST_TOKEN: TOKEN };
    runtime = await startRuntime({ persist_to: join(scratch, "state"), vars });
    sender = createSender({ url: runtime.url, token: tokens.WEBHOOK_TOKEN });
    receiver = receiverAt(runtime.url, tokens.ADMIN_TOKEN);
  });

  afterAll(async () => {
    sender?.close();
    await runtime?.stop();
    webhook?.kill();
    rmSync(scratch, { recursive: true, force: true });
  });

  const incident = "655dc2a1b3c4d5e6f7a8b9c0";

  const pushOf = (event_id: string, host: string) => {
    const body = actionBody({ incident, event_id, host, at_ms: Date.now(), progress: "Triggered" });
    return { address: "action/restart-host", body };
  };

  const press = async (event_id: string, host: string) => {
    const push = pushOf(event_id, host);
    expect([await sender.send(push), await sender.send(push)]).toMatchObject([
      { delivered: true },
      { delivered: true },
    ]);
    return receiver.ended(`${incident}:${event_id}:restart-host`, 60_000);
  };

  it("is restarted once by one press, however often the press comes", async () => {
    expect(await press("press-1", "es.nj.01")).toMatchObject({ state: "succeeded", reason: "the target answered 200" });
    expect(readFileSync(restarted, "utf8")).toBe("es.nj.01\n");
  });

  it("is not restarted where the script refuses, and nobody claims it was", async () => {
    const before = existsSync(restarted) ? readFileSync(restarted, "utf8") : "";
    expect(await press("press-2", "es.sh.01")).toMatchObject({ state: "unknown" });
    expect(readFileSync(restarted, "utf8")).toBe(before);
  });

  it("is not even asked for where the label does not name one host", async () => {
    const before = existsSync(restarted) ? readFileSync(restarted, "utf8") : "";
    const host = "es.nj.01; reboot";
    expect(await sender.send(pushOf("press-3", host))).toMatchObject({ delivered: false, status: 422, attempts: 1 });
    const run = await receiver.ended(`${incident}:press-3:restart-host`, 60_000);
    const reason = `the label \`resource\` is "${host}", which does not name one thing to act on`;
    expect(run).toMatchObject({ state: "skipped", reason });
    expect(existsSync(restarted) ? readFileSync(restarted, "utf8") : "").toBe(before);
  });
});
