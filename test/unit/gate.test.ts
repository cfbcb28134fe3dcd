import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Candidate, type Decision, type Guards, REMEMBERED_MS } from "../../src/domain/guard.ts";
import type { Run, RunState } from "../../src/domain/run.ts";
import { Gate, startIdOf } from "../../src/runs/gate.ts";
import { GuardMemory } from "./guard-memory.ts";
import { ENDED, runIn } from "./runs.ts";

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 22, 12, 40);
const ACTION = "restart-host";
const GUARDS: Guards = { each: { at_once: 1 } };

/** A gate with these guards, and its tables. */
function gateWith(guards: Guards = GUARDS): { gate: Gate; kept: GuardMemory } {
  const kept = new GuardMemory();
  return { gate: new Gate(kept, (action) => (action === ACTION ? guards : {})), kept };
}

/** The run of that number, pressed by zhangsan for es.nj.01. */
function asking(nr: number, changed: Partial<Candidate> & { round?: number } = {}): Candidate {
  const { round = 0, ...rest } = changed;
  const run_id = `i:e${nr}:${ACTION}`;
  const person = { by: "command" as const, person_id: "u1", asked_by: "zhangsan" };
  const run = { start_id: startIdOf(run_id, round), run_id, action: ACTION, key: "es.nj.01" };
  return { ...run, ...person, asked_at: NOW, override_by: "", came_back: [], ...rest };
}

function word(decision: Decision): string {
  return decision.kind === "skip" ? decision.guard : decision.kind;
}

/** A look at the run of that number, which is as told. */
function look({ gate, kept }: ReturnType<typeof gateWith>, nr: number, run: Run | null, now: number): void {
  const known = kept.start(asking(nr).start_id);
  if (known === null) throw new Error("there is no such start");
  gate.looked(known, run, now);
}

/** The run of that number starts and fails. */
function failing(at: ReturnType<typeof gateWith>, nr: number, now: number): void {
  at.gate.admit(asking(nr), now);
  look(at, nr, runIn("failed"), now);
}

describe("what is admitted", () => {
  it("is remembered, with its round, and is looked at a minute later", () => {
    const { gate, kept } = gateWith();
    expect(word(gate.admit(asking(1, { round: 2 }), NOW))).toBe("go");
    expect(kept.start(`i:e1:${ACTION}#2`)).toMatchObject({ round: 2, start: { started_at: NOW, ended_at: null } });
    expect(kept.nextLookAt()).toBe(NOW + MINUTE);
  });

  it("takes its key from others, and is let in again itself without counting", () => {
    const { gate, kept } = gateWith({ each: { at_once: 1, budget: { runs: 1, window_ms: MINUTE } } });
    gate.admit(asking(1), NOW);
    expect(word(gate.admit(asking(2), NOW))).toBe("at_once");
    expect(word(gate.admit(asking(1), NOW + 1))).toBe("go");
    expect(kept.starts(ACTION)).toMatchObject([{ started_at: NOW }]);
  });

  it("is another action's where the name differs: each has its own", () => {
    const { gate } = gateWith();
    gate.admit(asking(1), NOW);
    expect(word(gate.admit(asking(2, { action: "rollback" }), NOW))).toBe("go");
  });

  it("is not remembered where there are no guards", () => {
    const { gate, kept } = gateWith({});
    gate.admit(asking(1), NOW);
    expect(kept.starts(ACTION)).toEqual([]);
    expect(kept.nextLookAt()).toBeNull();
  });

  it("is not remembered by asking what would be decided", () => {
    const { gate, kept } = gateWith({
      breaker: { keys: 1, window_ms: MINUTE },
      override_within_ms: MINUTE,
      each: { cool_down_ms: 1 },
    });
    gate.admit(asking(1), NOW);
    for (const one of [asking(2), asking(2, { key: "es.nj.02" }), asking(2, { came_back: [asking(1).run_id] })])
      gate.decide(one, NOW);
    expect(kept.starts(ACTION)).toHaveLength(1);
    expect(kept.breakers()).toEqual([]);
    expect(kept.heldBack(ACTION, "es.nj.01", "u1")).toBeNull();
  });
});

