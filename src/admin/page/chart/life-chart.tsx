// The life of one incident as one picture: how far it was, what came in, what the automation did, and whether that helped.
import { lasted } from "../moment.ts";
import { say } from "../viewer.ts";
import { cut } from "../../../domain/text.ts";
import { shown } from "../shown.ts";
import { actionNamed } from "../../../domain/playbook.ts";
import { playbook } from "../../../playbook.ts";
import type { IncidentView } from "../../shapes.ts";
import { clockOf } from "./clock.ts";
import { EventsLane, eventName } from "./events-lane.tsx";
import { Icon, lookOfEvent, lookOfState, type Sign, type Tone } from "./icon.tsx";
import { ProgressLane, RunLane } from "./lane.tsx";
import { type Life, lifeOf } from "./life.ts";
import { Grid, TimeLane } from "./time-lane.tsx";
import type { Onlooker, Viewer } from "./viewer.ts";
import { type KnownRun, type Verdict, verdictsOf } from "./verdict.ts";
import { words } from "./words.ts";

/** Its parts lead to `eventAnchor(event_id)` and `runAnchor(run_id)` (anchor.ts) on the same page. One for each page. */
export function LifeChart({ view, viewer: given }: { view: IncidentView; viewer: Viewer }) {
  const viewer = { ...given, clock: clockOf(given) };
  const life = lifeOf(view, viewer.now);
  const texts = words[viewer.language].life;
  return (
    <figure class="chart life" aria-labelledby="life-says">
      <figcaption id="life-says">
        {verdictsOf(view.runs, life.bands, helps).map((verdict) => (
          <Said verdict={verdict} viewer={viewer} />
        ))}
      </figcaption>
      <div class="life-lanes">
        <Grid life={life} />
        <TimeLane life={life} viewer={viewer} />
        <ProgressLane {...life} viewer={viewer} />
        <EventsLane {...life} viewer={viewer} />
        {life.lanes.length > 0 && (
          <ol class="life-runs">
            {life.lanes.map((lane) => (
              <RunLane {...lane} axis={life.axis} viewer={viewer} />
            ))}
          </ol>
        )}
      </div>
      {life.left_out > 0 && <p class="chart-note">{texts.left_out(life.left_out)}</p>}
      <Legend life={life} viewer={viewer} />
    </figure>
  );
}

/** What an action did that the playbook no longer has, nobody knows. */
function helps(action: string): boolean {
  return actionNamed(playbook, action)?.destructive ?? true;
}

function Said({ verdict, viewer }: { verdict: Verdict; viewer: Onlooker }) {
  const [sign, tone] = signOf(verdict);
  return (
    <p class="life-said">
      <Icon sign={sign} tone={tone} is_round />
      <span>{textOf(verdict, viewer)}</span>
    </p>
  );
}

function signOf(verdict: Verdict): readonly [Sign, Tone] {
  switch (verdict.kind) {
    case "awaiting_approval":
      return ["person", "ask"];
    case "came_back":
      return ["again", "bad"];
    case "closed":
      return ["check", "good"];
    case "not_closed":
      return ["exclamation", "warn"];
    case "held":
      return ["pause", "quiet"];
    case "closed_without":
    case "nothing_run":
    case "only_told":
      return ["dot", "quiet"];
    case "open":
    case "ended": {
      const { sign, tone } = lookOfState(verdict.run.state);
      return [sign, tone];
    }
  }
}

function textOf(verdict: Verdict, viewer: Onlooker): string {
  const { verdict: texts, life } = words[viewer.language];
  const long = (ms: number) => lasted(ms, viewer.language);
  switch (verdict.kind) {
    case "awaiting_approval":
      return texts.awaiting_approval(nameOf(verdict.run), viewer.clock(verdict.until ?? viewer.now));
    case "held":
    case "open":
    case "not_closed":
      return texts[verdict.kind](nameOf(verdict.run), long(viewer.now - verdict.since));
    case "came_back":
    case "closed":
      return texts[verdict.kind](nameOf(verdict.run), long(verdict.after_ms));
    case "ended": {
      const { state, policy } = verdict.run;
      return texts.ended(
        nameOf(verdict.run),
        `${say(viewer).state[state]}${policy.dry_run ? ` (${life.dry_run})` : ""}`,
      );
    }
    case "closed_without":
    case "nothing_run":
    case "only_told":
      return texts[verdict.kind];
  }
}

/** Isolated: letters written from right to left must not turn the sentence around. */
function nameOf({ action, key }: KnownRun): string {
  return `\u2068${shown(cut(key === "" ? action : `${action} ${key}`, 80))}\u2069`;
}

/** What the signs and hatchings mean that this picture uses. */
function Legend({ life, viewer }: { life: Life; viewer: Onlooker }) {
  const texts = words[viewer.language].life;
  const types = [...new Set(life.events.map(({ event }) => event.event_type))].slice(0, MOST_TYPES);
  const { place } = life.axis;
  const seen = life.lanes.flatMap(({ way }) => way.stretches).filter(({ from, to }) => place(to) - place(from) > SEEN);
  const kinds = new Set(seen.map(({ kind }) => kind));
  const hatched = (["approval", "waits"] as const).filter((kind) => kinds.has(kind));
  return (
    <ul class="chart-legend">
      {types.map((type) => (
        <li>
          <Icon {...lookOfEvent(type)} is_round />
          <bdi>{eventName(type, viewer)}</bdi>
        </li>
      ))}
      {life.events.some(({ event }) => event.disposition === "stale") && (
        <li class="is-stale">
          <Icon sign="dot" tone="quiet" is_round />
          {texts.stale}
        </li>
      )}
      {life.events.some(({ event }) => event.replayed_by !== "") && <Key kind="replayed" text={texts.replayed} />}
      {hatched.map((kind) => (
        <Key kind={kind} text={texts.stretch[kind]} />
      ))}
      {life.axis.quiets.length > 0 && <Key kind="quiet" text={texts.pause} />}
    </ul>
  );
}

/** A stretch that takes less of the width is not seen. */
const SEEN = 0.01;
/** Those of a usual incident, and some more. */
const MOST_TYPES = 24;

function Key({ kind, text }: { kind: "approval" | "waits" | "quiet" | "replayed"; text: string }) {
  return (
    <li>
      <svg class="chart-icon" width="16" height="16" aria-hidden="true">
        {kind === "replayed" ? (
          <circle class="life-replayed" cx="8" cy="8" r="3.5" />
        ) : (
          <rect
            class={kind === "quiet" ? "life-quiet" : `life-bar ${kind}`}
            width="16"
            height="10"
            y="3"
            fill={`url(#life-${kind})`}
          />
        )}
      </svg>
      {text}
    </li>
  );
}
