import { describe, expect, it } from "vitest";
import { type Guards, REMEMBERED_MS } from "../../src/domain/guard.ts";
import { label } from "../../src/domain/key.ts";
import { APPROVE } from "../../src/domain/approval.ts";
import { definePlaybook, type Plannable, type Rule } from "../../src/domain/playbook.ts";
import { faultsOf } from "../../src/domain/playbook-faults.ts";
import type { EventType } from "../../src/flashduty/event-type.ts";
import { playbook as shipped } from "../../src/playbook.ts";
import { POLICY } from "./runs.ts";
import { leaseMs } from "../../src/domain/lease.ts";

const HOUR = 3_600_000;

/** An action that only tells something, and what a test says beyond that. */
function job(changed: Partial<Plannable> = {}): Plannable {
  return { policy: POLICY, key: null, after: null, guards: {}, destructive: false, causes: [], ...changed };
}

/** One that changes something, soundly. */
function restart(changed: Partial<Plannable> = {}): Plannable {
  const guards: Guards = { each: { at_once: 1, cool_down_ms: HOUR } };
  return job({ destructive: true, key: label("resource"), guards, ...changed });
}

/** What is wrong with a playbook of that action alone. */
function faultsIn(action: Plannable, name = "job"): string[] {
  return faultsOf({ actions: { [name]: action }, rules: [] });
}

function guarded(guards: Guards): string[] {
  return faultsIn(job({ guards }));
}

/** What is wrong with actions that wait for each other: by name, and for which. */
function faultsOfOrder(order: Record<string, string | null>): string[] {
  const actions = Object.entries(order).map(([name, after]) => [name, job({ after })] as const);
  return faultsOf({ actions: Object.fromEntries(actions), rules: [] });
}

function faultsOfRule(rule: Partial<Rule>): string[] {
  return faultsOf({ actions: { job: job() }, rules: [{ on: ["i_new"], run: "job", ...rule }] });
}

describe("an action's name", () => {
  it.each(["a", "job", "restart-host", "x2", "a".repeat(63)])("may be %s", (name) => {
    expect(faultsIn(job(), name)).toEqual([]);
  });

  it.each(["", "Job", "re_start", "2x", "-a", "a/b", "a@b", "a:b", "a".repeat(64), "ümlaut"])(
    "may not be %j",
    (name) => {
      expect(faultsIn(job(), name)).toEqual([expect.stringContaining(`action "${name}": a name is lower-case`)]);
    },
  );

  it("is not that of the button which approves", () => {
    expect(faultsIn(job(), APPROVE)).toEqual([expect.stringMatching(/^action "approve": this name is taken/)]);
  });
});

describe("an action's policy", () => {
  it.each([
    ["attempts", { attempts: 0 }],
    ["time_limit_ms", { time_limit_ms: 1.5 }],
  ])("is wrong in %s", (name, wrong) => {
    expect(faultsIn(job({ policy: { ...POLICY, ...wrong } }))).toEqual([expect.stringContaining(name)]);
  });

  it.each([
    [leaseMs({ policy: POLICY }), false],
    [leaseMs({ policy: POLICY }) + 1, true],
  ])("lets a run be too old after %d ms: %j", (max_age_ms, sound) => {
    const faults = faultsIn(job({ policy: { ...POLICY, max_age_ms } }));
    expect(faults).toEqual(sound ? [] : [expect.stringContaining("max_age_ms must be longer than an attempt")]);
  });

  it.each([
    [25_000, true],
    [25_001, false],
  ])("lets an attempt take %d ms: %j", (time_limit_ms, sound) => {
    const faults = faultsIn(job({ policy: { ...POLICY, time_limit_ms } }));
    expect(faults).toEqual(sound ? [] : [expect.stringContaining("25000 ms at most")]);
  });
});

