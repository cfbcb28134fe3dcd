// One lane of the picture: its name, and what happens in it as time passes.
import type { Child } from "hono/jsx";
import { lasted } from "../moment.ts";
import { wordFor } from "../badge.tsx";
import { cut } from "../../../domain/text.ts";
import { shown } from "../shown.ts";
import { Text } from "../text.tsx";
import { say } from "../viewer.ts";
import { linkTo, runAnchor } from "./anchor.ts";
import type { Axis } from "./axis.ts";
import { Icon, lookOfState, SignPath, type Tone, toneOfProgress } from "./icon.tsx";
import type { Life } from "./life.ts";
import type { Band } from "./progress.ts";
import { fits, percent } from "./room.ts";
import type { Onlooker } from "./viewer.ts";
import type { KnownRun } from "./verdict.ts";
import type { Way } from "./way.ts";
import { words } from "./words.ts";

/** Pixels. The bar of a run lies in the middle of its lane. */
const LANE = { height: 26, bar: 10 };
const MIDDLE = LANE.height / 2;

export function ProgressLane({ axis, bands, viewer }: { axis: Axis; bands: readonly Band[]; viewer: Onlooker }) {
  const texts = words[viewer.language].life;
  const named = bands.map((band) => ({ ...band, name: nameOf(band.progress, viewer) }));
  const told = named.map(({ name, from, to }) => texts.from_to(name, viewer.clock(from), viewer.clock(to)));
  return (
    <div class="life-lane">
      <span class="life-label">{texts.progress}</span>
      <svg width="100%" height={LANE.height} role="img">
        <title>{told.slice(-MOST_TOLD).join("; ")}</title>
        {named.map((band) => (
          <ProgressBand axis={axis} band={band} />
        ))}
      </svg>
    </div>
  );
}

/** Of the bands, in words: the newest. */
const MOST_TOLD = 12;

function nameOf(progress: string, viewer: Onlooker): string {
  return shown(cut(wordFor(progress, say(viewer).progress), 24));
}

function ProgressBand({ axis, band: { name, from, to, progress } }: { axis: Axis; band: Band & { name: string } }) {
  const [left, right] = [axis.place(from), axis.place(to)];
  const room = fits(name, right - left);
  return (
    <g class={`tone-${toneOfProgress(progress)}`}>
      <rect class="life-band" x={percent(left)} width={percent(right - left)} y="2" height={LANE.height - 4} />
      <line class="life-edge" x1={percent(left)} x2={percent(left)} y1="2" y2={LANE.height - 2} />
      {room !== null && (
        <text class={`life-band-name ${room}`} x={percent((left + right) / 2)} y={MIDDLE} dy=".35em">
          {name}
        </text>
      )}
    </g>
  );
}

export function RunLane({ axis, run, way, viewer }: Life["lanes"][number] & { axis: Axis; viewer: Onlooker }) {
  const texts = words[viewer.language].life;
  const state = say(viewer).state[run.state];
  const { sign, tone } = lookOfState(run.state);
  return (
    <li class="life-lane">
      <a class="life-label" href={linkTo(runAnchor(run.run_id))}>
        <Icon sign={sign} tone={tone} is_round />
        <span class="life-name">
          <b>
            <Text text={run.action} most={64} />
          </b>
          {run.key !== "" && " "}
          <Text text={run.key} most={80} />
        </span>
        <small>{[state, ...aboutOf(run, way, viewer)].join(" · ")}</small>
      </a>
      <svg width="100%" height={LANE.height} role="img">
        <title>{texts.from_to(state, viewer.clock(way.from), viewer.clock(way.to))}</title>
        <Bars axis={axis} way={way} state={run.state} viewer={viewer} />
        <Ends axis={axis} run={run} way={way} viewer={viewer} />
      </svg>
    </li>
  );
}

