// The lane of an incident's events: a mark for each, or one for several that come close upon each other.
import { say } from "../viewer.ts";
import { cut } from "../../../domain/text.ts";
import { wordFor } from "../badge.tsx";
import { shown } from "../shown.ts";
import { eventAnchor, linkTo } from "./anchor.ts";
import { lookOfEvent, SignPath } from "./icon.tsx";
import { Row } from "./lane.tsx";
import type { Life } from "./life.ts";
import { type Mark, MARK_PX, marksOf } from "./marks.ts";
import { classOf, percent, ROOMS } from "./room.ts";
import type { Onlooker } from "./viewer.ts";
import { words } from "./words.ts";

type Happened = Life["events"][number];

/** Pixels: the lane, and the middle of its marks. */
const HEIGHT = 42;
const MIDDLE = 26;

export function EventsLane({ axis, events, viewer }: Pick<Life, "axis" | "events"> & { viewer: Onlooker }) {
  const texts = words[viewer.language].life;
  return (
    <Row name={texts.events}>
      {ROOMS.map(([room, width_px]) => (
        <svg
          class={classOf(room)}
          {...{ width: "100%", height: HEIGHT, role: "group", "aria-label": texts.what_happened(events.length) }}
        >
          {marksOf(events, ({ at }) => axis.place(at), width_px).map((mark) => (
            <EventMark mark={mark} width_px={width_px} viewer={viewer} />
          ))}
        </svg>
      ))}
    </Row>
  );
}

function EventMark({ mark, width_px, viewer }: { mark: Mark<Happened>; width_px: number; viewer: Onlooker }) {
  const { things, at_px, x_px } = mark;
  const [first] = things;
  if (first === undefined) return null;
  const [at, x] = [percent(at_px / width_px), percent(x_px / width_px)];
  const title = titleOf(things, viewer);
  const is_stale = things.every(({ event }) => event.disposition === "stale");
  const { sign, tone } = lookOfEvent(first.event.event_type);
  return (
    <a href={linkTo(eventAnchor(first.event.event_id))} aria-label={title}>
      <line class="life-leader" x1={at} y1="0" x2={x} y2={MIDDLE - 9} />
      <svg
        class={`life-mark tone-${things.length > 1 ? "quiet" : tone} ${is_stale ? "is-stale" : ""}`}
        {...{ x, y: MIDDLE, width: 1, height: 1, overflow: "visible" }}
      >
        <title>{title}</title>
        <rect class="chart-hit" {...{ x: -MARK_PX / 2, y: -MARK_PX / 2, width: MARK_PX, height: MARK_PX }} />
        {things.length > 1 ? (
          <Several count={things.length} />
        ) : (
          <>
            <circle class="chart-disc" r="9" />
            <g transform="translate(-8 -8)">
              <SignPath sign={sign} />
            </g>
          </>
        )}
        {things.some(({ event }) => event.replayed_by !== "") && (
          <circle class="life-replayed" cx="8" cy="-8" r="3.5" />
        )}
      </svg>
    </a>
  );
}

function Several({ count }: { count: number }) {
  return (
    <>
      <rect class="chart-disc" x="-11" y="-9" width="22" height="18" rx="5" />
      <text class="life-count" dy=".35em">
        {count > 99 ? "99+" : count}
      </text>
    </>
  );
}

/** What stands behind a mark, in words. */
function titleOf(things: readonly Happened[], viewer: Onlooker): string {
  const texts = words[viewer.language].life;
  const [first] = things;
  const last = things.at(-1);
  if (first === undefined || last === undefined) return "";
  const from = viewer.clock(first.at);
  const types = [...new Set(things.map(({ event }) => eventName(event.event_type, viewer)))];
  if (things.length > 1)
    return `${texts.together(things.length, from, viewer.clock(last.at))}: ${cut(types.join(", "), MOST_NAMES)}`;
  const { disposition, replayed_by } = first.event;
  const stale = disposition === "stale" ? [texts.stale] : [];
  const replayed = replayed_by === "" ? [] : [texts.replayed];
  return [texts.at(types.join(""), from), ...stale, ...replayed].join("; ");
}

/** Characters of the names of those that share a mark. */
const MOST_NAMES = 160;

/** What Flashduty may name anew is shown as it names it. */
export function eventName(event_type: string, viewer: Onlooker): string {
  return shown(cut(wordFor(event_type, say(viewer).event_type), 64));
}
