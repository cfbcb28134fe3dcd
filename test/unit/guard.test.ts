import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  admit,
  type Candidate,
  type Decision,
  type Guards,
  type Limit,
  type Memory,
  remembers,
  stopped,
  trips,
} from "../../src/domain/guard.ts";
import type { HeldBack } from "../../src/domain/override.ts";
import { begun, type Start } from "../../src/domain/start.ts";

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 22, 12, 40);

/** zhangsan presses the button for es.nj.01, now. */
function asking(changed: Partial<Candidate> = {}): Candidate {
  const person = { by: "command" as const, person_id: "u1", asked_by: "zhangsan" };
  const run = { start_id: "i0:e0:restart-host#0", run_id: "i0:e0:restart-host", action: "restart-host" };
  return { ...run, key: "es.nj.01", ...person, asked_at: NOW, override_by: "", came_back: [], ...changed };
}

function remembered(changed: Partial<Memory> = {}): Memory {
  return { stops: [], breaker: null, starts: [], held_back: null, ...changed };
}

/** A run on es.nj.01 that goes on since a minute ago. */
function goingOn(changed: Partial<Start> = {}): Start {
  const names = { start_id: "i1:e1:restart-host#0", run_id: "i1:e1:restart-host", action: "restart-host" };
  return { ...begun({ ...names, key: "es.nj.01" }, NOW - MINUTE), ...changed };
}

/** One that ended at that time. */
function over(ended_at: number, changed: Partial<Start> = {}): Start {
  return goingOn({ started_at: ended_at - 1, ended_at, free_at: ended_at, outcome: "succeeded", ...changed });
}

/** One that started at that time, and was over at once. */
function at(started_at: number, nr = 1, changed: Partial<Start> = {}): Start {
  return over(started_at, { started_at, start_id: `i${nr}:e:restart-host#0`, ...changed });
}

function failed(ended_at: number, outcome: Start["outcome"] = "failed"): Start {
  return over(ended_at, { outcome });
}

/** What it comes to, in a word. */
function word(decision: Decision): string {
  return decision.kind === "skip" ? decision.guard : decision.kind;
}

function said(decision: Decision): string {
  if (decision.kind === "go") throw new Error("nothing is said of what goes");
  return decision.reason;
}

const OTHER = { key: "es.nj.02" };

describe("one at a time", () => {
  it.each<[string, Guards, Start[], string]>([
    ["nothing goes on", { each: { at_once: 1 } }, [], "go"],
    ["one goes on", { each: { at_once: 1 } }, [goingOn()], "at_once"],
    ["one goes on elsewhere", { each: { at_once: 1 } }, [goingOn(OTHER)], "go"],
    ["one has ended, and its key is free", { each: { at_once: 1 } }, [over(NOW, { free_at: NOW })], "go"],
    ["its key is free in a millisecond", { each: { at_once: 1 } }, [over(NOW, { free_at: NOW + 1 })], "at_once"],
    ["one of two goes on", { each: { at_once: 2 } }, [goingOn()], "go"],
    ["two of two go on", { each: { at_once: 2 } }, [goingOn(), goingOn({ start_id: "other" })], "at_once"],
    ["more go on than may by now", { each: { at_once: 1 } }, [goingOn(), goingOn({ start_id: "other" })], "at_once"],
    ["over all, one goes on elsewhere", { all: { at_once: 1 } }, [goingOn(OTHER)], "at_once"],
    ["over all, one of two goes on elsewhere", { all: { at_once: 2 } }, [goingOn(OTHER)], "go"],
    ["nothing limits it", {}, [goingOn()], "go"],
  ])("%s", (_, guards, starts, expected) => {
    expect(word(admit(asking(), guards, remembered({ starts }), NOW))).toBe(expected);
  });

  it("takes runs on nothing in particular as runs on one key", () => {
    const starts = [goingOn({ key: "" })];
    expect(word(admit(asking({ key: "" }), { each: { at_once: 1 } }, remembered({ starts }), NOW))).toBe("at_once");
  });

  it("holds for a cool-down as well, where nothing is said: what goes on has not even ended", () => {
    const guards = { each: { cool_down_ms: MINUTE } };
    expect(word(admit(asking(), guards, remembered({ starts: [goingOn()] }), NOW))).toBe("at_once");
    const two = { each: { cool_down_ms: MINUTE, at_once: 2 } };
    expect(word(admit(asking(), two, remembered({ starts: [goingOn()] }), NOW))).toBe("go");
  });
});

