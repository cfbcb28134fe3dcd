// One wide line of JSON for each unit of work: `noun.verb`, ids and outcome. Never a payload, never a secret: a line has the
// fields that are written down here, and docs/logs.md is their table. A line that says more does not compile.
import { type Event, type RunRef, runId } from "./domain/event.ts";
import { idsIn, idsOf, type Span } from "./trace.ts";

type Maybe<T> = { [Name in keyof T]?: T[Name] | undefined };

/** The span of the work that the line tells of; of a trace that begins here, no parent. */
interface Traced {
  trace_id: string;
  span_id: string;
  parent_span_id?: string;
}

interface OfIncident {
  incident_id: string;
}

interface OfEvent extends OfIncident {
  event_id: string;
}

/** An event, as a line names it. */
type AnEvent = Pick<Event, "incident_id" | "event_id" | "traceparent">;

interface OfRun extends OfEvent {
  run_id: string;
}

interface Failed {
  error: string;
}

/** A person's decision, or a program's in somebody's name. */
interface Decided extends Traced {
  by: string;
  door: "bearer" | "session" | "access";
}

/** Every line, with its fields. */
export interface Lines {
  "push.received": Traced &
    OfEvent & {
      event_type: string;
      address: string;
      source: string;
      result: string | undefined;
      by: string;
      runs: readonly string[] | undefined;
      took_ms: number;
    };
  "push.refused": Traced & {
    result: string;
    status: number;
    source: string;
    path: string | undefined;
    kept?: string | undefined;
    took_ms: number;
  };
  "source.unlisted": Traced & { source: string };
  "storage.failed": Maybe<Traced> & OfEvent & Failed;
  "seen.failed": Maybe<Traced & OfEvent> & Failed;
  "quarantine.failed": Maybe<Traced & OfRun & { path: string; message_id: string }> & Failed;
  "run.attempted": Traced &
    OfRun & {
      action: string;
      round: number;
      fence: number;
      outcome: string;
      settled: boolean;
      took_ms: number;
    } & Maybe<Failed>;
  "run.refused": OfRun & { state: string };
  "run.unreadable": Maybe<OfRun> & Failed;
  "claim.failed": OfRun & Failed;
  "guard.failed": Traced & OfRun & Failed;
  "quota.failed": Maybe<Traced & OfRun> & Failed;
  "look.failed": Maybe<OfRun> & { start_id: string } & Failed;
  "runs.unsent": Maybe<OfIncident> & { count: number } & Failed;
  "message.malformed": { message_id: string } & Failed;
  "message.dead": Maybe<OfRun> & { message_id: string };
  "alarm.failed": Maybe<OfIncident> & { object: string } & Failed;
  "incident.forgotten": Maybe<OfIncident>;
  "index.failed": Maybe<OfIncident> & Failed;
  "run.decided": Decided & OfRun & { decision: string; done: boolean };
  "quarantine.replayed": Decided & Maybe<OfEvent> & { id: string; result: string };
  "quarantine.deleted": Decided & { id: string; done: boolean };
  "index.rebuild_begun": Decided;
  "part.failed": { part: string } & Failed;
  "switch.changed": Decided & { action: string; set: string };
  "admin.refused": Traced & { why: string; because?: string | undefined; source: string; path: string };
  "admin.uncounted": Failed;
  "session.begun": Traced & { name: string; source: string };
  "session.ended": Traced & { name: string; source: string };
  "quarantine.forgotten": { count: number };
  "tally.failed": Failed;
  "scrape.failed": { source: string } & Failed;
  "drift.forgotten": { count: number };
  "settings.faulty": { faults: readonly string[] };
  "request.failed": Maybe<Traced> & { method: string; path: string } & Failed;
}

/** What a line says of an event, and of the span of its push. */
export function aboutEvent({ incident_id, event_id, traceparent }: AnEvent): Partial<Traced> & OfEvent {
  return { ...idsIn(traceparent), incident_id, event_id };
}

/** What a line says of a run. */
export function aboutRun(ref: RunRef): OfRun {
  return { incident_id: ref.incident_id, event_id: ref.event_id, run_id: runId(ref) };
}

/** What a line says of an attempt at a run. */
export type AboutAttempt = Traced & OfRun;
export function aboutAttempt(run: RunRef, span: Span): AboutAttempt {
  return { ...idsOf(span), ...aboutRun(run) };
}

/** Fields that a line does not have, in a value that was made elsewhere, are an error too. */
type Exactly<Line, Given> = Given & Record<Exclude<keyof Given, keyof Line>, never>;

export function log<What extends keyof Lines, Given extends Lines[What]>(
  what: What,
  about: Exactly<Lines[What], Given>,
): void {
  console.log(JSON.stringify({ what, ...about }));
}
