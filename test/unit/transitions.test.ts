import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LEASE_MARGIN_MS } from "../../src/domain/lease.ts";
import { type Happening, type Kind, type Outcome, Run, type RunState } from "../../src/domain/run.ts";
import { end, planned } from "../../src/domain/run.ts";
import { MOST_FAILED_LOOKS, MOST_WAITING_MS } from "../../src/domain/settle.ts";
import { LATE_COUNTS_MS } from "../../src/domain/start.ts";
import { MOST_ABOUT_ONE } from "../../src/domain/trail.ts";
import { CLAIM_WITHIN_MS, isHeldBy, MOST_SENDS, next } from "../../src/domain/transitions.ts";
import {
  type Again,
  CONSENT,
  ENDED,
  FAILED,
  HELD,
  HOUR_MS,
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
/** For tests that are not about the trail. */
const untrailed = (run: Run): Run => ({ ...run, trail: [] });
const BUSY: Happening<"held"> = { kind: "held", reason: "another run is under way", after_ms: 1_000 };
const APPROVED: Happening<"approved"> = { kind: "approved", by: "wangwu" };
const REFUSED: Happening<"approval_refused"> = { kind: "approval_refused", by: "lisi", reason: "somebody else" };
const CANCELLED: Happening<"cancelled"> = { kind: "cancelled", by: "wangwu", reason: "not needed any more" };
const RETRIED: Happening<"retried"> = { kind: "retried", by: "wangwu", overriding: false };
const WOKEN: Happening<"woken"> = { kind: "woken" };

const happenings: { [K in Kind]: Happening<K> } = {
  due: { kind: "due" },
  claimed: claimed(),
  held: BUSY,
  settled: settled(SUCCEEDED),
  approved: APPROVED,
  approval_refused: REFUSED,
  cancelled: CANCELLED,
  retried: RETRIED,
  woken: WOKEN,
};

/** What is not named changes nothing. */
const machine: Record<RunState, Partial<Record<Kind, RunState>>> = {
  awaiting_approval: {
    due: "expired",
    approved: "planned",
    approval_refused: "awaiting_approval",
    cancelled: "cancelled",
  },
  planned: { due: "dispatched", woken: "planned", settled: "succeeded", cancelled: "cancelled" },
  dispatched: {
    due: "dispatched",
    claimed: "running",
    held: "planned",
    settled: "succeeded",
    cancelled: "cancelled",
  },
  running: { due: "planned", settled: "succeeded", cancelled: "cancelled" },
  waiting: { due: "dispatched", cancelled: "cancelled" },
  succeeded: {},
  failed: { retried: "planned" },
  skipped: { retried: "planned" },
  unknown: { settled: "succeeded", retried: "planned" },
  expired: { retried: "planned" },
  cancelled: { retried: "planned" },
};

const STATES: RunState[] = ["awaiting_approval", "planned", "dispatched", "running", "waiting", ...ENDED];
const cells = STATES.flatMap((state) =>
  Object.values(happenings).map((happened) => ({ state, happened, becomes: machine[state][happened.kind] ?? "–" })),
);
/** It waits for the run of another action, as far as it can. */
const AFTER = { after: "enrich", reason: 'waits for "enrich"' };

describe("the whole machine", () => {
  it.each(cells)("$state, $happened.kind: $becomes", ({ state, happened, becomes }) => {
    // Consent that comes when it is due comes too late.
    const due_at = happened.kind === "approved" ? NOW + 1 : runIn(state).due_at;
    const run = runIn(state, { ...AFTER, due_at });
    const after = next(run, happened, at(NOW));
    if (becomes === "–") expect(after).toBe(run);
    else expect([after.state, after === run]).toEqual([becomes, false]);
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
      person_id: "",
      replayed_by: "",
      traceparent: "",
      after: "",
      approval: null,
      approved_by: "",
      override_by: "",
      same_as: "",
      trail: [{ at: NOW, what: "asked", by: "i_new", text: "a rule called for it" }],
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
      person_id: "7",
      after: "enrich",
      approval: CONSENT,
      approved_by: "wangwu",
      override_by: "wangwu",
      same_as: "incident-1:event-0:restart-host",
      policy: { ...NOT_REPEATABLE, once: true, max_age_ms: 7, dry_run: true },
    });
    expect(run.trail).toHaveLength(1);
    expect(Run.parse(JSON.parse(JSON.stringify(run)))).toEqual(run);
  });

  it("a run of an older version is read as one that tells nothing of what came since, needs no consent, and may not be repeated", () => {
    const { asked_by, connector, links, values, fields, round, ...rest } = runIn("waiting", { handle: "job-7" });
    const { unclear_at, held_since, policy, person_id, after, approval, approved_by, ...others } = rest;
    const { override_by, same_as, trail, ...kept } = others;
    const { repeatable, max_age_ms, dry_run, ...old_policy } = policy;
    const since = [repeatable, asked_by, connector, links, values, fields, round, unclear_at, held_since];
    const guarded = [max_age_ms, dry_run, person_id, after, approval, approved_by, override_by, same_as, trail];
    expect([...since, ...guarded]).toHaveLength(18);
    expect(Run.parse({ ...kept, policy: old_policy })).toEqual({
      ...kept,
      policy: { ...old_policy, repeatable: false, max_age_ms: HOUR_MS, dry_run: false },
      person_id: "",
      after: "",
      approval: null,
      approved_by: "",
      override_by: "",
      same_as: "",
      trail: [],
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
    ["consent that nobody can give in time", { approval: { within_ms: 0, not_by: [] } }],
    ["an entry of its trail that says nothing", { trail: [{ at: 7, what: "asked", by: "" }] }],
    ["an entry of its trail that is about nothing known", { trail: [{ at: 7, what: "danced", by: "", text: "" }] }],
  ])("a run with %s is none", (_, wrong) => {
    expect(Run.safeParse({ ...runOf(), ...wrong }).success).toBe(false);
  });

  it("makes one that needs consent wait for that, as long as it may take", () => {
    const run = planned({ ...runOf(), by: "rule", approval: CONSENT, after: "enrich" }, NOW);
    expect(run).toMatchObject({ state: "awaiting_approval", due_at: NOW + CONSENT.within_ms, reason: "" });
    expect(run).toMatchObject({ approval: CONSENT, after: "enrich", approved_by: "" });
  });

  it("makes one that is to come after another wait for that, a minute at most", () => {
    const run = planned({ ...runOf(), after: "enrich" }, NOW);
    expect(run).toMatchObject({ state: "planned", due_at: NOW + 60_000, reason: 'waits for "enrich"' });
    expect(next(run, { kind: "due" }, at(run.due_at ?? 0)).state).toBe("dispatched");
  });

  it("an approval that lapsed ends the run, and says why", () => {
    const run = next(runIn("awaiting_approval"), { kind: "due" }, at(NOW));
    expect(run).toMatchObject({ state: "expired", reason: "nothing was run", ended_at: NOW });
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

  it("goes on for more than an hour and a half, where it may be started so late", () => {
    let run = runOf({ policy: { ...POLICY, max_age_ms: 2 * HOUR_MS } });
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
    const run = next(runIn("unknown", { may_have_acted: true, unclear_at: 7 }), RETRIED, at(NOW));
    expect(run).toMatchObject({ state: "planned", may_have_acted: false, unclear_at: null });
  });
});

/** Runs whose newest attempt, of fence 3, has lost its lease. */
const lost = (state: "planned" | "dispatched" | "unknown", changed: Partial<Run> = {}) =>
  runIn(state, {
    fence: 3,
    started_at: 0,
    failures: 1,
    sends: 2,
    may_have_acted: true,
    ended_at: state === "unknown" ? NOW - LATE_COUNTS_MS : null,
    ...changed,
  });

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
    expect(untrailed(run)).toEqual(untrailed({ ...before, ...said, round, may_have_acted: false }));
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
    const ended_at = state === "unknown" ? MOST_WAITING_MS : null;
    const run = next(lost(state, { ended_at }), settled(WAITING, 3), at(MOST_WAITING_MS + 1));
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
  it("to a run that ended as unknown: what is done counts at any time, what goes on for a minute only", () => {
    expect(LATE_COUNTS_MS).toBe(60_000);
    const run = lost("unknown", { ended_at: NOW });
    const told = (outcome: Outcome, after_ms: number) => next(run, settled(outcome, 3), at(NOW + after_ms)).state;
    for (const outcome of [SUCCEEDED, FAILED]) expect(told(outcome, 10 * HOUR_MS)).toBe(outcome.kind);
    expect(told(WAITING, LATE_COUNTS_MS)).toBe("waiting");
    // By then the guards may have let another run start on the same key.
    expect(next(run, settled(WAITING, 3), at(NOW + LATE_COUNTS_MS + 1))).toBe(run);
  });

  it.each(["planned", "dispatched"] as const)("to a run %s: what goes on counts at any time", (state) => {
    const run = lost(state, { planned_at: 0 });
    expect(next(run, settled(WAITING, 3), at(10 * HOUR_MS))).toMatchObject({ state: "waiting", handle: "job-7" });
  });

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
/** It may be started days after it was asked for. */
const PATIENT = { ...POLICY, max_age_ms: 72 * HOUR_MS };
/** A run of which an attempt is under way, its third. */
const attempted = (changed: Partial<Run> = {}) =>
  runIn("running", { started_at: 0, failures: 2, sends: 3, ...changed });

describe("a run that is held by its attempt", () => {
  it("comes again when it was told to, as if there had been no attempt", () => {
    const run = next(attempted(), held(), at(NOW));
    const { due_at, reason } = { due_at: NOW + 15_000, reason: "nobody could be asked" };
    const expected: Run = { ...attempted(), state: "planned", sends: 0, due_at, reason, held_since: NOW };
    expect(untrailed(run)).toEqual(untrailed(expected));
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
    [HOUR_MS, 300_000],
  ])("for %i ms in a row comes again after %i: the longer, the less often, but every 5 minutes", (held_ms, wait_ms) => {
    const run = attempted({ held_since: NOW, planned_at: NOW, policy: PATIENT });
    expect(next(run, held(), at(NOW + held_ms)).due_at).toBe(NOW + held_ms + wait_ms);
  });

  it("does not come again before it was told to, however long that is", () => {
    const run = attempted({ held_since: 0, policy: PATIENT });
    expect(next(run, held(600_000), at(HOUR_MS)).due_at).toBe(HOUR_MS + 600_000);
  });

  it.each(OUTCOMES.filter(({ kind }) => kind !== "held"))("$kind: ends the times in a row", (outcome) => {
    expect(next(running({ held_since: 7 }), settled(outcome), at(NOW)).held_since).toBeNull();
    expect(next(running({ held_since: 7, handle: "job-7" }), settled(outcome), at(NOW)).held_since).toBeNull();
  });

  it("is given up as unknown once it was held for more than 24 hours, though it was started", () => {
    const started = attempted({ handle: "job-7", held_since: 0 });
    expect(next(started, held(), at(MOST_WAITING_MS)).state).toBe("waiting");
    const run = next(started, held(), at(MOST_WAITING_MS + 1));
    const reason = "held for 24 hours: nobody could be asked";
    expect(run).toMatchObject({ state: "unknown", handle: "job-7", reason, ended_at: MOST_WAITING_MS + 1 });
  });

  it.each([
    ["the report of another, however old it may get: an outage of hours must not cost it", { by: "report" as const }],
    ["a run that may be started so late", { policy: PATIENT }],
  ])("is given up as failed after 24 hours, where it is %s", (_, changed) => {
    const run = attempted({ held_since: 0, ...changed });
    expect(next(run, held(), at(MOST_WAITING_MS)).state).toBe("planned");
    expect(next(run, held(), at(MOST_WAITING_MS + 1)).state).toBe("failed");
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
    const expected: Run = { ...sent(), state: "planned", sends: 0, due_at, reason: "another run is under way" };
    expect(untrailed(run)).toEqual(untrailed(expected));
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
    const run = next(runIn("dispatched"), { ...CANCELLED, reason: "wrong host" }, at(NOW));
    expect(run).toMatchObject({ state: "cancelled", reason: "wrong host", due_at: null, ended_at: NOW });
  });

  it("cancelled: what the attempt under way comes to changes nothing", () => {
    const run = next(running(), CANCELLED, at(NOW));
    expect(next(run, settled(SUCCEEDED), at(NOW))).toBe(run);
  });

  it("retried: the run begins afresh, under a new fence", () => {
    const spent = { sends: 3, failures: 3, handle: "job-7", started_at: 7, reason: "gave up", fence: 6 };
    const run = next(runIn("failed", spent), RETRIED, at(NOW));
    expect(run).toMatchObject({ sends: 0, failures: 0, handle: null, started_at: null, ended_at: null, reason: "" });
    expect(run).toMatchObject({ state: "planned", fence: 7, params: {}, policy: POLICY, planned_at: NOW });
    expect(run.due_at).toBe(NOW);
  });

  it("retried: a new round, in which nothing was found yet, for the same person and by the same connector", () => {
    const found = { links: ["https://runner.example/jobs/7"], values: { cpu: 1 }, fields: { cpu_now: 1 } };
    const run = next(runIn("failed", { ...found, round: 2 }), RETRIED, at(NOW));
    expect([run.round, run.links, run.values, run.fields]).toEqual([3, [], {}, {}]);
    expect(run).toMatchObject({ asked_by: "zhangsan", connector: "HTTP (RESTART_HOST)", key: "es.nj.01" });
  });

  it("retried: the whole time to be started in begins anew, and that of being held", () => {
    const late = 10 * HOUR_MS;
    const run = next(runIn("skipped", { held_since: 7 }), RETRIED, at(late));
    expect(run.held_since).toBeNull();
    const again = { ...run, state: "running" as const };
    expect(next(again, settled(HELD, run.fence), at(late + HOUR_MS - 1)).state).toBe("planned");
  });

  it("retried: in spite of the guards, where the person says so, and in that round only", () => {
    const overridden = next(runIn("skipped"), { ...RETRIED, overriding: true }, at(NOW));
    expect(overridden.override_by).toBe("wangwu");
    expect(next(end(overridden, "failed", "", NOW), RETRIED, at(NOW)).override_by).toBe("");
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
    const run = next(runIn("failed", { fence: 6 }), RETRIED, at(NOW));
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
    expect(next(runIn("cancelled", changed), RETRIED, at(NOW)).due_at).toBe(NOW + wait_ms);
  });

  it.each(["failed", "skipped", "unknown", "expired"] as const)("retried: what %s just now is due at once", (state) => {
    expect(next(runIn(state, { ended_at: NOW }), RETRIED, at(NOW)).due_at).toBe(NOW);
  });
});

const DUE: Happening<"due"> = { kind: "due" };

describe("a run that was asked for too long ago", () => {
  const LIMIT_MS = POLICY.max_age_ms;
  const moments: [RunState, Happening][] = [
    ["planned", DUE],
    ["dispatched", DUE],
    ["dispatched", claimed()],
    ["running", settled(HELD)],
  ];

  it.each(moments)("%s: is skipped where it would go on by %o, and not a millisecond sooner", (state, happened) => {
    const run = runIn(state, { planned_at: NOW, due_at: NOW });
    expect(next(run, happened, at(NOW + LIMIT_MS - 1)).ended_at).toBeNull();
    const over = next(run, happened, at(NOW + LIMIT_MS));
    expect(over).toMatchObject({ state: "skipped", due_at: null, ended_at: NOW + LIMIT_MS });
    expect(over.reason).toMatch(/^not started within 1 hour, and too late now/);
  });

  it.each(moments)("%s: ends as unknown by %o where an earlier attempt may have done it", (state, happened) => {
    const run = next(runIn(state, { may_have_acted: true }), happened, at(LIMIT_MS));
    expect(run).toMatchObject({ state: "unknown", ended_at: LIMIT_MS });
    expect(run.reason).toMatch(/; but an earlier attempt may have done it$/);
  });

  it.each(moments)("%s: goes on by %o where its job was started, or where it tells of another", (state, happened) => {
    for (const changed of [{ handle: "job-7" }, { handle: "job-7", may_have_acted: true }, { by: "report" as const }])
      expect(next(runIn(state, changed), happened, at(20 * LIMIT_MS)).ended_at).toBeNull();
  });

  it.each(moments)("%s: is not yet, by %o, where the playbook gives it longer", (state, happened) => {
    const run = runIn(state, { policy: PATIENT });
    expect(next(run, happened, at(PATIENT.max_age_ms - 1)).ended_at).toBeNull();
    expect(next(run, happened, at(PATIENT.max_age_ms)).reason).toMatch(/^not started within 72 hours/);
  });

  const BUSY_TARGET = { reason: "the target answered 503" };

  it.each<[string, Run, Happening, string]>([
    ["nothing, where nobody can tell", runIn("planned"), DUE, ""],
    ["what was waited for", runIn("planned", BUSY_TARGET), DUE, ": the target answered 503"],
    ["that its messages were lost", runIn("dispatched", { sends: 7 }), DUE, ": the queue did not deliver it in time"],
    [
      "that its message was late",
      runIn("dispatched", { sends: 1 }),
      claimed(),
      ": the queue did not deliver it in time",
    ],
    ["what it was sent late for", runIn("dispatched", { ...BUSY_TARGET, sends: 7 }), DUE, ": the target answered 503"],
    ["what holds it now", runIn("running", BUSY_TARGET), settled(HELD), ": nobody could be asked"],
  ])("says %s", (_, run, happened, why) => {
    expect(next(run, happened, at(LIMIT_MS)).reason).toBe(`not started within 1 hour, and too late now${why}`);
  });

  it("was so from when it was asked for, whatever has held it since", () => {
    const held_since = LIMIT_MS - 1;
    expect(next(running({ held_since }), settled(HELD), at(LIMIT_MS)).state).toBe("skipped");
    expect(next(running({ held_since: null }), settled(HELD), at(LIMIT_MS)).state).toBe("skipped");
  });

  it("gives way to another all the same, and is skipped when its turn comes", () => {
    const run = next(runIn("dispatched"), BUSY, at(LIMIT_MS));
    expect(run.state).toBe("planned");
    expect(next(run, DUE, at(LIMIT_MS + 1_000)).state).toBe("skipped");
  });

  it.each([SUCCEEDED, FAILED, SKIPPED, WAITING])("has done what its attempt tells even so: $kind", (outcome) => {
    expect(next(running(), settled(outcome), at(LIMIT_MS)).state).toBe(outcome.kind);
  });

  it("is not tried again, though its attempt was claimed in time", () => {
    const again = next(running(), settled(LATER), at(LIMIT_MS));
    expect(next(again, DUE, at(again.due_at ?? 0))).toMatchObject({ state: "skipped" });
    const lost = next(running(), DUE, at(LIMIT_MS));
    expect(next(lost, DUE, at(lost.due_at ?? 0))).toMatchObject({ state: "unknown", may_have_acted: true });
  });
});

const awaiting = (changed: Partial<Run> = {}) =>
  runIn("awaiting_approval", { by: "rule", approval: CONSENT, fence: 0, due_at: CONSENT.within_ms, ...changed });

describe("a run that needs a person's consent", () => {
  it.each([
    [CONSENT.within_ms - 1, "planned"],
    [CONSENT.within_ms, "expired"],
  ])("given after %d ms: %s, however late the alarm is", (now, state) => {
    expect(next(awaiting(), APPROVED, at(now)).state).toBe(state);
  });

  it("is due at once where it is given, by whom is known, and its time to be started in begins", () => {
    const run = next(awaiting(), APPROVED, at(NOW));
    expect(run).toMatchObject({ state: "planned", due_at: NOW, approved_by: "wangwu", planned_at: NOW, reason: "" });
    const sent = (run: Run, now: number) => next({ ...run, due_at: now }, DUE, at(now)).state;
    expect(sent(run, NOW + HOUR_MS - 1)).toBe("dispatched");
    expect(sent(run, NOW + HOUR_MS)).toBe("skipped");
  });

  it("waits on where somebody was refused: all that changes is that it is written down", () => {
    const before = awaiting();
    const after = next(before, REFUSED, at(NOW));
    expect(untrailed(after)).toEqual(untrailed(before));
    expect(after.trail).toHaveLength(before.trail.length + 1);
  });

  it("is neither sent nor claimed nor woken before", () => {
    const run = awaiting({ ...AFTER, reason: "" });
    for (const happened of [claimed(), BUSY, WOKEN, settled(SUCCEEDED, 0)])
      expect(next(run, happened, at(NOW))).toBe(run);
    expect(next(run, DUE, at(CONSENT.within_ms)).state).toBe("expired");
  });

  it.each(["expired", "cancelled", "failed"] as const)(
    "waits for it once more where it is started over, %s without it: whoever must not approve could do that instead",
    (state) => {
      const ended = runIn(state, { by: "rule", approval: CONSENT });
      const run = next(ended, { ...RETRIED, by: "lisi", overriding: true }, at(NOW));
      expect(run).toMatchObject({ state: "awaiting_approval", due_at: NOW + CONSENT.within_ms, round: 1 });
      expect(run).toMatchObject({ ended_at: null, approved_by: "", override_by: "lisi" });
      expect(next(run, APPROVED, at(NOW + 7))).toMatchObject({ state: "planned", due_at: NOW + 7, round: 1 });
    },
  );

  it("is started over at once where it was given before", () => {
    const ended = runIn("failed", { by: "rule", approval: CONSENT, approved_by: "wangwu" });
    const run = next(ended, RETRIED, at(NOW));
    expect(run).toMatchObject({ state: "planned", due_at: NOW, approved_by: "wangwu" });
  });
});

describe("a run that comes after another", () => {
  const waiting = planned({ ...runOf(), after: "enrich" }, NOW);

  it("is due as soon as that has ended, and then waits for nothing", () => {
    expect(next(waiting, WOKEN, at(NOW + 7))).toMatchObject({ state: "planned", due_at: NOW + 7, reason: "" });
  });

  it("waits on where it was claimed too soon", () => {
    const sent = next({ ...waiting, due_at: NOW }, DUE, at(NOW));
    const again = next(sent, { kind: "held", reason: waiting.reason, after_ms: HOUR_MS }, at(NOW));
    expect(again).toMatchObject({ state: "planned", reason: 'waits for "enrich"', due_at: NOW + HOUR_MS });
    expect(next(again, WOKEN, at(NOW + 7)).due_at).toBe(NOW + 7);
  });

  it.each<[string, Partial<Run>]>([
    ["what its target asked for", { reason: "the target answered 503" }],
    ["its turn", { reason: "an attempt at another run of this action is under way for this incident" }],
    ["nothing", { reason: "" }],
    ["another", { reason: 'waits for "collect"' }],
  ])("is not hurried where it waits for %s", (_, changed) => {
    const run = runIn("planned", { after: "enrich", due_at: 2 * NOW, ...changed });
    expect(next(run, WOKEN, at(NOW))).toBe(run);
  });

  it("is not hurried where an attempt that was cancelled may still be under way: no two overlap", () => {
    const cancelled = next(running({ after: "enrich" }), CANCELLED, at(NOW));
    const again = next(cancelled, RETRIED, at(NOW));
    expect(again.due_at).toBe(NOW + POLICY.time_limit_ms + LEASE_MARGIN_MS);
    expect(next(again, WOKEN, at(NOW + 1))).toBe(again);
  });
});

/** What a change adds to the trail, without the time. */
const written = (run: Run, happened: Happening, now = NOW) =>
  next(run, happened, at(now))
    .trail.slice(run.trail.length)
    .map(({ what, by, text }) => [what, by, text]);

const state = (text: string) => ["state", "", text];

describe("the trail", () => {
  const answered = [
    { what: "sent" as const, text: "POST https://runner.example" },
    { what: "answered" as const, text: "200" },
  ];

  it.each<[string, Run, Happening, string[][]]>([
    ["who approved", awaiting(), APPROVED, [["approved", "wangwu", ""]]],
    ["who was not to approve, and why", awaiting(), REFUSED, [["approval_refused", "lisi", "somebody else"]]],
    ["that nobody did", awaiting({ due_at: 0 }), DUE, [state("expired: nothing was run")]],
    ["who started it over", runIn("failed"), RETRIED, [["retried", "wangwu", ""]]],
    [
      "that it was in spite of the guards",
      runIn("failed"),
      { ...RETRIED, overriding: true },
      [["retried", "wangwu", "in spite of the guards"]],
    ],
    [
      "who cancelled it, and why",
      runIn("planned"),
      CANCELLED,
      [["cancelled", "wangwu", "not needed any more"], state("cancelled: not needed any more")],
    ],
    ["each attempt", runIn("dispatched", { fence: 4 }), claimed(), [["claimed", "", "attempt 5"]]],
    [
      "what an attempt sent, what came back, and the end",
      running(),
      { ...settled(SUCCEEDED), notes: answered },
      [["sent", "", "POST https://runner.example"], ["answered", "", "200"], state("succeeded: done")],
    ],
    [
      "who overrode which guard",
      running(),
      { ...settled(WAITING), notes: [{ what: "overridden", by: "zhangsan", text: "not again within 10 minutes" }] },
      [["overridden", "zhangsan", "not again within 10 minutes"], state("waiting: job 7 has started")],
    ],
    ["why it is tried again", running(), settled(LATER), [state("planned: the target answered 503")]],
    ["what holds it", running(), settled(HELD), [state("planned: nobody could be asked")]],
    ["what it gives way to", runIn("dispatched"), BUSY, [state("planned: another run is under way")]],
    [
      "that an attempt was cut off",
      running(),
      DUE,
      [state("planned: the attempt was cut off before it could tell its outcome")],
    ],
    [
      "that a late word counted",
      lost("unknown"),
      { ...settled(SUCCEEDED, 3), notes: answered.slice(1) },
      [["answered", "", "200"], state("succeeded: done")],
    ],
    ["nothing of a message", runIn("planned"), DUE, []],
    ["nothing of a look's claim: its job is followed", runIn("dispatched", { handle: "job-7" }), claimed(), []],
    ["nothing of being woken", planned({ ...runOf(), after: "enrich" }, 0), WOKEN, []],
    ["nothing twice", running({ reason: HELD.reason }), settled(HELD), []],
  ])("tells %s", (_, run, happened, entries) => {
    expect(written(run, happened)).toEqual(entries);
  });

  it.each<[RunState, Happening]>([
    ["planned", DUE],
    ["dispatched", DUE],
    ["dispatched", claimed()],
  ])("tells that it was too late: %s, %o", (from, happened) => {
    const late = "skipped: not started within 1 hour, and too late now";
    expect(written(runIn(from), happened, HOUR_MS)).toEqual([state(late)]);
  });

  it("has the time of each entry, and keeps what was there", () => {
    const run = next(runIn("planned"), CANCELLED, at(NOW));
    expect(run.trail.map((entry) => entry.at)).toEqual([0, NOW, NOW]);
    expect(run.trail.slice(0, 1)).toEqual(runIn("planned").trail);
  });

  it("of a report is none: that is how others are told", () => {
    const report = runIn("running", { by: "report", trail: [] });
    for (const happened of [settled(SUCCEEDED), CANCELLED, DUE])
      expect(next(report, happened, at(NOW)).trail).toEqual([]);
  });

  it("tells what happens once, however often something else has happened, and how it ended", () => {
    let run = running();
    for (let count = 0; count < 500; count += 1) {
      run = next(run, settled({ ...HELD, reason: `stopped for ${count} minutes` }, run.fence), at(NOW));
      run = next(next(run, DUE, at(run.due_at ?? 0)), claimed(), at(NOW));
    }
    run = next(run, { ...settled(SUCCEEDED, run.fence), notes: answered }, at(NOW));
    const about = Map.groupBy(run.trail, ({ what }) => what);
    expect([about.get("claimed")?.length, about.get("state")?.length]).toEqual([MOST_ABOUT_ONE, MOST_ABOUT_ONE + 1]);
    expect(run.trail.slice(-3)).toMatchObject([...answered, { what: "state", text: "succeeded: done" }]);
  });

  it("has a limit for what an attempt tells at the end, too", () => {
    const notes = Array.from({ length: 2 * MOST_ABOUT_ONE }, () => answered[0] ?? { what: "sent" as const, text: "" });
    expect(written(running(), { ...settled(SUCCEEDED), notes })).toHaveLength(MOST_ABOUT_ONE + 1);
  });

  it("has a limit for persons, too, who do the same again and again", () => {
    let run = awaiting();
    for (let count = 0; count < 500; count += 1) run = next(run, REFUSED, at(NOW));
    expect(run.trail).toHaveLength(1 + MOST_ABOUT_ONE);
    expect(written(run, APPROVED)).toEqual([["approved", "wangwu", ""]]);
  });

  it("of what changes nothing does not grow", () => {
    const run = running({ fence: 2 });
    expect(next(run, { ...settled(SUCCEEDED), notes: answered }, at(NOW))).toBe(run);
  });
});