describe("the cool-down", () => {
  const LAST = 10 * MINUTE;

  it.each<[string, Guards, Start[], string]>([
    ["is over to the millisecond", { each: { cool_down_ms: LAST } }, [over(NOW - LAST)], "go"],
    ["lasts one more", { each: { cool_down_ms: LAST } }, [over(NOW - LAST + 1)], "cool_down"],
    ["begins at the end", { each: { cool_down_ms: LAST } }, [over(NOW)], "cool_down"],
    ["is that of the key", { each: { cool_down_ms: LAST } }, [over(NOW, OTHER)], "go"],
    ["over all is that of any key", { all: { cool_down_ms: LAST } }, [over(NOW - LAST + 1, OTHER)], "cool_down"],
    ["over all is over", { all: { cool_down_ms: LAST } }, [over(NOW - LAST, OTHER)], "go"],
    ["follows the last one, wherever it stands", { each: { cool_down_ms: LAST } }, [over(NOW), over(0)], "cool_down"],
    ["follows a failure too", { each: { cool_down_ms: LAST } }, [over(NOW, { outcome: "failed" })], "cool_down"],
    [
      "counts from when the key is free, not from when the end was seen",
      { each: { cool_down_ms: LAST } },
      [over(NOW - LAST, { free_at: NOW - LAST + 1 })],
      "cool_down",
    ],
  ])("%s", (_, guards, starts, expected) => {
    expect(word(admit(asking(), guards, remembered({ starts }), NOW))).toBe(expected);
  });
});

describe("the budget", () => {
  const WINDOW = 60 * MINUTE;
  const each = (runs: number): Guards => ({ each: { budget: { runs, window_ms: WINDOW } } });
  const all = (runs: number): Guards => ({ all: { budget: { runs, window_ms: WINDOW } } });

  it.each<[string, Guards, Start[], string]>([
    ["nothing has been started", each(1), [], "go"],
    ["the only one is a whole window ago", each(1), [at(NOW - WINDOW)], "go"],
    ["it is a millisecond less", each(1), [at(NOW - WINDOW + 1)], "budget"],
    ["one of two", each(2), [at(NOW - 1)], "go"],
    ["two of two", each(2), [at(NOW - 1, 1), at(NOW - 2, 2)], "budget"],
    ["two, of which one has left the window", each(2), [at(NOW - 1, 1), at(NOW - WINDOW, 2)], "go"],
    ["three, for somebody has overridden", each(2), [at(NOW - 1, 1), at(NOW - 2, 2), at(NOW - 3, 3)], "budget"],
    ["what goes on counts", each(1), [goingOn()], "budget"],
    ["another key does not", each(1), [at(NOW, 1, OTHER)], "go"],
    ["over all, another key does", all(1), [at(NOW, 1, OTHER)], "budget"],
    ["over all, one of two", all(2), [at(NOW, 1, OTHER)], "go"],
    ["its own start does not", each(1), [at(NOW - 1, 0, { start_id: asking().start_id })], "go"],
  ])("%s", (_, guards, starts, expected) => {
    expect(word(admit(asking(), guards, remembered({ starts }), NOW))).toBe(expected);
  });
});

