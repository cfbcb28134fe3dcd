// The list of incidents, as the index has it: the newest first.
import * as z from "zod";
import { IncidentItem, type Listed, paged } from "../shapes.ts";
import { phrase, phrases } from "./words.ts";

/** Where a page of the list ended. */
export const IncidentCursor = z
  .string()
  .regex(/^\d{1,16}$/, { error: "is not a cursor that this list has given" })
  .transform(Number);

export interface IncidentFilter {
  progress?: string | undefined;
  severity?: string | undefined;
  /** What is typed to search: words of title, incident id, number, labels and hosts, or the beginnings of such. */
  q?: string | undefined;
  cursor?: z.output<typeof IncidentCursor> | undefined;
  limit: number;
}

/** A page of the incidents that meet the filter. */
export async function listIncidents(db: D1Database, filter: IncidentFilter): Promise<Listed<IncidentItem>> {
  const { sql, values } = queryOf(filter);
  const { results } = await db
    .prepare(sql)
    .bind(...values)
    .all();
  const { items, next_cursor } = paged(z.array(Row).parse(results), filter.limit, ({ id }) => String(id));
  return { items: items.map((row) => IncidentItem.parse(row)), next_cursor };
}

const Row = IncidentItem.extend({ id: z.number() });
const COLUMNS = Row.keyof()
  .options.map((name) => `incidents.${name}`)
  .join(", ");

/** The query of a page, with one row more than it shows: whether there is a next one. */
export function queryOf({ progress, severity, q = "", cursor = Number.MAX_SAFE_INTEGER, limit }: IncidentFilter) {
  const wanted = [
    ...phrases(q).map((text) => `words : ${text}`),
    ...(progress === undefined ? [] : [`progress : ^ ${phrase(progress)}`]),
    ...(severity === undefined ? [] : [`severity : ^ ${phrase(severity)}`]),
  ];
  if (wanted.length === 0)
    return {
      sql: `SELECT ${COLUMNS} FROM incidents WHERE id < ?1 ORDER BY id DESC LIMIT ?2`,
      values: [cursor, limit + 1],
    };
  // The search knows words only, and "Closed" is one of "Not closed": what is asked for is compared once more.
  const sql = `SELECT ${COLUMNS} FROM search JOIN incidents ON incidents.id = search.rowid
    WHERE search MATCH ?3 AND search.rowid < ?1
      AND (?4 IS NULL OR incidents.progress = ?4 COLLATE NOCASE) AND (?5 IS NULL OR incidents.severity = ?5 COLLATE NOCASE)
    ORDER BY search.rowid DESC LIMIT ?2`;
  return { sql, values: [cursor, limit + 1, wanted.join(" "), progress ?? null, severity ?? null] };
}
