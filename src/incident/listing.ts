// The way of an incident into the lists, and out of them: the register knows that there is one, the index what it is like.
import type { Entry } from "../admin/index/entry.ts";
import { remove, write } from "../admin/index/table.ts";
import { within } from "../deadline.ts";
import { registerOf } from "../register.ts";

/** The alarm has other things to do than to wait for a database that does not answer. */
const ANSWER_WITHIN_MS = 2_000;

/** Writes the incident into the index; into the register first, unless it is entered, or a rebuilt index would not have it. */
export async function enterLists(env: Env, entry: Entry, is_entered: boolean): Promise<void> {
  const enter = async () => {
    if (!is_entered) await registerOf(env).enter(entry.incident.incident_id);
    await write(env.DB, entry);
  };
  await within(ANSWER_WITHIN_MS, "the index", enter());
}

/**
 * Takes the incident out of both, unless the index has a newer version of it: what is given up here may be carried out later.
 * Out of the register only after it has been seen to leave the index: a removal that was given up must not strike it out.
 */
export async function leaveLists(env: Env, incident_id: string, version: number): Promise<void> {
  await within(ANSWER_WITHIN_MS, "the index", remove(env.DB, incident_id, version));
  await within(ANSWER_WITHIN_MS, "the register", registerOf(env).strike(incident_id));
}