describe("the breaker", () => {
  const open = { opened_at: NOW - MINUTE, reason: "5 of its runs failed", closed_at: 0 };
  const WINDOW = 60 * MINUTE;
  const failures: Guards = { breaker: { failures: 2, window_ms: WINDOW } };
  const keys: Guards = { breaker: { keys: 2, window_ms: WINDOW } };

  it("lets nothing pass while it is open, whatever the key and whatever the playbook says by now", () => {
    for (const guards of [{}, failures, keys, { each: { at_once: 1 } }])
      for (const key of ["es.nj.01", "es.nj.02", ""])
        expect(word(admit(asking({ key }), guards, remembered({ breaker: open }), NOW))).toBe("breaker");
  });

  it("is not opened once more while it is open", () => {
    const decision = admit(
      asking({ key: "new" }),
      { breaker: { keys: 1, window_ms: 1 } },
      remembered({ breaker: open }),
      NOW,
    );
    expect(decision).toMatchObject({ kind: "skip", opens: null });
    const starts = [failed(NOW), failed(NOW)];
    expect(trips(failures, { breaker: open, starts }, NOW)).toBeNull();
  });

  it.each<[string, Guards, Start[], number, boolean]>([
    ["opens by so many failures", failures, [failed(NOW), failed(NOW)], 0, true],
    ["not by fewer", failures, [failed(NOW)], 0, false],
    ["by unknown outcomes too", failures, [failed(NOW), failed(NOW, "unknown")], 0, true],
    ["by what did not help", failures, [failed(NOW), failed(NOW, "came_back")], 0, true],
    ["not by successes", failures, [failed(NOW), failed(NOW, "succeeded")], 0, false],
    ["not by what a person cancelled", failures, [failed(NOW), failed(NOW, "cancelled")], 0, false],
    ["not by what goes on", failures, [failed(NOW), goingOn()], 0, false],
    ["within its window", failures, [failed(NOW), failed(NOW - WINDOW + 1)], 0, true],
    ["not by what has left it", failures, [failed(NOW), failed(NOW - WINDOW)], 0, false],
    ["by what was begun, and failed, since it was closed", failures, [failed(NOW), failed(NOW - 1)], NOW - 3, true],
    [
      "by one whose end is not certain yet",
      failures,
      [failed(NOW), { ...failed(NOW, "unknown"), free_at: null }],
      0,
      true,
    ],
    ["not by one that goes on", failures, [failed(NOW), goingOn()], 0, false],
    ["not by what was begun before that", failures, [failed(NOW), failed(NOW - 1)], NOW - 2, false],
    ["not where failures are not counted", keys, [failed(NOW), failed(NOW), failed(NOW)], 0, false],
    ["not where there is none", {}, [failed(NOW), failed(NOW), failed(NOW)], 0, false],
  ])("%s", (_, guards, starts, closed_at, expected) => {
    const breaker = closed_at === 0 ? null : { opened_at: null, reason: "", closed_at };
    expect(trips(guards, { breaker, starts }, NOW) !== null).toBe(expected);
  });

  const on = (key: string, started_at = NOW - 1) => over(started_at, { started_at, key, start_id: key });

  it.each<[string, Start[], number, string]>([
    ["lets the last of so many keys pass", [on("a")], 0, "go"],
    ["stops before one more", [on("a"), on("b")], 0, "breaker"],
    ["counts a key once", [on("a"), { ...on("a"), start_id: "a again" }], 0, "go"],
    ["does not count the key itself twice", [on("a"), on("es.nj.01")], 0, "go"],
    ["forgets what has left the window", [on("a"), on("b", NOW - WINDOW)], 0, "go"],
    ["not a millisecond before", [on("a"), on("b", NOW - WINDOW + 1)], 0, "breaker"],
    ["forgets what was before it was closed", [on("a"), on("b", NOW - 5)], NOW - 5, "go"],
    ["but not what came after", [on("a"), on("b", NOW - 5)], NOW - 6, "breaker"],
  ])("by keys: %s", (_, starts, closed_at, expected) => {
    const breaker = closed_at === 0 ? null : { opened_at: null, reason: "", closed_at };
    expect(word(admit(asking(), keys, remembered({ starts, breaker }), NOW))).toBe(expected);
  });

  it("opens by the key that is one too many, and says why", () => {
    const decision = admit(asking(), keys, remembered({ starts: [on("a"), on("b")] }), NOW);
    expect(decision).toMatchObject({ kind: "skip", may_override: false });
    const opens = decision.kind === "skip" ? decision.opens : null;
    expect(opens).toMatch(/"restart-host" .*more than 2 .*within 1 hour/);
    expect(said(decision)).toContain(opens);
  });
});

describe("comebacks", () => {
  it.each<[number | undefined, string[], string]>([
    [1, [], "go"],
    [1, ["a"], "comebacks"],
    [2, ["a"], "go"],
    [2, ["a", "b"], "comebacks"],
    [2, ["a", "b", "c"], "comebacks"],
    [undefined, ["a", "b", "c"], "go"],
  ])("where %j may have been in vain, and %j were", (comebacks, came_back, expected) => {
    const guards = comebacks === undefined ? {} : { comebacks };
    expect(word(admit(asking({ came_back }), guards, remembered(), NOW))).toBe(expected);
  });
});

describe("the kill switch", () => {
  const stop = { action: "restart-host", by: "lisi", reason: "the data centre moves", at: NOW - MINUTE };

  it("holds what is about to start, and says since when, by whom and why", () => {
    const decision = admit(asking({ override_by: "wangwu" }), {}, remembered({ stops: [stop] }), NOW);
    expect(decision).toEqual({ kind: "hold", reason: stopped(stop) });
    expect(said(decision)).toMatch(/"restart-host".*lisi.*2026-11-22 12:39 UTC.*the data centre moves/);
  });

  it("holds everything, where everything is stopped", () => {
    expect(stopped({ ...stop, action: "" })).toMatch(/^everything /);
  });

  it("holds what was admitted before and asks again", () => {
    const starts = [goingOn({ start_id: asking().start_id })];
    expect(word(admit(asking(), { each: { at_once: 1 } }, remembered({ stops: [stop], starts }), NOW))).toBe("hold");
  });
});

