import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Happening, type Kind, type Outcome, Run, type RunState } from "../../src/domain/run.ts";
import { end, planned } from "../../src/domain/run.ts";
import { MOST_FAILED_LOOKS, MOST_HELD_MS, MOST_WAITING_MS } from "../../src/domain/settle.ts";
import { CLAIM_WITHIN_MS, isHeldBy, LEASE_MARGIN_MS, MOST_SENDS, next } from "../../src/domain/transitions.ts";
import {
  type Again,
  ENDED,
  FAILED,
  HELD,
  LATER,
  NOT_SENT,
  POLICY,
  REF,
  runIn,
  runOf,
  SKIPPED,
  SUCCEEDED,
  UNCLEAR,
  WAITING,
} from "./runs.ts";

const NOW = 100_000;
const at = (now: number, chance = 0) => ({ now, chance });
const settled = (outcome: Outcome, fence = 1): Happening<"settled"> => ({ kind: "settled", fence, outcome });
const claimed = (claimant = "one"): Happening<"claimed"> => ({ kind: "claimed", claimant });
const running = (changed: Partial<Run> = {}) => runIn("running", { started_at: 0, due_at: 20_000, ...changed });
/** Outcomes after which an attempt is made again. */
const AGAIN: Again[] = [LATER, NOT_SENT, UNCLEAR];
const OUTCOMES: Outcome[] = [SUCCEEDED, FAILED, SKIPPED, WAITING, HELD, ...AGAIN];
const ONCE = { ...POLICY, once: true };
const NOT_REPEATABLE = { ...POLICY, repeatable: false };
const BUSY: Happening<"held"> = { kind: "held", reason: "another run is under way", after_ms: 1_000 };

const happenings: { [K in Kind]: Happening<K> } = {
  due: { kind: "due" },
  claimed: claimed(),
  held: BUSY,
  settled: settled(SUCCEEDED),
  approved: { kind: "approved" },
  cancelled: { kind: "cancelled", reason: "not needed any more" },
  retried: { kind: "retried" },
};

/** "–": nothing changes. */
const machine: Record<RunState, Record<Kind, RunState | "–">> = {
  awaiting_approval: row("expired", "–", "–", "–", "planned", "cancelled", "–"),
  planned: row("dispatched", "–", "–", "succeeded", "–", "cancelled", "–"),
  dispatched: row("dispatched", "running", "planned", "succeeded", "–", "cancelled", "–"),
  running: row("planned", "–", "–", "succeeded", "–", "cancelled", "–"),
  waiting: row("dispatched", "–", "–", "–", "–", "cancelled", "–"),
  succeeded: row("–", "–", "–", "–", "–", "–", "–"),
  failed: row("–", "–", "–", "–", "–", "–", "planned"),
  skipped: row("–", "–", "–", "–", "–", "–", "planned"),
  unknown: row("–", "–", "–", "succeeded", "–", "–", "planned"),
  expired: row("–", "–", "–", "–", "–", "–", "planned"),
  cancelled: row("–", "–", "–", "–", "–", "–", "planned"),
};

function row(...[due, claimed, held, settled, approved, cancelled, retried]: (RunState | "–")[]) {
  const none = "–" as const;
  return {
    due: due ?? none,
    claimed: claimed ?? none,
    held: held ?? none,
    settled: settled ?? none,
    approved: approved ?? none,
    cancelled: cancelled ?? none,
    retried: retried ?? none,
  };
}

const STATES: RunState[] = ["awaiting_approval", "planned", "dispatched", "running", "waiting", ...ENDED];
const cells = STATES.flatMap((state) =>
  Object.values(happenings).map((happened) => ({ state, happened, becomes: machine[state][happened.kind] })),
);

describe("the whole machine", () => {
  it.each(cells)("$state, $happened.kind: $becomes", ({ state, happened, becomes }) => {
    const run = runIn(state);
    const after = next(run, happened, at(NOW));
    if (becomes === "–") expect(after).toBe(run);
    else expect(after.state).toBe(becomes);
  });

  it.each(cells)("$state, $happened.kind: is due again exactly where it has not ended", ({ state, happened }) => {
    const after = next(runIn(state), happened, at(NOW));
    const has_ended = ENDED.some((end) => end === after.state);
    expect([after.due_at === null, after.ended_at !== null]).toEqual([has_ended, has_ended]);
  });

  it.each(cells)("$state, $happened.kind: the run it was given stays as it is", ({ state, happened }) => {
    const run = runIn(state);
    const before = structuredClone(run);
    next(run, happened, at(NOW));
    expect(run).toEqual(before);
  });
});

describe("what is due", () => {
  it.each(STATES)("%s: nothing happens a millisecond too soon", (state) => {
    const run = runIn(state, { due_at: NOW + 1 });
    expect(next(run, { kind: "due" }, at(NOW))).toBe(run);
  });

  it.each(["awaiting_approval", "planned", "dispatched", "running", "waiting"] as const)(
    "%s: it happens at the very millisecond",
    (state) => {
      const run = runIn(state, { due_at: NOW });
      expect(next(run, { kind: "due" }, at(NOW))).not.toBe(run);
    },
  );
});

