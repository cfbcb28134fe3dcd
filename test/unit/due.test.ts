import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { due, type Due, type Waking } from "../../src/domain/due.ts";
import type { Run } from "../../src/domain/run.ts";
import { next } from "../../src/domain/transitions.ts";
import { runIn } from "./runs.ts";

const NOW = 1_000_000;
const KEEP_MS = 500_000;
const CUT_OFF = "the attempt was cut off before it could tell its outcome";
const at = { now: NOW, chance: 0 };
const OPEN = ["awaiting_approval", "planned", "dispatched", "running", "waiting"] as const;
type Current = Pick<Waking, "progress" | "last_active_at">;
const triggered: Current = { last_active_at: 0, progress: "Triggered" };
const closedAt = (last_active_at: number): Current => ({ last_active_at, progress: "Closed" });
/** An open run that is due so long from now. */
const runDue = (state: (typeof OPEN)[number], in_ms: number, changed: Partial<Run> = {}) =>
  runIn(state, { due_at: NOW + in_ms, started_at: 0, ...changed });

const isDue = ({ due_at }: Run, now: number) => due_at !== null && due_at <= now;

/** What an incident knows when its alarm comes, as its store tells it: what is due, and when the rest is. */
function waking(open: readonly Run[], current: Current, now = NOW): Waking {
  const others = open.filter((run) => !isDue(run, now)).flatMap(({ due_at }) => due_at ?? []);
  const others_due_at = others.length > 0 ? Math.min(...others) : null;
  return { runs: open.filter((run) => isDue(run, now)), others_due_at, ...current };
}

interface Case {
  what: string;
  open: Run[];
  current: Current;
  /** States of what moved, how many messages go out, whether it is over, when it wakes. */
  becomes: [Run["state"][], number, boolean, number | null];
}

const cases: Case[] = [
  { what: "an open incident without runs", open: [], current: triggered, becomes: [[], 0, false, null] },
  {
    what: "an incident that was closed just now",
    open: [],
    current: closedAt(NOW),
    becomes: [[], 0, false, NOW + KEEP_MS],
  },
  {
    what: "one that is to be forgotten in a millisecond",
    open: [],
    current: closedAt(NOW - KEEP_MS + 1),
    becomes: [[], 0, false, NOW + 1],
  },
  {
    what: "one that is to be forgotten at this very millisecond",
    open: [],
    current: closedAt(NOW - KEEP_MS),
    becomes: [[], 0, true, NOW],
  },
  {
    what: "one that was to be forgotten long ago",
    open: [],
    current: closedAt(0),
    becomes: [[], 0, true, KEEP_MS],
  },
  {
    what: "one that was closed long ago, and whose run is not due yet",
    open: [runDue("waiting", 1)],
    current: closedAt(0),
    becomes: [[], 0, false, NOW + 1],
  },
  {
    what: "one that was closed long ago, and whose run goes out",
    open: [runDue("planned", 0)],
    current: closedAt(0),
    becomes: [["dispatched"], 1, false, NOW + 10_000],
  },
  {
    what: "one that was closed long ago, and whose last run ends now",
    open: [runDue("awaiting_approval", 0)],
    current: closedAt(0),
    becomes: [["expired"], 0, false, NOW + KEEP_MS],
  },
  {
    what: "one that was closed long ago, and of whose runs one ends now",
    open: [runDue("awaiting_approval", 0), runDue("waiting", 7)],
    current: closedAt(0),
    becomes: [["expired"], 0, false, NOW + 7],
  },
  {
    what: "one that was closed long ago, and of whose due runs one ends now and one goes out",
    open: [runDue("awaiting_approval", 0), runDue("waiting", 0)],
    current: closedAt(0),
    becomes: [["expired", "dispatched"], 1, false, NOW + 10_000],
  },
  {
    what: "an open incident whose last run ends",
    open: [runDue("dispatched", 0, { sends: 14 })],
    current: triggered,
    becomes: [["failed"], 0, false, null],
  },
  {
    what: "an open incident whose last run ends, though the target may have acted",
    open: [runDue("dispatched", 0, { sends: 14, may_have_acted: true })],
    current: triggered,
    becomes: [["unknown"], 0, false, null],
  },
  {
    what: "an incident closed lately whose last run ends",
    open: [runDue("awaiting_approval", -5)],
    current: closedAt(NOW - 1),
    becomes: [["expired"], 0, false, NOW + KEEP_MS],
  },
  {
    what: "a lease that is over",
    open: [runDue("running", -1)],
    current: triggered,
    becomes: [["planned"], 0, false, NOW + 500],
  },
  {
    what: "the lease of a look that is over",
    open: [runDue("running", -1, { handle: "job-7" })],
    current: triggered,
    becomes: [["waiting"], 0, false, NOW + 500],
  },
  {
    what: "runs of which some are due",
    open: [runDue("planned", 0), runDue("running", 7), runDue("waiting", -9), runDue("dispatched", 3)],
    current: triggered,
    becomes: [["dispatched", "dispatched"], 2, false, NOW + 3],
  },
  {
    what: "a message that nobody claimed, and a run that has just been sent",
    open: [runDue("dispatched", 0, { sends: 1 }), runDue("dispatched", 9_000)],
    current: triggered,
    becomes: [["dispatched"], 1, false, NOW + 9_000],
  },
];