describe("a look at a run", () => {
  it("frees the key of one that has ended, and need not be taken again", () => {
    const at = gateWith();
    at.gate.admit(asking(1), NOW);
    look(at, 1, runIn("failed"), NOW + 5);
    expect(at.kept.nextLookAt()).toBeNull();
    expect(word(at.gate.admit(asking(2), NOW + 5))).toBe("go");
  });

  it.each<[number, number]>([
    [1, MINUTE],
    [2, MINUTE],
    [5, 2.5 * MINUTE],
    [20, 10 * MINUTE],
    [600, 10 * MINUTE],
  ])("that goes on for %d minutes is taken again after a while, not too soon and not too late", (minutes, after_ms) => {
    const at = gateWith();
    at.gate.admit(asking(1), NOW);
    const now = NOW + minutes * MINUTE;
    look(at, 1, runIn("waiting", { handle: "job-7" }), now);
    expect(at.kept.nextLookAt()).toBe(now + after_ms);
    expect(word(at.gate.admit(asking(2), now))).toBe("at_once");
  });

  it("is taken at whole milliseconds", () => {
    const at = gateWith();
    at.gate.admit(asking(1), NOW);
    look(at, 1, runIn("running"), NOW + 3 * MINUTE + 1);
    expect(Number.isInteger(at.kept.nextLookAt())).toBe(true);
  });

  it("that was skipped forgets the start: it has not counted", () => {
    const at = gateWith({ each: { budget: { runs: 1, window_ms: MINUTE } } });
    at.gate.admit(asking(1), NOW);
    look(at, 1, runIn("skipped"), NOW);
    expect(at.kept.starts(ACTION)).toEqual([]);
    expect(word(at.gate.admit(asking(2), NOW))).toBe("go");
  });

  it("that nobody knows any more frees the key", () => {
    const at = gateWith();
    at.gate.admit(asking(1), NOW);
    look(at, 1, null, NOW);
    expect(word(at.gate.admit(asking(2), NOW))).toBe("go");
  });

  it("that ended as unknown is taken again soon, for it may come back; until then its key is taken", () => {
    const at = gateWith();
    at.gate.admit(asking(1), NOW);
    const ended_at = NOW + 30 * MINUTE;
    const unknown = runIn("unknown", { ended_at });
    look(at, 1, unknown, ended_at);
    expect(at.kept.nextLookAt()).toBe(ended_at + MINUTE);
    look(at, 1, unknown, ended_at + MINUTE);
    expect(word(at.gate.admit(asking(2), ended_at + MINUTE))).toBe("at_once");
    look(at, 1, unknown, ended_at + 2 * MINUTE);
    expect(word(at.gate.admit(asking(2), ended_at + 2 * MINUTE))).toBe("go");
  });

  it("that came back with a job of the target takes the key as long as that goes on", () => {
    const at = gateWith();
    at.gate.admit(asking(1), NOW);
    look(at, 1, runIn("unknown", { ended_at: NOW + MINUTE }), NOW + MINUTE);
    look(at, 1, runIn("waiting", { round: 1, handle: "job-7" }), NOW + 2 * MINUTE);
    expect(word(at.gate.admit(asking(2), NOW + 60 * MINUTE))).toBe("at_once");
    look(at, 1, runIn("succeeded", { round: 1, handle: "job-7" }), NOW + 61 * MINUTE);
    expect(word(at.gate.admit(asking(2), NOW + 63 * MINUTE))).toBe("go");
  });
});

