// A run: one action for one event. Its shape, what can happen to it, what an attempt can come to, and how it begins and
// ends; how one follows from the other is in transitions.ts.
import * as z from "zod";
import type { RunRef } from "./event.ts";
import { Entry, grown, type Note } from "./trail.ts";

/** How a run is carried out; fixed when it is planned, so that a changed playbook does not change a run on its way. */
export const Policy = z.object({
  /** Never started again by itself. */
  once: z.boolean(),
  /** Whether the target can be asked again where it may have done it already: it tells a repetition. */
  repeatable: z.boolean().default(false),
  /** How many attempts in a row may fail before the run does. */
  attempts: z.int().positive(),
  /** What one attempt may take. */
  time_limit_ms: z.int().positive(),
  /** It is not started any more when it was asked for so long ago. */
  max_age_ms: z
    .int()
    .positive()
    .default(60 * 60_000),
  /** Everything is done but the call to the target. */
  dry_run: z.boolean().default(false),
});
export type Policy = z.output<typeof Policy>;

/** What an action found out, by name: for the custom fields of the incident, and for later runs of the same action. */
export const Values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
export type Values = z.output<typeof Values>;

/** A person's consent that is to be waited for. */
export const Approval = z.object({
  /** Without it by then, the run expires. */
  within_ms: z.int().positive(),
  /** Who must not give it: ids or addresses (e-mail) of persons. */
  not_by: z.array(z.string()),
});
export type Approval = z.output<typeof Approval>;

export const OPEN = ["awaiting_approval", "planned", "dispatched", "running", "waiting"] as const;
export const EndState = z.enum(["succeeded", "failed", "skipped", "unknown", "expired", "cancelled"]);
export type EndState = z.output<typeof EndState>;
export type RunState = (typeof OPEN)[number] | EndState;

/**
 * A run as it is kept. Times are in milliseconds. Rows outlive the code that wrote them, and old and new code meet during a
 * rollout: a field that is added gets a `default` that is safe, and none is taken away.
 */
export const Run = z.object({
  incident_id: z.string(),
  event_id: z.string(),
  action: z.string(),
  /** Called for by a person's command, or by a rule; or it is the report of a run that was (see report.ts). */
  by: z.enum(["command", "rule", "report"]),
  /** Who asked, for a person to read: the name of who pressed the button, or the event's type. */
  asked_by: z.string().default(""),
  /** Of the person of its event; "" where there is none. */
  person_id: z.string().default(""),
  /** Who had its event taken from the quarantine; "" where that came by itself. */
  replayed_by: z.string().default(""),
  /** The span of the push that called for it, as W3C Trace Context writes it; "" where that is not known. */
  traceparent: z.string().default(""),
  /** The action of the same event whose run must have ended before this one starts; "" for none. */
  after: z.string().default(""),
  /** What a rule's run needs before it is planned; null where it needs none. */
  approval: Approval.nullable().default(null),
  /** Who approved it; and who had it started over in spite of the guards. */
  approved_by: z.string().default(""),
  override_by: z.string().default(""),
  /** The action's connector that carries it out; chosen when the run is planned, like its policy. */
  connector: z.string().default(""),
  /** What it acts on, a host or a service; "" where it acts on nothing in particular. */
  key: z.string(),
  /** What the address of the custom action carried as query; of a report, its text. */
  params: z.record(z.string(), z.string()),
  policy: Policy,
  state: z.enum([...OPEN, ...EndState.options]),
  /** Why it is as it is, for a person: its outcome, or what is being waited for. "" where there is nothing to say. */
  reason: z.string(),
  /** When the alarm has to look at it; null from the end on. */
  due_at: z.number().nullable(),
  /** How many claims were handed out. The newest one's number is the fence that its settling must show. */
  fence: z.int(),
  /** Who holds the newest claim: a repeated request of the same claimant, whose answer was lost, is granted it again. */
  claimant: z.string(),
  /** Messages sent since the last claim. */
  sends: z.int(),
  /** Attempts in a row that failed; at the end, those before the last one. */
  failures: z.int(),
  /** The outcome of an attempt was unclear: the target may have acted. */
  may_have_acted: z.boolean(),
  /** When the newest such outcome was told. */
  unclear_at: z.number().nullable().default(null),
  /** What the target calls the job it started, where the run waits for it. */
  handle: z.string().nullable(),
  /** Where a person can look at what the target did. */
  links: z.array(z.string()).default([]),
  values: Values.default({}),
  /** Custom fields of the incident that are to be set, by name. */
  fields: Values.default({}),
  /** When it was first held, of the times in a row; null where the last attempt was none of these. */
  held_since: z.number().nullable().default(null),
  /** How often it began anew: a person had it started over, or it came back from an unknown outcome. */
  round: z.int().default(0),
  /** In this round. */
  planned_at: z.number(),
  /** When the first attempt was claimed. */
  started_at: z.number().nullable(),
  ended_at: z.number().nullable(),
  /** The run of an earlier press that this one only repeats; "" for none. */
  same_as: z.string().default(""),
  /** Only grows. */
  trail: z.array(Entry).default([]),
});
export type Run = z.output<typeof Run>;

