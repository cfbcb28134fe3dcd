// Replaying: a person decides that what the quarantine holds is to be taken after all. It goes the way of any push but for
// the door, since what is kept came with the right token. The incident decides, so that nothing is taken twice.
import type { Preview } from "../admin/shapes.ts";
import { within } from "../deadline.ts";
import { wordsOf } from "../domain/thrown.ts";
import type { Received } from "../incident/desk.ts";
import { incidentOf } from "../incident/stub.ts";
import { aboutEvent, log } from "../log.ts";
import { problemOf } from "../problem.ts";
import { type Span, spanUnder } from "../trace.ts";
import { arrivalAgain, type Destination } from "./arrival.ts";
import { receivedBy } from "./decide.ts";
import { find, remove, type Replayable } from "./quarantine.ts";
import { read, type Reading } from "./read.ts";
import { type Answer, refusalOf } from "./receive.ts";
import { inWords, problem, type PushProblem } from "./refusal.ts";
import type { Background } from "./refuse.ts";
import { remember } from "./seen.ts";

/** A person waits for longer than the sender of a push does. */
const INCIDENT_WITHIN_MS = 10_000;

/** What a replay would do now; null where there is no such entry. Changes nothing. */
export async function preview(env: Env, id: string): Promise<Preview | null> {
  const entry = await find(env.DB, id);
  if (entry === null) return null;
  const again = readAgain(entry, env, spanUnder(null));
  if ("problem" in again) return { result: "refused", why: again.why, detail: inWords(again.problem) };
  const { event, asked, consent } = again;
  const { incident_id, event_id, event_type } = event;
  const { result, is_known, runs } = await incidentOf(env, incident_id).foresee(event, asked);
  return {
    result: "taken",
    incident_id,
    event_id,
    event_type,
    is_known,
    disposition: result,
    runs: runs.map(({ action, key, by, ended_at, reason }) => {
      return { action, key, by, refused: ended_at === null ? null : reason };
    }),
    approves: consent !== null,
  };
}

/**
 * Has the entry taken in the name of `by`, which the event and its runs tell from then on. Its place among the events is that
 * of its first arrival; its runs are planned as of now. What its incident has, now or before, goes from the quarantine; what
 * is refused again stays.
 */
export async function replay(
  env: Env,
  ctx: Background,
  id: string,
  by: string,
  span: Span = spanUnder(null),
): Promise<Answer> {
  const entry = await find(env.DB, id);
  if (entry === null) return { problem: GONE };
  const again = readAgain(entry, env, span);
  if ("problem" in again) return { problem: again.problem };
  const reading = { ...again, event: { ...again.event, replayed_by: by } };
  const received = await answerOf(reading, env);
  if (received === null) return { problem: SILENT };
  const answer = tell(received, again.destination);
  const is_new = received.receipt.result !== "duplicate";
  if (is_new && "receipt" in answer) ctx.waitUntil(remember(env.SEEN, reading.event, received.receipt));
  // What stays by mistake can be replayed again: it is a duplicate then.
  await remove(env.DB, id).catch((error: unknown) => {
    log("quarantine.failed", { ...aboutEvent(reading.event), error: wordsOf(error) });
  });
  return answer;
}

/** What the kept push says today, and where it goes; or why it would be refused again. */
function readAgain(
  entry: Replayable,
  env: Env,
  span: Span,
): (Reading & { destination: Destination }) | { why: string; problem: PushProblem } {
  const why = entry.flaw ?? (entry.why === "dead_message" ? entry.why : null);
  if (why !== null) return { why, problem: problemOf("not_possible", 409, "Nothing to replay", LACKING[why]) };
  const { path_and_query, source, first_at } = entry;
  const arrival = arrivalAgain({ path_and_query, source, received_at: first_at, span });
  const reading = read(arrival, { text: entry.body, flaw: null }, env, Date.now());
  // It is the kept push that is wrong, and not the request for its replay.
  if ("refusal" in reading) return { why: reading.refusal.why, problem: { ...problem(reading.refusal), status: 422 } };
  return { ...reading, destination: arrival.destination };
}

/** The incident's answer; null where none came. It may have taken the event all the same. */
async function answerOf(reading: Reading, env: Env): Promise<Received | null> {
  try {
    return await within(INCIDENT_WITHIN_MS, "the incident", receivedBy(env, reading));
  } catch (error) {
    log("storage.failed", { ...aboutEvent(reading.event), error: wordsOf(error) });
    return null;
  }
}

/** The incident has the event; a press that could do nothing must not seem to have worked. */
function tell(received: Received, destination: Destination): Answer {
  const refusal = refusalOf({ by: "incident", ...received }, destination);
  if (refusal === null) return { receipt: received.receipt };
  const said = problem(refusal);
  return {
    problem: { ...said, detail: `${said.detail} (The incident has the event: it is no longer in the quarantine.)` },
  };
}

/** Why there is nothing to be replayed. */
const LACKING = {
  dead_message: "It is a message of the queue: its incident sends it again by itself.",
  too_large: "It was larger than a push may be, and only its head was kept.",
  not_utf8: "It was no UTF-8, and was not kept as it came.",
  cut_off: "It was cut off, and its end never came.",
} as const;

const GONE = problemOf(
  "not_found",
  404,
  "Unknown entry of the quarantine",
  "There is no such entry, or it was forgotten.",
);

const SILENT: PushProblem = {
  ...problem({ why: "storage_silent" }),
  detail:
    "The incident did not answer in time. The entry is still in the quarantine, and can be replayed again: nothing is taken twice.",
};
