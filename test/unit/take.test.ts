import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Address, runId } from "../../src/domain/event.ts";
import type { Place } from "../../src/domain/order.ts";
import type { Asked } from "../../src/domain/plan.ts";
import type { Run } from "../../src/domain/run.ts";
import { SAME_PRESS_MS } from "../../src/domain/press.ts";
import { type Known, LATELY_MS, MOST_RULED, take, type Taken } from "../../src/domain/take.ts";
import { CONSENT, ENDED, POLICY, REF, runIn, runOf } from "./runs.ts";

const NOW = 1_700_000_000_000;
const NEVER: Known = { same: null, runs: [], newest: null, begun: [], reopened: false, lately: [] };
const older: Place = { event_time: 1_000, received_at: NOW - 5, arrival: 1 };
const newer: Place = { event_time: 3_000, received_at: NOW - 5, arrival: 1 };

const arriving = (address: Address = "incident", event_type = "i_custom") => ({
  ...REF,
  event_type,
  event_time: 2_000,
  received_at: NOW,
  arrival: 2,
  address,
});
const ask = (by: Asked["by"], action = "restart-host"): Asked => ({
  action,
  by,
  asked_by: "zhangsan",
  person_id: "7",
  params: { dc: "nj" },
  key: "es.nj.01",
  connector: "Rundeck (JOB)",
  policy: POLICY,
  follows: false,
  occurrence: null,
  brought_by: "",
  after: "",
  approval: null,
  refused: null,
});
const follow = (action: string): Asked => ({ ...ask("rule", action), follows: true });
const only = (occurrence: Asked["occurrence"], action = "restart-host"): Asked => ({
  ...ask("rule", action),
  occurrence,
});
const known = (address: Address, actions: string[] = [], current: Place = older): Known => ({
  ...NEVER,
  same: { address },
  runs: actions.map((action) => runOf({ action })),
  newest: current,
});

interface Case {
  what: string;
  known: Known;
  address?: Address;
  /** Of the event; a press by default. */
  event_type?: string;
  asked: Asked[];
  becomes: [Taken["result"], Taken["record"], string[]];
}