describe("what changes something", () => {
  it("needs a key", () => {
    expect(faultsIn(restart({ key: null }))).toEqual([expect.stringContaining("names no key")]);
  });

  it.each<[string, Guards]>([
    ["nothing", {}],
    ["only one at a time", { each: { at_once: 1 }, all: { at_once: 3 } }],
    ["only comebacks", { comebacks: 1 }],
    ["empty limits", { each: {}, all: {} }],
  ])("needs a limit on how often, and not %s", (_, guards) => {
    expect(faultsIn(restart({ guards }))).toEqual([expect.stringContaining("nothing limits how often")]);
  });

  it.each<[string, Guards]>([
    ["a cool-down", { each: { cool_down_ms: HOUR } }],
    ["a budget", { each: { budget: { runs: 1, window_ms: HOUR } } }],
    ["a cool-down over all", { all: { cool_down_ms: HOUR } }],
    ["a budget over all", { all: { budget: { runs: 1, window_ms: HOUR } } }],
    ["a breaker", { breaker: { failures: 1, window_ms: HOUR } }],
  ])("is limited by %s", (_, guards) => {
    expect(faultsIn(restart({ guards }))).toEqual([]);
  });
});

describe("guards", () => {
  const counts: [string, (count: number) => Guards][] = [
    ["each.at_once", (at_once) => ({ each: { at_once } })],
    ["all.at_once", (at_once) => ({ all: { at_once } })],
    ["each.budget.runs", (runs) => ({ each: { budget: { runs, window_ms: HOUR } } })],
    ["all.budget.runs", (runs) => ({ all: { budget: { runs, window_ms: HOUR } } })],
    ["failures", (failures) => ({ breaker: { failures, window_ms: HOUR } })],
    ["keys", (keys) => ({ breaker: { keys, window_ms: HOUR } })],
    ["comebacks", (comebacks) => ({ comebacks })],
  ];

  it.each(counts)("count whole numbers from 1: %s", (name, made) => {
    for (const count of [1, 2, 1_000]) expect(guarded(made(count))).toEqual([]);
    for (const count of [0, -1, 1.5, Number.NaN, Infinity])
      expect(guarded(made(count))).toEqual([`action "job": ${name} must be a whole number from 1`]);
  });

  const times: [string, (ms: number) => Guards][] = [
    ["each.cool_down_ms", (cool_down_ms) => ({ each: { cool_down_ms } })],
    ["all.cool_down_ms", (cool_down_ms) => ({ all: { cool_down_ms } })],
    ["each.budget.window_ms", (window_ms) => ({ each: { budget: { runs: 1, window_ms } } })],
    ["all.budget.window_ms", (window_ms) => ({ all: { budget: { runs: 1, window_ms } } })],
    ["the breaker's window", (window_ms) => ({ breaker: { failures: 1, window_ms } })],
    ["the time to override", (override_within_ms) => ({ override_within_ms })],
  ];

  it.each(times)("look back as far as starts are remembered: %s", (name, made) => {
    for (const ms of [10_001, HOUR, REMEMBERED_MS]) expect(guarded(made(ms))).toEqual([]);
    for (const ms of [REMEMBERED_MS + 1, 20_000.5, Number.NaN, Infinity])
      expect(guarded(made(ms))).toEqual([
        expect.stringMatching(`${name} must be a whole number of milliseconds, 24 hours`),
      ]);
    for (const ms of [0, -1]) expect(guarded(made(ms)).join()).toContain(`${name} must be a whole number`);
  });

  it("leave time for a second press: sooner, two are one", () => {
    expect(guarded({ override_within_ms: 10_000 })).toEqual([expect.stringContaining("longer than 10 seconds")]);
  });

  it("have a breaker that counts something", () => {
    expect(guarded({ breaker: { window_ms: HOUR } })).toEqual([expect.stringContaining("neither failures nor keys")]);
  });
});

