// What is in the quarantine, and a person who has it taken.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { find, keep } from "../../src/receive/quarantine.ts";
import type { Answer } from "../../src/receive/receive.ts";
import { replay } from "../../src/receive/replay.ts";
import { ask, type Body, type Changes, INCIDENT, kindOf, LISTED_SOURCE, problemOf, pushRequest } from "./push.ts";

/** An address that Flashduty has not told anybody yet. */
const NEW_SOURCE = { "CF-Connecting-IP": "203.0.113.77" };

/** A push that is refused and kept; the id of its entry. */
export async function refused(path: string, body: Body, headers: Record<string, string> = NEW_SOURCE): Promise<string> {
  const { response, done } = await ask(pushRequest(path, body, headers));
  const { kept = "nothing was kept" } = await problemOf(response);
  await done();
  return kept;
}

/** An entry that first came then. Milliseconds. */
export async function keptAt(first_at: number, body: object, path = INCIDENT): Promise<string> {
  const about = { why: "storage_silent", detail: "", source: LISTED_SOURCE } as const;
  return keep(env.DB, { ...about, path_and_query: path, received_at: first_at, body: JSON.stringify(body) });
}

/** Somebody has it taken; everything that goes on after the answer is over. */
export async function replayed(id: string, changes: Changes = {}, by = "lisi"): Promise<Answer> {
  const ctx = createExecutionContext();
  const answer = await replay({ ...env, ...changes }, ctx, id, by);
  await waitOnExecutionContext(ctx);
  return answer;
}

/** In a word: what the receipt says, or what is wrong. */
export function gist(answer: Answer): string {
  return "receipt" in answer ? answer.receipt.result : `${answer.problem.status} ${kindOf(answer.problem)}`;
}

/** The event of a replay that went well. */
export function eventIn(answer: Answer): string {
  if ("problem" in answer) throw new Error(JSON.stringify(answer.problem));
  return answer.receipt.event_id;
}

export async function isKept(id: string): Promise<boolean> {
  return (await find(env.DB, id)) !== null;
}
