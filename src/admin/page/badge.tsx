// States as a sign with a word: never told by colour alone. What Flashduty may name anew is shown as it names it.
import type { RunState } from "../../domain/run.ts";
import { Icon, lookOfEvent, lookOfState, type Sign, type Tone, toneOfProgress } from "./chart/icon.tsx";
import { Text } from "./text.tsx";
import { say, type Viewer } from "./viewer.ts";

interface Look {
  sign: Sign;
  tone: Tone;
}

const OTHER: Look = { sign: "dot", tone: "quiet" };
const SIGNS_OF_PROGRESS = new Map<string, Sign>([
  ["Triggered", "exclamation"],
  ["Processing", "eye"],
  ["Closed", "check"],
]);
const SEVERITY = new Map<string, Look>([
  ["Critical", { sign: "bolt", tone: "bad" }],
  ["Warning", { sign: "exclamation", tone: "warn" }],
]);

export function Badge({ look: { sign, tone }, text }: { look: Look; text: string }) {
  return (
    <span class={`badge ${tone}`}>
      <Icon sign={sign} tone={tone} /> <Text text={text} most={40} />
    </span>
  );
}

export function State({ viewer, state }: { viewer: Viewer; state: RunState }) {
  return <Badge look={lookOfState(state)} text={say(viewer).state[state]} />;
}

export function Progress({ viewer, progress }: { viewer: Viewer; progress: string }) {
  const look = { sign: SIGNS_OF_PROGRESS.get(progress) ?? "dot", tone: toneOfProgress(progress) } as const;
  return <Badge look={look} text={wordFor(progress, say(viewer).progress)} />;
}

export function Severity({ viewer, severity }: { viewer: Viewer; severity: string }) {
  return <Badge look={SEVERITY.get(severity) ?? OTHER} text={wordFor(severity, say(viewer).severity)} />;
}

/** What an event says happened; leads to it. */
export function Happened({ viewer, event_type, href }: { viewer: Viewer; event_type: string; href: string }) {
  const { sign, tone } = lookOfEvent(event_type);
  return (
    <a class="signed" href={href}>
      <Icon sign={sign} tone={tone} />
      <Text text={wordFor(event_type, say(viewer).event_type)} />
    </a>
  );
}

/** The word for what others name; their own name where there is none. */
export function wordFor(name: string, words: Readonly<Record<string, string>>): string {
  return (Object.hasOwn(words, name) ? words[name] : undefined) ?? (name === "" ? "–" : name);
}
