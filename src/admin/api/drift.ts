// Drift: what the vendor, or a setting in its console, has changed since this was written.
import { Nothing, view } from "../endpoint.ts";
import { DriftList } from "../shapes.ts";
import * as drift from "../../tally/drift.ts";

export const listDrift = view({
  path: "/api/drift",
  summary: "What the vendor, or a setting in its console, has changed; each with an example",
  query: Nothing,
  answer: DriftList,
  answerTo: async ({ env }) => ({ items: await drift.listDrift(env.DB), next_cursor: null }),
});
