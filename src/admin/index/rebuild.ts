// Builds the index anew from the incidents themselves: the register knows which there are.
import { incidentOf } from "../../incident/stub.ts";
import { registerOf } from "../../register.ts";
import { empty } from "./table.ts";

/** Incidents that are asked at a time: each is one call, and an invocation has a limited number of them. */
const PAGE = 50;

/**
 * Asks a page of the incidents to write themselves into the index, which each does within seconds. Without a cursor the index is
 * emptied first. To be called until `next_cursor` is null.
 */
export async function rebuild(
  env: Env,
  cursor: string | null,
): Promise<{ incidents: number; next_cursor: string | null }> {
  if (cursor === null) await empty(env.DB);
  const page = await registerOf(env).page(cursor ?? "", PAGE);
  const are_kept = await Promise.all(page.map(async (incident_id) => incidentOf(env, incident_id).reindex()));
  return {
    incidents: are_kept.filter(Boolean).length,
    next_cursor: page.length < PAGE ? null : (page.at(-1) ?? null),
  };
}
