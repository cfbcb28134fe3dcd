// Everything a push can be refused for: one union, one switch that says it to the sender (RFC 9457 problem details), and
// one that tells what is kept. A case that is forgotten in either does not compile.
import type { Fault } from "../fault.ts";
import { type Problem, problemType } from "../problem.ts";

export type Refusal =
  | { why: "not_set_up"; faults: readonly string[] }
  | { why: "unknown_source"; source: string }
  | { why: "through_worker"; worker: string }
  | { why: "wrong_token" }
  | { why: "wrong_method" }
  | { why: "wrong_content_type"; given: string }
  | { why: "too_large"; limit: number }
  | { why: "bad_body"; faults: readonly Fault[] }
  | { why: "placeholders" }
  | { why: "not_a_press"; event_type: string }
  | { why: "unknown_address" }
  | { why: "unknown_action"; action: string; known: readonly string[] }
  | { why: "bad_params"; faults: readonly Fault[] }
  | { why: "cannot_run"; action: string; reason: string; run_id: string }
  | { why: "cannot_approve"; reason: string }
  | { why: "storage_silent" };

/** A refusal in the words of the wire. `kept` is the id under which the quarantine has the push. */
export interface PushProblem extends Problem {
  errors?: readonly Fault[];
  run_id?: string;
  kept?: string;
}

/** What the sender is told. */
export function problem(refusal: Refusal): PushProblem {
  return { type: problemType(refusal.why), ...say(refusal) };
}

/** What is wrong, in one text: each fault, where there are some. */
export function inWords({ detail, errors }: Pick<PushProblem, "detail" | "errors">): string {
  return errors?.map(({ path, message }) => `${path || "the body"} ${message}`).join("; ") ?? detail;
}

function say(refusal: Refusal): Said {
  switch (refusal.why) {
    case "not_set_up":
      return said(503, "The receiver is not set up", refusal.faults.join("; "));
    case "unknown_source":
      return said(403, "Unknown source", `It came from ${refusal.source || "no address"}: ${LISTED}`);
    case "through_worker":
      return said(
        403,
        "Unknown source",
        `It came through another Worker, ${refusal.worker}. Flashduty calls this address directly.`,
      );
    case "wrong_token":
      return said(401, "Wrong token", "Set the custom header in Flashduty to Authorization: Bearer <WEBHOOK_TOKEN>.");
    case "wrong_method":
      return said(405, "Method not allowed", "A push is a POST.");
    case "wrong_content_type":
      return said(415, "Wrong content type", `It is "${refusal.given}"; send application/json.`);
    case "too_large":
      return said(413, "Too large", `A body may have ${refusal.limit} bytes.`);
    case "bad_body":
      return { ...said(400, "The body is not a push", "Each fault is named in errors."), errors: refusal.faults };
    case "placeholders":
      return said(400, "Unfilled placeholders", NO_CUSTOM_BODY);
    case "not_a_press":
      return said(400, "Not a custom action", `"${refusal.event_type}" is no press of a button. ${INCIDENT_WEBHOOK}`);
    case "unknown_address":
      return said(404, "Unknown address", "The addresses are /webhooks/incident and /webhooks/action/<name>.");
    case "unknown_action":
      return said(404, "Unknown action", `There is no "${refusal.action}". There is: ${refusal.known.join(", ")}.`);
    case "bad_params":
      return { ...said(400, "Wrong parameters", "The endpoint's query is wrong: see errors."), errors: refusal.faults };
    case "cannot_run":
      return { ...said(422, `${refusal.action} cannot run`, refusal.reason), run_id: refusal.run_id };
    case "cannot_approve":
      return said(422, "Nothing is approved", refusal.reason);
    case "storage_silent":
      return said(503, "Storage did not answer", "The event is taken late, or else kept in the quarantine.");
  }
}

type Said = Omit<PushProblem, "type">;

function said(status: number, title: string, detail: string): Said {
  return { status, title, detail };
}

const LISTED =
  "pushes come from the addresses that Flashduty publishes. If there is a new one, add it to ALLOWED_SOURCES.";
const NO_CUSTOM_BODY =
  "The body holds {{…}} placeholders. Switch off the webhook's custom request body in Flashduty: the whole push is needed.";
const INCIDENT_WEBHOOK = "An incident webhook's address is /webhooks/incident.";

/** Whether a person may want to look at it and replay it, given that it came with the right token. */
export function isKept(refusal: Refusal): boolean {
  switch (refusal.why) {
    case "unknown_source":
    case "through_worker":
    case "too_large":
    case "bad_body":
    case "placeholders":
    case "not_a_press":
    case "unknown_address":
    case "unknown_action":
    case "bad_params":
      return true;
    case "not_set_up":
    case "wrong_token":
    case "wrong_method":
    case "wrong_content_type":
    case "cannot_run": // recorded by its incident
    case "cannot_approve":
    case "storage_silent": // kept once it is sure that its incident does not take it
      return false;
  }
}