describe("an order", () => {
  it.each<[string, Record<string, string | null>]>([
    ["one after another", { a: "b", b: "c", c: null }],
    ["two after one", { a: "c", b: "c", c: null }],
    ["none", { a: null, b: null }],
  ])("is sound: %s", (_, order) => {
    expect(faultsOfOrder(order)).toEqual([]);
  });

  it("names actions that are there", () => {
    expect(faultsOfOrder({ a: "b" })).toEqual([`action "a": it waits for "b", which the playbook does not have`]);
    expect(faultsOfOrder({ a: "toString" })).toHaveLength(1);
    expect(faultsOfOrder({ a: "b", b: "x" })).toHaveLength(2);
  });

  it.each<[string, Record<string, string | null>, string[]]>([
    ["itself", { a: "a" }, [`action "a": it waits for itself: a → a`]],
    [
      "one another",
      { a: "b", b: "a" },
      [`action "a": it waits for itself: a → b → a`, `action "b": it waits for itself: b → a → b`],
    ],
    [
      "one another, three of them",
      { a: "b", b: "c", c: "a" },
      ["a → b → c → a", "b → c → a → b", "c → a → b → c"].map(
        (way) => `action "${way[0]}": it waits for itself: ${way}`,
      ),
    ],
    [
      "two that wait for one another, whose fault it is",
      { x: "a", a: "b", b: "a" },
      ["a → b → a", "b → a → b"].map((way) => `action "${way[0]}": it waits for itself: ${way}`),
    ],
  ])("does not wait for %s", (_, order, faults) => {
    expect(faultsOfOrder(order)).toEqual(faults);
  });
});

describe("a rule", () => {
  it.each<[string, Partial<Rule>, RegExp]>([
    ["an action that is not there", { run: "jb" }, /^rule 1 \(i_new → jb\): the playbook has no action "jb"$/],
    ["an action that every object has", { run: "constructor" }, /no action "constructor"/],
    ["no event", { on: [] }, /it is on no event at all/],
    ["a wrong condition", { when: { severity: [] } }, /`severity` names nothing/],
    ["wrong hours", { when: { hours: { zone: "x", from: "09:00", to: "10:00" } } }, /"x" is no time zone/],
    ["no time to approve", { approval: { within_ms: 0 } }, /approval\.within_ms must be a whole number/],
    ["too much time to approve", { approval: { within_ms: REMEMBERED_MS + 1 } }, /approval\.within_ms/],
  ])("is wrong with %s", (_, rule, fault) => {
    expect(faultsOfRule(rule)).toEqual([expect.stringMatching(fault)]);
  });

  it.each<Partial<Rule>>([
    {},
    { when: () => true },
    { when: {} },
    { approval: { within_ms: 1 } },
    { follows: true, on: ["i_new", "i_rslv"] },
  ])("is sound as %j", (rule) => {
    expect(faultsOfRule(rule)).toEqual([]);
  });

  it("is named by its number", () => {
    const rules: Rule[] = [
      { on: ["i_new"], run: "job" },
      { on: ["i_ack", "i_rslv"], run: "jb" },
    ];
    expect(faultsOf({ actions: { job: job() }, rules })[0]).toMatch(/^rule 2 \(i_ack, i_rslv → jb\): /);
  });
});

