// How the runs of each action ended during the last day: as parts of a whole, with their figures.
import { stack, stackOffsetExpand } from "d3-shape";
import type { EndState } from "../../../domain/run.ts";
import type { Tallies } from "../../../tally/read.ts";
import { Text } from "../text.tsx";
import { say } from "../viewer.ts";
import { Figures, Head, Nothing } from "./frame.tsx";
import { Icon, lookOfState, SignPath } from "./icon.tsx";
import { percent } from "./room.ts";
import { added, STATES, statesByAction } from "./series.ts";
import type { Viewer } from "./viewer.ts";
import { words } from "./words.ts";

type States = Record<EndState, number>;

export function OutcomesChart({ tallies, viewer }: { tallies: Tallies; viewer: Viewer }) {
  const texts = words[viewer.language].count;
  const actions = statesByAction(added(tallies.intervals.map(({ counts }) => counts)));
  if (actions.length === 0) return <Nothing title={texts.outcomes} viewer={viewer} />;
  const format = new Intl.NumberFormat(viewer.language);
  const names = say(viewer).state;
  const used = STATES.filter((state) => actions.some(({ states }) => states[state] > 0));
  return (
    <figure class="chart count">
      <Head title={texts.outcomes} note={texts.last_day} />
      <ul class="count-rows">
        {actions.map(({ action, states }) => (
          <li>
            <b>
              <Text text={action} most={64} />
            </b>
            <Whole states={states} />
            <Told states={states} of={(state) => texts.of(format.format(states[state]), names[state])} />
          </li>
        ))}
      </ul>
      <Figures
        viewer={viewer}
        heads={[texts.action, ...used.map((state) => names[state])]}
        rows={actions.map(({ action, states }) => [action, ...used.map((state) => format.format(states[state]))])}
      />
    </figure>
  );
}

function Told({ states, of }: { states: States; of: (state: EndState) => string }) {
  return (
    <ul class="chart-legend">
      {STATES.filter((state) => states[state] > 0).map((state) => (
        <li>
          <Icon {...lookOfState(state)} is_round />
          {of(state)}
        </li>
      ))}
    </ul>
  );
}

/** Pixels. */
const HEIGHT = 16;
/** A part of the whole that has room for its sign. */
const ROOM = 0.08;

/** The words beside it tell the same. */
function Whole({ states }: { states: States }) {
  const parts = stack<unknown, States, EndState>()
    .keys(STATES)
    .value((states, state) => states[state])
    .offset(stackOffsetExpand)([states]);
  return (
    <svg width="100%" height={HEIGHT} aria-hidden="true">
      {parts.map(({ key, 0: part }) => {
        const [from = 0, to = 0] = part ?? [];
        const { sign, tone } = lookOfState(key);
        return (
          to > from && (
            <g class={`tone-${tone}`}>
              <rect class="chart-disc" x={percent(from)} width={percent(to - from)} height={HEIGHT} />
              {to - from >= ROOM && (
                <svg class="on-disc" x={percent((from + to) / 2)} width="1" height={HEIGHT} overflow="visible">
                  <g transform="translate(-8 0)">
                    <SignPath sign={sign} />
                  </g>
                </svg>
              )}
            </g>
          )
        );
      })}
    </svg>
  );
}