describe("a second press", () => {
  const guards: Guards = { each: { cool_down_ms: 60 * MINUTE }, override_within_ms: 5 * MINUTE };

  /** Run 1 has just ended, so that the next press is held back. */
  function cooling(): ReturnType<typeof gateWith> {
    const at = gateWith(guards);
    at.gate.admit(asking(1), NOW);
    look(at, 1, runIn("succeeded"), NOW);
    return at;
  }

  it("is admitted where the first was held back", () => {
    const { gate } = cooling();
    expect(word(gate.admit(asking(2), NOW))).toBe("cool_down");
    expect(gate.admit(asking(3, { asked_at: NOW + 1 }), NOW + 1)).toMatchObject({ kind: "go", by: "zhangsan" });
  });

  it("is told with each attempt: the one before may have been cut off before it was written down", () => {
    const { gate } = cooling();
    gate.admit(asking(2), NOW);
    const first = gate.admit(asking(3, { asked_at: NOW + 1 }), NOW + 1);
    expect(gate.admit(asking(3, { asked_at: NOW + 1 }), NOW + 60 * MINUTE)).toEqual({ ...first, start: null });
    expect(first).toMatchObject({ by: "zhangsan", overrides: [expect.stringContaining("es.nj.01")] });
  });

  it("is used up by that: the one after it is a first one again", () => {
    const at = cooling();
    at.gate.admit(asking(2), NOW);
    at.gate.admit(asking(3, { asked_at: NOW + 1 }), NOW + 1);
    look(at, 3, runIn("succeeded"), NOW + 2);
    expect(word(at.gate.admit(asking(4, { asked_at: NOW + 3 }), NOW + 3))).toBe("cool_down");
    expect(word(at.gate.admit(asking(5, { asked_at: NOW + 4 }), NOW + 4))).toBe("go");
  });

  it.each<[string, Partial<Candidate>]>([
    ["on another key", { key: "es.nj.02" }],
    ["by another person", { person_id: "u2" }],
    ["by nobody", { person_id: "" }],
    ["by a rule", { by: "rule" }],
  ])("is none %s", (_, changed) => {
    const at = gateWith({ all: { cool_down_ms: 60 * MINUTE }, override_within_ms: 5 * MINUTE });
    at.gate.admit(asking(1), NOW);
    look(at, 1, runIn("failed"), NOW);
    expect(word(at.gate.admit(asking(2), NOW))).toBe("cool_down");
    expect(word(at.gate.admit(asking(3, { asked_at: NOW + 1, ...changed }), NOW + 1))).toBe("cool_down");
  });

  it("is a first one where the person's last press was let in, whatever was before", () => {
    const at = gateWith({ each: { cool_down_ms: MINUTE }, override_within_ms: 5 * MINUTE });
    const press = (nr: number, asked_at: number) => word(at.gate.admit(asking(nr, { asked_at }), asked_at));
    press(1, NOW);
    look(at, 1, runIn("succeeded"), NOW);
    expect(press(2, NOW + 1)).toBe("cool_down");
    expect(press(3, NOW + MINUTE)).toBe("go");
    look(at, 3, runIn("succeeded"), NOW + MINUTE);
    expect(press(4, NOW + MINUTE + 1)).toBe("cool_down");
    expect(press(5, NOW + MINUTE + 2)).toBe("go");
  });

  it("is one even where an older run of the person has asked again in between", () => {
    const at = gateWith({ each: { at_once: 2, cool_down_ms: MINUTE }, override_within_ms: 5 * MINUTE });
    at.gate.admit(asking(1), NOW);
    at.gate.admit(asking(2), NOW);
    look(at, 2, runIn("succeeded"), NOW);
    expect(word(at.gate.admit(asking(3), NOW))).toBe("cool_down");
    expect(word(at.gate.admit(asking(1), NOW))).toBe("go");
    expect(word(at.gate.admit(asking(4, { asked_at: NOW + 1 }), NOW + 1))).toBe("go");
  });

  it("is a first one where nobody was told to press again, for one was going on", () => {
    const at = gateWith(guards);
    at.gate.admit(asking(1), NOW);
    expect(word(at.gate.admit(asking(2), NOW))).toBe("at_once");
    look(at, 1, runIn("succeeded"), NOW);
    expect(word(at.gate.admit(asking(3, { asked_at: NOW + 1 }), NOW + 1))).toBe("cool_down");
  });

  it("is not what somebody has had started over, for that is not the press of whoever pressed it first", () => {
    const { gate, kept } = cooling();
    expect(word(gate.admit(asking(1, { round: 1, asked_at: NOW + 1 }), NOW + 1))).toBe("cool_down");
    expect(kept.heldBack(ACTION, "es.nj.01", "u1")).toBeNull();
    gate.admit(asking(2, { asked_at: NOW + 2 }), NOW + 2);
    expect(word(gate.admit(asking(1, { round: 1, asked_at: NOW + 3 }), NOW + 3))).toBe("cool_down");
    const wanted = asking(1, { round: 1, asked_at: NOW + 3, override_by: "lisi" });
    expect(gate.admit(wanted, NOW + 3)).toMatchObject({ kind: "go", by: "lisi" });
  });

  it("keeps the newest press that was held back", () => {
    const { gate, kept } = cooling();
    gate.admit(asking(2), NOW);
    gate.admit(asking(3, { asked_at: NOW + 6 * MINUTE }), NOW + 6 * MINUTE);
    expect(kept.heldBack(ACTION, "es.nj.01", "u1")).toMatchObject({ run_id: asking(3).run_id });
    expect(word(gate.admit(asking(4, { asked_at: NOW + 10 * MINUTE }), NOW + 10 * MINUTE))).toBe("go");
  });
});

