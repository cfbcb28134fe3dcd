import { describe, expect, it } from "vitest";
import { type Happening, hasEnded, type Outcome, type Run, type RunState } from "../../src/domain/run.ts";
import {
  CLAIM_WITHIN_MS,
  end,
  LEASE_MARGIN_MS,
  MOST_SENDS,
  MOST_WAITING_MS,
  next,
  planned,
} from "../../src/domain/transitions.ts";
import { ENDED, FAILED, KEY, LATER, POLICY, runIn, runOf, SKIPPED, SUCCEEDED, UNCLEAR, WAITING } from "./runs.ts";

const NOW = 100_000;
const at = (now: number, chance = 0) => ({ now, chance });
const settled = (outcome: Outcome, fence = 1): Happening => ({ kind: "settled", fence, outcome });
const running = (changed: Partial<Run> = {}) => runIn("running", { started_at: 0, due_at: 20_000, ...changed });
const ONCE = { ...POLICY, once: true };

const happenings: Record<Happening["kind"], Happening> = {
  due: { kind: "due" },
  claimed: { kind: "claimed" },
  settled: settled(SUCCEEDED),
  approved: { kind: "approved" },
  cancelled: { kind: "cancelled", reason: "not needed any more" },
  retried: { kind: "retried" },
};

/** "–": nothing changes. */
const machine: Record<RunState, Record<Happening["kind"], RunState | "–">> = {
  awaiting_approval: row("expired", "–", "–", "planned", "cancelled", "–"),
  planned: row("dispatched", "–", "–", "–", "cancelled", "–"),
  dispatched: row("dispatched", "running", "–", "–", "cancelled", "–"),
  running: row("planned", "–", "succeeded", "–", "cancelled", "–"),
  waiting: row("dispatched", "–", "–", "–", "cancelled", "–"),
  succeeded: row("–", "–", "–", "–", "–", "–"),
  failed: row("–", "–", "–", "–", "–", "planned"),
  skipped: row("–", "–", "–", "–", "–", "planned"),
  unknown: row("–", "–", "–", "–", "–", "planned"),
  expired: row("–", "–", "–", "–", "–", "planned"),
  cancelled: row("–", "–", "–", "–", "–", "planned"),
};

function row(...[due, claimed, settled, approved, cancelled, retried]: (RunState | "–")[]) {
  const none = "–" as const;
  return {
    due: due ?? none,
    claimed: claimed ?? none,
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
    expect([after.due_at === null, hasEnded(after)]).toEqual([has_ended, has_ended]);
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
    expect(planned(KEY, POLICY, { dc: "nj" }, NOW)).toEqual({
      ...KEY,
      params: { dc: "nj" },
      policy: POLICY,
      state: "planned",
      reason: "",
      due_at: NOW,
      fence: 0,
      sends: 0,
      failures: 0,
      handle: null,
      planned_at: NOW,
      started_at: null,
      ended_at: null,
    });
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
    const run = next(runIn("dispatched", { fence: 4, sends: 3 }), { kind: "claimed" }, at(NOW));
    expect(run).toMatchObject({ state: "running", fence: 5, sends: 0, started_at: NOW });
    expect(run.due_at).toBe(NOW + POLICY.time_limit_ms + LEASE_MARGIN_MS);
    expect(LEASE_MARGIN_MS).toBe(5_000);
  });

  it("is refused to the second of two messages", () => {
    const run = next(runIn("dispatched"), { kind: "claimed" }, at(NOW));
    expect(next(run, { kind: "claimed" }, at(NOW))).toBe(run);
  });

  it("keeps the time of the first start", () => {
    const run = next(runIn("dispatched", { started_at: 7 }), { kind: "claimed" }, at(NOW));
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
    for (const outcome of [SUCCEEDED, FAILED, SKIPPED, LATER, UNCLEAR, WAITING])
      expect(next(run, settled(outcome, fence), at(NOW))).toBe(run);
  });

  it("is too late once the lease was lost, under any fence", () => {
    const lost = next(running(), { kind: "due" }, at(NOW));
    expect(next(lost, settled(SUCCEEDED), at(NOW))).toBe(lost);
  });

  it("is in time while the alarm has not looked, though the lease is over", () => {
    expect(next(running({ due_at: NOW - 1 }), settled(SUCCEEDED), at(NOW)).state).toBe("succeeded");
  });

  it.each([LATER, UNCLEAR])("$kind: tried again after a backoff, with the reason", (outcome) => {
    const run = next(running({ failures: 1 }), settled(outcome), at(NOW, 1));
    expect(run).toMatchObject({ state: "planned", failures: 2, due_at: NOW + 2_000, fence: 1 });
    expect(run.reason).toMatch(/^the target/);
  });

  it("later: not before the target asked for", () => {
    const run = next(running(), settled({ kind: "later", reason: "busy", after_ms: 30_000 }), at(NOW, 0.5));
    expect(run.due_at).toBe(NOW + 30_000);
  });

  it("later: a wish that is no number counts for nothing", () => {
    const run = next(running(), settled({ kind: "later", reason: "busy", after_ms: Number.NaN }), at(NOW, 1));
    expect(run).toMatchObject({ state: "planned", due_at: NOW + 1_000 });
  });

  it.each([LATER, UNCLEAR])(
    "$kind: the last of the attempts fails the run, and says how many there were",
    (outcome) => {
      const run = next(running({ failures: 2 }), settled(outcome), at(NOW));
      expect(run).toMatchObject({ state: "failed", failures: 3 });
      expect(run.reason).toMatch(/ \(3 attempts\)$/);
    },
  );

  it.each([LATER, UNCLEAR])("$kind: where the job was started, its end is unknown rather than failed", (outcome) => {
    const run = next(running({ failures: 2, handle: "job-7" }), settled(outcome), at(NOW));
    expect(run).toMatchObject({ state: "unknown", handle: "job-7" });
  });
});

describe("a lease that is over", () => {
  it("counts as a failure, and the run is tried again", () => {
    const run = next(running(), { kind: "due" }, at(NOW, 0));
    expect(run).toMatchObject({ state: "planned", failures: 1, due_at: NOW + 500 });
    expect(run.reason).toBe("the attempt was cut off before it could tell its outcome");
  });

  it("fails the run where it was the last attempt", () => {
    expect(next(running({ failures: 2 }), { kind: "due" }, at(NOW)).state).toBe("failed");
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

  it.each<[string, Happening]>([
    ["the look was cut off", { kind: "due" }],
    ["the look was unclear", settled(UNCLEAR)],
    ["the target would not tell now", settled(LATER)],
  ])("is looked at again where it was started, and %s", (_, happened) => {
    const run = next(once({ handle: "job-7" }), happened, at(NOW));
    expect(run).toMatchObject({ state: "planned", handle: "job-7", failures: 1 });
  });

  it("is sent again as long as nobody has claimed it", () => {
    expect(next(runIn("dispatched", { policy: ONCE, sends: 5 }), { kind: "due" }, at(NOW)).state).toBe("dispatched");
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

  it("retried: the run begins afresh, but its fence goes on counting", () => {
    const spent = { sends: 3, failures: 3, handle: "job-7", started_at: 7, reason: "gave up", fence: 6 };
    const run = next(runIn("failed", spent), { kind: "retried" }, at(NOW));
    expect(run).toMatchObject({ sends: 0, failures: 0, handle: null, started_at: null, ended_at: null, reason: "" });
    expect(run).toMatchObject({ state: "planned", fence: 6, params: {}, policy: POLICY, planned_at: 0 });
    expect(run.due_at).toBe(NOW);
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
