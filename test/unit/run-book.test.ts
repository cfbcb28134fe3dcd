import { expect, it } from "vitest";
import type { Run } from "../../src/domain/run.ts";
import { Indexing } from "../../src/incident/indexing.ts";
import { RunBook } from "../../src/incident/run-book.ts";
import { RunMemory } from "../simulation/memory.ts";
import { runIn, runOf } from "./runs.ts";

const [OPEN, UNKNOWN] = [runIn("running"), runIn("unknown", { ended_at: 500 })];
const SUCCEEDED = runIn("succeeded", { ended_at: 900 });

it.each<[string, Run | null, Run, string[]]>([
  ["that ends", OPEN, SUCCEEDED, ["succeeded"]],
  ["that is new, and over from the start", null, UNKNOWN, ["unknown"]],
  ["whose outcome was unknown and comes late", UNKNOWN, SUCCEEDED, ["succeeded"]],
  ["that has ended, and of which more is written down", UNKNOWN, { ...UNKNOWN, trail: [] }, []],
  ["that goes on", OPEN, { ...OPEN, fence: 2 }, []],
  ["that is a report", runOf({ by: "report" }), runIn("succeeded", { by: "report" }), []],
])("tells of a run %s", (_, before, after, wanted) => {
  const house = { retention_ms: 1, tells: null };
  const book = new RunBook(
    new RunMemory(false),
    new Indexing(
      () => undefined,
      () => 0,
    ),
    () => undefined,
    () => house,
  );
  book.keep(before, after, { now: 1_000, chance: 0 });
  expect(book.takeEnded().map(({ state }) => state)).toEqual(wanted);
  expect(book.takeEnded()).toEqual([]);
});