const cases: Case[] = [
  { what: "the first event", known: NEVER, asked: [], becomes: ["accepted", "add", []] },
  { what: "a newer event", known: { ...NEVER, newest: older }, asked: [], becomes: ["accepted", "add", []] },
  { what: "an older event", known: { ...NEVER, newest: newer }, asked: [], becomes: ["stale", "add", []] },
  {
    what: "an event of the very same time that came later",
    known: { ...NEVER, newest: { ...older, event_time: 2_000 } },
    asked: [],
    becomes: ["accepted", "add", []],
  },
  {
    what: "a newer event that rules name",
    known: { ...NEVER, newest: older },
    asked: [ask("rule", "enrich"), ask("rule", "rollback")],
    becomes: ["accepted", "add", ["enrich", "rollback"]],
  },
  {
    what: "an older event that a rule names: its run would act on what is past",
    known: { ...NEVER, newest: newer },
    asked: [ask("rule")],
    becomes: ["stale", "add", []],
  },
  {
    what: "an older command: a person wants it",
    known: { ...NEVER, newest: newer },
    address: "action/restart-host",
    asked: [ask("command"), ask("rule", "enrich")],
    becomes: ["stale", "add", ["restart-host"]],
  },
  {
    what: "the same event again",
    known: known("incident", ["enrich"]),
    asked: [ask("rule", "enrich")],
    becomes: ["duplicate", "nothing", []],
  },
  {
    what: "the same event again, which was stale: its rules are not made up for",
    known: known("incident", [], newer),
    asked: [ask("rule", "enrich")],
    becomes: ["duplicate", "nothing", []],
  },
  {
    what: "the same event again, though its incident has not moved on: a rule added since does not count",
    known: known("incident"),
    asked: [ask("rule", "enrich")],
    becomes: ["duplicate", "nothing", []],
  },
  {
    what: "a press that was recorded as an event before: the command completes it",
    known: known("incident"),
    address: "action/restart-host",
    asked: [ask("command")],
    becomes: ["accepted", "complete", ["restart-host"]],
  },
  {
    what: "such a press, stale by now",
    known: known("incident", [], newer),
    address: "action/restart-host",
    asked: [ask("command")],
    becomes: ["accepted", "complete", ["restart-host"]],
  },
  {
    what: "a press whose action a rule has run already",
    known: known("incident", ["restart-host"]),
    address: "action/restart-host",
    asked: [ask("command")],
    becomes: ["duplicate", "nothing", []],
  },
  {
    what: "the same press again at its action's address",
    known: known("action/restart-host", ["restart-host"]),
    address: "action/restart-host",
    asked: [ask("command")],
    becomes: ["duplicate", "nothing", []],
  },
  {
    what: "a press as an event, after the command",
    known: known("action/restart-host", ["restart-host"]),
    asked: [],
    becomes: ["duplicate", "nothing", []],
  },
  {
    what: "a press that reaches a second action's address: what the first one brought is kept",
    known: known("action/restart-host", ["restart-host"]),
    address: "action/rollback",
    asked: [ask("command", "rollback")],
    becomes: ["accepted", "nothing", ["rollback"]],
  },
  {
    what: "a rule that follows up what was begun",
    known: { ...NEVER, newest: older, begun: ["enrich", "update-status-page"] },
    asked: [follow("update-status-page")],
    becomes: ["accepted", "add", ["update-status-page"]],
  },
  {
    what: "a rule that follows up what nobody began, beside rules that do not follow",
    known: { ...NEVER, newest: older, begun: ["enrich"] },
    asked: [follow("update-status-page"), ask("rule", "rollback"), follow("enrich")],
    becomes: ["accepted", "add", ["rollback", "enrich"]],
  },
  {
    what: "the first event, before which nothing can have begun",
    known: NEVER,
    asked: [follow("update-status-page")],
    becomes: ["accepted", "add", []],
  },
  {
    what: "an older event that follows up what was begun: another one overtook it, and it must not be missed",
    known: { ...NEVER, newest: newer, begun: ["update-status-page"] },
    asked: [follow("update-status-page"), ask("rule", "enrich")],
    becomes: ["stale", "add", ["update-status-page"]],
  },
  {
    what: "an older event that would follow up what nobody began",
    known: { ...NEVER, newest: newer, begun: ["enrich"] },
    asked: [follow("update-status-page")],
    becomes: ["stale", "add", []],
  },
  {
    what: "the same event again, which was stale, though what it follows up was begun since",
    known: { ...known("incident", [], newer), begun: ["update-status-page"] },
    asked: [follow("update-status-page")],
    becomes: ["duplicate", "nothing", []],
  },
  {
    what: "the same event again, though what it follows up was begun since",
    known: { ...known("incident"), begun: ["update-status-page"] },
    asked: [follow("update-status-page")],
    becomes: ["duplicate", "nothing", []],
  },
  {
    what: "rules for the same action: each action is run once",
    known: NEVER,
    asked: [ask("rule", "enrich"), ask("rule"), ask("rule", "enrich"), ask("rule")],
    becomes: ["accepted", "add", ["enrich", "restart-host"]],
  },
  {
    what: "a rule for the first time, and one for a reopened incident, which has never been reopened",
    known: NEVER,
    event_type: "i_new",
    asked: [only("first", "enrich"), only("reopened", "rollback")],
    becomes: ["accepted", "add", ["enrich"]],
  },
  {
    what: "the same rules in an incident that was reopened before",
    known: { ...NEVER, reopened: true },
    event_type: "i_ack",
    asked: [only("first", "enrich"), only("reopened", "rollback")],
    becomes: ["accepted", "add", ["rollback"]],
  },
  {
    what: "the same rules for the very event that reopens it",
    known: NEVER,
    event_type: "i_reopen",
    asked: [only("first", "enrich"), only("reopened", "rollback")],
    becomes: ["accepted", "add", ["rollback"]],
  },
  {
    what: "a press that approves, at its own address",
    known: { ...NEVER, newest: older },
    address: "action/approve",
    asked: [],
    becomes: ["accepted", "add", []],
  },
  {
    what: "a press that approves, after it came as an event",
    known: known("incident"),
    address: "action/approve",
    asked: [],
    becomes: ["accepted", "complete", []],
  },
  {
    what: "a press that approves, once more: what waits by now is not approved by it",
    known: known("action/approve"),
    address: "action/approve",
    asked: [],
    becomes: ["duplicate", "nothing", []],
  },
  {
    what: "a press that approves as an event, after its own address",
    known: known("action/approve"),
    asked: [],
    becomes: ["duplicate", "nothing", []],
  },
  {
    what: "a press of another button, after it came as an event: only the approving one brings something by itself",
    known: known("incident"),
    address: "action/restart-host",
    asked: [],
    becomes: ["duplicate", "nothing", []],
  },
  {
    what: "a command for an action that nobody began: it is what begins",
    known: { ...NEVER, newest: older },
    address: "action/update-status-page",
    asked: [ask("command", "update-status-page")],
    becomes: ["accepted", "add", ["update-status-page"]],
  },
];

