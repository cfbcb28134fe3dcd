// Messages that spent their retries. Their runs are not lost: the incident sends them again. But that it came to this
// is a sign, so it is kept where a person looks.
import { wordsOf } from "../domain/thrown.ts";
import { log } from "../log.ts";
import { keep } from "../receive/quarantine.ts";
import { aboutNamed } from "./message.ts";

export async function keepDead(message: Message, env: Env): Promise<void> {
  const body = JSON.stringify(message.body) ?? "";
  const about = { ...aboutNamed(message.body), message_id: message.id };
  log("message.dead", about);
  try {
    await keep(env.DB, {
      why: "dead_message",
      detail: "the queue could not deliver this message; the incident sends it again by itself",
      path_and_query: "queue",
      source: "",
      received_at: Date.now(),
      body,
    });
    message.ack();
  } catch (error) {
    log("quarantine.failed", { ...about, error: wordsOf(error) });
    message.retry({ delaySeconds: 60 });
  }
}