describe("planning", () => {
  it("makes a run that is due at once", () => {
    const asked = { by: "rule" as const, asked_by: "i_new", connector: "Rundeck (JOB)" };
    const given = { ...REF, ...asked, key: "es.nj.01", params: { dc: "nj" }, policy: POLICY };
    expect(planned(given, NOW)).toEqual({
      ...REF,
      by: "rule",
      asked_by: "i_new",
      connector: "Rundeck (JOB)",
      key: "es.nj.01",
      params: { dc: "nj" },
      policy: POLICY,
      state: "planned",
      reason: "",
      due_at: NOW,
      fence: 0,
      claimant: "",
      sends: 0,
      failures: 0,
      may_have_acted: false,
      unclear_at: null,
      handle: null,
      links: [],
      values: {},
      fields: {},
      held_since: null,
      round: 0,
      planned_at: NOW,
      started_at: null,
      ended_at: null,
    });
  });

  it.each(STATES)("%s: a run comes back from where it is kept as it was put there", (state) => {
    const run = runIn(state, {
      by: "rule",
      params: { dc: "nj" },
      handle: "job-7",
      claimant: "one",
      may_have_acted: true,
      unclear_at: 7,
      links: ["https://runner.example/jobs/7"],
      values: { cpu: 0.93, host: "es.nj.01", is_up: false },
      fields: { cpu_at_incident: 0.93 },
      held_since: 8,
      round: 2,
      policy: { ...NOT_REPEATABLE, once: true },
    });
    expect(Run.parse(JSON.parse(JSON.stringify(run)))).toEqual(run);
  });

  it("a run of an older version is read as one that tells nothing of what came since, and may not be repeated", () => {
    const { asked_by, connector, links, values, fields, round, ...rest } = runIn("waiting", { handle: "job-7" });
    const { unclear_at, held_since, policy, ...kept } = rest;
    const { repeatable, ...old_policy } = policy;
    const since = [repeatable, asked_by, connector, links, values, fields, round, unclear_at, held_since];
    expect(since).toHaveLength(9);
    expect(Run.parse({ ...kept, policy: old_policy })).toEqual({
      ...kept,
      policy: { ...old_policy, repeatable: false },
      asked_by: "",
      connector: "",
      unclear_at: null,
      links: [],
      values: {},
      fields: {},
      held_since: null,
      round: 0,
    });
  });

  it.each<[string, Partial<Record<keyof Run, unknown>>]>([
    ["a value that is no number", { values: { cpu: null } }],
    ["a field that is a list", { fields: { cpu: [1] } }],
    ["a link that is no text", { links: [7] }],
    ["a round that is no number", { round: "1" }],
    ["a time of being unclear that is no number", { unclear_at: "1" }],
    ["a time of being held that is no number", { held_since: "1" }],
  ])("a run with %s is none", (_, wrong) => {
    expect(Run.safeParse({ ...runOf(), ...wrong }).success).toBe(false);
  });

  it("an approved run is due at once", () => {
    expect(next(runIn("awaiting_approval"), { kind: "approved" }, at(NOW))).toMatchObject({ due_at: NOW });
  });

  it("an approval that lapsed ends the run, and says why", () => {
    const run = next(runIn("awaiting_approval"), { kind: "due" }, at(NOW));
    expect(run).toMatchObject({ state: "expired", reason: "nobody approved it in time", ended_at: NOW });
  });

  it("a run can end before it started", () => {
    const run = end(runOf(), "skipped", "no host", NOW);
    expect(run).toMatchObject({ state: "skipped", reason: "no host", due_at: null, ended_at: NOW, started_at: null });
  });
});

describe("sending", () => {
  it.each([
    [0, 10_000],
    [1, 20_000],
    [5, 320_000],
    [6, 600_000],
    [13, 600_000],
  ])("after %i messages nobody claimed, the next has %i ms to be claimed in", (sends, within_ms) => {
    const run = next(runIn("dispatched", { sends }), { kind: "due" }, at(NOW));
    expect(run).toMatchObject({ state: "dispatched", sends: sends + 1, due_at: NOW + within_ms });
  });

  it.each(["planned", "waiting"] as const)("a run that was %s is sent, with its first message", (state) => {
    const run = next(runIn(state), { kind: "due" }, at(NOW));
    expect(run).toMatchObject({ state: "dispatched", sends: 1, due_at: NOW + CLAIM_WITHIN_MS });
  });

  it("ends after the 14th message that nobody claimed, not before", () => {
    expect(MOST_SENDS).toBe(14);
    const last = next(runIn("dispatched", { sends: 13 }), { kind: "due" }, at(NOW));
    expect(last).toMatchObject({ state: "dispatched", sends: 14 });
    const ended = next(last, { kind: "due" }, at(NOW + 600_000));
    expect(ended).toMatchObject({ state: "failed", reason: "the queue did not deliver it in 14 tries" });
  });

  it("that is to look at a job already started ends as unknown, for the job goes on", () => {
    const run = next(runIn("dispatched", { sends: 14, handle: "job-7" }), { kind: "due" }, at(NOW));
    const reason = "the queue did not deliver it in 14 tries";
    expect(run).toMatchObject({ state: "unknown", reason, handle: "job-7", due_at: null, ended_at: NOW });
  });

  it("ends as unknown where an earlier attempt was unclear, for the target may have acted", () => {
    const run = next(runIn("dispatched", { sends: 14, may_have_acted: true }), { kind: "due" }, at(NOW));
    const reason = "the queue did not deliver it in 14 tries";
    expect(run).toMatchObject({ state: "unknown", reason, handle: null, due_at: null, ended_at: NOW });
  });

  it("goes on for more than an hour and a half", () => {
    let run = runOf();
    let now = 0;
    while (run.due_at !== null) {
      now = run.due_at;
      run = next(run, { kind: "due" }, at(now));
    }
    expect(now).toBeGreaterThan(90 * 60_000);
    expect(now).toBeLessThan(100 * 60_000);
  });
});

describe("claiming", () => {
  it("hands out a new fence and a lease that outlasts the attempt", () => {
    const run = next(runIn("dispatched", { fence: 4, sends: 3 }), claimed("two"), at(NOW));
    expect(run).toMatchObject({ state: "running", fence: 5, claimant: "two", sends: 0, started_at: NOW });
    expect(run.due_at).toBe(NOW + POLICY.time_limit_ms + LEASE_MARGIN_MS);
    expect(LEASE_MARGIN_MS).toBe(5_000);
  });

  it("is refused to the second of two messages", () => {
    const run = next(runIn("dispatched"), claimed("one"), at(NOW));
    expect(next(run, claimed("two"), at(NOW))).toBe(run);
    expect(isHeldBy(run, "two")).toBe(false);
  });

  it("is granted again to the same claimant, under the same fence and lease: the answer may have been lost", () => {
    const run = next(runIn("dispatched", { fence: 4 }), claimed("one"), at(NOW));
    const again = next(run, claimed("one"), at(NOW + 3_000));
    expect(again).toBe(run);
    expect(isHeldBy(again, "one")).toBe(true);
    expect(again).toMatchObject({ fence: 5, due_at: NOW + POLICY.time_limit_ms + LEASE_MARGIN_MS });
  });

  it("is a new claim, under a new fence, for the same claimant too, where the run was sent again", () => {
    const run = next(runIn("dispatched", { fence: 4, claimant: "one" }), claimed("one"), at(NOW));
    expect(run).toMatchObject({ state: "running", fence: 5, claimant: "one" });
  });

  it.each(STATES)("%s: a run is held exactly while it is running, and by its claimant only", (state) => {
    const run = runIn(state, { claimant: "one" });
    expect(isHeldBy(run, "one")).toBe(state === "running");
    expect([isHeldBy(run, "two"), isHeldBy(run, "")]).toEqual([false, false]);
  });

  it("lapses with the lease, though nobody else has claimed the run", () => {
    const run = next(runIn("dispatched"), claimed("one"), at(NOW));
    const lost = next(run, { kind: "due" }, at(run.due_at ?? 0));
    expect(isHeldBy(lost, "one")).toBe(false);
    expect(next(lost, claimed("one"), at(run.due_at ?? 0))).toBe(lost);
  });

  it("keeps the time of the first start", () => {
    const run = next(runIn("dispatched", { started_at: 7 }), claimed(), at(NOW));
    expect(run.started_at).toBe(7);
  });
});

