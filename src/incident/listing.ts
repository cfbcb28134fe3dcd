// The way of an incident into the lists, and out of them: the register knows that there is one, the index what it is like.
import type { Entry } from "../admin/index/entry.ts";
import { remove, write } from "../admin/index/table.ts";
import { within } from "../deadline.ts";
import { registerOf } from "../register.ts";
import type { Indexing } from "./indexing.ts";

/** The alarm has other things to do than to wait for a database that does not answer. */
const ANSWER_WITHIN_MS = 2_000;

/** Writes the incident into the index; into the register first, or a rebuilt index would not have it. */
export async function list(env: Env, entry: Entry, indexing: Indexing): Promise<void> {
  await within(ANSWER_WITHIN_MS, "the index", listOnce(env, entry, indexing));
}

/** Takes the incident out of both. */
export async function unlist(env: Env, incident_id: string): Promise<void> {
  await within(ANSWER_WITHIN_MS, "the index", unlistOnce(env, incident_id));
}

async function listOnce(env: Env, entry: Entry, indexing: Indexing): Promise<void> {
  if (!indexing.is_entered) await registerOf(env).enter(entry.incident.incident_id);
  indexing.is_entered = true;
  await write(env.DB, entry);
}

async function unlistOnce(env: Env, incident_id: string): Promise<void> {
  await remove(env.DB, incident_id);
  await registerOf(env).strike(incident_id);
}
