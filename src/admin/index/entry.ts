// What an incident writes into the index: what of it the lists show, and what it is found by. A pure function of what it keeps.
import * as z from "zod";
import { runId } from "../../domain/event.ts";
import type { Run } from "../../domain/run.ts";
import { cut } from "../../domain/text.ts";
import { parsePush } from "../../flashduty/push.ts";
import type { IncidentItem, RunItem } from "../shapes.ts";
import { indexed } from "./words.ts";

/** What an incident keeps, as far as the index has to do with it. */
export interface Indexed {
  incident_id: string;
  /** Its current event. */
  current: { progress: string; body: string };
  opened_at: number;
  last_event_at: number;
  events: number;
  /** Grows with each change of the incident and of its runs. */
  version: number;
  /** All of them, without reports, each with how often it has changed. */
  runs: readonly (Run & { changes: number })[];
}

export interface Entry {
  incident: IncidentItem & {
    version: number;
    /** What it is found by. */
    words: string;
    /** When each of its runs was asked for. */
    asked: number[];
  };
  /** Those that have changed. */
  runs: (Omit<RunItem, "incident_id" | "event_id"> & { version: number; asked_at: number })[];
}

/** A list is no place for more. */
const MOST_TITLE = 300;
const MOST_REASON = 300;
const MOST_URL = 2_000;
/** Of a number, a severity, a progress: those that Flashduty has are shorter. */
const MOST_NAME = 40;

/** `changed`: the ids of the runs that the index does not have as they are; null where that is not known. */
export function entryOf(kept: Indexed, changed: ReadonlySet<string> | null): Entry {
  const { incident_id, current, opened_at, last_event_at, events, version, runs } = kept;
  const shown = shownOf(current.body);
  const { labels, ...texts } = shown;
  const keys = runs.map(({ key }) => key);
  const words = [texts.title, incident_id, texts.number, ...Object.entries(labels).map((label) => label.join(" "))];
  return {
    incident: {
      incident_id,
      ...texts,
      progress: cut(current.progress, MOST_NAME),
      opened_at,
      last_event_at,
      events,
      runs: runs.length,
      version,
      // What is a label's value is found by that already.
      words: indexed([...words, ...keys.filter((key) => !Object.values(labels).includes(key))]),
      asked: runs.map(askedAt),
    },
    runs: runs.filter((run) => changed === null || changed.has(runId(run))).map(rowOf),
  };
}

/** When the run was first asked for: that never changes, whatever becomes of it. 0 where an older release has not noted it. */
function askedAt({ trail: [first] }: Run): number {
  return first?.what === "asked" ? first.at : 0;
}

function rowOf(run: Indexed["runs"][number]): Entry["runs"][number] {
  const { action, by, asked_by, key, state, reason, planned_at, started_at, ended_at, changes } = run;
  const texts = { asked_by: cut(asked_by, MOST_TITLE), key: cut(key, MOST_TITLE), reason: cut(reason, MOST_REASON) };
  const times = { asked_at: askedAt(run), planned_at, started_at, ended_at };
  return { run_id: runId(run), version: changes, action, by, state, ...texts, ...times };
}

const IncidentNumber = z.union([z.string(), z.int()]).transform(String).catch("");

/** What the body shows of the incident; nothing where this release cannot read it. */
function shownOf(body: string) {
  const parsed = parsePush(body);
  if (!parsed.ok) return { title: "", number: "", severity: "", channel_name: "", detail_url: "", labels: {} };
  const { incident } = parsed.push;
  return {
    title: cut(incident.title, MOST_TITLE),
    number: cut(IncidentNumber.parse(incident["num"]), MOST_NAME),
    severity: cut(incident.incident_severity, MOST_NAME),
    channel_name: cut(incident.channel_name, MOST_TITLE),
    detail_url: incident.detail_url.length > MOST_URL ? "" : incident.detail_url,
    labels: incident.labels,
  };
}
