// The last day, from left to right: where its hours stand, in the viewer's zone.
import { timeIn } from "../moment.ts";
import { classOf, percent, ROOMS, type Room } from "./room.ts";
import type { Bin } from "./series.ts";
import type { Viewer } from "./viewer.ts";

/** A time is written every so many hours. */
const EVERY_HOURS: Record<Room, number> = { narrow: 6, wide: 3 };

/** `height`: of the picture that it stands below. */
export function TimeAxis({ bins, height, viewer }: { bins: readonly Bin<unknown>[]; height: number; viewer: Viewer }) {
  return (
    <>
      <line class="count-axis" x1="0" x2="100%" y1={height} y2={height} />
      {ROOMS.map(([room]) => (
        <g class={classOf(room)}>
          {hoursOf(bins, EVERY_HOURS[room], viewer.zone).map(({ place, time }) => (
            <text class="chart-tick" x={percent(place)} y={height + 15}>
              {time}
            </text>
          ))}
        </g>
      ))}
    </>
  );
}

/** Where an hour that is written begins, by the clocks of the zone: also where these are half an hour off. */
export function hoursOf(bins: readonly Bin<unknown>[], every: number, zone: string): { place: number; time: string }[] {
  let previous = "";
  return bins.flatMap(({ at }, index) => {
    const hour = timeIn(zone, at).slice("2026-11-22 ".length, "2026-11-22 03".length);
    const is_new = previous !== "" && hour !== previous;
    previous = hour;
    return is_new && Number(hour) % every === 0 ? [{ place: index / bins.length, time: `${hour}:00` }] : [];
  });
}
