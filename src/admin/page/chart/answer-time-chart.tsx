// How long pushes waited for their answer during the last day, and how far that is from what the sender waits.
import { line } from "d3-shape";
import type { Tallies } from "../../../tally/read.ts";
import { timeIn } from "../moment.ts";
import { Figures, Head, Nothing } from "./frame.tsx";
import { added, answerTimesOf, type AnswerTimes, type Bin, binsOf, partWithin } from "./series.ts";
import { TimeAxis } from "./time-axis.tsx";
import type { Viewer } from "./viewer.ts";
import { words } from "./words.ts";

/** Pixels. */
const HEIGHT = 140;
/** Seconds: the ends of the scale, on which ten times as long is one step, and what is marked on it. */
const SCALE = { from: 0.005, to: 2.5 };
const MARKED_S = [0.01, 0.1];
/** By one edition of its documents, the sender waits so long. */
const DEADLINE_S = 1;

/** Each line with what it tells, the one that matters least first. */
const LINES = [
  { key: "p50", tone: "quiet" },
  { key: "p95", tone: "go" },
  { key: "p99", tone: "ask" },
] as const satisfies { key: keyof AnswerTimes; tone: string }[];

export function AnswerTimeChart({ tallies, viewer }: { tallies: Tallies; viewer: Viewer }) {
  const texts = words[viewer.language].count;
  const bins = binsOf(tallies.intervals, viewer.now).map(({ at, value }) => ({ at, value: answerTimesOf(value) }));
  const whole = added(tallies.intervals.map(({ counts }) => counts));
  const times = answerTimesOf(whole);
  if (times === null) return <Nothing title={texts.answers} viewer={viewer} />;
  const share = new Intl.NumberFormat(viewer.language, { style: "percent", maximumFractionDigits: 2 });
  const within = texts.within(share.format(floored(partWithin(whole, DEADLINE_S) ?? 0)));
  const told = LINES.map(({ key, tone }) => ({
    key,
    tone,
    text: texts.at_most(texts.part[key], shortTime(times[key], viewer)),
  }));
  return (
    <figure class="chart count">
      <Head title={texts.answers} note={`${texts.last_day} · ${within}`} />
      <div class="count-frame">
        <svg width="100%" height={HEIGHT + 20} role="img">
          <title>{`${texts.answers}: ${[within, ...told.map(({ text }) => text)].join(", ")}`}</title>
          <Scale viewer={viewer} />
          <Lines bins={bins} />
          <TimeAxis bins={bins} height={HEIGHT} viewer={viewer} />
        </svg>
      </div>
      <Legend told={told} deadline={texts.deadline} />
      <Figures
        viewer={viewer}
        heads={[texts.time, ...LINES.map(({ key }) => texts.part[key])]}
        rows={bins.flatMap(({ at, value }) =>
          value === null
            ? []
            : [[timeIn(viewer.zone, at).slice(0, 16), ...LINES.map(({ key }) => shortTime(value[key], viewer))]],
        )}
      />
    </figure>
  );
}

function Legend({
  told,
  deadline,
}: {
  told: readonly { key: string; tone: string; text: string }[];
  deadline: string;
}) {
  const lines = told.map(({ key, tone, text }) => ({ drawn: `count-line ${key} tone-${tone}`, text }));
  return (
    <ul class="chart-legend">
      {[...lines, { drawn: "count-deadline", text: deadline }].map(({ drawn, text }) => (
        <li>
          <svg class="chart-icon" width="28" height="16" aria-hidden="true">
            <path class={drawn} d="M2 8h24" />
          </svg>
          {text}
        </li>
      ))}
    </ul>
  );
}

/** 99.996% are not all. */
function floored(part: number): number {
  return Math.floor(part * 10_000) / 10_000;
}

function yOf(seconds: number): number {
  const { from, to } = SCALE;
  const part = Math.log(Math.min(Math.max(seconds, from), to) / from) / Math.log(to / from);
  return Math.round((1 - part) * HEIGHT * 100) / 100;
}

function Scale({ viewer }: { viewer: Viewer }) {
  return (
    <>
      {[...MARKED_S, DEADLINE_S].map((seconds) => (
        <>
          <line
            class={seconds === DEADLINE_S ? "count-deadline" : "chart-line"}
            x1="0"
            x2="100%"
            y1={yOf(seconds)}
            y2={yOf(seconds)}
          />
          <text class="chart-tick count-scale" x="-6" y={yOf(seconds)} dy=".35em">
            {shortTime(seconds, viewer)}
          </text>
        </>
      ))}
    </>
  );
}

/** Drawn in units of a bar's width, and stretched; a gap where nothing was answered. */
function Lines({ bins }: { bins: readonly Bin<AnswerTimes | null>[] }) {
  const path = (key: keyof AnswerTimes) =>
    line<Bin<AnswerTimes | null>>()
      .defined(({ value }) => value !== null)
      .x((_, index) => index + 0.5)
      .y(({ value }) => yOf(value?.[key] ?? 0))([...bins]);
  return (
    <svg width="100%" height={HEIGHT} viewBox={`0 0 ${bins.length} ${HEIGHT}`} preserveAspectRatio="none">
      {LINES.map(({ key, tone }) => (
        <path class={`count-line ${key} tone-${tone}`} d={path(key) ?? ""} />
      ))}
    </svg>
  );
}

/** `12 ms`, `1.2 s`; what lies beyond the last bucket is not known better. */
function shortTime(seconds: number, viewer: Pick<Viewer, "language">): string {
  if (seconds === Infinity) return words[viewer.language].count.beyond(shortTime(SCALE.to, viewer));
  return seconds < 0.9995 ? `${Math.round(seconds * 1_000)} ms` : `${Math.round(seconds * 10) / 10} s`;
}
