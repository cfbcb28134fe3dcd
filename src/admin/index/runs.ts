// The list of runs, as the index has it: the newest first. Reports are not among them.
import * as z from "zod";
import { parseRunId } from "../../domain/event.ts";
import type { RunState } from "../../domain/run.ts";
import { type Listed, paged, RunItem } from "../shapes.ts";

/** Where a page of the list ended: the time at which its last run was asked for, and its id. */
export const RunCursor = z
  .string()
  .regex(/^\d{1,15}\.[^:]+:.+:[^:]+$/s, { error: "is not a cursor that this list has given" })
  .transform((cursor) => {
    const [asked_at = ""] = cursor.split(".", 1);
    return { asked_at: Number(asked_at), run_id: cursor.slice(asked_at.length + 1) };
  });

export interface RunFilter {
  state?: RunState | undefined;
  action?: string | undefined;
  incident_id?: string | undefined;
  cursor?: z.output<typeof RunCursor> | undefined;
  limit: number;
}

/** A page of the runs that meet the filter. */
export async function listRuns(db: D1Database, filter: RunFilter): Promise<Listed<RunItem>> {
  const { sql, values } = queryOf(filter);
  const { results } = await db
    .prepare(sql)
    .bind(...values)
    .all();
  const rows = z.array(Row).parse(results);
  const { items, next_cursor } = paged(rows, filter.limit, ({ asked_at, run_id }) => `${asked_at}.${run_id}`);
  return { items: items.flatMap(itemOf), next_cursor };
}

const Row = RunItem.omit({ incident_id: true, event_id: true }).extend({ asked_at: z.number(), state: z.string() });
const COLUMNS = Row.keyof().options.join(", ");

/** None where a newer release, since taken back, has written what this one does not know. */
function itemOf(row: z.output<typeof Row>): RunItem[] {
  const item = RunItem.safeParse({ ...row, ...parseRunId(row.run_id) });
  return item.success ? [item.data] : [];
}

const BEGINNING = { asked_at: Number.MAX_SAFE_INTEGER, run_id: "" };

/** The query of a page, with one row more than it shows: whether there is a next one. */
export function queryOf({ state, action, incident_id, cursor = BEGINNING, limit }: RunFilter) {
  const sql = `SELECT ${COLUMNS} FROM runs ${placeOf({ state, action, incident_id })}
      AND (asked_at, run_id) < (?1, ?2) AND (?4 IS NULL OR state = ?4) AND (?5 IS NULL OR action = ?5)
      AND (?6 IS NULL OR run_id > ?6 || ':' AND run_id < ?6 || ';')
    ORDER BY asked_at DESC, run_id DESC LIMIT ?3`;
  const values = [cursor.asked_at, cursor.run_id, limit + 1, state ?? null, action ?? null, incident_id ?? null];
  return { sql, values };
}

/** Where to look: the filter that leaves the fewest. */
function placeOf({ state, action, incident_id }: Pick<RunFilter, "state" | "action" | "incident_id">): string {
  if (incident_id !== undefined)
    return "WHERE asked_at IN (SELECT value FROM json_each((SELECT asked FROM incidents WHERE incident_id = ?6)))";
  if (state !== undefined && state !== "succeeded")
    return "INDEXED BY runs_by_state WHERE state = ?4 AND state <> 'succeeded'";
  return action === undefined ? "WHERE true" : "INDEXED BY runs_by_action WHERE action = ?5";
}
