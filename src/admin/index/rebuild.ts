// Builds the index anew from the incidents themselves: the register knows which there are.
import { incidentOf } from "../../incident/stub.ts";
import { registerOf } from "../../register.ts";
import type { Rebuilt } from "../shapes.ts";
import { empty } from "./table.ts";

/** Incidents that are asked at a time: each is one call, and an invocation has a limited number of them. */
const PAGE = 50;

/**
 * Asks a page of the incidents to write themselves into the index, which each does within seconds; one that cannot be asked
 * stops none of the others. Without a cursor the index is emptied first. To be called until `next_cursor` is null.
 */
export async function rebuild(env: Env, cursor: string | null): Promise<Rebuilt> {
  if (cursor === null) await empty(env.DB);
  const page = await registerOf(env).page(cursor ?? "", PAGE);
  const asked = await Promise.allSettled(page.map(async (incident_id) => incidentOf(env, incident_id).reindex()));
  return {
    incidents: asked.filter((one) => one.status === "fulfilled" && one.value).length,
    failed: page.filter((_, nth) => asked[nth]?.status === "rejected"),
    next_cursor: page.length < PAGE ? null : (page.at(-1) ?? null),
  };
}
