// Reading what a target answered: as what was expected, or as what the attempt comes to instead.
import * as z from "zod";
import type { Outcome } from "../domain/run.ts";
import { line } from "../domain/text.ts";
import { jsonIn } from "../json.ts";
import type { Answer } from "../runs/http.ts";

/** What was read, or the outcome that the connector returns instead. */
export type Reading<T> = { ok: true; value: T; headers: Headers } | { ok: false; outcome: Outcome };

/**
 * Statuses that say that nothing has been done yet, and may be later. 420 is Statuspage's 429; by 521 and 523 Cloudflare says
 * that it did not reach the target.
 */
const LATER = new Set([420, 425, 429, 521, 523]);
/** The same, by whoever was asked a question only. A proxy (Envoy, a tunnel) says it too where it broke after it passed a start on. */
const NOT_NOW = new Set([503, 530]);
/** Statuses that leave open how far the request came: it broke on the way, or at the target. From 520 on, Cloudflare's own. */
const UNCLEAR = new Set([408, 500, 502, 504, 520, 522, 524]);

/** Reads the answer to a request that starts something. */
export function readStart<T>(answer: Answer, schema: z.ZodType<T>): Reading<T> {
  const not_done = notDone(answer);
  if (not_done !== null) return { ok: false, outcome: not_done };
  return read(answer, schema);
}

/**
 * Reads the answer to a question asked before anything is started: whatever goes wrong with it, this attempt has done nothing
 * yet. Where an earlier one may have (`given.may_have_acted`), it is a look: no answer to it says that nothing was started.
 */
export function readBefore<T>(answer: Answer, schema: z.ZodType<T>, may_have_acted = false): Reading<T> {
  if (may_have_acted) return readLook(answer, schema);
  const not_done = notDone(answer, "question");
  const reading: Reading<T> = not_done === null ? read(answer, schema) : { ok: false, outcome: not_done };
  if (reading.ok || reading.outcome.kind !== "unclear") return reading;
  return { ok: false, outcome: { kind: "later", reason: reading.outcome.reason } };
}

/**
 * Reads the answer to a request that changes nothing. What was started goes on, whatever is answered: a look that was not
 * answered as expected is made again, and in the end it is unclear what became of it.
 */
export function readLook<T>(answer: Answer, schema: z.ZodType<T>): Reading<T> {
  const not_done = notDone(answer, "question");
  if (not_done === null) return read(answer, schema);
  const outcome: Outcome = not_done.kind === "failed" ? { kind: "unclear", reason: not_done.reason } : not_done;
  return { ok: false, outcome };
}

/** What an answer to a start or to a question comes to where it does not say that it was done (2xx); null where it does. */
export function notDone(
  answer: Answer,
  to: "start" | "question" = "start",
): Extract<Outcome, { reason: string }> | null {
  if (answer.kind === "not_sent") return answer;
  if (answer.kind === "silent") return { kind: "unclear", reason: answer.reason };
  const { status, headers } = answer;
  const reason = `the target answered ${status}`;
  if (status >= 200 && status < 300) return null;
  if (LATER.has(status) || (to === "question" && NOT_NOW.has(status)))
    return { kind: "later", reason, after_ms: retryAfterMs(headers.get("Retry-After"), Date.now()) };
  if (UNCLEAR.has(status) || NOT_NOW.has(status)) return { kind: "unclear", reason };
  if (status < 400) return { kind: "failed", reason: `${reason}: redirects are not followed` };
  return { kind: "failed", reason: `${reason}${remedies[status] ?? ""}${said(answer.text)}` };
}

const remedies: Record<number, string> = {
  401: ": its credential is not valid",
  403: ": its credential may not do this",
  404: ": there is no such thing there, or its credential may not see it",
  // Of Cloudflare itself: nothing has reached the target.
  525: ": there was no TLS connection to it",
  526: ": its certificate is not of a public authority",
};

/** By field, as Django's REST framework and Rails do. */
const Faults = z
  .record(z.string(), z.array(z.string()))
  .transform((faults) => Object.entries(faults).flatMap(([field, words]) => words.map((word) => `${field}: ${word}`)))
  .transform((faults) => faults.join("; "));

/** What the target says of its error, where it says it as most do. */
const Said = z.union([
  z.object({ message: z.union([z.string(), Faults]) }).transform(({ message }) => message),
  z.object({ error: z.string() }).transform(({ error }) => error),
  z.object({ detail: z.string() }).transform(({ detail }) => detail),
  // Jaeger's two APIs.
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
  z.object({ errors: z.tuple([z.object({ msg: z.string() })], z.unknown()) }).transform(({ errors }) => errors[0].msg),
  Faults,
]);

/** What the target says of its error, in parentheses; "" where that is nothing for people, as a page is. */
export function said(text: string): string {
  const plain = text.trim();
  if (plain.startsWith("<")) return "";
  const words = /^[{[]/.test(plain) ? (Said.safeParse(jsonIn(plain)).data ?? "") : plain;
  return words === "" ? "" : ` (${line(words, 200)})`;
}

function read<T>(answer: Answer, schema: z.ZodType<T>): Reading<T> {
  if (answer.kind !== "answered") return { ok: false, outcome: { kind: "unclear", reason: answer.reason } };
  const value = schema.safeParse(jsonIn(answer.text));
  if (value.success) return { ok: true, value: value.data, headers: answer.headers };
  const where = value.error.issues[0]?.path.join(".") ?? "";
  const reason = `the target answered ${answer.status}, but not as expected${where === "" ? "" : ` (at ${where})`}`;
  return { ok: false, outcome: { kind: "unclear", reason } };
}

/** `Retry-After` (RFC 9110) as a delay: seconds, or a date. Undefined where it says nothing. */
function retryAfterMs(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(date - now, 0);
}