describe("settling", () => {
  it.each<[Outcome, RunState, string]>([
    [SUCCEEDED, "succeeded", "done"],
    [FAILED, "failed", "the target answered 404"],
    [SKIPPED, "skipped", "nothing to do"],
  ])("$0.kind ends the run", (outcome, state, reason) => {
    expect(next(running(), settled(outcome), at(NOW))).toMatchObject({ state, reason, ended_at: NOW, due_at: null });
  });

  it.each([0, 1, 3, 99])("under the fence %i, where 2 is the newest, changes nothing", (fence) => {
    const run = running({ fence: 2 });
    for (const outcome of OUTCOMES) expect(next(run, settled(outcome, fence), at(NOW))).toBe(run);
  });

  it("is in time while the alarm has not looked, though the lease is over", () => {
    expect(next(running({ due_at: NOW - 1 }), settled(SUCCEEDED), at(NOW)).state).toBe("succeeded");
  });

  it.each(AGAIN)("$kind: tried again after a backoff, with the reason", (outcome) => {
    const run = next(running({ failures: 1 }), settled(outcome), at(NOW, 1));
    const { reason } = outcome;
    expect(run).toMatchObject({ state: "planned", failures: 2, due_at: NOW + 2_000, fence: 1, reason });
  });

  it("later: not before the target asked for", () => {
    const run = next(running(), settled({ kind: "later", reason: "busy", after_ms: 30_000 }), at(NOW, 0.5));
    expect(run.due_at).toBe(NOW + 30_000);
  });

  it("later: a wish that is no number counts for nothing", () => {
    const run = next(running(), settled({ kind: "later", reason: "busy", after_ms: Number.NaN }), at(NOW, 1));
    expect(run).toMatchObject({ state: "planned", due_at: NOW + 1_000 });
  });

  it.each<[Again, RunState]>([
    [LATER, "failed"],
    [NOT_SENT, "failed"],
    [UNCLEAR, "unknown"],
  ])("$0.kind: the last of the attempts ends the run as $1, and says how many there were", (outcome, state) => {
    const run = next(running({ failures: 2 }), settled(outcome), at(NOW));
    expect(run).toMatchObject({ state, failures: 3, reason: `${outcome.reason} (3 attempts)`, ended_at: NOW });
  });

  it.each(AGAIN)("$kind: what was started is waited for, and only the look is made again", (outcome) => {
    const run = next(running({ failures: 1, handle: "job-7" }), settled(outcome), at(NOW, 1));
    expect(run).toMatchObject({ state: "waiting", handle: "job-7", failures: 2, due_at: NOW + 2_000, fence: 1 });
    expect(run.reason).toBe(outcome.reason);
  });

  it.each(AGAIN)(
    "$kind: where the job was started, an hour of looks may fail; then its end is unknown, not failed",
    (outcome) => {
      const failing = (failures: number) => next(running({ failures, handle: "job-7" }), settled(outcome), at(NOW));
      expect(failing(MOST_FAILED_LOOKS - 2)).toMatchObject({ state: "waiting", handle: "job-7" });
      expect(failing(MOST_FAILED_LOOKS - 1)).toMatchObject({ state: "unknown", handle: "job-7" });
    },
  );
});