/** What is to be said of a run in few words, beside its state. */
function aboutOf(run: KnownRun, { attempts }: Way, viewer: Onlooker): string[] {
  const texts = words[viewer.language].life;
  const { planned_at, started_at, ended_at, due_at, state, policy } = run;
  const sent = attempts.filter(({ from, is_sent }) => is_sent && from >= planned_at).length;
  const dry = policy.dry_run ? [texts.dry_run] : [];
  const tried = sent > 1 ? [texts.attempts(sent)] : [];
  if (state === "awaiting_approval" && due_at !== null) return [...dry, texts.until(viewer.clock(due_at))];
  if (ended_at === null) return [...dry, ...tried, texts.since(viewer.clock(started_at ?? planned_at))];
  if (started_at === null) return dry;
  return [...dry, ...tried, texts.took(lasted(ended_at - started_at, viewer.language))];
}

/** The stretches of a run's way, and where each attempt began. */
function Bars({ axis, way, state, viewer }: { axis: Axis; way: Way; state: KnownRun["state"]; viewer: Onlooker }) {
  const texts = words[viewer.language].life;
  const [y, height] = [MIDDLE - LANE.bar / 2, LANE.bar];
  return (
    <>
      {way.stretches.map(({ kind, from, to }) => (
        <rect
          class={`life-bar ${kind} ${kind === "works" ? `tone-${toneOf(to, way, state) ?? "quiet"}` : ""}`}
          {...{ x: percent(axis.place(from)), width: percent(axis.place(to) - axis.place(from)), y, height }}
          fill={kind === "works" ? undefined : `url(#life-${kind})`}
        >
          <title>{texts.from_to(texts.stretch[kind], viewer.clock(from), viewer.clock(to))}</title>
        </rect>
      ))}
      {way.attempts.map(({ from, to, is_sent }) => {
        const at = percent(axis.place(from));
        const tone = toneOf(to, way, state);
        return (
          <g class={`tone-${tone ?? "quiet"}`}>
            <line class="life-attempt" x1={at} x2={at} y1={y - 3} y2={y + height + 3} />
            {tone === null && is_sent && <Cross at={percent(axis.place(to))} title={texts.tried} />}
          </g>
        );
      })}
    </>
  );
}

/** What a stretch that goes to then has come to: an end, or the present; null where another attempt had to follow. */
function toneOf(to: number, { ends, to: last }: Way, state: KnownRun["state"]): Tone | null {
  const end = ends.find(({ at }) => at === to);
  if (end !== undefined) return lookOfState(end.state).tone;
  return to === last ? lookOfState(state).tone : null;
}

function Cross({ at, title }: { at: string; title: string }) {
  return (
    <svg x={at} y={MIDDLE} width="1" height="1" overflow="visible">
      <title>{title}</title>
      <path class="life-cross" d="M-3.5-3.5l7 7M3.5-3.5l-7 7" />
    </svg>
  );
}

/** How each round came to its end, or how the run stands now. */
function Ends({ axis, run, way, viewer }: { axis: Axis; run: KnownRun; way: Way; viewer: Onlooker }) {
  const open = run.ended_at === null ? [{ at: way.to, state: run.state }] : [];
  return (
    <>
      {[...way.ends, ...open].map(({ at, state }) => {
        const { sign, tone } = lookOfState(state);
        return (
          <svg class={`tone-${tone}`} x={percent(axis.place(at))} y={MIDDLE} width="1" height="1" overflow="visible">
            <title>{words[viewer.language].life.at(say(viewer).state[state], viewer.clock(at))}</title>
            <circle class="chart-disc" cx="6" r="8" />
            <g transform="translate(-2 -8)">
              <SignPath sign={sign} />
            </g>
          </svg>
        );
      })}
    </>
  );
}

/** The lane's name without a picture beside it. */
export function Row({ name, children }: { name: string; children: Child }) {
  return (
    <div class="life-lane">
      <span class="life-label">{name}</span>
      {children}
    </div>
  );
}
