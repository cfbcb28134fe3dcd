// What the browser's tests and the screenshots look at: the receiver in a process of its own, with incidents of a simulated
// Flashduty in every state that a person may have to do something about.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEMO } from "../simulator/entries.ts";
import { actionBody, incidentBody, type IncidentFacts, incidentId } from "../simulator/push-body.ts";
import { type Receiver, receiverAt } from "../simulator/receiver.ts";
import { freshTokens, type Runtime, startRuntime } from "../simulator/runtime.ts";
import { createSender, type Sender } from "../simulator/sender.ts";
import { startTarget, type Target } from "../simulator/target.ts";

const MINUTE_MS = 60_000;
const ENDED_WITHIN_MS = 60_000;
const STRANGER = "203.0.113.7";

/** The incidents, each with its host and what has become of it. */
export const INCIDENTS = {
  /** Restarted with success, and closed. */
  healed: { incident: 1, host: "es.nj.01", title: "es.nj.01 / heap above 95 %" },
  /** Its restart failed. */
  failed: { incident: 2, host: "web.nj.02", title: "web.nj.02 / does not answer" },
  /** Reopened: its restarts wait for approval. */
  waiting: { incident: 3, host: "db.nj.03", title: "db.nj.03 / replication is behind" },
  also_waiting: { incident: 4, host: "db.nj.04", title: "磁盘空间不足 db.nj.04" },
  /** Known only to the quarantine. */
  strange: { incident: 5, host: "mq.nj.05", title: "mq.nj.05 / queue grows" },
  /** Its texts come from somebody who means harm. */
  hostile: { incident: 6, host: "evil.nj.06", title: "see HOSTILE" },
} as const;
export type Story = (typeof INCIDENTS)[keyof typeof INCIDENTS];

/** Texts that do harm where a page does not take care; each would be seen by a dialog, a fault in the console or a broken layout. */
export const HOSTILE = {
  title: `<img src=x onerror="alert(1)"><script>alert(2)</script>"'\`\u202Etxt.exe\u2066 ${"W".repeat(10_000)}`,
  description: `</main></html><style>*{display:none}</style><iframe src=//evil.example></iframe>${"\u0007\u200F".repeat(200)}`,
  labels: {
    resource: "evil.nj.06",
    "<b onmouseover=alert(3)>": `javascript:alert(4)//${"長".repeat(10_000)}`,
    __proto__x: "{{7*7}}${7*7}",
  },
};

export interface Stage {
  runtime: Runtime;
  receiver: Receiver;
  sender: Sender;
  target: Target;
  tokens: { WEBHOOK_TOKEN: string; ADMIN_TOKEN: string };
  close(): Promise<void>;
}

/** An event of the story, so many milliseconds from now. */
export function event(
  { incident, host, title }: Story,
  event_type: string,
  after_ms: number,
  more: Partial<IncidentFacts> = {},
) {
  const at_ms = Date.now() + after_ms;
  return { address: "incident", body: incidentBody({ incident, host, title, event_type, at_ms, ...more }) };
}

/** The press of the button `restart-host`. */
export function press({ incident, host, title }: Story, after_ms: number, more: Partial<IncidentFacts> = {}) {
  const at_ms = Date.now() + after_ms;
  const body = actionBody({ incident, host, title, at_ms, progress: "Processing", ...more });
  return {
    push: { address: "action/restart-host", body },
    run_id: runId(body.incident.incident_id, body.incident.event_id),
  };
}

function runId(incident_id: string, event_id: string): string {
  return `${incident_id}:${event_id}:restart-host`;
}

export const idOf = ({ incident }: Story): string => incidentId(incident);

/** Starts the receiver and plays the stories up to where a person comes in; those of somebody who means harm only where wanted. */
export async function startStage({ hostile }: { hostile: boolean }): Promise<Stage> {
  const persist_to = mkdtempSync(join(tmpdir(), "flashduty-edge-browser-"));
  const tokens = freshTokens();
  const target = await startTarget();
  const vars = { ...tokens, RESTART_HOST_URL: `${target.url}/restart` };
  const runtime = await startRuntime({ persist_to, entry: DEMO, vars });
  const receiver = receiverAt(runtime.url, tokens.ADMIN_TOKEN);
  const sender = createSender({ url: runtime.url, token: tokens.WEBHOOK_TOKEN });
  const stage = { runtime, receiver, sender, target, tokens };
  await play(stage);
  const { title, description, labels } = HOSTILE;
  if (hostile) await taken(sender, event(INCIDENTS.hostile, "i_new", -MINUTE_MS, { title, description, labels }));
  return {
    ...stage,
    close: async () => {
      sender.close();
      await runtime.stop();
      await target.close();
      rmSync(persist_to, { recursive: true, force: true });
    },
  };
}

async function play(stage: Omit<Stage, "close">): Promise<void> {
  const { healed, failed, waiting, also_waiting } = INCIDENTS;
  await fail(stage, failed);
  await reopen(stage, waiting);
  await reopen(stage, also_waiting);
  await leaveOutside(stage);
  await heal(stage, healed);
}

/** Its target is busy at first: the restart takes a second attempt. */
async function heal({ sender, receiver, target }: Omit<Stage, "close">, story: Story): Promise<void> {
  await taken(sender, event(story, "i_new", -9 * MINUTE_MS, { severity: "Critical" }));
  await taken(sender, event(story, "i_ack", -4 * MINUTE_MS, { severity: "Critical" }));
  target.behave("*", { status: 503, retry_after: 4 }, { delay_ms: 1_500 });
  const { push, run_id } = press(story, 0, { severity: "Critical" });
  await taken(sender, push);
  await receiver.ended(run_id, ENDED_WITHIN_MS);
  target.behave("*", {});
  await taken(sender, event(story, "i_rslv", 0, { severity: "Critical" }));
}

async function fail({ sender, receiver, target }: Omit<Stage, "close">, story: Story): Promise<void> {
  target.behave("*", { status: 422, body: { error: "no such host" } }, {});
  await taken(sender, event(story, "i_new", -5 * MINUTE_MS));
  const { push, run_id } = press(story, -4 * MINUTE_MS);
  await taken(sender, push);
  await receiver.ended(run_id, ENDED_WITHIN_MS);
}

async function reopen({ sender }: Omit<Stage, "close">, story: Story): Promise<void> {
  await taken(sender, event(story, "i_new", -30 * MINUTE_MS));
  await taken(sender, event(story, "i_rslv", -20 * MINUTE_MS));
  await taken(sender, event(story, "i_reopen", -2 * MINUTE_MS));
}

/** One comes from an address that is not listed, one with a custom request body. */
async function leaveOutside({ runtime, tokens }: Omit<Stage, "close">): Promise<void> {
  const stranger = createSender({ url: runtime.url, token: tokens.WEBHOOK_TOKEN, source: STRANGER });
  await stranger.send(event(INCIDENTS.strange, "i_new", -MINUTE_MS));
  stranger.close();
  const sender = createSender({ url: runtime.url, token: tokens.WEBHOOK_TOKEN });
  await sender.send({ address: "incident", body: { event_type: "i_new", incident: { title: "{{incident.title}}" } } });
  sender.close();
}

async function taken(sender: Sender, push: { address: string; body: unknown }): Promise<void> {
  const { status, body } = await sender.send(push);
  if (status !== 200) throw new Error(`${push.address} was answered ${status}: ${body}`);
}
