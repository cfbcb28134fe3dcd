// The times above the lanes, and what goes through all of them: breaks, and when the incident was closed or came back.
import { lasted } from "../moment.ts";
import type { Life } from "./life.ts";
import { classOf, percent, ROOMS, textPx, TIMES_PX } from "./room.ts";
import { type Tick, ticksOf } from "./ticks.ts";
import type { Viewer } from "./viewer.ts";
import { words } from "./words.ts";

/** Tells nothing that is not said elsewhere in words. */
export function TimeLane({ life, viewer }: { life: Life; viewer: Viewer }) {
  const { axis, moments } = life;
  const texts = words[viewer.language].life;
  return (
    <div class="life-lane" aria-hidden="true">
      <span class="life-label"></span>
      {ROOMS.map(([room, width_px]) => (
        <svg class={classOf(room)} width="100%" height={TIMES_PX}>
          {ticksOf(axis, moments, { ...viewer, say_now: texts.now, width_px }).map((tick) => (
            <TickMark tick={tick} />
          ))}
          {axis.quiets.map(({ from, to }) => {
            const [left, right] = [axis.place(from), axis.place(to)];
            const text = lasted(to - from, viewer.language);
            // Beside it a day may be written.
            if (textPx(`${text} 2026-11-22`) > (right - left) * width_px) return null;
            return (
              <text class="chart-tick chart-faint" x={percent((left + right) / 2)} y="24">
                {text}
              </text>
            );
          })}
        </svg>
      ))}
    </div>
  );
}

function TickMark({ tick: { place, time, date, anchor } }: { tick: Tick }) {
  const x = percent(place);
  return (
    <g class={`anchor-${anchor}`}>
      <text class="chart-tick" x={x} y="11">
        {time}
      </text>
      {date !== "" && (
        <text class="chart-tick" x={x} y="24">
          {date}
        </text>
      )}
      <line class="chart-line" x1={x} x2={x} y1="28" y2={TIMES_PX} />
    </g>
  );
}

/** Behind all lanes; brings the hatchings that they are drawn with. */
export function Grid({ life: { axis, bands } }: { life: Life }) {
  return (
    <div class="life-grid" aria-hidden="true">
      <svg width="100%" height="100%">
        <defs>
          <Hatching kind="waits" />
          <Hatching kind="approval" />
          <Hatching kind="quiet" />
        </defs>
        {axis.quiets.map(({ from, to }) => {
          const left = axis.place(from);
          const width = percent(axis.place(to) - left);
          return (
            <rect class="life-quiet" x={percent(left)} y="0" {...{ width, height: "100%", fill: "url(#life-quiet)" }} />
          );
        })}
        {bands.map(({ turn, from }) => {
          const x = percent(axis.place(from));
          const tone = turn === "closed" ? "good" : "bad";
          return turn !== null && <line class={`life-turn tone-${tone} is-${turn}`} x1={x} x2={x} y1="0" y2="100%" />;
        })}
      </svg>
    </div>
  );
}

function Hatching({ kind }: { kind: "waits" | "approval" | "quiet" }) {
  return (
    <pattern id={`life-${kind}`} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect class={`hatch-ground ${kind}`} width="6" height="6" />
      <path class={`hatch-line ${kind}`} d="M1.5 0v6" />
    </pattern>
  );
}