describe("a second press", () => {
  const WITHIN = 5 * MINUTE;
  const limits: Guards = {
    each: { cool_down_ms: 10 * MINUTE, budget: { runs: 1, window_ms: 60 * MINUTE } },
    comebacks: 1,
    override_within_ms: WITHIN,
  };
  const first = (changed: Partial<HeldBack> = {}): HeldBack => ({
    run_id: "i0:e9:restart-host",
    person_id: "u1",
    told_at: NOW - MINUTE,
    ...changed,
  });
  const starts = [over(NOW - MINUTE)];

  it.each<[string, Partial<Candidate>, HeldBack | null, boolean]>([
    ["of the same person overrides", {}, first(), true],
    ["is none where nothing was held back", {}, null, false],
    ["of another person is a first one", { person_id: "u2" }, first(), false],
    ["of nobody in particular is none", { person_id: "" }, first({ person_id: "" }), false],
    ["is another run, not the same that asks again", { run_id: "i0:e9:restart-host" }, first(), false],
    ["in another incident, where nobody was told, is a first one", {}, first({ run_id: "i9:e9:restart-host" }), false],
    ["comes afterwards", {}, first({ told_at: NOW }), false],
    ["a millisecond is enough", {}, first({ told_at: NOW - 1 }), true],
    ["before the first is none", {}, first({ told_at: NOW + 1 }), false],
    ["just in time", {}, first({ told_at: NOW - WITHIN }), true],
    ["a millisecond late", {}, first({ told_at: NOW - WITHIN - 1 }), false],
    ["is no rule's business", { by: "rule" }, first(), false],
  ])("%s", (_, changed, held_back, expected) => {
    const decision = admit(asking(changed), limits, remembered({ starts, held_back }), NOW);
    expect(decision.kind === "go").toBe(expected);
  });

  it("counts by when it was pressed, however late it is decided on", () => {
    const held_back = first({ told_at: NOW - WITHIN });
    expect(word(admit(asking({ asked_at: NOW }), limits, remembered({ starts, held_back }), NOW + MINUTE))).toBe("go");
  });

  it("overrides nothing where the playbook sets no time for it", () => {
    const { override_within_ms: _, ...strict } = limits;
    const memory = remembered({ starts, held_back: first() });
    expect(admit(asking(), strict, memory, NOW)).toMatchObject({ kind: "skip", may_override: false });
    expect(admit(asking({ override_by: "lisi" }), strict, memory, NOW)).toMatchObject({ kind: "skip" });
  });

  it("names who has overridden, and each thing that was", () => {
    const asked = asking({ came_back: ["i0:e1:restart-host"] });
    const decision = admit(asked, limits, remembered({ starts, held_back: first() }), NOW);
    expect(decision).toMatchObject({ kind: "go", by: "zhangsan", start: begun(asked, NOW) });
    const overrides = decision.kind === "go" ? decision.overrides : [];
    expect(overrides).toHaveLength(3);
    expect(overrides.join()).toMatch(/10 minutes.*1 hour.*succeeded once/);
  });

  it("names the person by id where there is no name", () => {
    const decision = admit(asking({ asked_by: "" }), limits, remembered({ starts, held_back: first() }), NOW);
    expect(decision).toMatchObject({ kind: "go", by: "person u1" });
  });

  it("overrides nothing where there is nothing to override", () => {
    expect(admit(asking(), limits, remembered({ held_back: first() }), NOW)).toMatchObject({ overrides: [] });
  });

  it("may be made by the admin API, for a rule's run too", () => {
    const asked = asking({ by: "rule", person_id: "", override_by: "lisi" });
    expect(admit(asked, limits, remembered({ starts }), NOW)).toMatchObject({ kind: "go", by: "lisi" });
  });

  it.each<[string, Guards, Partial<Memory>, string]>([
    ["what goes on", { each: { at_once: 1 } }, { starts: [goingOn()] }, "at_once"],
    ["what goes on elsewhere", { all: { at_once: 1 } }, { starts: [goingOn(OTHER)] }, "at_once"],
    ["an open breaker", {}, { breaker: { opened_at: 1, reason: "", closed_at: 0 } }, "breaker"],
    ["too many keys", { breaker: { keys: 1, window_ms: MINUTE } }, { starts: [over(NOW, OTHER)] }, "breaker"],
    ["a stop", {}, { stops: [{ action: "", by: "lisi", reason: "", at: 0 }] }, "hold"],
  ])("never overrides %s, by whomever", (_, guards, memory, expected) => {
    const all = { ...limits, ...guards };
    for (const override_by of ["", "lisi"]) {
      const decision = admit(asking({ override_by }), all, remembered({ held_back: first(), ...memory }), NOW);
      expect(word(decision)).toBe(expected);
      expect(decision).not.toMatchObject({ may_override: true });
      expect(said(decision)).not.toContain("press again");
    }
  });
});

