// How much is open, as the index has it: incidents that are not closed, runs that have not ended.
import * as z from "zod";
import { OPEN } from "../../domain/run.ts";
import type { Open } from "../shapes.ts";

/** What an incident that is not closed may be, by the vendor's documents. */
const OPEN_PROGRESS = ["Triggered", "Processing"] as const;

const Count = z.object({ of: z.string(), count: z.int() });

/** Counts what is open, however much is closed; what there is none of is left out. */
export async function countOpen(db: D1Database): Promise<Open> {
  const answers = await db.batch(queries().map(({ sql, values }) => db.prepare(sql).bind(...values)));
  const [runs = [], ...incidents] = answers.map(({ results }) => z.array(Count).parse(results));
  return {
    incidents: incidents.flat().map(({ of, count }) => ({ progress: of, count })),
    runs: runs.map(({ of, count }) => ({ state: of, count })),
  };
}

export function queries(): { sql: string; values: string[] }[] {
  const open = OPEN.map((state) => `'${state}'`).join(", ");
  return [
    {
      sql: `SELECT state AS of, count(*) AS count FROM runs INDEXED BY runs_by_state
        WHERE state IN (${open}) AND state <> 'succeeded' GROUP BY state`,
      values: [],
    },
    ...OPEN_PROGRESS.map((progress) => ({
      sql: "SELECT ?1 AS of, count(*) AS count FROM search WHERE search MATCH ?2 HAVING count(*) > 0",
      values: [progress, `progress : ^ "${progress}"`],
    })),
  ];
}
