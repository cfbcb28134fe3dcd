// The index can be lost: every incident writes itself into it anew, a page of them with each call.
import * as z from "zod";
import { log } from "../../log.ts";
import { decidedBy, Decision, decision } from "../endpoint.ts";
import { Rebuilt } from "../shapes.ts";
import { rebuild } from "../index/rebuild.ts";

export const rebuildIndex = decision({
  method: "POST",
  path: "/api/index/rebuild",
  summary: "Begins the index anew, or goes on at a cursor",
  body: Decision.extend({ cursor: z.string().max(1_000).describe("The next_cursor of the call before").nullish() }),
  answer: Rebuilt,
  answerTo: async (asked) => {
    const cursor = asked.body.cursor ?? null;
    if (cursor === null) log("index.rebuild_begun", decidedBy(asked));
    return rebuild(asked.env, cursor);
  },
});