describe("what is said", () => {
  const limits: Guards = { each: { cool_down_ms: 10 * MINUTE }, override_within_ms: 5 * MINUTE };
  const starts = [over(NOW - MINUTE)];

  it("is what is limited, on what, when it would be allowed, and how to override", () => {
    const decision = admit(asking(), limits, remembered({ starts }), NOW);
    expect(decision).toMatchObject({ kind: "skip", guard: "cool_down", may_override: true, opens: null });
    expect(said(decision)).toMatch(
      /^"restart-host" on es\.nj\.01: .*10 minutes.*; allowed again at 2026-11-22 12:49 UTC; .*press again within 5 minutes/,
    );
  });

  it("is the next minute where the time is within one, so that nobody comes too early", () => {
    const decision = admit(asking(), limits, remembered({ starts: [over(NOW - MINUTE + 1)] }), NOW);
    expect(said(decision)).toContain("allowed again at 2026-11-22 12:50 UTC");
  });

  it("does not send a rule to press again", () => {
    const decision = admit(asking({ by: "rule" }), limits, remembered({ starts }), NOW);
    expect(decision).toMatchObject({ may_override: false });
    expect(said(decision)).not.toContain("press again");
  });

  it("names the run that goes on, and no time, for nobody knows when it ends", () => {
    const reason = said(admit(asking(), { each: { at_once: 1 } }, remembered({ starts: [goingOn()] }), NOW));
    expect(reason).toMatch(/run i1:e1:restart-host .*2026-11-22 12:39 UTC/);
    expect(reason).not.toContain("allowed again");
  });

  it("does not say that a run goes on that may not, and says until when that is open", () => {
    const may = over(NOW, { outcome: "cancelled", free_at: NOW + MINUTE });
    const reason = said(admit(asking(), { each: { at_once: 1 } }, remembered({ starts: [may] }), NOW));
    expect(reason).toMatch(/run i1:e1:restart-host may .*allowed again at 2026-11-22 12:41 UTC/);
  });

  it("is every limit, and the time at which the last of them lets it pass", () => {
    const budget = { runs: 1, window_ms: 60 * MINUTE };
    const guards = { each: { cool_down_ms: 10 * MINUTE }, all: { budget } };
    const reason = said(admit(asking(), guards, remembered({ starts: [over(NOW - MINUTE)] }), NOW));
    expect(reason).toMatch(/10 minutes.*1 run .*1 hour.*; allowed again at 2026-11-22 13:39 UTC$/);
  });

  it("promises no time at which another limit would still stand in the way", () => {
    const may = over(NOW, { outcome: "cancelled", free_at: NOW + MINUTE });
    const guards = { each: { at_once: 1, cool_down_ms: 10 * MINUTE } };
    expect(said(admit(asking(), guards, remembered({ starts: [may] }), NOW))).toContain("12:51 UTC");
    const in_vain = asking({ came_back: ["a"] });
    const reason = said(admit(in_vain, { ...guards, comebacks: 1 }, remembered({ starts: [may] }), NOW));
    expect(reason).not.toContain("allowed again");
  });

  it("is when enough of those that go on are over, not just one", () => {
    const until = (minutes: number) =>
      over(NOW, { outcome: "cancelled", free_at: NOW + minutes * MINUTE, start_id: `${minutes}` });
    const reason = said(admit(asking(), { each: { at_once: 1 } }, remembered({ starts: [until(3), until(1)] }), NOW));
    expect(reason).toContain("allowed again at 2026-11-22 12:43 UTC");
    const two = said(admit(asking(), { each: { at_once: 1 } }, remembered({ starts: [until(1), goingOn()] }), NOW));
    expect(two).not.toContain("allowed again");
  });

  it("is when the newest of a budget leaves the window, where somebody has overridden it", () => {
    const guards = { each: { budget: { runs: 1, window_ms: 60 * MINUTE } } };
    const starts = [at(NOW - 40 * MINUTE, 1), at(NOW - 10 * MINUTE, 2), at(NOW - 20 * MINUTE, 3)];
    const reason = said(admit(asking(), guards, remembered({ starts }), NOW));
    expect(reason).toContain("allowed again at 2026-11-22 13:30 UTC");
  });

  it("is that a person closes the breaker, and no time", () => {
    const breaker = { opened_at: NOW - MINUTE, reason: "5 of its runs failed", closed_at: 0 };
    const reason = said(admit(asking(), {}, remembered({ breaker }), NOW));
    expect(reason).toMatch(/2026-11-22 12:39 UTC.*5 of its runs failed.*\/admin\/api\/switch/);
    expect(reason).not.toContain("allowed again");
  });

  it("leaves out the key where there is none", () => {
    const asked = asking({ key: "" });
    const memory = remembered({ starts: [over(NOW, { key: "" })] });
    expect(said(admit(asked, limits, memory, NOW))).toMatch(/^"restart-host": /);
  });
});

