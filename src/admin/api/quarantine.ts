// The quarantine: what could not be taken, what a replay of it would do, the replay, and the end of it.
import * as z from "zod";
import { Receipt } from "../../domain/receipt.ts";
import { log } from "../../log.ts";
import { list, remove, show } from "../../receive/quarantine.ts";
import { preview, replay as replayEntry } from "../../receive/replay.ts";
import { decidedBy, Decision, decision, Nothing, unknown, view } from "../endpoint.ts";
import { Deleted, paged, Preview, QuarantineEntry, QuarantineList } from "../shapes.ts";
import { cursorOf, limit } from "./query.ts";

const ENTRY = "entry of the quarantine";
const PROBLEMS = { 404: "It is not there, or no more" };

/** Where the last page ended: the time and the id of its last row. */
const Cursor = z
  .string()
  .regex(/^\d{1,15}\.[0-9a-f]{32}$/, { error: "is not a cursor that this list has given" })
  .transform((cursor) => ({ last_at: Number(cursor.split(".")[0]), id: cursor.split(".")[1] ?? "" }));

export const listQuarantine = view({
  path: "/api/quarantine",
  summary: "What could not be taken, what came last first, with the head of each body",
  query: z.object({ cursor: cursorOf(Cursor), limit }),
  answer: QuarantineList,
  answerTo: async ({ query: { cursor, limit }, env }) =>
    paged(await list(env.DB, cursor ?? null, limit + 1), limit, ({ last_at, id }) => `${last_at}.${id}`),
});

export const showQuarantined = view({
  path: "/api/quarantine/:id",
  summary: "An entry with its body",
  query: Nothing,
  answer: QuarantineEntry,
  problems: PROBLEMS,
  answerTo: async ({ params: { id = "" }, env }) => (await show(env.DB, id)) ?? unknown(ENTRY),
});

export const previewReplay = view({
  path: "/api/quarantine/:id/preview",
  summary: "What a replay would do now; nothing is changed",
  query: Nothing,
  answer: Preview,
  problems: PROBLEMS,
  answerTo: async ({ params: { id = "" }, env }) => (await preview(env, id)) ?? unknown(ENTRY),
});

export const replay = decision({
  method: "POST",
  path: "/api/quarantine/:id/replay",
  summary: "Takes it after all; an event that the incident has already is not taken twice",
  body: Decision,
  answer: Receipt,
  problems: {
    ...PROBLEMS,
    409: "There is nothing whole to be replayed",
    422: "It is refused again, and stays; or the incident has it now, and nothing can be run or approved by it",
    503: "The incident did not answer; it stays",
  },
  answerTo: async (asked) => {
    const id = asked.params["id"] ?? "";
    const answer = await replayEntry(asked.env, asked.ctx, id, asked.body.by, asked.span);
    const { result, incident_id, event_id } =
      "receipt" in answer
        ? answer.receipt
        : { result: answer.problem.type, incident_id: undefined, event_id: undefined };
    log("quarantine.replayed", { ...decidedBy(asked), id, incident_id, event_id, result });
    return "receipt" in answer ? answer.receipt : answer;
  },
});

export const deleteQuarantined = decision({
  method: "DELETE",
  path: "/api/quarantine/:id",
  summary: "Forgets an entry",
  body: Decision,
  answer: Deleted,
  problems: PROBLEMS,
  answerTo: async (asked) => {
    const id = asked.params["id"] ?? "";
    const done = await remove(asked.env.DB, id);
    log("quarantine.deleted", { ...decidedBy(asked), id, done });
    return done ? { deleted: id } : unknown(ENTRY);
  },
});
