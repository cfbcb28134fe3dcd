// The queue's messages: ids, and nothing else. What they name is kept by the incident, which sends them again when
// nobody claims them; so a send that fails or hangs costs time, and nothing more.
import * as z from "zod";
import { within } from "../deadline.ts";
import type { RunRef } from "../domain/event.ts";
import { wordsOf } from "../domain/thrown.ts";
import { aboutRun, log } from "../log.ts";

/** A message: the run to claim. */
export const RunMessage = z.object({ incident_id: z.string(), event_id: z.string(), action: z.string() });

/** What a line of the log says of the run that this names; nothing where it names none. */
export function aboutNamed(value: unknown): Partial<ReturnType<typeof aboutRun>> {
  const named = RunMessage.safeParse(value);
  return named.success ? aboutRun(named.data) : {};
}

/** An overloaded queue can hold `send` for a minute; the alarm has other things to do. */
const SEND_WITHIN_MS = 5_000;

/** Sends a message for each run. Never throws: what did not go out is sent again when its claim is overdue. */
export async function dispatch(queue: Queue, runs: readonly RunRef[]): Promise<void> {
  if (runs.length === 0) return;
  const messages = runs.map(({ incident_id, event_id, action }) => ({ body: { incident_id, event_id, action } }));
  try {
    await within(SEND_WITHIN_MS, "the queue", sendAll(queue, messages));
  } catch (error) {
    log("runs.unsent", { incident_id: runs[0]?.incident_id, count: runs.length, error: wordsOf(error) });
  }
}

/** A batch takes 100 messages at most. */
async function sendAll(queue: Queue, messages: { body: RunRef }[]): Promise<void> {
  for (let from = 0; from < messages.length; from += 100) await queue.sendBatch(messages.slice(from, from + 100));
}