describe("what asks again", () => {
  const guards: Guards = {
    each: { at_once: 1, budget: { runs: 1, window_ms: MINUTE } },
    breaker: { keys: 1, window_ms: MINUTE },
  };

  it("was admitted before, and is admitted again without counting", () => {
    const starts = [goingOn({ start_id: asking().start_id })];
    expect(admit(asking(), guards, remembered({ starts }), NOW)).toEqual({
      kind: "go",
      start: null,
      overrides: [],
      by: "",
    });
  });

  it("in another round is another start", () => {
    const starts = [goingOn({ start_id: asking().start_id, run_id: asking().run_id })];
    const asked = asking({ start_id: "i0:e0:restart-host#1" });
    expect(word(admit(asked, guards, remembered({ starts }), NOW))).toBe("at_once");
  });

  it("cools down from now on where it may still be under way, even for another round of the same run", () => {
    const open = goingOn({ start_id: asking().start_id, run_id: asking().run_id, outcome: "unknown" });
    const asked = asking({ start_id: "i0:e0:restart-host#1" });
    expect(word(admit(asked, { each: { cool_down_ms: MINUTE } }, remembered({ starts: [open] }), NOW))).toBe(
      "cool_down",
    );
    expect(
      word(
        admit(
          asking({ run_id: "other", start_id: "other#0" }),
          { each: { cool_down_ms: MINUTE } },
          remembered({ starts: [open] }),
          NOW,
        ),
      ),
    ).toBe("at_once");
  });

  it("in another round does not wait for what may be left of the one before: it is over before the run is claimed again", () => {
    const before = { start_id: asking().start_id, run_id: asking().run_id };
    const asked = asking({ start_id: "i0:e0:restart-host#1" });
    const cancelled = over(NOW - MINUTE, { ...before, free_at: NOW + MINUTE, outcome: "cancelled" });
    const at_once = { each: { at_once: 1 }, all: { at_once: 1 } };
    expect(word(admit(asked, at_once, remembered({ starts: [cancelled] }), NOW))).toBe("go");
    expect(
      word(admit(asking({ run_id: "other" }), at_once, remembered({ starts: [{ ...cancelled, start_id: "x" }] }), NOW)),
    ).toBe("at_once");
    const cool_down = { each: { cool_down_ms: MINUTE } };
    expect(word(admit(asked, cool_down, remembered({ starts: [cancelled] }), NOW))).toBe("cool_down");
  });

  it("under a name whose start has ended is a start like any other", () => {
    const starts = [over(NOW - 1, { start_id: asking().start_id })];
    expect(admit(asking(), guards, remembered({ starts }), NOW)).toMatchObject({ start: begun(asking(), NOW) });
  });
});

describe("starts", () => {
  it.each<[Guards, boolean]>([
    [{}, false],
    [{ override_within_ms: MINUTE }, false],
    [{ each: {} }, true],
    [{ all: {} }, true],
    [{ breaker: { failures: 1, window_ms: MINUTE } }, true],
    [{ comebacks: 1 }, true],
  ])("under %j are remembered: %j", (guards, expected) => {
    expect(remembers(guards)).toBe(expected);
    const decision = admit(asking(), guards, remembered(), NOW);
    expect(decision).toEqual({ kind: "go", start: expected ? begun(asking(), NOW) : null, overrides: [], by: "" });
  });
});

// ---------------------------------------------------------------------------------------------------------------------

/** What may happen, and how long after what happened before. */
type Step = { after_ms: number } & (
  | { what: "press"; incident_id: string; key: string; person_id: string }
  | { what: "rule"; incident_id: string; key: string; person_id: "" }
  /** A run asks once more, as if an answer had been lost. */
  | { what: "again"; which: number }
  | { what: "end"; which: number; outcome: Start["outcome"]; free_after_ms: number }
  | { what: "close" }
);

const key = fc.constantFrom("a", "b", "c");
const incident_id = fc.constantFrom("i1", "i2");
const after_ms = fc.oneof(fc.constant(0), fc.constant(1), fc.integer({ min: 0, max: 12 }));
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      after_ms,
      what: fc.constant("press" as const),
      incident_id,
      key,
      person_id: fc.constantFrom("u1", "u2"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      after_ms,
      what: fc.constant("rule" as const),
      incident_id,
      key,
      person_id: fc.constant("" as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ after_ms, what: fc.constant("again" as const), which: fc.nat(9) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      after_ms,
      what: fc.constant("end" as const),
      which: fc.nat(9),
      outcome: fc.constantFrom("succeeded" as const, "failed" as const, "unknown" as const, "cancelled" as const),
      free_after_ms: fc.oneof(fc.constant(0), fc.nat(5)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ after_ms, what: fc.constant("close" as const) }) },
);