describe("taking an event", () => {
  it.each(cases)("$what: $becomes.0, record: $becomes.1", ({ known, address, event_type, asked, becomes }) => {
    const taken = take(arriving(address, event_type), known, asked, NOW);
    expect([taken.result, taken.record, taken.runs.map(({ action }) => action)]).toEqual(becomes);
  });

  it.each([
    ["command", "a button was pressed; replayed by lisi"],
    ["rule", "a rule called for it; replayed by lisi"],
  ] as const)("that was replayed says so in its runs: by a %s", (by, text) => {
    const { runs } = take({ ...arriving("action/restart-host"), replayed_by: "lisi" }, NEVER, [ask(by)], NOW);
    expect(runs).toMatchObject([{ replayed_by: "lisi", planned_at: NOW, trail: [{ by: "zhangsan", text }] }]);
  });

  it.each(["command", "rule"] as const)("plans a run by a %s that is due at once, as it was asked for", (by) => {
    const event = { ...arriving("action/restart-host"), traceparent: "of-the-push" };
    const { runs } = take(event, NEVER, [ask(by)], NOW);
    const text = by === "command" ? "a button was pressed" : "a rule called for it";
    expect(runs).toEqual([
      {
        ...REF,
        by,
        asked_by: "zhangsan",
        connector: "Rundeck (JOB)",
        key: "es.nj.01",
        params: { dc: "nj" },
        policy: POLICY,
        person_id: "7",
        replayed_by: "",
        traceparent: "of-the-push",
        after: "",
        approval: null,
        approved_by: "",
        override_by: "",
        same_as: "",
        trail: [{ at: NOW, what: "asked", by: "zhangsan", text }],
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
      },
    ]);
  });

  it.each(["failed", "skipped"] as const)("records a run that cannot be run as %s, with the reason", (state) => {
    const refused = { state, reason: "the label `resource` is missing" };
    const { runs } = take(arriving(), NEVER, [{ ...ask("rule"), refused }], NOW);
    expect(runs).toEqual([
      expect.objectContaining({ ...REF, ...refused, due_at: null, planned_at: NOW, ended_at: NOW, started_at: null }),
    ]);
    expect(runs).toEqual([expect.objectContaining({ by: "rule", key: "es.nj.01", params: { dc: "nj" } })]);
    for (const name of ["refused", "follows", "occurrence"]) expect(runs[0]).not.toHaveProperty(name);
    const text = `${state}: the label \`resource\` is missing`;
    expect(runs[0]?.trail).toMatchObject([{ what: "asked" }, { at: NOW, what: "state", text }]);
  });

  it("plans a run that needs consent to wait for it, and records one that cannot be run without asking anybody", () => {
    const consented = { ...ask("rule"), approval: CONSENT };
    expect(take(arriving(), NEVER, [consented], NOW).runs).toMatchObject([
      { state: "awaiting_approval", approval: CONSENT, due_at: NOW + CONSENT.within_ms },
    ]);
    const refused = { state: "failed" as const, reason: "not set up" };
    expect(take(arriving(), NEVER, [{ ...consented, refused }], NOW).runs).toMatchObject([refused]);
  });
});

const named = (asked_by: string, one: Asked): Asked => ({ ...one, asked_by });
const askedBy = (known: Known, ...asked: Asked[]) =>
  take(arriving("incident", "i_ack"), known, asked, NOW).runs.map(({ asked_by }) => asked_by);

describe("of what is asked for one action, the first that the incident lets pass counts", () => {
  it("not one for another occurrence, and not one that follows what nobody began", () => {
    const asked = [named("1", only("reopened")), named("2", follow("restart-host")), named("3", ask("rule"))];
    expect(askedBy(NEVER, ...asked)).toEqual(["3"]);
    expect(askedBy({ ...NEVER, begun: ["restart-host"] }, ...asked)).toEqual(["2"]);
    expect(askedBy({ ...NEVER, reopened: true }, ...asked)).toEqual(["1"]);
  });

  it("though it cannot be run: what comes after it is not tried instead", () => {
    const refused = { state: "failed" as const, reason: "the rule is broken" };
    expect(askedBy(NEVER, { ...named("1", ask("rule")), refused }, named("2", ask("rule")))).toEqual(["1"]);
  });

  it("a person's command before any rule, where it comes first", () => {
    expect(askedBy(NEVER, named("1", ask("command")), named("2", ask("rule")))).toEqual(["1"]);
  });
});

