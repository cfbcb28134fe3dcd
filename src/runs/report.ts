// Sends the report of a run: sets the custom fields it brings, and adds its comment. A comment cannot be told from its
// repetition by Flashduty, so where an attempt may have added it already, it is looked for first.
import { COMMENT_CHARACTERS } from "../domain/report.ts";
import type { Outcome, Run } from "../domain/run.ts";
import { cut, line } from "../domain/text.ts";
import type { OpenApi, Reply } from "../flashduty/open-api.ts";

/** What a person can put right at Flashduty, so that a report need not be given up for it. */
const TO_BE_PUT_RIGHT = new Set(["Unauthorized", "AccessDenied", "NoLicense", "BalanceNotEnough"]);

/** A field that could not be set in so many tries is noted, and holds the comment up no longer. */
const MOST_TRIES_OF_FIELDS = 3;
/** A comment that was cut off may still take effect: so long, and then it is looked for. */
const TAKES_EFFECT_WITHIN_MS = 20_000;

export async function sendReport(run: Run, flashduty: OpenApi | null, now: number): Promise<Outcome> {
  if (flashduty === null) return { kind: "skipped", reason: "there is no key for Flashduty's Open API any more" };
  const { incident_id, fields, params, may_have_acted } = run;
  const notes: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    const reply = await flashduty.resetField(incident_id, name, value);
    if (reply.ok) continue;
    const refused = refusalOf(reply);
    if (refused.kind !== "failed" && run.failures < MOST_TRIES_OF_FIELDS) return refused;
    // No more than its code: with the request's id it would differ from attempt to attempt, and the comment with it.
    notes.push(`${name}: Flashduty refused it (${reply.code ?? "no reason given"})`);
  }
  const text = withNotes(params["text"] ?? "", notes);
  if (may_have_acted) {
    const left_ms = run.unclear_at === null ? 0 : run.unclear_at + TAKES_EFFECT_WITHIN_MS - now;
    if (left_ms > 0) return { kind: "held", reason: "the comment may be there in a moment", after_ms: left_ms };
    const found = await flashduty.comments(incident_id);
    if (!found.ok) return refusalOf(found);
    if (found.data.some((comment) => isSame(comment, text)))
      return { kind: "succeeded", summary: "the comment was there already" };
  }
  const reply = await flashduty.comment(incident_id, text);
  return reply.ok ? { kind: "succeeded", summary: `commented (request ${reply.request_id})` } : refusalOf(reply);
}

/** The first line says the action and the stage, the last one names the run; what is between may be cut, or have notes. */
function isSame(comment: string, text: string): boolean {
  const lines = text.split("\n");
  return comment.startsWith(`${lines[0]}\n`) && comment.endsWith(`\n${lines.at(-1)}`);
}

/** Characters for what is said of the fields that Flashduty did not take. */
const MOST_NOTES = 250;

/** They are named where people look, above the last line: that one names the run. */
function withNotes(text: string, notes: readonly string[]): string {
  if (notes.length === 0) return text;
  const last = text.slice(text.lastIndexOf("\n") + 1);
  const note = cut(notes.map((one) => line(one, MOST_NOTES)).join("\n"), MOST_NOTES);
  const left = COMMENT_CHARACTERS - note.length - last.length - 2;
  return `${cut(text.slice(0, -last.length).trimEnd(), left)}\n${note}\n${last}`;
}

function refusalOf({ code, outcome }: Extract<Reply<unknown>, { ok: false }>) {
  if (code === null || !TO_BE_PUT_RIGHT.has(code)) return outcome;
  return { kind: "later" as const, reason: outcome.reason };
}