const some_ms = fc.integer({ min: 1, max: 30 });
const limit: fc.Arbitrary<Limit> = fc.record(
  {
    at_once: fc.integer({ min: 1, max: 3 }),
    cool_down_ms: some_ms,
    budget: fc.record({ runs: fc.integer({ min: 1, max: 4 }), window_ms: some_ms }),
  },
  { requiredKeys: [] },
);
const guards: fc.Arbitrary<Guards> = fc.record(
  {
    each: limit,
    all: limit,
    breaker: fc.record({
      failures: fc.integer({ min: 1, max: 3 }),
      keys: fc.integer({ min: 1, max: 3 }),
      window_ms: some_ms,
    }),
    override_within_ms: some_ms,
  },
  { requiredKeys: [] },
);

/** A press or a call that was decided on. */
interface Asked {
  candidate: Candidate;
  at: number;
  decision: Decision;
  /** How it was when it asked. */
  memory: Memory;
}

/** Plays a history as the guards' object would remember it, but forgetting nothing. */
function played(steps: readonly Step[], guards: Guards): { asked: Asked[]; starts: Map<string, Start>; end: number } {
  const starts = new Map<string, Start>();
  const held_back = new Map<string, HeldBack>();
  const asked: Asked[] = [];
  let breaker: Memory["breaker"] = null;
  let now = NOW;
  const open = (reason: string) => (breaker = { opened_at: now, reason, closed_at: breaker?.closed_at ?? 0 });
  const ask = (candidate: Candidate) => {
    const who = `${candidate.key} ${candidate.person_id}`;
    const memory = { stops: [], breaker, starts: [...starts.values()], held_back: held_back.get(who) ?? null };
    const decision = admit(candidate, guards, memory, now);
    asked.push({ candidate, at: now, decision, memory });
    if (decision.kind === "go" && decision.start !== null) {
      starts.set(decision.start.start_id, decision.start);
      held_back.delete(who);
    }
    const { run_id, person_id } = candidate;
    if (decision.kind === "skip" && decision.may_override) held_back.set(who, { run_id, person_id, told_at: now });
    if (decision.kind === "skip" && decision.opens !== null) open(decision.opens);
  };
  for (const [nr, one] of steps.entries()) {
    now += one.after_ms;
    if (one.what === "press" || one.what === "rule") {
      const by = one.what === "press" ? ("command" as const) : ("rule" as const);
      const { key, person_id } = one;
      const run_id = `${one.incident_id}:e${nr}:restart-host`;
      ask(asking({ start_id: `${run_id}#0`, run_id, key, by, person_id, asked_by: person_id, asked_at: now }));
    } else if (one.what === "again") {
      const before = asked[one.which];
      if (before !== undefined) ask(before.candidate);
    } else if (one.what === "end") {
      const which = [...starts.values()].filter(({ ended_at }) => ended_at === null)[one.which];
      const { outcome, free_after_ms } = one;
      if (which !== undefined)
        starts.set(which.start_id, { ...which, ended_at: now, free_at: now + free_after_ms, outcome });
      const tripped = trips(guards, { breaker, starts: [...starts.values()] }, now);
      if (tripped !== null) open(tripped);
    } else breaker = { opened_at: null, reason: "", closed_at: now };
  }
  return { asked, starts, end: now };
}

/** Those that were let in as new starts; `free` are those that nobody had to override anything for. */
function begunIn(asked: readonly Asked[]): (Asked & { is_free: boolean })[] {
  return asked.flatMap((one) =>
    one.decision.kind === "go" && one.decision.start !== null
      ? [{ ...one, is_free: one.decision.overrides.length === 0 }]
      : [],
  );
}

/** The limits that a start is under, each with those of the others that it concerns. */
function limitsOf({ each = {}, all = {} }: Guards, { candidate, memory }: Asked): [Limit, Start[]][] {
  const others = memory.starts.filter(({ start_id }) => start_id !== candidate.start_id);
  return [
    [each, others.filter((start) => start.key === candidate.key)],
    [all, others],
  ];
}

/** Longer, for times are told to the minute. */
function slowly(ms: number): number {
  return ms * 20_000;
}

function slow({ cool_down_ms, budget, ...limit }: Limit): Limit {
  return {
    ...limit,
    ...(cool_down_ms !== undefined && { cool_down_ms: slowly(cool_down_ms) }),
    ...(budget && { budget: { runs: budget.runs, window_ms: slowly(budget.window_ms) } }),
  };
}

const histories = fc.array(step, { maxLength: 40 });