describe("whether the target may have acted", () => {
  it.each<[Again, boolean]>([
    [LATER, false],
    [NOT_SENT, false],
    [UNCLEAR, true],
  ])("$0.kind: is $1 from then on", (outcome, may_have_acted) => {
    expect(next(running(), settled(outcome), at(NOW))).toMatchObject({ state: "planned", may_have_acted });
    expect(next(running({ may_have_acted: true }), settled(outcome), at(NOW))).toMatchObject({ may_have_acted: true });
  });

  it("is true from a lost lease on", () => {
    expect(next(running(), { kind: "due" }, at(NOW))).toMatchObject({ state: "planned", may_have_acted: true });
  });

  it.each(AGAIN)("$kind: once any attempt was unclear, giving up is unknown", (outcome) => {
    const run = next(running({ failures: 2, may_have_acted: true }), settled(outcome), at(NOW));
    expect(run).toMatchObject({ state: "unknown", reason: `${outcome.reason} (3 attempts)` });
  });

  it.each([
    { kind: "failed" as const, reason: "the target answered 404" },
    { kind: "skipped" as const, reason: "nothing to do" },
  ])("$kind: says nothing of an earlier attempt that may have done it: the end is unknown", (outcome) => {
    const run = next(running({ may_have_acted: true }), settled(outcome), at(NOW));
    const reason = `${outcome.reason}; but an earlier attempt may have done it`;
    expect(run).toMatchObject({ state: "unknown", reason, due_at: null, ended_at: NOW });
  });

  it.each([FAILED, SKIPPED])("$kind: is the end of a job that was started, whatever was unclear", (outcome) => {
    const run = next(running({ may_have_acted: true, handle: "job-7" }), settled(outcome), at(NOW));
    expect(run).toMatchObject({ state: outcome.kind, reason: "reason" in outcome ? outcome.reason : "" });
  });

  it("succeeded: is the end, whatever was unclear", () => {
    expect(next(running({ may_have_acted: true }), settled(SUCCEEDED), at(NOW)).state).toBe("succeeded");
  });

  it("is dated by the newest outcome that was unclear", () => {
    const first = next(running(), settled(UNCLEAR), at(NOW));
    expect(first.unclear_at).toBe(NOW);
    const second = next({ ...first, state: "running" }, { kind: "due" }, at(NOW + 9_000));
    expect(second.unclear_at).toBe(NOW + 9_000);
    for (const outcome of [LATER, NOT_SENT, HELD, WAITING])
      expect(next({ ...first, state: "running" }, settled(outcome), at(NOW + 9_000)).unclear_at).toBe(NOW);
  });

  it("is dated by nothing where nothing was unclear", () => {
    for (const outcome of OUTCOMES.filter(({ kind }) => kind !== "unclear"))
      expect(next(running(), settled(outcome), at(NOW)).unclear_at).toBeNull();
  });

  it("is dated at its end, too: then it is told as unknown", () => {
    for (const changed of [{ failures: 2 }, { handle: "job-7", failures: MOST_FAILED_LOOKS - 1 }])
      expect(next(running(changed), settled(UNCLEAR), at(NOW))).toMatchObject({ state: "unknown", unclear_at: NOW });
  });

  it("is remembered while the run waits, is sent and is claimed", () => {
    const run = running({ may_have_acted: true });
    const waiting = next(run, settled(WAITING), at(NOW));
    const sent = next(waiting, { kind: "due" }, at(NOW + 60_000));
    const again = next(sent, claimed(), at(NOW + 60_000));
    expect([waiting, sent, again].map(({ may_have_acted }) => may_have_acted)).toEqual([true, true, true]);
  });

  it("is forgotten where a person starts over", () => {
    const run = next(runIn("unknown", { may_have_acted: true, unclear_at: 7 }), { kind: "retried" }, at(NOW));
    expect(run).toMatchObject({ state: "planned", may_have_acted: false, unclear_at: null });
  });
});

/** Runs whose newest attempt, of fence 3, has lost its lease. */
const lost = (state: "planned" | "dispatched" | "unknown", changed: Partial<Run> = {}) =>
  runIn(state, { fence: 3, started_at: 0, failures: 1, sends: 2, may_have_acted: true, ...changed });

describe.each(["planned", "dispatched", "unknown"] as const)("an outcome that comes late, to a run %s", (state) => {
  /** A run that comes back from its end is told of once more. */
  const round = state === "unknown" ? 3 : 2;

  it.each<[Outcome, RunState, string]>([
    [SUCCEEDED, "succeeded", "done"],
    [FAILED, "failed", "the target answered 404"],
  ])("$0.kind: ends it as it says, for it is sure", (outcome, ended, reason) => {
    const before = lost(state, { round: 2 });
    const run = next(before, settled(outcome, 3), at(NOW));
    const said = { state: ended, reason, due_at: null, ended_at: NOW };
    // What was unclear of it was this very attempt.
    expect(run).toEqual({ ...before, ...said, round, may_have_acted: false });
  });

  it("waiting: what was started is waited for, and not started again", () => {
    const run = next(lost(state), settled(WAITING, 3), at(NOW));
    expect(run).toMatchObject({ state: "waiting", handle: "job-7", reason: "job 7 has started", failures: 0 });
    expect(run).toMatchObject({ due_at: NOW + 60_000, ended_at: null, fence: 3 });
  });

  it.each([SUCCEEDED, FAILED, WAITING])("$kind: is told once more where the run had ended", (outcome) => {
    expect(next(lost(state, { round: 2 }), settled(outcome, 3), at(NOW)).round).toBe(round);
  });

  it("waiting: after 24 hours it is given up", () => {
    const run = next(lost(state), settled(WAITING, 3), at(MOST_WAITING_MS + 1));
    expect(run).toMatchObject({ state: "unknown", due_at: null, ended_at: MOST_WAITING_MS + 1 });
    expect(run.reason).toBe("still not done after 24 hours: job 7 has started");
  });

  it.each([LATER, UNCLEAR, NOT_SENT, SKIPPED, HELD])(
    "$kind: changes nothing, for nothing is known by it",
    (outcome) => {
      const run = lost(state);
      expect(next(run, settled(outcome, 3), at(NOW))).toBe(run);
    },
  );

  it.each([0, 1, 2, 4])("under the fence %i, where 3 is the newest, changes nothing", (fence) => {
    const run = lost(state);
    for (const outcome of OUTCOMES) expect(next(run, settled(outcome, fence), at(NOW))).toBe(run);
  });

  it("is the end of a run that is to be started once, as of any other", () => {
    const run = next(lost(state, { policy: ONCE }), settled(SUCCEEDED, 3), at(NOW));
    expect(run).toMatchObject({ state: "succeeded", ended_at: NOW });
  });
});

describe("an outcome that comes late", () => {
  it("after the lease was lost: is what the run comes to, and the target is not called again", () => {
    const lease_lost = next(running(), { kind: "due" }, at(NOW));
    expect(lease_lost.state).toBe("planned");
    expect(next(lease_lost, settled(SUCCEEDED), at(NOW))).toMatchObject({ state: "succeeded", due_at: null });
  });

  it("after the next attempt was claimed: changes nothing", () => {
    const planned = next(running(), { kind: "due" }, at(NOW));
    const sent = next(planned, { kind: "due" }, at(planned.due_at ?? 0));
    const again = next(sent, claimed("two"), at(planned.due_at ?? 0));
    expect(again).toMatchObject({ state: "running", fence: 2 });
    for (const outcome of OUTCOMES) expect(next(again, settled(outcome), at(NOW))).toBe(again);
  });

  it.each(["awaiting_approval", "waiting", "succeeded", "failed", "skipped", "expired", "cancelled"] as const)(
    "to a run %s changes nothing, sure or not",
    (state) => {
      const run = runIn(state);
      for (const outcome of OUTCOMES) expect(next(run, settled(outcome), at(NOW))).toBe(run);
    },
  );
});

