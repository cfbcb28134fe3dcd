// The admin's lists, with as much in them as a large team gathers: what a change costs in rows, how quick the first page of each list
// is, and whether any of its queries reads a whole table.
import * as z from "zod";
import type { Bundle } from "./bundle.ts";
import { serve } from "./runtime.ts";
import { percentile } from "./statistics.ts";
import { fixed, table } from "./table.ts";

const INCIDENTS = 100_000;
/** Of each request that fills. */
const AT_ONCE = 500;
/** What a person does not wait for. */
export const FIRST_PAGE_MS = 50;

const Rows = z.array(z.object({ step: z.string(), rows: z.int() }));
const Asked = z.array(
  z.object({ what: z.string(), found: z.int(), times_ms: z.array(z.number()), plan: z.array(z.string()) }),
);

export interface Lists {
  rows: z.output<typeof Rows>;
  asked: z.output<typeof Asked>;
  filled_ms: number;
  incidents: number;
}

/** Fills the index of a runtime of its own, and asks it. `script` is that of workers/lists.ts. */
export async function lists({ script }: Bundle, incidents = INCIDENTS): Promise<Lists> {
  const runtime = await serve([{ type: "ESModule", path: "index.js", contents: script }], "http://127.0.0.1:9/");
  try {
    await runtime.database();
    const answer = async (path: string) => {
      const response = await fetch(`${runtime.url}${path}`);
      if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${runtime.said()}`);
      return response;
    };
    const rows = Rows.parse(await (await answer("/rows")).json());
    const began = performance.now();
    for (let from = 0; from < incidents; from += AT_ONCE) await answer(`/fill?from=${from}&to=${from + AT_ONCE}`);
    const filled_ms = performance.now() - began;
    return { rows, asked: Asked.parse(await (await answer("/ask")).json()), filled_ms, incidents };
  } finally {
    await runtime.stop();
  }
}

export function listsTable({ rows, asked, filled_ms, incidents }: Lists): string {
  const steps = rows.map(({ step, rows }) => [step, String(rows)]);
  const sum = String(rows.reduce((sum, { rows }) => sum + rows, 0));
  const times = asked.map(({ what, found, times_ms }) => [
    what,
    String(found),
    ...[0.5, 0.95].map((p) => fixed(percentile(times_ms, p), 1)),
  ]);
  return `Rows written to the index by an incident with five events and two runs
${table([["", "rows"], ...steps, ["in all", sum]])}

The first page, 20 of ${incidents.toLocaleString("en")} incidents of ten versions each, and of twice as many runs (filled in ${fixed(filled_ms / 1_000, 0)} s)
${table([["", "found", "p50 ms", "p95 ms"], ...times])}`;
}

/** The slowest of them. Milliseconds. */
export function slowest({ asked }: Lists): number {
  return Math.max(...asked.map(({ times_ms }) => percentile(times_ms, 0.95)));
}

/** Steps of query plans that read a whole table. A search is read by its own index. */
export function scans({ asked }: Lists): string[] {
  return asked.flatMap(({ plan }) => plan).filter((step) => /^SCAN (?!.*VIRTUAL TABLE INDEX)/.test(step));
}