describe("rules that feed themselves", () => {
  type On = Rule["on"];
  /** Of actions that cause these events, and rules on these, by name. */
  const loops = (causes: Record<string, EventType[]>, rules: [On, string][]) =>
    faultsOf({
      actions: Object.fromEntries(Object.entries(causes).map(([name, causes]) => [name, job({ causes })])),
      rules: rules.map(([on, run]) => ({ on, run })),
    });

  it("are refused where one is on what its own action causes", () => {
    expect(loops({ note: ["i_comm"] }, [[["i_comm"], "note"]])).toEqual([
      "rules that feed themselves: i_comm → note → again; what an action does comes back as an event",
    ]);
    expect(loops({ note: ["i_ack", "i_comm"] }, [[["i_new", "i_comm"], "note"]])).toHaveLength(1);
  });

  it("are refused where two call for each other, and are told once, with the way", () => {
    const causes: Record<string, EventType[]> = { note: ["i_comm"], rename: ["i_r_title"] };
    expect(
      loops(causes, [
        [["i_r_title"], "note"],
        [["i_comm"], "rename"],
      ]),
    ).toEqual([expect.stringContaining("i_r_title → note → i_comm → rename → again")]);
  });

  it("are refused where three do", () => {
    const causes: Record<string, EventType[]> = { a: ["i_ack"], b: ["i_comm"], c: ["i_new"] };
    const rules: [On, string][] = [
      [["i_new"], "a"],
      [["i_comm"], "c"],
      [["i_ack"], "b"],
    ];
    expect(loops(causes, rules)).toEqual([expect.stringContaining("i_new → a → i_ack → b → i_comm → c → again")]);
    expect(loops(causes, rules.slice(0, 2))).toEqual([]);
  });

  it("are refused where other ways lead astray", () => {
    const causes: Record<string, EventType[]> = { a: ["i_ack", "i_comm"], dead: [], b: ["i_new"] };
    expect(
      loops(causes, [
        [["i_new"], "a"],
        [["i_ack"], "dead"],
        [["i_comm"], "b"],
      ]),
    ).toHaveLength(1);
  });

  it("are told of each loop by itself", () => {
    const causes: Record<string, EventType[]> = { a: ["i_ack"], b: ["i_comm"] };
    expect(
      loops(causes, [
        [["i_ack"], "a"],
        [["i_comm"], "b"],
      ]),
    ).toHaveLength(2);
  });

  it("are refused even where they would wait for consent, or are conditional: nobody can tell", () => {
    const rules: Rule[] = [{ on: ["i_comm"], run: "a", approval: { within_ms: HOUR }, when: { severity: ["Info"] } }];
    expect(faultsOf({ actions: { a: job({ causes: ["i_comm"] }) }, rules })).toHaveLength(1);
  });

  it("are no rules that only lead into a loop; that one is told of once", () => {
    const causes: Record<string, EventType[]> = { lead: ["i_comm"], note: ["i_comm"] };
    const [fault, ...others] = loops(causes, [
      [["i_new"], "lead"],
      [["i_comm"], "note"],
    ]);
    expect(fault).not.toContain("lead");
    expect(others).toEqual([]);
  });

  it("are found where the way leads into a loop of others, and that one is told of once", () => {
    const causes: Record<string, EventType[]> = { lead: ["i_new"], a: ["i_ack"], b: ["i_new"] };
    const rules: [On, string][] = [
      [["i_rslv"], "lead"],
      [["i_new"], "a"],
      [["i_ack"], "b"],
    ];
    expect(loops(causes, rules)).toEqual([expect.stringContaining("i_new → a → i_ack → b → again")]);
  });

  it("are found among many that call for each other, however many ways there are", () => {
    const many = Array.from({ length: 40 }, (): [On, string] => [["i_comm"], "note"]);
    const [fault, ...others] = loops({ lead: ["i_comm"], note: ["i_comm"] }, [[["i_new"], "lead"], ...many]);
    expect(fault).toContain("i_comm → note → again");
    expect(others).toHaveLength(39);
  });

  it.each<[string, Record<string, EventType[]>, [On, string][]]>([
    [
      "nothing is caused",
      { a: [] },
      [
        [["i_new"], "a"],
        [["i_comm"], "a"],
      ],
    ],
    ["what is caused calls for nothing", { a: ["i_comm"] }, [[["i_new"], "a"]]],
    [
      "one leads to another, and that to none",
      { a: ["i_comm"], b: ["i_ack"] },
      [
        [["i_new"], "a"],
        [["i_comm"], "b"],
      ],
    ],
    ["it takes a person's press to begin again", { a: ["i_custom"] }, [[["i_new"], "a"]]],
    ["there are no rules", { a: ["i_comm"] }, []],
  ])("are none where %s", (_, causes, rules) => {
    expect(loops(causes, rules)).toEqual([]);
  });
});

describe("a sound playbook", () => {
  it("has no faults, as the one that is shipped", () => {
    expect(faultsOf({ actions: {}, rules: [] })).toEqual([]);
    expect(faultsOf(shipped)).toEqual([]);
    expect(faultsIn(restart())).toEqual([]);
  });

  it("is refused with all that is wrong, not only the first", () => {
    const actions = { Job: job(), restart: restart({ key: null, guards: {}, after: "x" }) };
    const define = () => definePlaybook({ actions, rules: [{ on: [], run: "restart" }] });
    expect(faultsOf({ actions, rules: [{ on: [], run: "restart" }] })).toHaveLength(5);
    expect(define).toThrow(/^the playbook is wrong:\n(- .+\n){4}- /);
  });
});
