// Signs for what happened and for how a run stands, so that nothing is told by colour alone. Each is drawn in a square of 16.
import type { RunState } from "../../../domain/run.ts";
import type { EventType } from "../../../flashduty/event-type.ts";

const PATHS = {
  exclamation: "M8 3v6.5M8 12.8v.2",
  person: "M8 8a2.4 2.4 0 1 0 0-4.8A2.4 2.4 0 0 0 8 8M3.8 13.2c0-2.5 1.8-3.6 4.2-3.6s4.2 1.1 4.2 3.6",
  eye: "M2.5 8c3-4.4 8-4.4 11 0-3 4.4-8 4.4-11 0M8 7.4v1.2",
  eye_closed: "M2.5 7c3 4.4 8 4.4 11 0M8 10.5V13M4.5 9.5 3 11.5M11.5 9.5l1.5 2",
  sleep: "M5 4.500h6L5 11.500h6",
  up: "M8 13V4M4.5 7.5 8 4l3.5 3.5",
  bolt: "M9 2.5 4.8 9h3L7 13.5 11.2 7h-3z",
  play: "M5.5 3.8 12 8l-6.5 4.200z",
  check: "M3.8 8.6 6.7 11.5 12.3 5",
  again: "M4.3 5.300a4.7 4.7 0 1 1-.9 3.700M4.3 2.500v3h3",
  merge: "M4 3.5 8 8v5M12 3.5 8 8",
  bubble: "M3 3.800h10v6.200H7.500L5 12.500V10H3z",
  pencil: "M4 12l.6-2.6 6-6 2 2-6 6z",
  dot: "M8 7.900v.2",
  cross: "M4.5 4.500l7 7M11.5 4.500l-7 7",
  skip: "M4 4l4.5 4L4 12M11.5 4v8",
  question: "M5.8 6a2.2 2.2 0 1 1 3.3 1.900c-.8.5-1.1.9-1.1 1.700M8 12.600v.2",
  hourglass: "M4.8 3h6.400L4.8 13h6.400z",
  stop: "M5 5h6v6H5z",
  pause: "M6 4.500v7M10 4.500v7",
} as const;
export type Sign = keyof typeof PATHS;

/** To be placed inside of an `svg`; the middle is at 8, 8. */
export function SignPath({ sign }: { sign: Sign }) {
  return <path class="chart-sign" d={PATHS[sign]} />;
}

/** A sign in a line of text, beside the word that says the same. */
export function Icon({ sign, tone, is_round = false }: { sign: Sign; tone: string; is_round?: boolean }) {
  return (
    <svg class={`chart-icon tone-${tone}`} width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      {is_round && <circle class="chart-disc" cx="8" cy="8" r="8" />}
      <SignPath sign={sign} />
    </svg>
  );
}

/** What colours tell: see style.ts. */
export type Tone = "good" | "bad" | "warn" | "ask" | "go" | "quiet";
interface Look {
  sign: Sign;
  tone: Tone;
}

const EVENTS: Record<EventType, Look> = {
  i_new: { sign: "exclamation", tone: "bad" },
  i_assign: { sign: "person", tone: "quiet" },
  i_a_rspd: { sign: "person", tone: "quiet" },
  i_snooze: { sign: "sleep", tone: "quiet" },
  i_wake: { sign: "up", tone: "quiet" },
  i_ack: { sign: "eye", tone: "quiet" },
  i_unack: { sign: "eye_closed", tone: "quiet" },
  i_storm: { sign: "bolt", tone: "bad" },
  i_custom: { sign: "play", tone: "go" },
  i_rslv: { sign: "check", tone: "good" },
  i_reopen: { sign: "again", tone: "bad" },
  i_merge: { sign: "merge", tone: "quiet" },
  i_comm: { sign: "bubble", tone: "quiet" },
  i_r_title: { sign: "pencil", tone: "quiet" },
  i_r_desc: { sign: "pencil", tone: "quiet" },
  i_r_impact: { sign: "pencil", tone: "quiet" },
  i_r_rc: { sign: "pencil", tone: "quiet" },
  i_r_rsltn: { sign: "pencil", tone: "quiet" },
  i_r_severity: { sign: "pencil", tone: "quiet" },
  i_r_field: { sign: "pencil", tone: "quiet" },
};
const KNOWN_EVENTS = new Map<string, Look>(Object.entries(EVENTS));

export function lookOfEvent(event_type: string): Look {
  return KNOWN_EVENTS.get(event_type) ?? { sign: "dot", tone: "quiet" };
}

const STATES: Record<RunState, Look> = {
  awaiting_approval: { sign: "person", tone: "ask" },
  planned: { sign: "pause", tone: "quiet" },
  dispatched: { sign: "pause", tone: "quiet" },
  running: { sign: "play", tone: "go" },
  waiting: { sign: "play", tone: "go" },
  succeeded: { sign: "check", tone: "good" },
  failed: { sign: "cross", tone: "bad" },
  skipped: { sign: "skip", tone: "quiet" },
  unknown: { sign: "question", tone: "warn" },
  expired: { sign: "hourglass", tone: "quiet" },
  cancelled: { sign: "stop", tone: "quiet" },
};

export function lookOfState(state: RunState): Look {
  return STATES[state];
}

export function toneOfProgress(progress: string): Tone {
  if (progress === "Triggered") return "bad";
  if (progress === "Processing") return "warn";
  return progress === "Closed" ? "good" : "quiet";
}