/** What one attempt came to. Summaries and reasons are for a person; a report quotes them. */
export type Outcome =
  /** `dry_run`: as far as it got without changing anything. */
  | ({ kind: "succeeded"; summary: string; values?: Values; fields?: Values; dry_run?: boolean } & Linked)
  | ({ kind: "failed"; reason: string } & Linked)
  | { kind: "skipped"; reason: string }
  /** The target would not do it now. `after_ms`: what it asked to wait. */
  | { kind: "later"; reason: string; after_ms?: number | undefined }
  /** Nothing was tried, because it is not the time for it: no failure, and as if there had been no attempt. */
  | { kind: "held"; reason: string; after_ms: number }
  /** Nothing left for the target: an attempt that failed, but one that may be made again even where a start may not. */
  | { kind: "not_sent"; reason: string }
  /** Whether the target did it is not known: no answer, or none that was understood. */
  | { kind: "unclear"; reason: string }
  /** Started at the target under `handle`, and going on; look again after `after_ms`, or when it seems sensible. */
  | ({ kind: "waiting"; handle: string; after_ms?: number | undefined; summary: string } & Linked);

interface Linked {
  /** Addresses, https or http, where a person can look at what the target does. */
  links?: readonly string[];
}

/** What can happen to a run, by kind. */
interface Happenings {
  due: unknown;
  claimed: { claimant: string };
  held: { reason: string; after_ms: number };
  /** `notes`: what the attempt has to tell for the trail. */
  settled: { fence: number; outcome: Outcome; notes?: readonly Note[] };
  /** By a person, who is named. */
  approved: { by: string; note?: string };
  approval_refused: { by: string; reason: string };
  cancelled: { reason: string; by?: string };
  /** `overriding`: in spite of what a person may override. */
  retried: { by: string; overriding: boolean };
  /** What it waited for has ended. */
  woken: unknown;
}
export type Kind = keyof Happenings;
export type Happening<K extends Kind = Kind> = { [P in K]: { kind: P } & Happenings[P] }[K];

/** Now (ms), and a number from 0 up to 1 that spreads retries. */
export interface Moment {
  now: number;
  chance: number;
}

/** A run as it is planned. */
export function planned(
  given: Pick<Run, keyof RunRef | "by" | "asked_by" | "connector" | "key" | "params" | "policy"> &
    Partial<Pick<Run, "person_id" | "replayed_by" | "traceparent" | "after" | "approval">>,
  now: number,
): Run {
  const { person_id = "", replayed_by = "", traceparent = "", after = "", approval = null } = given;
  const run = {
    ...given,
    person_id,
    replayed_by,
    traceparent,
    after,
    approval,
    approved_by: "",
    override_by: "",
    same_as: "",
    ...afresh(now),
  };
  const again = replayed_by === "" ? "" : `; replayed by ${replayed_by}`;
  const asked = { what: "asked", by: given.asked_by, text: WAYS_TO_ASK[given.by] + again } as const;
  const trail = given.by === "report" ? [] : grown([], [asked], now);
  return { ...waitingFor(run, approval, now), fence: 0, claimant: "", round: 0, trail };
}

const WAYS_TO_ASK: Record<Run["by"], string> = {
  command: "a button was pressed",
  rule: "a rule called for it",
  report: "",
};

function waitingFor<R extends ReturnType<typeof afresh> & Pick<Run, "after" | "policy">>(
  run: R,
  approval: Approval | null,
  now: number,
) {
  if (approval !== null) return { ...run, state: "awaiting_approval" as const, due_at: now + approval.within_ms };
  return run.after === "" ? run : { ...run, reason: reasonToWait(run), due_at: now + WAITS_FOR_FIRST_MS };
}

/** What comes first is worth so much waiting, and no more: it must not keep from putting things right. */
export const WAITS_FOR_FIRST_MS = 60_000;

/** By this reason a run is known that waits until another of its event has ended. */
export function reasonToWait({ after }: Pick<Run, "after">): string {
  return `waits for "${after}"`;
}

/** What every round of a run begins with. */
export function afresh(now: number) {
  return {
    state: "planned" as RunState,
    reason: "",
    due_at: now,
    sends: 0,
    failures: 0,
    may_have_acted: false,
    unclear_at: null,
    held_since: null,
    handle: null,
    links: [],
    values: {},
    fields: {},
    planned_at: now,
    started_at: null,
    ended_at: null,
  };
}

/** The run at its end. */
export function end(run: Run, state: EndState, reason: string, now: number): Run {
  return { ...run, state, reason, due_at: null, ended_at: now };
}
