// Messages handed to the queue's consumer by itself.
import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { consume } from "../../src/runs/consumer.ts";
import type { Changes } from "./push.ts";

export const QUEUE = "flashduty-edge-runs";

/** Hands messages to the consumer, and tells what it did with them, once all that goes on afterwards is over. */
export async function deliver(bodies: unknown[], changes: Changes = {}, queue = QUEUE, attempts = 1) {
  const messages = bodies.map((body, n) => ({ id: `message-${n}`, timestamp: Date.now(), attempts, body }));
  const batch = createMessageBatch(queue, messages);
  const retries = batch.messages.map((message) => vi.spyOn(message, "retry"));
  const ctx = createExecutionContext();
  await consume(batch, { ...env, ...changes }, ctx);
  const { explicitAcks, retryMessages } = await getQueueResult(batch, ctx);
  const delays = retries.flatMap((retry) => retry.mock.calls.map(([options]) => options?.delaySeconds));
  return { acked: explicitAcks, retried: retryMessages.map(({ msgId }) => msgId), delays };
}