describe("a lease that is over", () => {
  it("counts as a failure, and the run is tried again", () => {
    const run = next(running(), { kind: "due" }, at(NOW, 0));
    expect(run).toMatchObject({ state: "planned", failures: 1, due_at: NOW + 500 });
    expect(run.reason).toBe("the attempt was cut off before it could tell its outcome");
  });

  it("of a look: what was started is waited for, and looked at again", () => {
    const run = next(running({ handle: "job-7" }), { kind: "due" }, at(NOW, 0));
    expect(run).toMatchObject({ state: "waiting", handle: "job-7", failures: 1, due_at: NOW + 500 });
    expect(run.reason).toBe("the attempt was cut off before it could tell its outcome");
  });

  it("ends the run as unknown where it was the last attempt: what that did is not known", () => {
    const run = next(running({ failures: 2 }), { kind: "due" }, at(NOW));
    const reason = "the attempt was cut off before it could tell its outcome (3 attempts)";
    expect(run).toMatchObject({ state: "unknown", failures: 3, reason, may_have_acted: true });
  });
});

const once = (changed: Partial<Run> = {}) => running({ policy: ONCE, ...changed });

describe("a run that is to be started once", () => {
  it.each<[string, Happening, RunState]>([
    ["its lease was lost", { kind: "due" }, "unknown"],
    ["its outcome is unclear", settled(UNCLEAR), "unknown"],
    ["the target said not now", settled(LATER), "failed"],
  ])("is not started again where %s", (_, happened, state) => {
    expect(next(once(), happened, at(NOW))).toMatchObject({ state, due_at: null, ended_at: NOW });
  });

  it("is tried again where nothing was sent: that is no start", () => {
    const run = next(once(), settled(NOT_SENT), at(NOW, 1));
    const reason = "the attempt's time was up";
    expect(run).toMatchObject({ state: "planned", failures: 1, may_have_acted: false, due_at: NOW + 1_000, reason });
  });

  it("ends where nothing was sent as often as it may be tried: it failed, for nothing was done", () => {
    const run = next(once({ failures: 2 }), settled(NOT_SENT), at(NOW));
    expect(run).toMatchObject({ state: "failed", failures: 3, reason: "the attempt's time was up (3 attempts)" });
  });

  it.each<[string, Happening]>([
    ["the look was not sent", settled(NOT_SENT)],
    ["the look was cut off", { kind: "due" }],
    ["the look was unclear", settled(UNCLEAR)],
    ["the target would not tell now", settled(LATER)],
  ])("is looked at again where it was started, and %s", (_, happened) => {
    const run = next(once({ handle: "job-7" }), happened, at(NOW));
    expect(run).toMatchObject({ state: "waiting", handle: "job-7", failures: 1 });
  });

  it("is sent again as long as nobody has claimed it", () => {
    expect(next(runIn("dispatched", { policy: ONCE, sends: 5 }), { kind: "due" }, at(NOW)).state).toBe("dispatched");
  });
});

const notRepeatable = (changed: Partial<Run> = {}) => running({ policy: NOT_REPEATABLE, ...changed });

describe("a run that is not repeatable", () => {
  it.each<[string, Happening, string]>([
    ["its lease was lost", { kind: "due" }, "the attempt was cut off before it could tell its outcome"],
    ["its outcome is unclear", settled(UNCLEAR), "the target did not answer in time"],
  ])("is not started again where %s: it ends as unknown, at its first attempt", (_, happened, reason) => {
    const run = next(notRepeatable(), happened, at(NOW));
    expect(run).toMatchObject({ state: "unknown", reason, due_at: null, ended_at: NOW, handle: null });
  });

  it.each([LATER, NOT_SENT])("is tried again where nothing was done: $kind", (outcome) => {
    const run = next(notRepeatable(), settled(outcome), at(NOW, 1));
    const { reason } = outcome;
    expect(run).toMatchObject({ state: "planned", failures: 1, may_have_acted: false, due_at: NOW + 1_000, reason });
  });

  it.each([LATER, NOT_SENT])("fails where nothing was done as often as it may be tried: $kind", (outcome) => {
    const run = next(notRepeatable({ failures: 2 }), settled(outcome), at(NOW));
    expect(run).toMatchObject({ state: "failed", failures: 3, reason: `${outcome.reason} (3 attempts)` });
  });

  it.each<[string, Happening]>([
    ["the look was not sent", settled(NOT_SENT)],
    ["the look was cut off", { kind: "due" }],
    ["the look was unclear", settled(UNCLEAR)],
    ["the target would not tell now", settled(LATER)],
  ])("is looked at again where it was started, and %s", (_, happened) => {
    const run = next(notRepeatable({ handle: "job-7" }), happened, at(NOW));
    expect(run).toMatchObject({ state: "waiting", handle: "job-7", failures: 1 });
  });

  it("ends as unknown, with its handle, where no look told what became of it", () => {
    const run = next(notRepeatable({ handle: "job-7", failures: MOST_FAILED_LOOKS - 1 }), settled(UNCLEAR), at(NOW));
    const reason = "the target did not answer in time (20 attempts)";
    expect(run).toMatchObject({ state: "unknown", handle: "job-7", reason });
  });

  it.each([true, false])("takes a late word of what it did (repeatable: %s)", (repeatable) => {
    const lost = next(running({ policy: { ...POLICY, repeatable } }), { kind: "due" }, at(NOW));
    expect(lost.state).toBe(repeatable ? "planned" : "unknown");
    expect(next(lost, settled(WAITING), at(NOW))).toMatchObject({ state: "waiting", handle: "job-7", ended_at: null });
  });

  it("that is to be started once is started once, as it would be anyway", () => {
    const policy = { ...NOT_REPEATABLE, once: true };
    const states = [LATER, UNCLEAR, NOT_SENT].map((one) => next(running({ policy }), settled(one), at(NOW)).state);
    expect(states).toEqual(["failed", "unknown", "planned"]);
  });
});

const held = (after_ms = 15_000) => settled({ ...HELD, after_ms });
/** A run of which an attempt is under way, its third. */
const attempted = (changed: Partial<Run> = {}) =>
  runIn("running", { started_at: 0, failures: 2, sends: 3, ...changed });

