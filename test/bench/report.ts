// What was found, as tables for people, and held against what the project asks of itself.
import { cpus } from "node:os";
import { SCRATCH } from "./bundle.ts";
import type { Bundle } from "./bundle.ts";
import { type Cost, ITEMS, price } from "./cost.ts";
import type { Measures, Result } from "./duel.ts";
import { FIRST_PAGE_MS, type Lists, scans, slowest } from "./lists.ts";
import type { Startup } from "./startup.ts";
import { percentile, type Spread } from "./statistics.ts";
import { fixed, table } from "./table.ts";

export interface Found {
  results: readonly Result[];
  /** From a press to the target's being called. */
  latencies_ms: readonly number[];
  /** How often each run has called the target. */
  calls: readonly number[];
  cost: Record<"plain" | "repeated" | "run" | "first_use", Cost>;
  bundles: Record<"receiver" | "floor", Bundle>;
  starts: Record<"receiver" | "floor", Startup>;
  listed: Lists;
}

interface Target {
  what: string;
  wanted: string;
  figure: string;
  reached: boolean;
}

const KB = 1_000;

/** Where the figures come from. */
export function machine(): string {
  return `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}, Node ${process.version}, state under ${SCRATCH}`;
}

export function duelTable({ results }: Pick<Found, "results">): string {
  const rows = results.flatMap(({ scene, receiver, floor, ratio }) => [
    [`${scene.name}: receiver`, ...figures(receiver)],
    ["  floor", ...figures(floor)],
    ["  receiver / floor", ...ratios(ratio)],
  ]);
  const title = "Load: medians of the rounds; ratios with their least and most";
  return `${title}\n${table([["", "pushes/s", "p50 ms", "p99 ms", "CPU ms/push"], ...rows])}`;
}

function figures({ per_s, p50_ms, p99_ms, cpu_ms }: Measures): string[] {
  return [fixed(per_s.median, 0), fixed(p50_ms.median, 1), fixed(p99_ms.median, 1), fixed(cpu_ms.median, 2)];
}

function ratios({ per_s, p50_ms, p99_ms, cpu_ms }: Measures): string[] {
  return [per_s, p50_ms, p99_ms, cpu_ms].map(
    ({ median, least, most }: Spread) => `${fixed(median, 2)} (${fixed(least, 2)}–${fixed(most, 2)})`,
  );
}

export function pressTable({ latencies_ms, calls }: Pick<Found, "latencies_ms" | "calls">): string {
  const [p50, p99, most] = [0.5, 0.99, 1].map((p) => fixed(percentile(latencies_ms, p), 1));
  const repeated = calls.filter((times) => times !== 1).length;
  return `Press to target: ${latencies_ms.length} presses one after another, each for a new incident
p50 ${p50} ms, p99 ${p99} ms, most ${most} ms; runs that called their target more than once: ${repeated}`;
}

export function costTable({ cost }: Pick<Found, "cost">): string {
  const columns = [cost.plain, cost.repeated, cost.run, cost.first_use];
  const rows = ITEMS.map((item) => [item.replaceAll("_", " "), ...columns.map(({ counts }) => String(counts[item]))]);
  const prices = ["$ per million", ...columns.map(({ counts }) => fixed(price(counts), 2))];
  const title = "Cost of one push; of tallies, one row in some seconds and isolate, however many pushes";
  return `${title}\n${table([["", ...columns.map(({ of }) => of)], ...rows, prices])}`;
}

export function sizeTable({ bundles, starts }: Pick<Found, "bundles" | "starts">): string {
  const row = (name: "receiver" | "floor") => [
    name,
    fixed(bundles[name].bytes / KB, 1),
    fixed(bundles[name].gzip_bytes / KB, 1),
    fixed(starts[name].first_answer_ms, 0),
    fixed(starts[name].script_ms, 1),
  ];
  const head = ["", "KB", "KB gzipped", "process to first answer ms", "of it its script ms"];
  return `Size and start\n${table([head, row("receiver"), row("floor")])}`;
}

export function targetTable(found: Found): string {
  const rows = targets(found).map(({ what, wanted, figure, reached }) => [
    what,
    wanted,
    figure,
    reached ? "reached" : "MISSED",
  ]);
  return `Targets\n${table([["", "wanted", "found", ""], ...rows])}`;
}

function targets({ results, latencies_ms, calls, cost, bundles, listed }: Found): Target[] {
  const p99 = percentile(latencies_ms, 0.99);
  const once = latencies_ms.length <= calls.length && calls.every((times) => times === 1);
  return [
    ...results
      .filter(({ scene }) => scene.known)
      .flatMap(({ scene, ratio }) => [
        atLeast(`pushes/s by the floor's, ${scene.name}`, 0.8, ratio.per_s.median, 2),
        atMost(`p99 by the floor's, ${scene.name}`, 1.3, ratio.p99_ms.median, 2),
      ]),
    atMost("press to target, p99 ms", 1_000, p99, 0),
    { what: "each press calls its target", wanted: "once", figure: once ? "once" : "not so", reached: once },
    atMost("rows of objects, push without a run", 4, cost.plain.counts.object_rows, 0),
    atMost("rows of objects, push with a run to its end", 10, cost.run.counts.object_rows, 0),
    atMost("rows of the index, push with a run to its end", 5, cost.run.counts.index_rows, 0),
    atMost("first page of the slowest list, p95 ms", FIRST_PAGE_MS, slowest(listed), 1),
    atMost("queries of lists that read a whole table", 0, scans(listed).length, 0),
    // The admin's pages are in it, in two languages. A smaller script would start sooner, and that is measured by itself.
    atMost("bundle, KB gzipped", 200, bundles.receiver.gzip_bytes / KB, 1),
  ];
}

function atLeast(what: string, wanted: number, found: number, digits: number): Target {
  return { what, wanted: `≥ ${wanted}`, figure: fixed(found, digits), reached: found >= wanted };
}

function atMost(what: string, wanted: number, found: number, digits: number): Target {
  return { what, wanted: `≤ ${wanted}`, figure: fixed(found, digits), reached: found <= wanted };
}
