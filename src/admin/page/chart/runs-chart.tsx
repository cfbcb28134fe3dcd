// The runs that came to their end during the last day, by how they did.
import type { Tallies } from "../../../tally/read.ts";
import { say } from "../viewer.ts";
import { Bars } from "./bars.tsx";
import { lookOfState } from "./icon.tsx";
import { binsOf, STATES, statesOf } from "./series.ts";
import type { Viewer } from "./viewer.ts";
import { words } from "./words.ts";

export function RunsChart({ tallies, viewer }: { tallies: Tallies; viewer: Viewer }) {
  const names = say(viewer).state;
  const parts = STATES.map((key) => ({ key, name: names[key], ...lookOfState(key) }));
  const bins = binsOf(tallies.intervals, viewer.now).map(({ at, value }) => ({ at, value: statesOf(value) }));
  return <Bars title={words[viewer.language].count.runs} parts={parts} bins={bins} viewer={viewer} />;
}
