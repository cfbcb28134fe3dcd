// What came in during the last day, and what became of it.
import type { Tallies } from "../../../tally/read.ts";
import { say } from "../viewer.ts";
import { Bars, type Part } from "./bars.tsx";
import { binsOf, RESULTS, type Result, resultsOf } from "./series.ts";
import type { Viewer } from "./viewer.ts";
import { words } from "./words.ts";

const LOOKS: Record<Result, Pick<Part<Result>, "sign" | "tone">> = {
  accepted: { sign: "check", tone: "go" },
  duplicate: { sign: "again", tone: "quiet" },
  stale: { sign: "hourglass", tone: "warn" },
  refused: { sign: "cross", tone: "bad" },
};

export function PushesChart({ tallies, viewer }: { tallies: Tallies; viewer: Viewer }) {
  const names = say(viewer).result;
  const parts = RESULTS.map((key) => ({ key, name: names[key], ...LOOKS[key] }));
  const bins = binsOf(tallies.intervals, viewer.now).map(({ at, value }) => ({ at, value: resultsOf(value) }));
  return <Bars title={words[viewer.language].count.pushes} parts={parts} bins={bins} viewer={viewer} />;
}
