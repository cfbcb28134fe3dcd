// Counts over the last day as stacked bars, each of half an hour, with their sums in words and all figures in a table.
import { stack } from "d3-shape";
import { timeIn } from "../moment.ts";
import { Figures, Head, Nothing } from "./frame.tsx";
import { Icon, type Sign, type Tone } from "./icon.tsx";
import { clockOf } from "./clock.ts";
import { percent } from "./room.ts";
import { type Bin, BIN_MS, scaleTo } from "./series.ts";
import { TimeAxis } from "./time-axis.tsx";
import type { Viewer } from "./viewer.ts";
import { words } from "./words.ts";

/** One part of every bar: what it counts, how it is called and drawn. */
export interface Part<Key extends string> {
  key: Key;
  name: string;
  sign: Sign;
  tone: Tone;
}

interface Given<Key extends string> {
  title: string;
  parts: readonly Part<Key>[];
  bins: readonly Bin<Record<Key, number>>[];
  viewer: Viewer;
}

/** Pixels. */
const HEIGHT = 120;
/** Of a bar's place, the part that it takes. */
const FILLED = 0.8;

export function Bars<Key extends string>({ title, parts, bins, viewer }: Given<Key>) {
  const texts = words[viewer.language].count;
  const wholes = bins.map(({ value }) => parts.reduce((sum, { key }) => sum + value[key], 0));
  const most = Math.max(...wholes);
  if (!(most > 0)) return <Nothing title={title} viewer={viewer} />;
  const format = new Intl.NumberFormat(viewer.language);
  const sums = parts.map((part) => ({ ...part, sum: bins.reduce((sum, { value }) => sum + value[part.key], 0) }));
  const told = sums
    .filter(({ sum }) => sum > 0)
    .map((part) => ({ ...part, text: texts.of(format.format(part.sum), part.name) }));
  return (
    <figure class="chart count">
      <Head title={title} note={`${texts.last_day} · ${texts.half_hours}`} />
      <div class="count-frame">
        <svg width="100%" height={HEIGHT + 20} role="img">
          <title>{`${title}: ${told.map(({ text }) => text).join(", ")}`}</title>
          <Scale end={scaleTo(most)} format={format} />
          <Stacks parts={parts} bins={bins} end={scaleTo(most)} viewer={viewer} />
          <TimeAxis bins={bins} height={HEIGHT} viewer={viewer} />
        </svg>
      </div>
      <ul class="chart-legend">
        {told.map(({ sign, tone, text }) => (
          <li>
            <Icon sign={sign} tone={tone} is_round />
            {text}
          </li>
        ))}
      </ul>
      <Figures
        viewer={viewer}
        heads={[texts.time, ...parts.map(({ name }) => name), texts.whole]}
        rows={bins.flatMap(({ at, value }, index) => {
          const whole = wholes[index] ?? 0;
          const figures = [...parts.map(({ key }) => value[key]), whole].map((figure) => format.format(figure));
          return whole === 0 ? [] : [[timeIn(viewer.zone, at).slice(0, 16), ...figures]];
        })}
      />
    </figure>
  );
}

function Scale({ end, format }: { end: number; format: Intl.NumberFormat }) {
  return (
    <>
      {[1, 0.5].map((part) => (
        <>
          <line class="chart-line" x1="0" x2="100%" y1={HEIGHT * (1 - part)} y2={HEIGHT * (1 - part)} />
          <text class="chart-tick count-scale" x="-6" y={HEIGHT * (1 - part)} dy=".35em">
            {format.format(end * part)}
          </text>
        </>
      ))}
    </>
  );
}

function Stacks<Key extends string>({ parts, bins, end, viewer }: Omit<Given<Key>, "title"> & { end: number }) {
  const texts = words[viewer.language];
  const clock = clockOf(viewer);
  const stacked = stack<unknown, Bin<Record<Key, number>>, Key>()
    .keys(parts.map(({ key }) => key))
    .value(({ value }, key) => value[key])([...bins]);
  const [step, width] = [1 / bins.length, percent(FILLED / bins.length)];
  return (
    <>
      {stacked.map((series, place) => {
        const part = parts[place];
        return series.flatMap(([from, to], index) => {
          const at = bins[index]?.at ?? 0;
          if (part === undefined || !(to > from)) return [];
          const told = texts.life.from_to(texts.count.of(String(to - from), part.name), clock(at), clock(at + BIN_MS));
          const x = percent((index + (1 - FILLED) / 2) * step);
          const [y, height] = [roundedPx((1 - to / end) * HEIGHT), roundedPx(((to - from) / end) * HEIGHT)];
          return [
            <rect class={`count-part tone-${part.tone}`} x={x} width={width} y={y} height={height}>
              <title>{told}</title>
            </rect>,
          ];
        });
      })}
    </>
  );
}

function roundedPx(px: number): number {
  return Math.round(px * 100) / 100;
}