describe("the breaker", () => {
  const guards: Guards = { breaker: { failures: 2, keys: 3, window_ms: 10 * MINUTE } };

  it("opens by the failure that is one too many, and writes that down once", () => {
    const at = gateWith(guards);
    failing(at, 1, NOW);
    expect(at.kept.breaker(ACTION)).toBeNull();
    failing(at, 2, NOW + 1);
    expect(at.kept.breaker(ACTION)).toMatchObject({ opened_at: NOW + 1, closed_at: 0 });
    expect(word(at.gate.admit(asking(3), NOW + 2))).toBe("breaker");
    expect(word(at.gate.admit(asking(4), NOW + 60 * MINUTE))).toBe("breaker");
    expect(at.kept.rulings(9)).toMatchObject([{ what: "breaker_opened", action: ACTION, by: "", at: NOW + 1 }]);
  });

  it("opens by the key that is one too many", () => {
    const { gate, kept } = gateWith(guards);
    const all = ["a", "b", "c", "d", "a"].map((key, nr) => word(gate.admit(asking(nr, { key }), NOW + nr)));
    expect(all).toEqual(["go", "go", "go", "breaker", "breaker"]);
    expect(kept.breaker(ACTION)).toMatchObject({ opened_at: NOW + 3 });
    expect(kept.rulings(9)).toHaveLength(1);
  });

  it("is closed by a person, and counts anew from then on", () => {
    const at = gateWith(guards);
    failing(at, 1, NOW);
    failing(at, 2, NOW);
    at.gate.change({ action: ACTION, by: "lisi", reason: "the runner was down", set: "breaker_closed" }, NOW + 1);
    expect(at.kept.breaker(ACTION)).toMatchObject({ opened_at: null, closed_at: NOW + 1 });
    failing(at, 3, NOW + 2);
    expect(word(at.gate.admit(asking(4), NOW + 3))).toBe("go");
    failing(at, 4, NOW + 4);
    expect(word(at.gate.admit(asking(5), NOW + 5))).toBe("breaker");
    expect(at.kept.rulings(9).map(({ what }) => what)).toEqual(["breaker_opened", "breaker_closed", "breaker_opened"]);
    expect(at.kept.breaker(ACTION)).toMatchObject({ closed_at: NOW + 1 });
  });

  it("counts what succeeded in vain, once, and opens before the next one", () => {
    const at = gateWith(guards);
    for (const nr of [1, 2]) {
      at.gate.admit(asking(nr), NOW);
      look(at, nr, runIn("succeeded"), NOW);
    }
    const came_back = [asking(1).run_id, asking(2).run_id];
    expect(word(at.gate.admit(asking(3, { came_back: came_back.slice(1) }), NOW + 1))).toBe("go");
    expect(word(at.gate.admit(asking(4, { came_back }), NOW + 2))).toBe("breaker");
    at.gate.change({ action: ACTION, by: "lisi", reason: "", set: "breaker_closed" }, NOW + 3);
    expect(word(at.gate.admit(asking(5, { came_back }), NOW + 4))).toBe("go");
  });
});