const waits = (known: Known, ...asked: Asked[]) =>
  take(arriving("incident", "i_new"), known, asked, NOW).runs.find(({ action }) => action === "restart-host")?.after;

describe("a run that is to come after another", () => {
  const restart: Asked = { ...ask("rule"), after: "enrich" };
  const enrich = ask("rule", "enrich");
  it.each([
    ["first", [enrich, restart]],
    ["last", [restart, enrich]],
  ])("waits for it where the same event calls for it: %s", (_, asked) => {
    expect(waits(NEVER, ...asked)).toBe("enrich");
  });

  it.each<[string, Asked[]]>([
    ["nothing calls for it", [restart]],
    ["it cannot be run", [restart, { ...enrich, refused: { state: "failed", reason: "not set up" } }]],
    ["the incident does not let it pass", [restart, only("reopened", "enrich")]],
  ])("does not wait where %s", (_, asked) => {
    expect(waits(NEVER, ...asked)).toBe("");
  });

  it("does not wait where the other would be one run too many: nobody would ever wake it", () => {
    const others = [ask("rule", "collect"), ask("rule", "rollback")];
    for (const asked of [
      [restart, enrich],
      [restart, ...others, enrich],
    ])
      expect(waits({ ...NEVER, lately: lately(MOST_RULED - 1) }, ...asked)).toBe("");
  });

  it.each(["awaiting_approval", "planned", "dispatched", "running", "waiting"] as const)(
    "waits for one that an earlier push of the event has called for, which is %s",
    (state) => {
      const there = { ...known("incident"), runs: [runIn(state, { action: "enrich" })] };
      expect(waits(there, { ...restart, by: "command" })).toBe("enrich");
    },
  );

  it.each(ENDED)("does not wait for one that has %s", (state) => {
    const there = { ...known("incident"), runs: [runIn(state, { action: "enrich" })] };
    expect(waits(there, { ...restart, by: "command" })).toBe("");
  });
});

/** The run of a press so long ago, of another event. */
const pressed = (ago_ms: number, changed: Partial<Run> = {}): Run =>
  runOf({ event_id: "event-0", person_id: "7", params: { dc: "nj" }, planned_at: NOW - ago_ms, ...changed });
const press = (known: Partial<Known>, changed: Partial<Asked> = {}) =>
  take(arriving("action/restart-host"), { ...NEVER, ...known }, [{ ...ask("command"), ...changed }], NOW).runs[0];

