// `npm run demo`: the life of one incident, from its creation to its closing, on this machine: a simulated Flashduty, the
// real receiver, a target that fails when told to. Every step says what it promises and whether that came true; the exit
// code is 0 only where all did.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { actionBody, documentedAction, incidentBody } from "./push-body.ts";
import { receiverAt } from "./receiver.ts";
import { freshTokens, startRuntime } from "./runtime.ts";
import { createSender, type Delivery, type Sendable } from "./sender.ts";
import { type Step, table } from "./table.ts";
import { startTarget, times } from "./target.ts";

const { values: options } = parseArgs({ options: { stay: { type: "boolean", default: false } } });

const documented = documentedAction();
const incident = documented.incident.incident_id;
const pressed_at_ms = documented.event_time;
const MINUTE_MS = 60_000;

const persist_to = mkdtempSync(join(tmpdir(), "flashduty-edge-demo-"));
const target = await startTarget();
const tokens = freshTokens();
console.log("Starting the receiver on this machine …");
const runtime = await startRuntime({ persist_to, vars: { ...tokens, RESTART_HOST_URL: `${target.url}/restart` } });
const flashduty = createSender({ url: runtime.url, token: tokens.WEBHOOK_TOKEN });
const stranger = createSender({ url: runtime.url, token: tokens.WEBHOOK_TOKEN, source: "203.0.113.7" });
const receiver = receiverAt(runtime.url, tokens.ADMIN_TOKEN);

const steps: Step[] = [];
const note = (step: Step) => {
  steps.push(step);
  console.log(`${step.came_true ? "✓" : "✗"} ${step.sent}`);
};

/** What a delivery says, in few words. */
function said({ status, body }: Delivery): string {
  const answer = answerOf(body);
  const words = [answer["result"], answer["title"]].find((word) => typeof word === "string");
  return `${status ?? "no answer"} ${words ?? ""}`.trim();
}

function answerOf(body: string): Record<string, unknown> {
  const json: unknown = JSON.parse(body);
  return typeof json === "object" && json !== null ? { ...json } : {};
}

function event(event_type: string, after_ms: number, facts: { progress?: "Processing" | "Closed" } = {}): Sendable {
  return {
    address: "incident",
    body: incidentBody({ incident, event_type, at_ms: pressed_at_ms + after_ms, ...facts }),
  };
}

/** Sends, and notes whether the answer and what followed are as promised. */
async function step(
  sent: string,
  promise: string,
  push: Sendable,
  expected: string,
  outcome: () => Promise<[string, boolean]>,
  sender = flashduty,
): Promise<void> {
  const delivery = await sender.send(push);
  const answer = said(delivery);
  const [found, holds] = await outcome().catch((error: unknown): [string, boolean] => [String(error), false]);
  note({ sent, promise, answer, found, came_true: answer === expected && holds });
}

const shown = async () => receiver.incident(incident);
const progress = async (expected: string): Promise<[string, boolean]> => {
  const found = (await shown())?.incident.progress ?? "nothing";
  return [`incident is ${found}`, found === expected];
};
const calls = () => target.requests({ path: "/restart" });

async function play(): Promise<void> {
  await step("i_new", "recorded", event("i_new", -9 * MINUTE_MS), "200 accepted", async () => progress("Triggered"));
  await step(
    "i_ack",
    "newest event shown",
    event("i_ack", -MINUTE_MS, { progress: "Processing" }),
    "200 accepted",
    async () => progress("Processing"),
  );
  await step("i_assign, 8 minutes late", "changes nothing", event("i_assign", -8 * MINUTE_MS), "200 stale", async () =>
    progress("Processing"),
  );

  const press = { address: "action/restart-host", body: documented };
  const pressed = `${incident}:${documented.incident.event_id}:restart-host`;
  await step("press: restart-host", "target is called", press, "200 accepted", async () => {
    const run = await receiver.ended(pressed, 10_000);
    const host = calls().map(({ body }) => String(answerOf(body)["host"]));
    return [`${run.state}: called for ${host.join(", ")}`, run.state === "succeeded" && host.join() === "es.nj.01"];
  });
  await step("the same press again", "nothing twice", press, "200 duplicate", async () => [
    `called ${calls().length} time`,
    calls().length === 1,
  ]);
  await step(
    "the same press, as i_custom",
    "one event, one run",
    { address: "incident", body: { ...documented, event_id: documented.incident.event_id } },
    "200 duplicate",
    async () => {
      const kept = await shown();
      const count = kept?.events.filter(({ event_id }) => event_id === documented.incident.event_id).length;
      return [`recorded ${count} time; ${kept?.runs.length} run`, count === 1 && kept?.runs.length === 1];
    },
  );

  target.forget();
  target.behave("/restart", ...times(2, { status: 503 }), {});
  const again = actionBody({
    incident,
    event_id: "a-second-press",
    at_ms: pressed_at_ms + MINUTE_MS,
    progress: "Processing",
  });
  await step(
    "press; the target fails twice",
    "tried again, same key",
    { address: "action/restart-host", body: again },
    "200 accepted",
    async () => {
      const run = await receiver.ended(`${incident}:a-second-press:restart-host`, 30_000);
      const keys = new Set(calls().map(({ headers }) => headers["idempotency-key"]));
      return [
        `${run.state} at attempt ${calls().length}`,
        run.state === "succeeded" && calls().length === 3 && keys.size === 1,
      ];
    },
  );

  await step(
    "a custom body: {{incident.title}}",
    "refused, and kept",
    {
      address: "incident",
      body: { event_type: "i_new", incident: { incident_id: incident, title: "{{incident.title}}" } },
    },
    "400 Unfilled placeholders",
    async () => {
      const kept = await receiver.quarantine();
      return [`quarantine holds ${kept.length}`, kept.length === 1 && kept[0]?.why === "placeholders"];
    },
  );
  await step(
    "i_rslv from a stranger",
    "changes nothing",
    event("i_rslv", 2 * MINUTE_MS, { progress: "Closed" }),
    "403 Unknown source",
    async () => progress("Processing"),
    stranger,
  );
  await step(
    "i_rslv",
    "newest event shown",
    event("i_rslv", 3 * MINUTE_MS, { progress: "Closed" }),
    "200 accepted",
    async () => progress("Closed"),
  );
}

async function end(): Promise<void> {
  flashduty.close();
  stranger.close();
  await runtime.stop();
  await target.close();
  rmSync(persist_to, { recursive: true, force: true });
}

await play();
console.log(`\n${table(steps)}\n`);
const broken = steps.filter(({ came_true }) => !came_true).length;
console.log(
  broken === 0 ? "All of it came out as promised." : `${broken} of ${steps.length} steps did not come out as promised.`,
);
process.exitCode = broken === 0 ? 0 : 1;

if (options.stay) {
  const api = `${runtime.url}/admin/api`;
  const run_id = encodeURIComponent(`${incident}:a-second-press:restart-host`);
  console.log("\nIt stays up; Ctrl-C ends it. To look at:");
  for (const path of [
    `incidents/${incident}`,
    `incidents/${incident}/events/a-second-press`,
    `runs/${run_id}`,
    "quarantine",
  ])
    console.log(`  curl -s -H "Authorization: Bearer ${tokens.ADMIN_TOKEN}" ${api}/${path}`);
  console.log(`To push:\n  npm run push -- --url ${runtime.url} --token ${tokens.WEBHOOK_TOKEN} --action restart-host`);
  await new Promise((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
}
await end();