describe("a person's word", () => {
  const stop = { by: "lisi", reason: "the data centre moves", set: "stopped" as const };
  const go_on = { by: "wangwu", reason: "it has moved", set: "running" as const };

  it("stops one action, and lets it go on", () => {
    const { gate } = gateWith();
    gate.change({ ...stop, action: ACTION }, NOW);
    expect(word(gate.admit(asking(1), NOW))).toBe("hold");
    expect(word(gate.admit(asking(1, { action: "rollback" }), NOW))).toBe("go");
    gate.change({ ...go_on, action: ACTION }, NOW + 1);
    expect(word(gate.admit(asking(1), NOW + 1))).toBe("go");
  });

  it("stops everything; what was stopped by itself stays so when that goes on", () => {
    const { gate } = gateWith();
    gate.change({ ...stop, action: "" }, NOW);
    gate.change({ ...stop, action: ACTION }, NOW);
    expect(word(gate.admit(asking(1, { action: "rollback" }), NOW))).toBe("hold");
    gate.change({ ...go_on, action: "" }, NOW);
    expect(word(gate.admit(asking(1, { action: "rollback" }), NOW))).toBe("go");
    expect(word(gate.admit(asking(1), NOW))).toBe("hold");
  });

  it("is written down with the name and the reason, the newest first", () => {
    const { gate, kept } = gateWith();
    gate.change({ ...stop, action: "" }, NOW);
    gate.change({ ...go_on, action: "" }, NOW + 1);
    expect(kept.rulings(9)).toEqual([
      { at: NOW + 1, what: "running", action: "", by: "wangwu", reason: "it has moved" },
      { at: NOW, what: "stopped", action: "", by: "lisi", reason: "the data centre moves" },
    ]);
  });

  it("takes no key while it holds", () => {
    const { gate, kept } = gateWith();
    gate.change({ ...stop, action: "" }, NOW);
    gate.admit(asking(1), NOW);
    expect(kept.starts(ACTION)).toEqual([]);
  });
});

describe("whatever happens", () => {
  const KEYS = ["a", "b"];
  const states: RunState[] = ["running", "waiting", ...ENDED];
  const step = fc.record({
    after_ms: fc.oneof(fc.nat(100), fc.nat(2 * MINUTE)),
    run: fc.nat(5),
    round: fc.nat(1),
    key: fc.constantFrom(...KEYS),
    state: fc.option(fc.constantFrom(...states)),
    handle: fc.constantFrom(null, "job-7"),
  });
  const limit = fc.record(
    { at_once: fc.integer({ min: 1, max: 2 }), cool_down_ms: fc.integer({ min: 1, max: MINUTE }) },
    { requiredKeys: [] },
  );

  it("no key is taken for ever: once every run has ended and was looked at, anyone may start", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), limit, limit, (steps, each, all) => {
        const { gate, kept } = gateWith({ each, all });
        let now = NOW;
        for (const { after_ms, run, round, key, state, handle } of steps) {
          now += after_ms;
          const asked = asking(run, { round, key });
          const known = kept.start(asked.start_id);
          if (state === null || known === null) gate.admit(asked, now);
          // As the object has it: what has ended for good is looked at no more.
          else if (known.start.ended_at === null) {
            const ended_at = ENDED.some((one) => one === state) ? now : null;
            gate.looked(known, runIn(state, { round, handle, ended_at }), now);
          }
        }
        for (let looks = 0; kept.nextLookAt() !== null; looks++) {
          expect(looks).toBeLessThan(20);
          now = Math.max(now, kept.nextLookAt() ?? now);
          for (const known of kept.dueStarts(now))
            gate.looked(known, runIn("unknown", { round: known.round, ended_at: NOW }), now);
        }
        for (const key of KEYS) expect(word(gate.decide(asking(99, { key }), now + 3 * MINUTE))).toBe("go");
        kept.forgetBefore(now + 2 * REMEMBERED_MS);
        expect(kept.starts(ACTION)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});