describe("a press that only repeats another", () => {
  it("is one press with it: its run ends at once, and names the run of the first", () => {
    const first = pressed(4_400);
    const run = press({ lately: [first] });
    expect(run).toMatchObject({ state: "skipped", same_as: runId(first), due_at: null, ended_at: NOW, fence: 0 });
    expect(run?.reason).toContain(runId(first));
    expect(run?.trail.at(-1)).toMatchObject({ at: NOW, what: "state", text: `skipped: ${run?.reason}` });
  });

  it.each([
    [0, true],
    [SAME_PRESS_MS - 1, true],
    [SAME_PRESS_MS, false],
    [60_000, false],
  ])("%i ms later: %s", (ago_ms, is_same) => {
    expect(SAME_PRESS_MS).toBe(10_000);
    expect(press({ lately: [pressed(ago_ms)] })?.same_as !== "").toBe(is_same);
  });

  it.each<[string, Partial<Run>]>([
    ["by another person", { person_id: "8" }],
    ["by nobody known", { person_id: "" }],
    ["of another button", { action: "rollback" }],
    ["of a button with other parameters", { params: { dc: "sh" } }],
    ["of a button with fewer parameters", { params: {} }],
    ["of a button with more parameters", { params: { dc: "nj", rack: "7" } }],
    ["when the incident named another host", { key: "es.nj.02" }],
    ["that was none, but a rule", { by: "rule" }],
  ])("is no repetition of one %s", (_, changed) => {
    expect(press({ lately: [pressed(1_000, changed)] })).toMatchObject({ state: "planned", same_as: "" });
  });

  it("cannot be told by nobody known: each press counts", () => {
    const lately = [pressed(1_000, { person_id: "" })];
    expect(press({ lately }, { person_id: "" })).toMatchObject({ state: "planned", same_as: "" });
  });

  it("is only by a person: what a rule calls for is no press", () => {
    const { runs } = take(arriving(), { ...NEVER, lately: [pressed(1_000)] }, [ask("rule")], NOW);
    expect(runs).toMatchObject([{ state: "planned", same_as: "" }]);
  });

  it.each(["awaiting_approval", "planned", "dispatched", "running", "waiting", ...ENDED] as const)(
    "is one with a press whose run is %s, where that was ever started or still may be",
    (state) => {
      const open = runIn(state, { ended_at: null }).state === state && !ENDED.some((end) => end === state);
      const lately = (fence: number) => [
        runIn(state, { ...pressed(1_000), state, fence, ended_at: open ? null : NOW }),
      ];
      expect(press({ lately: lately(1) })?.same_as).not.toBe("");
      expect(press({ lately: lately(0) })?.same_as === "").toBe(!open);
    },
  );

  it("that cannot be run ends by that", () => {
    const refused = { state: "failed" as const, reason: "not set up" };
    expect(press({ lately: [pressed(1_000)] }, { refused })).toMatchObject({ ...refused, same_as: "" });
  });

  it("however often it is repeated: one run in any ten seconds is started, and each press has one or is one with it", () => {
    const property = fc.property(fc.array(fc.nat(12_000), { maxLength: 20 }), (pauses) => {
      const runs: Run[] = [];
      let now = NOW;
      for (const [at, pause_ms] of pauses.entries()) {
        now += pause_ms;
        const event = { ...arriving("action/restart-host"), event_id: `event-${at}`, arrival: at };
        runs.push(...take(event, { ...NEVER, lately: runs }, [ask("command")], now).runs);
      }
      const started = runs.filter(({ same_as }) => same_as === "");
      expect(runs).toHaveLength(pauses.length);
      for (const [at, run] of started.entries())
        expect(run.planned_at - (started[at - 1]?.planned_at ?? -Infinity)).toBeGreaterThanOrEqual(SAME_PRESS_MS);
      for (const { same_as } of runs) expect(same_as === "" || started.map(runId).includes(same_as)).toBe(true);
    });
    fc.assert(property, { numRuns: 300 });
  });
});

/** A run that a rule called for lately. */
function ruled(at: number): Run {
  return runOf({ by: "rule", event_id: `earlier-${at}`, planned_at: NOW - 1_000 });
}

const lately = (count: number) => Array.from({ length: count }, (_, at) => ruled(at));
const states = (known: Partial<Known>, ...asked: Asked[]) =>
  take(arriving(), { ...NEVER, ...known }, asked, NOW).runs.map(({ action, state }) => `${action} ${state}`);