describe("a run that is held by its attempt", () => {
  it("comes again when it was told to, as if there had been no attempt", () => {
    const run = next(attempted(), held(), at(NOW));
    const { due_at, reason } = { due_at: NOW + 15_000, reason: "nobody could be asked" };
    expect(run).toEqual({ ...attempted(), state: "planned", sends: 0, due_at, reason, held_since: NOW });
  });

  it.each([true, false])("counts no failure, however often: may_have_acted stays %s", (may_have_acted) => {
    let run = attempted({ may_have_acted, policy: { ...ONCE, repeatable: false, attempts: 3 } });
    for (let count = 0; count < 100; count += 1) {
      run = next({ ...run, state: "running", fence: 1 }, held(), at(NOW));
      expect(run).toMatchObject({ state: "planned", failures: 2, may_have_acted, handle: null });
    }
  });

  it("waits on where it was started, and keeps its handle and links", () => {
    const links = ["https://runner.example/jobs/7"];
    const run = next(attempted({ handle: "job-7", links }), held(), at(NOW));
    expect(run).toMatchObject({ state: "waiting", handle: "job-7", links, failures: 2, due_at: NOW + 15_000 });
  });

  it("has not begun where nothing was started and nothing has failed: how long it takes counts from its attempt", () => {
    const run = next(attempted({ failures: 0 }), held(), at(NOW));
    expect(run.started_at).toBeNull();
    const sent = next(run, { kind: "due" }, at(NOW + 15_000));
    expect(next(sent, claimed(), at(NOW + 20_000)).started_at).toBe(NOW + 20_000);
  });

  it.each([{ failures: 1 }, { failures: 0, handle: "job-7" }])("has begun where %j", (changed) => {
    expect(next(attempted(changed), held(), at(NOW)).started_at).toBe(0);
  });

  it.each([
    [Number.NaN, 1_000],
    [-1, 1_000],
    [0, 1_000],
    [999, 1_000],
    [1_001, 1_001],
    [Infinity, MOST_WAITING_MS],
  ])("for %d ms comes again after %d", (after_ms, expected) => {
    expect(next(attempted(), held(after_ms), at(NOW)).due_at).toBe(NOW + expected);
  });

  it.each([
    [0, 15_000],
    [120_000, 15_000],
    [120_001, 15_001],
    [160_000, 20_000],
    [2_400_000, 300_000],
    [MOST_HELD_MS, 300_000],
  ])("for %i ms in a row comes again after %i: the longer, the less often, but every 5 minutes", (held_ms, wait_ms) => {
    const since = MOST_HELD_MS;
    expect(next(attempted({ held_since: since }), held(), at(since + held_ms)).due_at).toBe(since + held_ms + wait_ms);
  });

  it("does not come again before it was told to, however long that is", () => {
    expect(next(attempted({ held_since: 0 }), held(600_000), at(MOST_HELD_MS)).due_at).toBe(MOST_HELD_MS + 600_000);
  });

  it("for longer than an hour in a row fails: what nobody expects any more must not happen", () => {
    expect(MOST_HELD_MS).toBe(3_600_000);
    const held_since = 500_000;
    const last = next(attempted({ held_since }), held(), at(held_since + MOST_HELD_MS));
    expect(last).toMatchObject({ state: "planned", held_since });
    const over = next(attempted({ held_since }), held(), at(held_since + MOST_HELD_MS + 1));
    const reason = "not started for 60 minutes: nobody could be asked";
    expect(over).toMatchObject({ state: "failed", reason, due_at: null, ended_at: held_since + MOST_HELD_MS + 1 });
  });

  it("for the first time long after it was planned is held all the same", () => {
    const run = next(attempted({ planned_at: 0 }), held(), at(10 * MOST_HELD_MS));
    expect(run).toMatchObject({ state: "planned", held_since: 10 * MOST_HELD_MS });
  });

  it.each(OUTCOMES.filter(({ kind }) => kind !== "held"))("$kind: ends the times in a row", (outcome) => {
    expect(next(running({ held_since: 7 }), settled(outcome), at(NOW)).held_since).toBeNull();
    expect(next(running({ held_since: 7, handle: "job-7" }), settled(outcome), at(NOW)).held_since).toBeNull();
  });

  it("for longer than an hour goes on where it was started", () => {
    const run = next(attempted({ handle: "job-7", held_since: 0 }), held(), at(MOST_HELD_MS + 1));
    expect(run).toMatchObject({ state: "waiting", handle: "job-7" });
  });

  it("for longer than an hour ends as unknown where an earlier attempt may have acted", () => {
    const run = next(attempted({ may_have_acted: true, held_since: 0 }), held(), at(MOST_HELD_MS + 1));
    expect(run).toMatchObject({ state: "unknown", ended_at: MOST_HELD_MS + 1 });
  });

  it("is given up as unknown once it was held for more than 24 hours, though it was started", () => {
    const started = attempted({ handle: "job-7", held_since: 0 });
    expect(next(started, held(), at(MOST_WAITING_MS)).state).toBe("waiting");
    const run = next(started, held(), at(MOST_WAITING_MS + 1));
    const reason = "held for 1440 minutes: nobody could be asked";
    expect(run).toMatchObject({ state: "unknown", handle: "job-7", reason, ended_at: MOST_WAITING_MS + 1 });
  });

  it("and is the report of another is given up by it after 24 hours only: an outage of hours must not cost it", () => {
    const policy = { ...POLICY, attempts: 100 };
    const report = attempted({ by: "report", failures: 40, held_since: 0, policy });
    expect(next(report, held(), at(MOST_WAITING_MS)).state).toBe("planned");
    expect(next(report, held(), at(MOST_WAITING_MS + 1)).state).toBe("failed");
  });

  it("under an old fence changes nothing", () => {
    const run = running({ fence: 2 });
    expect(next(run, settled(HELD, 1), at(NOW))).toBe(run);
  });
});

/** The same, with its message under way. */
const sent = (changed: Partial<Run> = {}) => runIn("dispatched", { started_at: 0, failures: 2, sends: 3, ...changed });

