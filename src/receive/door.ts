// The door: who may come in, and in what form. A request without a known source address and the token changes nothing.
import type { Settings } from "../config.ts";
import type { Refusal } from "./refusal.ts";
import { isListed } from "./source.ts";
import { carriesToken } from "./token.ts";

/** A request at the door. */
export interface Visitor {
  /** Its address: `CF-Connecting-IP`, which the edge sets, and nothing else. "" where it is missing. */
  source: string;
  has_token: boolean;
  /** Why it may not come in; null where it may. */
  refusal: Refusal | null;
  /** It came in only because the source check reports instead of enforcing. */
  is_unlisted: boolean;
}

export async function admit(request: Request, settings: Settings): Promise<Visitor> {
  const source = request.headers.get("CF-Connecting-IP") ?? "";
  const has_token = await carriesToken(request, settings.webhook_tokens);
  const is_unlisted = !isListed(source, settings.sources);
  return { source, has_token, is_unlisted, refusal: refusal() };

  function refusal(): Refusal | null {
    const worker = request.headers.get("CF-Worker");
    if (worker !== null) return { why: "through_worker", worker };
    // Every request that came in through the edge has an address, even where the list is only being tried out.
    if (source === "" || (is_unlisted && settings.source_check === "enforce")) return { why: "unknown_source", source };
    if (!has_token) return { why: "wrong_token" };
    return wrongForm(request);
  }
}

function wrongForm(request: Request): Refusal | null {
  if (request.method !== "POST") return { why: "wrong_method", allowed: "POST" };
  const given = request.headers.get("Content-Type") ?? "";
  return /^application\/json\s*(;|$)/i.test(given) ? null : { why: "wrong_content_type", given: given.slice(0, 100) };
}