describe("whatever is asked in whatever order", () => {
  it("no more go on at once than may, overridden or not", () => {
    fc.assert(
      fc.property(histories, guards, (steps, guards) => {
        for (const one of begunIn(played(steps, guards).asked))
          for (const [{ at_once = Infinity }, others] of limitsOf(guards, one)) {
            const going_on = others.filter(({ free_at }) => free_at === null || free_at > one.at);
            expect(going_on.length).toBeLessThan(at_once);
          }
      }),
      { numRuns: 2_000 },
    );
  });

  it("a cool-down is kept, but for what somebody overrides", () => {
    fc.assert(
      fc.property(histories, guards, (steps, guards) => {
        for (const one of begunIn(played(steps, guards).asked).filter(({ is_free }) => is_free))
          for (const [{ cool_down_ms = 0, at_once = 1 }, others] of limitsOf(guards, one))
            for (const { free_at } of cool_down_ms === 0 ? [] : others)
              if (free_at !== null || at_once === 1)
                expect(free_at ?? Infinity).toBeLessThanOrEqual(one.at - cool_down_ms);
      }),
      { numRuns: 2_000 },
    );
  });

  it("no stretch of time sees more starts than its budget, but for what somebody overrides", () => {
    fc.assert(
      fc.property(histories, guards, (steps, guards) => {
        for (const one of begunIn(played(steps, guards).asked).filter(({ is_free }) => is_free))
          for (const [{ budget }, others] of limitsOf(guards, one)) {
            if (budget === undefined) continue;
            const within = others.filter(({ started_at }) => started_at > one.at - budget.window_ms);
            expect(within.length + 1).toBeLessThanOrEqual(budget.runs);
          }
      }),
      { numRuns: 2_000 },
    );
  });

  it("no window sees more keys than the breaker allows, and nothing starts while it is open", () => {
    fc.assert(
      fc.property(histories, guards, (steps, guards) => {
        const { keys = Infinity, window_ms = 0 } = guards.breaker ?? {};
        for (const { candidate, at, memory } of begunIn(played(steps, guards).asked)) {
          expect(memory.breaker?.opened_at ?? null).toBeNull();
          const since = Math.max(at - window_ms, memory.breaker?.closed_at ?? 0);
          const started = memory.starts.filter(({ started_at }) => started_at > since).map(({ key }) => key);
          expect(new Set([...started, candidate.key]).size).toBeLessThanOrEqual(keys);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("only the same person's second press in the same incident, in time, overrides", () => {
    fc.assert(
      fc.property(histories, guards, (steps, guards) => {
        const { asked } = played(steps, guards);
        for (const [nr, { candidate, decision }] of asked.entries()) {
          if (decision.kind !== "go" || decision.overrides.length === 0) continue;
          expect(decision.by).toBe(candidate.person_id);
          const told = asked
            .slice(0, nr)
            .filter(
              (before) =>
                before.decision.kind === "skip" &&
                before.decision.may_override &&
                before.candidate.key === candidate.key &&
                before.candidate.person_id === candidate.person_id &&
                before.candidate.run_id !== candidate.run_id &&
                before.candidate.run_id.slice(0, 2) === candidate.run_id.slice(0, 2) &&
                candidate.asked_at > before.candidate.asked_at &&
                candidate.asked_at - before.candidate.asked_at <= (guards.override_within_ms ?? 0),
            );
          expect(told).not.toEqual([]);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("what goes on may ask again, and is let in without counting, but for an open breaker", () => {
    fc.assert(
      fc.property(histories, guards, (steps, guards) => {
        for (const { candidate, decision, memory } of played(steps, guards).asked) {
          const goes_on = memory.starts.some(
            (start) => start.start_id === candidate.start_id && start.ended_at === null,
          );
          if (!goes_on) continue;
          const is_open = memory.breaker !== null && memory.breaker.opened_at !== null;
          if (is_open) expect(word(decision)).toBe("breaker");
          else expect(decision).toEqual({ kind: "go", start: null, overrides: [], by: "" });
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("who comes again when told to, and nothing else has started, is let in", () => {
    fc.assert(
      fc.property(histories, limit, limit, (steps, each, all) => {
        const guards = { each: slow(each), all: slow(all) };
        const slow_steps = steps.map((one) => ({
          ...one,
          after_ms: slowly(one.after_ms),
          ...("free_after_ms" in one && { free_after_ms: slowly(one.free_after_ms) }),
        }));
        for (const { candidate, decision, memory } of played(slow_steps, guards).asked) {
          const told = /allowed again at (\S+) (\S+) UTC/.exec(decision.kind === "skip" ? decision.reason : "");
          if (told === null) continue;
          const then = Date.parse(`${told[1]}T${told[2]}:00Z`);
          expect(word(admit(candidate, guards, memory, then))).toBe("go");
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