describe("a run that gives way to another of its action", () => {
  it("comes again when the other's time is over, as if nobody had claimed it", () => {
    const run = next(sent(), BUSY, at(NOW));
    const due_at = NOW + 1_000;
    expect(run).toEqual({ ...sent(), state: "planned", sends: 0, due_at, reason: "another run is under way" });
  });

  it.each([null, 7])("is not held by that, and no longer: held_since was %s", (held_since) => {
    expect(next(sent({ held_since }), BUSY, at(NOW)).held_since).toBeNull();
  });

  it("does so for as long as it takes", () => {
    const run = next(sent({ planned_at: 0, held_since: 0 }), BUSY, at(10 * MOST_WAITING_MS));
    expect(run).toMatchObject({ state: "planned", ended_at: null, due_at: 10 * MOST_WAITING_MS + 1_000 });
  });

  it("is waited for where it was started, and keeps its handle", () => {
    expect(next(sent({ handle: "job-7" }), BUSY, at(NOW))).toMatchObject({ state: "waiting", handle: "job-7" });
  });

  it.each([true, false])("counts no failure: may_have_acted stays %s", (may_have_acted) => {
    const policy = { ...ONCE, repeatable: false };
    const run = next(sent({ may_have_acted, policy }), BUSY, at(NOW));
    expect(run).toMatchObject({ state: "planned", failures: 2, may_have_acted, fence: 1 });
  });

  it.each([
    [Number.NaN, 1_000],
    [0, 1_000],
    [1_000.5, 1_001],
    [15_000, 15_000],
  ])("for %d ms comes again after %d", (after_ms, expected) => {
    expect(next(sent(), { ...BUSY, after_ms }, at(NOW)).due_at).toBe(NOW + expected);
  });

  it("comes too late for a run that somebody has claimed", () => {
    const run = next(runIn("dispatched"), claimed("one"), at(NOW));
    expect(next(run, BUSY, at(NOW))).toBe(run);
  });

  it("is asked of the very message: the run is sent and claimed anew", () => {
    const run = next(runIn("dispatched", { sends: 1, fence: 0 }), BUSY, at(NOW));
    expect(next(run, claimed(), at(NOW))).toBe(run);
    const again = next(run, { kind: "due" }, at(NOW + 1_000));
    expect(next(again, claimed(), at(NOW + 1_000))).toMatchObject({ state: "running", fence: 1 });
  });
});

describe("what an attempt found", () => {
  const links = ["https://runner.example/jobs/7"];
  const values = { cpu: 0.93, host: "es.nj.01", is_up: true };
  const fields = { cpu_at_incident: 0.93 };

  it("is kept where it succeeded", () => {
    const run = next(
      running(),
      settled({ ...SUCCEEDED, kind: "succeeded", summary: "", links, values, fields }),
      at(NOW),
    );
    expect(run).toMatchObject({ state: "succeeded", links, values, fields });
  });

  it("is what the last attempt found: values and fields of before are gone, links of the job stay", () => {
    const before = running({ links, values: { old: 1 }, fields: { old: 1 }, handle: "job-7" });
    for (const outcome of [SUCCEEDED, FAILED, WAITING]) {
      const run = next(before, settled(outcome), at(NOW));
      expect([run.links, run.values, run.fields]).toEqual([links, {}, {}]);
    }
    expect(next(before, settled(WAITING), at(NOW))).toMatchObject({ state: "waiting", links });
  });

  it.each<Outcome>([
    { kind: "failed", reason: "no", links },
    { kind: "waiting", handle: "job-7", summary: "at it", links },
    { kind: "succeeded", summary: "done", links },
  ])("$kind: links are where a person can look from now on, and no other", (outcome) => {
    const run = next(running({ links: ["https://runner.example/jobs/6"] }), settled(outcome), at(NOW));
    expect(run.links).toEqual(links);
    expect(run.links).not.toBe(links);
  });

  it.each([...AGAIN, HELD])("$kind: tells nothing new, so links stay", (outcome) => {
    expect(next(running({ links }), settled(outcome), at(NOW)).links).toEqual(links);
    expect(next(running({ links, failures: 2 }), settled(outcome), at(NOW)).links).toEqual(links);
  });

  it("is kept of an outcome that comes late as well", () => {
    const run = next(lost("unknown"), settled({ kind: "succeeded", summary: "", links, values, fields }, 3), at(NOW));
    expect(run).toMatchObject({ state: "succeeded", links, values, fields });
  });
});

/** A run whose job goes on after so long, by a connector that does not say when to look again. */
const started = (taken_ms: number) =>
  next(running({ started_at: NOW }), settled({ kind: "waiting", handle: "j", summary: "" }), at(NOW + taken_ms));