describe("the alarm of an incident", () => {
  it.each(cases)("$what: $becomes", ({ open, current, becomes }) => {
    const { changed, dispatched, is_over, wake_at } = due(waking(open, current), KEEP_MS, at);
    expect([changed.map(({ after }) => after.state), dispatched.length, is_over, wake_at]).toEqual(becomes);
  });

  it("a run that moved is told as it was and as the machine has it now", () => {
    const run = runDue("running", 0);
    const unclear = { may_have_acted: true, unclear_at: NOW, reason: CUT_OFF };
    const entry = { at: NOW, what: "state", by: "", text: `planned: ${CUT_OFF}` };
    const after = {
      ...run,
      state: "planned",
      failures: 1,
      ...unclear,
      due_at: NOW + 750,
      trail: [...run.trail, entry],
    };
    const { changed } = due(waking([run], triggered), KEEP_MS, { now: NOW, chance: 0.5 });
    expect(changed).toEqual([{ before: run, after }]);
    expect(changed[0]?.before).toBe(run);
  });

  it.each([
    [NOW, NOW],
    [NOW + 3, NOW + 3],
    [NOW + 10_000, NOW + 10_000],
    [NOW + 10_001, NOW + 10_000],
    [null, NOW + 10_000],
  ])("others are due at %s: it wakes for the first of them and of what moved, at %i", (others_due_at, wake_at) => {
    const given = { runs: [runDue("planned", 0)], others_due_at, ...closedAt(0) };
    expect(due(given, KEEP_MS, at)).toMatchObject({ is_over: false, wake_at });
  });

  it("others are due by now, more than it was given: it comes again at once, and forgets nothing", () => {
    const given = { runs: [runDue("awaiting_approval", 0)], others_due_at: NOW, ...closedAt(0) };
    expect(due(given, KEEP_MS, at)).toMatchObject({ is_over: false, wake_at: NOW });
  });

  it("a run it was given that is not due stays, and is waited for", () => {
    const run = runDue("waiting", 5);
    const what = due({ runs: [run], others_due_at: NOW + 9, ...closedAt(0) }, KEEP_MS, at);
    expect(what).toEqual({ changed: [], dispatched: [], is_over: false, wake_at: NOW + 5 });
  });
});

const open: fc.Arbitrary<Run> = fc
  .record({
    state: fc.constantFrom(...OPEN),
    in_ms: fc.oneof(fc.constant(0), fc.integer({ min: -3, max: 3 }), fc.integer({ min: -90_000_000, max: 90_000_000 })),
    is_started: fc.boolean(),
    sends: fc.integer({ min: 0, max: 14 }),
    failures: fc.integer({ min: 0, max: 4 }),
    policy: fc.record({
      once: fc.boolean(),
      repeatable: fc.boolean(),
      attempts: fc.integer({ min: 1, max: 5 }),
      time_limit_ms: fc.integer({ min: 1, max: 25_000 }),
      // All were planned at 0: some are too old by now, some will be, and some never.
      max_age_ms: fc.constantFrom(1, NOW + 5_000, 2 * NOW, 1_000 * NOW),
      dry_run: fc.boolean(),
    }),
  })
  .map(({ in_ms, is_started, state, ...run }) => {
    const may_have = state === "running" || state === "dispatched";
    const handle = state === "waiting" || (may_have && is_started) ? "job-7" : null;
    return runDue(state, in_ms, { ...run, handle });
  });
const opens = fc
  .array(open, { maxLength: 6 })
  .map((runs) => runs.map((run, at): Run => ({ ...run, action: `action-${at}` })));
