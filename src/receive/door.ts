// The door: who may come in, and in what form. A request without a known source address and the token changes nothing.
import type { Settings } from "../config.ts";
import type { Refusal } from "./refusal.ts";
import { isListed } from "./source.ts";
import { carriesToken } from "./token.ts";

/** What is known of whoever stands at the door. */
export interface Visitor {
  has_token: boolean;
  is_listed: boolean;
  /** Why it may not come in; null where it may. */
  refusal: Refusal | null;
}

/** `source`: the address of the sender, as the edge tells it. */
export async function admit(request: Request, source: string, settings: Settings): Promise<Visitor> {
  const has_token = await carriesToken(request, settings.webhook_tokens);
  const is_listed = isListed(source, settings.sources);
  return { has_token, is_listed, refusal: refusal() };

  function refusal(): Refusal | null {
    const worker = request.headers.get("CF-Worker");
    if (worker !== null) return { why: "through_worker", worker };
    // Every request that came in through the edge has an address, even where the list is only being tried out.
    if (source === "" || (!is_listed && settings.source_check === "enforce")) return { why: "unknown_source", source };
    if (!has_token) return { why: "wrong_token" };
    return wrongForm(request);
  }
}

function wrongForm(request: Request): Refusal | null {
  if (request.method !== "POST") return { why: "wrong_method" };
  const given = request.headers.get("Content-Type") ?? "";
  return /^application\/json\s*(;|$)/i.test(given) ? null : { why: "wrong_content_type", given: given.slice(0, 100) };
}