describe("a connector that does not say when to look again", () => {
  it.each([
    [0, 2_000],
    [1_000, 2_000],
    [16_000, 2_000],
    [24_000, 3_000],
    [80_000, 10_000],
    [480_000, 60_000],
    [480_001, 60_000],
    [86_400_000, 60_000],
  ])("after %i ms of the job is asked again in %i", (taken_ms, wait_ms) => {
    expect(started(taken_ms).due_at).toBe(NOW + taken_ms + wait_ms);
  });

  it("is asked less and less often, from every 2 s to every 60 s", () => {
    const property = fc.property(fc.nat(MOST_WAITING_MS), fc.nat(MOST_WAITING_MS), (one, other) => {
      const [less = 0, more = 0] = [one, other].toSorted((a, b) => a - b);
      const [sooner, later] = [less, more].map((taken_ms) => (started(taken_ms).due_at ?? 0) - NOW - taken_ms);
      expect(sooner).toBeLessThanOrEqual(later ?? 0);
      expect([sooner, later].every((wait_ms = 0) => wait_ms >= 2_000 && wait_ms <= 60_000)).toBe(true);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it("is asked at a whole millisecond: the column that holds the time takes no other", () => {
    expect(Number.isInteger(started(24_001).due_at)).toBe(true);
  });

  it("is asked after what it says, where it says it", () => {
    const outcome: Outcome = { kind: "waiting", handle: "j", summary: "", after_ms: 5_000 };
    expect(next(running(), settled(outcome), at(NOW)).due_at).toBe(NOW + 5_000);
  });
});

describe("waiting for what was started", () => {
  it("keeps the handle, says what for, and looks again when asked to; failures are forgotten", () => {
    const run = next(running({ failures: 2 }), settled(WAITING), at(NOW));
    expect(run).toMatchObject({ state: "waiting", handle: "job-7", reason: "job 7 has started", failures: 0 });
    expect(run.due_at).toBe(NOW + 60_000);
  });

  it.each([
    [-Infinity, 1_000],
    [-1, 1_000],
    [0, 1_000],
    [Number.NaN, 1_000],
    [999, 1_000],
    [1_000, 1_000],
    [1_001, 1_001],
    [MOST_WAITING_MS, MOST_WAITING_MS],
    [MOST_WAITING_MS + 1, MOST_WAITING_MS],
    [Infinity, MOST_WAITING_MS],
  ])("asked to look after %d ms, it looks after %d", (after_ms, expected) => {
    const run = next(running(), settled({ ...WAITING, kind: "waiting", handle: "j", summary: "", after_ms }), at(NOW));
    expect(run.due_at).toBe(NOW + expected);
  });

  it("asked to look after a part of a millisecond, it looks at a whole one", () => {
    const run = next(running(), settled({ kind: "waiting", handle: "j", summary: "", after_ms: 2_500.5 }), at(NOW));
    expect(Number.isInteger(run.due_at)).toBe(true);
  });

  it("is given up as unknown once it took more than 24 hours, not before", () => {
    expect(MOST_WAITING_MS).toBe(86_400_000);
    expect(next(running(), settled(WAITING), at(MOST_WAITING_MS)).state).toBe("waiting");
    const over = next(running(), settled(WAITING), at(MOST_WAITING_MS + 1));
    expect(over).toMatchObject({ state: "unknown", reason: "still not done after 24 hours: job 7 has started" });
  });
});

describe("a person's decision", () => {
  it("cancelled: the run ends with the reason", () => {
    const run = next(runIn("dispatched"), { kind: "cancelled", reason: "wrong host" }, at(NOW));
    expect(run).toMatchObject({ state: "cancelled", reason: "wrong host", due_at: null, ended_at: NOW });
  });

  it("cancelled: what the attempt under way comes to changes nothing", () => {
    const run = next(running(), { kind: "cancelled", reason: "" }, at(NOW));
    expect(next(run, settled(SUCCEEDED), at(NOW))).toBe(run);
  });

  it("retried: the run begins afresh, under a new fence", () => {
    const spent = { sends: 3, failures: 3, handle: "job-7", started_at: 7, reason: "gave up", fence: 6 };
    const run = next(runIn("failed", spent), { kind: "retried" }, at(NOW));
    expect(run).toMatchObject({ sends: 0, failures: 0, handle: null, started_at: null, ended_at: null, reason: "" });
    expect(run).toMatchObject({ state: "planned", fence: 7, params: {}, policy: POLICY, planned_at: NOW });
    expect(run.due_at).toBe(NOW);
  });

  it("retried: a new round, in which nothing was found yet, for the same person and by the same connector", () => {
    const found = { links: ["https://runner.example/jobs/7"], values: { cpu: 1 }, fields: { cpu_now: 1 } };
    const run = next(runIn("failed", { ...found, round: 2 }), { kind: "retried" }, at(NOW));
    expect([run.round, run.links, run.values, run.fields]).toEqual([3, [], {}, {}]);
    expect(run).toMatchObject({ asked_by: "zhangsan", connector: "HTTP (RESTART_HOST)", key: "es.nj.01" });
  });

  it("retried: the whole hour to be held in begins anew", () => {
    const late = 10 * MOST_HELD_MS;
    const run = next(runIn("failed", { held_since: 7 }), { kind: "retried" }, at(late));
    expect(run.held_since).toBeNull();
    const again = { ...run, state: "running" as const };
    expect(next(again, settled(HELD, run.fence), at(late + MOST_HELD_MS)).state).toBe("planned");
  });

  it.each(STATES)("%s: nothing but a person's retry, or coming back from its end, begins a new round", (state) => {
    for (const happened of Object.values(happenings)) {
      const run = runIn(state, { round: 2 });
      const after = next(run, happened, at(NOW));
      const begins = happened.kind === "retried" || (state === "unknown" && happened.kind === "settled");
      expect(after.round).toBe(begins && after !== run ? 3 : 2);
    }
  });

  it.each<Outcome>([
    { kind: "succeeded", summary: "done" },
    { kind: "failed", reason: "no" },
    { kind: "waiting", handle: "job-6", after_ms: 1, summary: "started" },
  ])("retried: what an earlier attempt still tells ($kind) is not about the new one", (outcome) => {
    const run = next(runIn("failed", { fence: 6 }), { kind: "retried" }, at(NOW));
    expect(next(run, { kind: "settled", fence: 6, outcome }, at(NOW))).toBe(run);
  });

  it("a run that waits has all its messages before it again", () => {
    const late = runIn("dispatched", { fence: 6, sends: 14 });
    const outcome: Outcome = { kind: "waiting", handle: "job-6", after_ms: 1_000, summary: "started" };
    expect(next(late, { kind: "settled", fence: 6, outcome }, at(NOW))).toMatchObject({ state: "waiting", sends: 0 });
  });

  const LEASE_MS = POLICY.time_limit_ms + LEASE_MARGIN_MS;

  it.each([
    ["cancelled just now", { ended_at: NOW }, LEASE_MS],
    ["cancelled a while ago", { ended_at: NOW - 4_000 }, LEASE_MS - 4_000],
    ["cancelled a lease ago", { ended_at: NOW - LEASE_MS }, 0],
    ["cancelled long ago", { ended_at: 1 }, 0],
    ["cancelled before anybody claimed it", { ended_at: NOW, fence: 0 }, 0],
  ])("retried: %s, it is due once no attempt can be under way", (_, changed, wait_ms) => {
    expect(next(runIn("cancelled", changed), { kind: "retried" }, at(NOW)).due_at).toBe(NOW + wait_ms);
  });

  it.each(["failed", "skipped", "unknown", "expired"] as const)("retried: what %s just now is due at once", (state) => {
    expect(next(runIn(state, { ended_at: NOW }), { kind: "retried" }, at(NOW)).due_at).toBe(NOW);
  });
});