const current: fc.Arbitrary<Current> = fc.record({
  last_active_at: fc.integer({ min: NOW - 2 * KEEP_MS, max: NOW }),
  progress: fc.constantFrom("Triggered", "Processing", "Closed"),
});
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const many = { numRuns: 2_000 };

/** When anything last happened, once the alarm has done its work: what it ended itself has ended now. */
function lastActive(current: Current, { changed }: Due): number {
  return changed.some(({ after }) => after.ended_at !== null) ? NOW : current.last_active_at;
}

/** The runs that are open once the alarm has done its work. */
function stillOpen(open: readonly Run[], { changed }: Due): Run[] {
  const rest = open.filter((run) => (run.due_at ?? 0) > NOW);
  return [...rest, ...changed.flatMap(({ after }) => (after.ended_at === null ? [after] : []))];
}

describe("whatever an incident's runs are, its alarm", () => {
  it("moves exactly what is due, as the machine has it, and nothing it was given", () => {
    const property = fc.property(opens, current, chance, (open, current, chance) => {
      const before = structuredClone(open);
      const { changed } = due(waking(open, current), KEEP_MS, { now: NOW, chance });
      const is_due = open.filter(({ due_at }) => due_at !== null && due_at <= NOW);
      const moved = (run: Run) => ({ before: run, after: next(run, { kind: "due" }, { now: NOW, chance }) });
      expect(changed).toEqual(is_due.map(moved));
      for (const { before, after } of changed) {
        expect(open).toContain(before);
        expect(open).not.toContain(after);
      }
      expect(open).toEqual(before);
    });
    fc.assert(property, many);
  });

  it("sends a message for exactly those that moved and are under way now", () => {
    const property = fc.property(opens, current, chance, (open, current, chance) => {
      const { changed, dispatched } = due(waking(open, current), KEEP_MS, { now: NOW, chance });
      const now = changed.map(({ after }) => after);
      for (const run of dispatched) expect(now).toContain(run);
      expect(dispatched).toEqual(now.filter(({ state }) => state === "dispatched"));
    });
    fc.assert(property, many);
  });

  it("comes again when the next of what is open is due, and never in the past", () => {
    const property = fc.property(opens, current, chance, (open, current, chance) => {
      const what = due(waking(open, current), KEEP_MS, { now: NOW, chance });
      const times = stillOpen(open, what).map(({ due_at }) => due_at ?? Number.NaN);
      const forgotten_at = current.progress === "Closed" ? lastActive(current, what) + KEEP_MS : null;
      expect(what.wake_at).toBe(times.length > 0 ? Math.min(...times) : forgotten_at);
      if (what.wake_at !== null && !what.is_over) expect(what.wake_at).toBeGreaterThan(NOW);
    });
    fc.assert(property, many);
  });

  it("forgets exactly what was closed long enough ago, and where nothing is open", () => {
    const property = fc.property(opens, current, chance, (open, current, chance) => {
      const what = due(waking(open, current), KEEP_MS, { now: NOW, chance });
      const is_old = current.progress === "Closed" && lastActive(current, what) <= NOW - KEEP_MS;
      expect(what.is_over).toBe(is_old && stillOpen(open, what).length === 0);
      if (what.is_over) expect(what.dispatched).toEqual([]);
    });
    fc.assert(property, many);
  });

  it("brings it to its end, though nothing else happens: each time something moves, or it is forgotten", () => {
    const property = fc.property(opens, current, chance, (open, current, chance) => {
      let runs = open;
      let now = NOW;
      let last_active_at = current.last_active_at;
      let what = due(waking(runs, current), KEEP_MS, { now, chance });
      for (let count = 0; what.wake_at !== null && !what.is_over; count += 1) {
        expect(count).toBeLessThan(6 * 20);
        const { changed } = what;
        const moved = runs.map((run) => changed.find(({ before }) => before.action === run.action)?.after ?? run);
        runs = moved.filter(({ ended_at }) => ended_at === null);
        if (runs.length < moved.length) last_active_at = now;
        now = what.wake_at;
        what = due(waking(runs, { ...current, last_active_at }, now), KEEP_MS, { now, chance });
        expect(what.changed.length > 0 || what.is_over).toBe(true);
      }
      expect(what.is_over).toBe(current.progress === "Closed");
      if (what.is_over) expect(now).toBeGreaterThanOrEqual(last_active_at + KEEP_MS);
    });
    fc.assert(property, many);
  });
});