describe("what rules call for in one incident", () => {
  it("is 30 runs within an hour; of the next it is told that it is one too many, and of others nothing", () => {
    expect([MOST_RULED, LATELY_MS]).toEqual([30, 3_600_000]);
    expect(states({ lately: lately(29) }, ask("rule"))).toEqual(["restart-host planned"]);
    expect(states({ lately: lately(30) }, ask("rule"))).toEqual(["restart-host skipped"]);
    expect(states({ lately: lately(31) }, ask("rule"))).toEqual([]);
    const [told] = take(arriving(), { ...NEVER, lately: lately(30) }, [ask("rule")], NOW).runs;
    expect(told?.reason).toMatch(
      /^rules have called for 30 runs in this incident within 1 hour: this looks like a loop/,
    );
  });

  it("is counted within one event, too", () => {
    const asked = ["a", "b", "c", "d"].map((action) => ask("rule", action));
    expect(states({ lately: lately(28) }, ...asked)).toEqual(["a planned", "b planned", "c skipped"]);
  });

  it("is not what persons press, nor does that count", () => {
    const many = lately(31).map((run): Run => ({ ...run, by: "command", person_id: "8" }));
    expect(states({ lately: many }, ask("rule"))).toEqual(["restart-host planned"]);
    expect(states({ lately: lately(99) }, ask("command"), ask("rule", "enrich"))).toEqual(["restart-host planned"]);
  });

  it("is accepted all the same where it is too much: the event is", () => {
    const taken = take(arriving(), { ...NEVER, lately: lately(31) }, [ask("rule")], NOW);
    expect([taken.result, taken.record, taken.runs]).toEqual(["accepted", "add", []]);
  });

  it("is not more again after an hour of a loop that goes on; and each time too much is told of thirty times an hour at most", () => {
    const runs: Run[] = [];
    for (let minute = 0; minute < 6 * 60; minute += 1) {
      const now = NOW + minute * 60_000;
      const within = runs.filter(({ planned_at }) => planned_at > now - LATELY_MS);
      const event = { ...arriving(), event_id: `event-${minute}`, arrival: minute };
      runs.push(...take(event, { ...NEVER, lately: within }, [ask("rule")], now).runs);
    }
    expect(runs.filter(({ state }) => state === "planned")).toHaveLength(MOST_RULED);
    expect(runs.filter(({ state }) => state === "skipped").length).toBeLessThanOrEqual(6 * 30);
  });

  it("never is more than 30 in any hour, whatever feeds it", () => {
    const property = fc.property(fc.array(fc.nat(600_000), { maxLength: 200, size: "max" }), (pauses) => {
      const runs: Run[] = [];
      let now = NOW;
      for (const [at, pause_ms] of pauses.entries()) {
        now += pause_ms;
        const within = runs.filter(({ planned_at }) => planned_at > now - LATELY_MS);
        const event = { ...arriving(), event_id: `event-${at}`, arrival: at };
        runs.push(...take(event, { ...NEVER, lately: within }, [ask("rule")], now).runs);
        const really = runs.filter(({ planned_at, state }) => planned_at > now - LATELY_MS && state === "planned");
        expect(really.length).toBeLessThanOrEqual(MOST_RULED);
      }
    });
    fc.assert(property, { numRuns: 100 });
  });
});

const brought = (by: Asked["by"] = "command", by_action = "restart-host"): Asked => ({
  ...ask(by, "enrich"),
  params: {},
  brought_by: by_action,
});
const restart = (by: Asked["by"] = "command"): Asked => ({ ...ask(by), after: "enrich" });
const names = ({ runs }: Taken) => runs.map(({ action, after }) => [action, after]);

describe("an action that another brings along, to come before it", () => {
  const BOTH = [
    ["restart-host", "enrich"],
    ["enrich", ""],
  ];

  it("is no press of its own: what was pressed just before is another one", () => {
    const pressed = runOf({ action: "enrich", person_id: "7", key: "es.nj.01", planned_at: NOW - 3_000 });
    const taken = take(arriving(), { ...NEVER, lately: [pressed] }, [restart(), brought()], NOW);
    expect(names(taken)).toEqual(BOTH);
    expect(taken.runs.map(({ ended_at }) => ended_at)).toEqual([null, null]);
  });

  it("does not come where the press that brings it is one with another", () => {
    const before = runOf({ params: { dc: "nj" }, person_id: "7", planned_at: NOW - 3_000 });
    const taken = take(arriving(), { ...NEVER, lately: [before] }, [restart(), brought()], NOW);
    expect(taken.runs.map(({ action, state }) => [action, state])).toEqual([["restart-host", "skipped"]]);
  });

  it.each<[string, Known, Asked[]]>([
    ["was called for before", known("incident", ["restart-host"]), [restart(), brought()]],
    ["is for another occurrence", NEVER, [{ ...restart("rule"), occurrence: "reopened" }, brought("rule")]],
    ["follows what nobody began", NEVER, [{ ...restart("rule"), follows: true }, brought("rule")]],
  ])("does not come where what brings it %s", (_, known, asked) => {
    expect(names(take(arriving(), known, asked, NOW))).toEqual([]);
  });

  it("comes with what follows, though it was never run itself", () => {
    const asked = [
      { ...restart("rule"), follows: true },
      { ...brought("rule"), follows: true },
    ];
    expect(names(take(arriving(), { ...NEVER, begun: ["restart-host"] }, asked, NOW))).toEqual(BOTH);
  });

  it("comes by the one that is left of two who bring it", () => {
    const asked = [
      { ...restart("rule"), action: "rollback", occurrence: "reopened" as const },
      restart("rule"),
      brought("rule", "rollback"),
      brought("rule"),
    ];
    expect(names(take(arriving(), NEVER, asked, NOW))).toEqual(BOTH);
  });
});
