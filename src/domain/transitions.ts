// The state machine of a run, with one clock. `next` is the whole machine: a table with a row for each state, a pure
// function of the run, what happened and when. What the table does not name changes nothing.
import { afresh, end, type Happening, type Kind, type Moment, reasonToWait, type Run, type RunState } from "./run.ts";
import { leaseMs } from "./lease.ts";
import { giveUp, giveWay, isTooOld, settle, settleLate, skipTooOld, tryAgain } from "./settle.ts";
import { grown, type Note } from "./trail.ts";

/** How long a message may be under way before it is sent again; doubled with each that is not claimed. */
export const CLAIM_WITHIN_MS = 10_000;
const CLAIM_WITHIN_AT_MOST_MS = 10 * 60_000;
/** Messages that nobody claimed (over an hour and a half of them) before the run is given up. */
export const MOST_SENDS = 14;
type Change<K extends Kind> = (run: Run, happened: Happening<K>, at: Moment) => Run;
type Row = { [K in Kind]?: Change<K> };

const ended: Row = { retried: startOver };

const transitions: Record<RunState, Row> = {
  awaiting_approval: { due: expire, approved: plan, approval_refused: asItIs, cancelled: cancel },
  planned: { due: send, woken: wake, settled: settleLate, cancelled: cancel },
  dispatched: { due: send, claimed: start, held: giveWay, settled: settleLate, cancelled: cancel },
  running: { due: loseLease, settled: settle, cancelled: cancel },
  waiting: { due: send, cancelled: cancel },
  succeeded: {},
  failed: ended,
  skipped: ended,
  unknown: { ...ended, settled: settleLate },
  expired: ended,
  cancelled: ended,
};

/** The run after what happened, with its trail; the very same object where that changes nothing. */
export function next(run: Run, happened: Happening, at: Moment): Run {
  const after = changed(run, happened, at);
  if (after === run || run.by === "report") return after;
  const override_by = overriderIn(happened) ?? after.override_by;
  return {
    ...after,
    override_by,
    trail: grown(run.trail, notesOf(run, happened, after), at.now, after.ended_at !== null),
  };
}

/** Who had the guards overridden, as an attempt has learnt from them. */
function overriderIn(happened: Happening): string | undefined {
  const notes = happened.kind === "settled" ? happened.notes : undefined;
  return notes?.find(({ what }) => what === "overridden")?.by;
}

function changed<K extends Kind>(run: Run, happened: Happening<K>, at: Moment): Run {
  if (happened.kind === "due" && (run.due_at === null || run.due_at > at.now)) return run;
  const kind: K = happened.kind;
  const change: Row[K] = transitions[run.state][kind];
  return change?.(run, happened, at) ?? run;
}

/** What of a change is worth an entry of the trail: what a person or an attempt did, and a state with its reason. */
function notesOf(before: Run, happened: Happening, after: Run): Note[] {
  const is_told = after.ended_at !== null || (after.reason !== before.reason && after.reason !== "");
  const state: Note[] = is_told ? [{ what: "state", text: `${after.state}: ${after.reason}` }] : [];
  switch (happened.kind) {
    case "approved":
      return [{ what: "approved", by: happened.by, text: happened.note ?? "" }, ...state];
    case "approval_refused":
      return [{ what: "approval_refused", by: happened.by, text: happened.reason }];
    case "cancelled":
      return [{ what: "cancelled", by: happened.by ?? "", text: happened.reason }, ...state];
    case "retried":
      return [
        { what: "retried", by: happened.by, text: happened.overriding ? "in spite of the guards" : "" },
        ...state,
      ];
    case "claimed":
      if (after.ended_at !== null) return state;
      return before.handle === null ? [{ what: "claimed", text: `attempt ${after.fence}` }] : [];
    case "settled":
      return [...(happened.notes ?? []), ...state];
    case "due":
    case "held":
    case "woken":
      return state;
  }
}

/** Whether the claimant holds the run: its claim was granted, now or by a request whose answer was lost. */
export function isHeldBy(run: Run, claimant: string): boolean {
  return run.state === "running" && run.claimant === claimant;
}

function plan(run: Run, { by }: { by: string }, at: Moment): Run {
  const { now } = at;
  // The alarm may be late; the time is over all the same.
  if (run.due_at !== null && run.due_at <= now) return expire(run, null, at);
  return { ...run, state: "planned", approved_by: by, planned_at: now, due_at: now };
}

/** Nothing changes, but it is written down. */
function asItIs(run: Run): Run {
  return { ...run };
}

/** Only from waiting for another run: whatever else it may wait for, an attempt of its own that still goes on, stays. */
function wake(run: Run, _: unknown, { now }: Moment): Run {
  return run.reason === reasonToWait(run) ? { ...run, reason: "", due_at: now } : run;
}

function startOver(run: Run, { by, overriding }: { by: string; overriding: boolean }, { now }: Moment): Run {
  // Cancelling a run does not call its attempt back: that one may go on as long as its lease would have.
  const lease_ms = run.state === "cancelled" && run.fence > 0 ? leaseMs(run) : 0;
  const due_at = Math.max(now, (run.ended_at ?? now) + lease_ms);
  // A new fence: what an earlier attempt still has to say is not about this one.
  const override_by = overriding ? by : "";
  const again = { ...run, ...afresh(now), due_at, override_by, round: run.round + 1, fence: run.fence + 1 };
  // To start over is not to approve: who must not do the one could do the other.
  if (run.approval === null || run.approved_by !== "") return again;
  return { ...again, state: "awaiting_approval", due_at: now + run.approval.within_ms };
}

function cancel(run: Run, happened: { reason: string }, { now }: Moment): Run {
  return end(run, "cancelled", happened.reason, now);
}

function expire(run: Run, _: unknown, { now }: Moment): Run {
  return end(run, "expired", "nothing was run", now);
}

/** A message goes out, or goes out again: a queue is a carrier that may forget. */
function send(run: Run, _: unknown, { now }: Moment): Run {
  if (isTooOld(run, now)) return skipTooOld(run, now);
  if (run.sends >= MOST_SENDS) return giveUp(run, `the queue did not deliver it in ${run.sends} tries`, now);
  const within_ms = Math.min(CLAIM_WITHIN_MS * 2 ** run.sends, CLAIM_WITHIN_AT_MOST_MS);
  return { ...run, state: "dispatched", due_at: now + within_ms, sends: run.sends + 1 };
}

function start(run: Run, { claimant }: { claimant: string }, { now }: Moment): Run {
  if (isTooOld(run, now)) return skipTooOld(run, now);
  return {
    ...run,
    state: "running",
    due_at: now + leaseMs(run),
    fence: run.fence + 1,
    claimant,
    sends: 0,
    started_at: run.started_at ?? now,
  };
}

/** The attempt did not come back: crashed, or cut off. What it did is not known. */
function loseLease(run: Run, _: unknown, at: Moment): Run {
  return tryAgain(
    { ...run, held_since: null },
    { kind: "unclear", reason: "the attempt was cut off before it could tell its outcome" },
    at,
  );
}
