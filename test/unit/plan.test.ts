import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ANYBODY } from "../../src/domain/approval.ts";
import { eventOf } from "../../src/domain/event.ts";
import { type Key, label } from "../../src/domain/key.ts";
import { type Asked, type Command, plan, type Planning, type Readiness } from "../../src/domain/plan.ts";
import { actionNamed, type ApprovalSpec, type Playbook, type Rule } from "../../src/domain/playbook.ts";
import { take } from "../../src/domain/take.ts";
import type { Push } from "../../src/flashduty/push.ts";
import { pushIn, documentedBody, pushOf } from "./bodies.ts";
import { HOUR_MS, type Named, named, POLICY } from "./runs.ts";

const host: Key = { from: "the label `resource`", of: ({ incident }) => incident.labels["resource"] };
const onHost = named("restart-host", { policy: { ...POLICY, once: true }, key: host });
const [ENRICH, ROLLBACK] = [named("enrich"), named("rollback")];
/** As things are set up: each action by a connector of its own, and with what that says of being asked again. */
const able = ({ name }: Named): Readiness => ({
  connector: `connector of ${name}`,
  policy: name === "restart-host" ? { ...POLICY, once: true, repeatable: false } : POLICY,
});
const unable = (action: Named): Readiness =>
  action.name === "enrich" ? { unable: "ENRICH_URL is missing" } : able(action);
/** What is asked for by the rules of `i_new`, in the tests below. */
const ruled = (action: string, more: Partial<Asked> = {}): Asked => ({
  action,
  by: "rule",
  asked_by: "i_new",
  person_id: "",
  params: {},
  key: "",
  connector: `connector of ${action}`,
  policy: POLICY,
  follows: false,
  occurrence: null,
  brought_by: "",
  after: "",
  approval: null,
  refused: null,
  ...more,
});

function playbookOf(...rules: Rule[]): Playbook<Named> {
  return { actions: { "restart-host": onHost, enrich: ENRICH, rollback: ROLLBACK }, rules };
}
/** What the push calls for, by an action for each name, and a receiver that does not know who it is. */
const plans = (
  push: Push,
  command: Command | null,
  playbook: Playbook<Named>,
  readiness: Planning<Named>["readiness"] = able,
  more: Partial<Planning<Named>> = {},
) => plan(push, command, { playbook, readiness, own_id: "", now: 0, ...more });
const told = (asked: readonly Asked[]) => asked.map(({ action, by }) => `${action} by ${by}`);
const press = (action: string, params: Record<string, string> = {}): Command => ({ action, params });
/** What every object has, and no playbook means. */
const INHERITED = ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"];
const boom = (what: unknown) => (): never => {
  throw what;
};

describe("what an event calls for", () => {
  const rules: Rule[] = [
    { on: ["i_new", "i_reopen"], run: "enrich" },
    { on: ["i_new"], when: ({ incident }) => incident.incident_severity === "Critical", run: "rollback" },
  ];

  it.each([
    ["a type that no rule names", "i_ack", "Critical", []],
    ["an unknown type", "i_new_in_2030", "Critical", []],
    ["a type that one rule names", "i_reopen", "Critical", ["enrich by rule"]],
    ["a type and a condition", "i_new", "Critical", ["enrich by rule", "rollback by rule"]],
    ["a condition that is not met", "i_new", "Info", ["enrich by rule"]],
  ])("%s: %s, %s", (_, event_type, incident_severity, expected) => {
    const push = pushOf({ event_type }, { incident_severity });
    expect(told(plans(push, null, playbookOf(...rules)))).toEqual(expected);
  });

  it("the same action by each rule that names it: which of them counts, its incident knows", () => {
    const twice = playbookOf({ on: ["i_new"], run: "enrich" }, { on: ["i_new", "i_ack"], run: "enrich" });
    expect(told(plans(pushOf(), null, twice))).toEqual(["enrich by rule", "enrich by rule"]);
  });

  it("the command before a rule for the same action: with the params of the button", () => {
    const asked = plans(pushOf(), press("enrich", { dc: "nj" }), playbookOf(...rules));
    expect(asked).toEqual([ruled("enrich", { by: "command", asked_by: "", params: { dc: "nj" } }), ruled("enrich")]);
  });

  it("the command and the rules for other actions", () => {
    const asked = plans(pushOf({ event_type: "i_reopen" }), press("rollback"), playbookOf(...rules));
    expect(told(asked)).toEqual(["rollback by command", "enrich by rule"]);
  });

  it("nothing of an action that the playbook does not have", () => {
    expect(plans(pushOf(), press("reboot-planet"), playbookOf({ on: ["i_new"], run: "gone" }))).toEqual([]);
  });

  it.each(INHERITED)("nothing of %s, which every object has", (name) => {
    expect(plans(pushOf(), press(name), playbookOf({ on: ["i_new"], run: name }))).toEqual([]);
  });

  it("runs by the connector, and with the policy, that are chosen for the action now", () => {
    const asked = plans(pushIn(documentedBody), press("restart-host"), playbookOf());
    const policy = { ...POLICY, once: true, repeatable: false };
    expect(asked).toMatchObject([{ connector: "connector of restart-host", policy, refused: null }]);
  });

  it.each([
    ["the name of who pressed the button", { person: { person_name: "zhangsan" } }, "zhangsan"],
    ["nobody's, where the push names nobody", {}, ""],
    ["nobody's, where the name is missing", { person: { person_id: 7 } }, ""],
  ])("says who asked, for a command: %s", (_, top, asked_by) => {
    expect(plans(pushOf(top), press("enrich"), playbookOf())).toMatchObject([{ by: "command", asked_by }]);
  });

  it("says who asked, for a rule: the event, whoever acted", () => {
    const push = pushOf({ event_type: "i_reopen", person: { person_name: "zhangsan" } });
    expect(plans(push, null, playbookOf(...rules))).toMatchObject([{ by: "rule", asked_by: "i_reopen" }]);
  });

  it.each([
    ["the event's person", { person: { person_id: 1552048792504 } }, "1552048792504"],
    ["nobody, where the push names nobody", {}, ""],
    ["nobody, where the id is missing", { person: { person_name: "zhangsan" } }, ""],
  ])("says who it was, for a command and for a rule: %s", (_, top, person_id) => {
    const asked = plans(pushOf(top), press("rollback"), playbookOf(...rules));
    expect(asked).toMatchObject([
      { by: "command", person_id },
      { by: "rule", person_id },
    ]);
  });
});

/** What an event calls for where a restart comes after the enrichment, and a rollback after a restart. */
const inOrder = (
  command: Command | null,
  rules: Rule[],
  { readiness = able, keys = {} }: { readiness?: Planning<Named>["readiness"]; keys?: Record<string, Key> } = {},
) => {
  const action = (name: string, after: string | null) => named(name, { after, key: keys[name] ?? null });
  const actions = {
    enrich: action("enrich", null),
    "restart-host": action("restart-host", "enrich"),
    rollback: action("rollback", "restart-host"),
  };
  const push = pushOf({ person: { person_id: 7, person_name: "zhangsan" } });
  return plans(push, command, { actions, rules }, readiness);
};
const onNew = (run: string, more: Partial<Rule> = {}): Rule => ({ on: ["i_new"], run, ...more });
const NOWHERE: Key = { from: "the label `resource`", of: () => undefined };
const without =
  (...names: string[]) =>
  (action: Named): Readiness =>
    names.includes(action.name) ? { unable: `${action.name} is not set up` } : able(action);

describe("an action that comes after another brings that along", () => {
  it("where a button calls for it: by the same person, but without what that button's address carries", () => {
    const [restart, enrich, ...others] = inOrder(press("restart-host", { dc: "nj" }), []);
    expect(restart).toMatchObject({ action: "restart-host", after: "enrich", params: { dc: "nj" } });
    const by = { by: "command" as const, asked_by: "zhangsan", person_id: "7" };
    expect([enrich, ...others]).toEqual([ruled("enrich", { ...by, brought_by: "restart-host" })]);
  });

  it("where a rule calls for it: under the same condition, and without the consent that this one needs", () => {
    const rule = onNew("restart-host", { when: { occurrence: "reopened" }, approval: { within_ms: HOUR_MS } });
    const [restart, ...others] = inOrder(null, [rule]);
    expect(restart).toMatchObject({ after: "enrich", occurrence: "reopened", approval: { within_ms: HOUR_MS } });
    expect(others).toEqual([ruled("enrich", { person_id: "7", occurrence: "reopened", brought_by: "restart-host" })]);
  });

  it("as one that only follows, where it does so itself", () => {
    const asked = inOrder(null, [onNew("restart-host", { follows: true })]);
    expect(asked.map(({ action, follows }) => [action, follows])).toEqual([
      ["restart-host", true],
      ["enrich", true],
    ]);
  });

  it("with what that comes after in turn", () => {
    const asked = inOrder(press("rollback"), []);
    expect(asked.map(({ action, after }) => `${action} after ${after}`)).toEqual([
      "rollback after restart-host",
      "restart-host after enrich",
      "enrich after ",
    ]);
  });

  it.each<[string, Parameters<typeof inOrder>[2], string[]]>([
    ["that is not set up", { readiness: without("enrich") }, ["rollback", "restart-host"]],
    ["that names nothing to act on", { keys: { enrich: NOWHERE } }, ["rollback", "restart-host"]],
    ["that is not set up, with what comes before it", { readiness: without("restart-host") }, ["rollback"]],
    ["and cannot be run itself: it is not set up", { readiness: without("rollback") }, ["rollback"]],
    ["and cannot be run itself: it names nothing to act on", { keys: { rollback: NOWHERE } }, ["rollback"]],
  ])("but not one %s", (_, given, actions) => {
    expect(inOrder(press("rollback"), [], given).map(({ action }) => action)).toEqual(actions);
  });

  it("but not where its rule is broken", () => {
    const asked = inOrder(null, [onNew("restart-host", { when: boom("broken") })]);
    expect(told(asked)).toEqual(["restart-host by rule"]);
  });

  it("behind a rule of its own, which decides: what asks for consent is not run without it", () => {
    const asked = inOrder(press("restart-host"), [onNew("enrich", { approval: { within_ms: HOUR_MS } })]);
    expect(told(asked)).toEqual(["restart-host by command", "enrich by rule", "enrich by command"]);
    expect(asked.map(({ approval }) => approval?.within_ms)).toEqual([undefined, HOUR_MS, undefined]);
  });

  it("whatever calls for what: each action is run once, after what comes first where that can be run", () => {
    const names = ["enrich", "restart-host", "rollback"];
    const ruleFor = fc.record({ run: fc.constantFrom(...names), follows: fc.boolean() });
    const property = fc.property(
      fc.option(fc.constantFrom(...names)),
      fc.array(ruleFor, { maxLength: 4 }),
      fc.subarray(names),
      (pressed, rules, missing) => {
        const asked = inOrder(
          pressed === null ? null : press(pressed),
          rules.map(({ run, follows }) => onNew(run, { follows })),
          { readiness: without(...missing) },
        );
        const event = { ...eventOf(pushOf(), { address: "incident", received_at: 0, body: "" }), arrival: 1 };
        const known = { same: null, runs: [], newest: null, begun: names, reopened: false, lately: [] };
        const { runs } = take(event, known, asked, 0);
        const of = (action: string) => runs.filter((run) => run.action === action);
        for (const name of names) expect(of(name).length).toBeLessThanOrEqual(1);
        for (const run of runs.filter(({ ended_at }) => ended_at === null)) {
          const first = names[names.indexOf(run.action) - 1] ?? "";
          const comes = first !== "" && !missing.includes(first);
          expect(run.after).toBe(comes ? first : "");
          expect(comes ? of(first) : [{ state: "planned" }]).toMatchObject([{ state: "planned" }]);
        }
      },
    );
    fc.assert(property, { numRuns: 500 });
  });
});

describe("what the receiver did itself", () => {
  const playbook = playbookOf(
    { on: ["i_new"], run: "enrich" },
    { on: ["i_new"], when: boom("broken"), run: "rollback" },
  );
  const by = (person_id: number | null, own_id: string, command: Command | null = null) =>
    told(plans(pushOf({ person: { person_id } }), command, playbook, able, { own_id }));

  it("calls for nothing by a rule, sound or broken: it would feed itself", () => {
    expect(by(7, "7")).toEqual([]);
  });

  it("is only what was done under its own id", () => {
    for (const [person_id, own_id] of [
      [8, "7"],
      [77, "7"],
      [null, "7"],
    ] as const)
      expect(by(person_id, own_id)).toEqual(["enrich by rule", "rollback by rule"]);
  });

  it.each([null, 7])("is not known where nobody has said yet who it is, person %s or not", (person_id) => {
    expect(by(person_id, "")).toEqual(["enrich by rule", "rollback by rule"]);
  });

  it("may be a command all the same: somebody has pressed a button", () => {
    expect(by(7, "7", press("enrich"))).toEqual(["enrich by command"]);
  });
});

const rule = (when: NonNullable<Rule["when"]>): Rule => ({ on: ["i_new"], when, run: "enrich" });

describe("a typed condition", () => {
  /** 2026-01-05, a Monday, 09:30 in Shanghai. */
  const MONDAY = Date.UTC(2026, 0, 5, 1, 30);

  it.each<[string, NonNullable<Rule["when"]>, string[]]>([
    ["that holds", { severity: ["Critical"], labels: { dc: ["nj", "sh"] } }, ["enrich by rule"]],
    ["that does not", { severity: ["Warning"] }, []],
    ["of which a part does not hold", { severity: ["Critical"], labels: { dc: "sh" } }, []],
    [
      "of the hours in which the push arrives",
      { hours: { zone: "Asia/Shanghai", from: "09:00", to: "10:00" } },
      ["enrich by rule"],
    ],
    ["of other hours", { hours: { zone: "Asia/Shanghai", from: "10:00", to: "09:00" } }, []],
  ])("%s: decides as a function would", (_, when, expected) => {
    const push = pushOf({}, { incident_severity: "Critical", labels: { dc: "nj" } });
    expect(told(plans(push, null, playbookOf(rule(when)), able, { now: MONDAY }))).toEqual(expected);
  });

  it("of which a part throws leaves a failed run with the reason", () => {
    const broken = rule({ also: { says: "it is broken", holds: boom(new Error("no")) } });
    const refused = { state: "failed" as const, reason: "the rule is broken: Error: no" };
    expect(plans(pushOf(), null, playbookOf(broken))).toEqual([ruled("enrich", { refused })]);
  });

  it.each(["first", "reopened"] as const)(
    "of the occurrence is left to the incident, which knows: %s",
    (occurrence) => {
      expect(plans(pushOf(), null, playbookOf(rule({ occurrence })))).toEqual([ruled("enrich", { occurrence })]);
    },
  );

  it("of the occurrence and more is left to the incident only where all else holds", () => {
    const when = { occurrence: "first" as const, severity: ["Critical" as const] };
    expect(plans(pushOf({}, { incident_severity: "Info" }), null, playbookOf(rule(when)))).toEqual([]);
  });

  it("of the occurrence that is broken otherwise is still for that occurrence only", () => {
    const when = { occurrence: "first" as const, also: { says: "it is broken", holds: boom("no") } };
    expect(plans(pushOf(), null, playbookOf(rule(when)))).toMatchObject([
      { occurrence: "first", refused: { state: "failed" } },
    ]);
  });
});

const consented = (approval: Partial<ApprovalSpec> = {}): Rule => ({
  on: ["i_new"],
  run: "enrich",
  approval: { within_ms: HOUR_MS, ...approval },
});

describe("the consent that a rule asks for", () => {
  it("is asked of its run, by whomever", () => {
    const approval = { within_ms: HOUR_MS, not_by: [] };
    expect(plans(pushOf(), null, playbookOf(consented()))).toEqual([ruled("enrich", { approval })]);
  });

  it("is not that of whom the playbook excludes, by this very push; nobody is not excluded", () => {
    const push = pushOf({ person: { person_id: 7, email: "li@example.com" } });
    const excluding = consented({ not_by: ({ person }) => [person?.person_id ?? "", person?.email ?? "", ""] });
    const not_by = ["7", "li@example.com"];
    expect(plans(push, null, playbookOf(excluding))).toMatchObject([{ approval: { within_ms: HOUR_MS, not_by } }]);
    expect(plans(pushOf(), null, playbookOf(excluding))).toMatchObject([{ approval: { not_by: [] } }]);
  });

  it("makes the rule broken where it cannot be told who is excluded: nobody may approve it then", () => {
    const refused = { state: "failed" as const, reason: "the rule is broken: Error: no person" };
    const asked = plans(pushOf(), null, playbookOf(consented({ not_by: boom(new Error("no person")) })));
    expect(asked).toMatchObject([{ action: "enrich", refused, approval: { not_by: [ANYBODY] } }]);
  });

  it("is not needed by a person who presses the button: that is consent", () => {
    const asked = plans(pushOf(), press("enrich"), playbookOf(consented()));
    expect(asked.map(({ by, approval }) => [by, approval === null])).toEqual([
      ["command", true],
      ["rule", false],
    ]);
  });
});

describe("a condition", () => {
  it("is given the event, the incident, the person and the alerts of the push", () => {
    const push = { ...pushIn(documentedBody), event_type: "i_ack" };
    const seen: unknown[] = [];
    const when: Rule["when"] = (context) => seen.push(context) > 0;
    plans(push, null, playbookOf({ on: ["i_ack"], when, run: "enrich" }));
    const { event_id, event_type, event_time, incident, person } = push;
    expect(seen).toEqual([{ event: { event_id, event_type, event_time }, incident, person, alerts: incident.alerts }]);
    expect(incident.alerts).toHaveLength(1);
  });

  it.each<[unknown, string]>([
    [new Error("labels.dc is undefined"), "Error: labels.dc is undefined"],
    [new TypeError("not a function"), "TypeError: not a function"],
    [new Error("x".repeat(9_999)), `Error: ${"x".repeat(192)}…`],
    ["a text", "a text"],
    ["", "nothing was said"],
    [null, "null"],
    [undefined, "undefined"],
    [{ message: "not an Error" }, "[object Object]"],
    [Object.create(null), "what was thrown cannot be told"],
  ])("that throws (%#) leaves a failed run with the reason, and the rest is planned", (thrown, reason) => {
    const playbook = playbookOf(
      { on: ["i_new"], when: boom(thrown), run: "enrich" },
      { on: ["i_new"], run: "rollback" },
    );
    expect(plans(pushOf(), null, playbook)).toEqual([
      ruled("rollback"),
      ruled("enrich", { refused: { state: "failed", reason: `the rule is broken: ${reason}` } }),
    ]);
  });

  const broken: Rule = { on: ["i_new"], when: boom(new Error("broken")), run: "enrich" };
  const sound: Rule = { on: ["i_new"], when: () => true, run: "enrich" };
  const other: Rule = { on: ["i_new"], when: boom(new Error("broken too")), run: "enrich" };
  const unmet: Rule = { on: ["i_new"], when: () => false, run: "enrich" };
  const notNow: Rule = { on: ["i_ack"], run: "enrich" };

  it.each<[string, Rule[], string | undefined]>([
    ["before a sound one: the sound one counts", [broken, sound], undefined],
    ["after a sound one: the sound one counts", [sound, broken], undefined],
    ["twice around a sound one: the sound one counts", [broken, sound, other], undefined],
    ["twice: the first is named", [broken, other], "the rule is broken: Error: broken"],
    ["beside one that is not met: it is named", [unmet, broken, unmet], "the rule is broken: Error: broken"],
    ["beside one for another type: it is named", [broken, notNow], "the rule is broken: Error: broken"],
  ])("that throws, %s", (_, rules, reason) => {
    const [first, ...others] = plans(pushOf(), null, playbookOf(...rules));
    expect(first?.refused?.reason).toBe(reason);
    expect(others.every(({ refused }) => refused !== null)).toBe(true);
  });

  it("that throws does not stop a person's command for the same action", () => {
    const playbook = playbookOf({ on: ["i_new"], when: boom(new Error("broken")), run: "enrich" });
    const [first] = plans(pushOf(), press("enrich"), playbook);
    expect(first).toMatchObject({ by: "command", refused: null });
  });
});

describe("a rule that follows", () => {
  const follows: Rule = { on: ["i_new"], run: "enrich", follows: true };

  it("is asked for as one that follows: whether there is anything to follow up, its incident knows", () => {
    expect(plans(pushOf(), null, playbookOf(follows))).toEqual([ruled("enrich", { follows: true })]);
  });

  it("follows nothing where it does not say so", () => {
    const plain = { ...follows, follows: false };
    expect(plans(pushOf(), null, playbookOf(plain))).toEqual([ruled("enrich")]);
  });

  it("that is broken still only follows", () => {
    const broken = { ...follows, when: boom(new Error("broken")) };
    const refused = { state: "failed" as const, reason: "the rule is broken: Error: broken" };
    expect(plans(pushOf(), null, playbookOf(broken))).toEqual([ruled("enrich", { follows: true, refused })]);
  });

  it("does not make a command follow: that begins", () => {
    const asked = plans(pushOf(), press("enrich"), playbookOf(follows));
    expect(asked).toEqual([ruled("enrich", { by: "command", asked_by: "" }), ruled("enrich", { follows: true })]);
  });
});

const nameOf = ({ follows, occurrence, refused, approval }: Asked) =>
  [approval && "consent", follows && "follows", occurrence, refused && "broken"].filter(Boolean).join(" ");

describe("of the rules for one action, one that wants consent comes first, and then the one that asks for less: the first that its incident lets pass counts", () => {
  const plain: Rule = { on: ["i_new"], run: "enrich" };
  const follows: Rule = { ...plain, follows: true };
  const reopened: Rule = { ...plain, when: { occurrence: "reopened" } };
  const both: Rule = { ...follows, ...reopened };
  const broken: Rule = { ...plain, when: boom("broken") };
  const all = [plain, follows, reopened, both, broken];
  const names = ["", "follows", "reopened", "follows reopened", "broken"];
  const consented = all.map((rule): Rule => ({ ...rule, approval: { within_ms: HOUR_MS } }));
  const expected = [...names.map((name) => `consent ${name}`.trim()), ...names];

  it("in whatever order they are written down", () => {
    const property = fc.property(fc.shuffledSubarray([...all, ...consented]), (rules) => {
      const found = plans(pushOf(), null, playbookOf(...rules)).map(nameOf);
      expect(found).toEqual(expected.filter((name) => found.includes(name)));
      expect(found).toHaveLength(rules.length);
    });
    fc.assert(property);
  });

  it("though it cannot be told who must not give it: then nothing is run", () => {
    const unclear: Rule = { ...plain, approval: { within_ms: HOUR_MS, not_by: boom("nobody knows") } };
    expect(plans(pushOf(), null, playbookOf(plain, unclear))).toMatchObject([
      { refused: { state: "failed", reason: "the rule is broken: nobody knows" } },
      { refused: null },
    ]);
  });

  it("the first that is written down, where they ask for the same", () => {
    const rules: Rule[] = [1, 2, 3].map((within_ms) => ({ ...plain, approval: { within_ms } }));
    const asked = plans(pushOf(), null, playbookOf(...rules));
    expect(asked.map(({ approval }) => approval?.within_ms)).toEqual([1, 2, 3]);
  });
});

const acting = (labels: Record<string, string>) =>
  plans(pushOf({}, { labels }), press("restart-host"), playbookOf()).map(({ key, refused }) => ({ key, refused }));

describe("what an action acts on", () => {
  it("is what the push says, without blanks around it", () => {
    expect(acting({ resource: "es.nj.01" })).toEqual([{ key: "es.nj.01", refused: null }]);
    expect(acting({ resource: " es.nj.01\n" })).toEqual([{ key: "es.nj.01", refused: null }]);
  });

  it("is nothing in particular where the action declares none", () => {
    expect(plans(pushOf(), press("enrich"), playbookOf())).toMatchObject([{ key: "", refused: null }]);
  });

  it("is the same for a command, for a rule, and for a rule that is broken", () => {
    const push = pushOf({}, { labels: { resource: "es.nj.01" } });
    const rule: Rule = { on: ["i_new"], run: "restart-host" };
    const broken: Rule = { ...rule, when: boom(new Error("broken")) };
    const keys = [
      plans(push, press("restart-host"), playbookOf(rule)),
      plans(push, null, playbookOf(rule)),
      plans(push, null, playbookOf(broken)),
    ].map((asked) => asked.map(({ by, key }) => `${by}: ${key}`));
    expect(keys).toEqual([["command: es.nj.01", "rule: es.nj.01"], ["rule: es.nj.01"], ["rule: es.nj.01"]]);
  });

  it.each([{}, { resource: "" }, { resource: " \t " }])("missing or blank: the action is skipped: %j", (labels) => {
    const reason = "the label `resource` is missing, so there is nothing to act on";
    expect(acting(labels)).toEqual([{ key: "", refused: { state: "skipped", reason } }]);
  });

  it.each<[unknown, string]>([
    [new Error("no labels"), "Error: no labels"],
    [new Error("x".repeat(9_999)), `Error: ${"x".repeat(192)}…`],
    ["", "nothing was said"],
    [null, "null"],
    [Object.create(null), "what was thrown cannot be told"],
  ])("that cannot be read (%#): the action is skipped, and says why; the rest is planned", (thrown, said) => {
    const broken = named("a", { key: { from: "the host", of: boom(thrown) } });
    const playbook: Playbook<Named> = {
      actions: { a: broken, enrich: ENRICH },
      rules: [{ on: ["i_new"], run: "enrich" }],
    };
    const refused = { state: "skipped" as const, reason: `the host could not be read: ${said}` };
    expect(plans(pushOf(), press("a"), playbook)).toEqual([
      ruled("a", { by: "command", asked_by: "", refused }),
      ruled("enrich"),
    ]);
  });
});

const actingBy = (key: Key, resource: string) => {
  const playbook: Playbook<Named> = { actions: { a: { ...ENRICH, name: "a", key } }, rules: [] };
  const [asked] = plans(pushOf({}, { labels: { resource } }), press("a"), playbook);
  return { key: asked?.key, refused: asked?.refused };
};

describe("a label that names what an action acts on", () => {
  const LONGEST = `a${"x".repeat(252)}`;

  it.each([
    "a",
    "7",
    "es.nj.01",
    "10.0.0.7",
    "fe80::1",
    "web-1:9100",
    "a_b",
    "主机-1",
    "ä.example",
    LONGEST,
    " web1\n",
  ])("may be one plain name: %s", (resource) => {
    expect(actingBy(label("resource"), resource)).toEqual({ key: resource.trim(), refused: null });
  });

  it.each([
    "*",
    ".*",
    "web*",
    "web[1-3]",
    "web?",
    "web1,web2",
    "web1 web2",
    "a b",
    "a\tb",
    "all;",
    "!web1",
    "@all",
    "~a",
    "-rf",
    "--all",
    ".",
    "..",
    "../etc",
    "a/b",
    "a\\b",
    "_all",
    ":9100",
    "$(x)",
    "`x`",
    "a;reboot",
    "a|b",
    "a&b",
    "a>b",
    "a=b",
    "a%2Fb",
    '"a"',
    "'a'",
    "a#b",
    "{a}",
    "<a>",
    "a+b",
    "a^b",
    "web1\u202e",
    "web1\u200b",
    "🔥",
  ])("may be nothing else: %j is not acted on, and the reason quotes it", (resource) => {
    const { key, refused } = actingBy(label("resource"), resource);
    expect([key, refused?.state]).toEqual(["", "skipped"]);
    // What cannot be seen is not quoted.
    const quoted = resource.replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ").trim();
    expect(refused?.reason).toBe(`the label \`resource\` is "${quoted}", which does not name one thing to act on`);
  });

  it("may be nothing too long to be a name, which is quoted in part", () => {
    const { refused } = actingBy(label("resource"), `${LONGEST}x`);
    expect(refused).toEqual({
      state: "skipped",
      reason: `the label \`resource\` is "a${"x".repeat(78)}…", which does not name one thing to act on`,
    });
  });

  it("may be what the playbook says names one thing", () => {
    const one = label("resource", /^[a-z]+\/[a-z]+$/);
    expect(actingBy(one, "shop/cart")).toEqual({ key: "shop/cart", refused: null });
    expect(actingBy(one, "cart").refused?.state).toBe("skipped");
  });

  it("may be anything where the playbook takes it by itself, and says nothing of what names one thing", () => {
    expect(actingBy(host, "a b")).toEqual({ key: "a b", refused: null });
  });

  it("is not needed where the action is not set up, either: that is what is told", () => {
    const playbook: Playbook<Named> = { actions: { a: { ...ENRICH, name: "a", key: label("resource") } }, rules: [] };
    const push = pushOf({}, { labels: { resource: "*" } });
    const [asked] = plans(push, press("a"), playbook, () => ({ unable: "not set up" }));
    expect(asked).toMatchObject({ key: "", refused: { state: "failed", reason: "not set up" } });
  });
});

describe("an action without what it needs", () => {
  it("is failed where its settings are missing, with what is missing", () => {
    const playbook = playbookOf({ on: ["i_new"], run: "rollback" });
    expect(plans(pushOf(), press("enrich"), playbook, unable)).toMatchObject([
      { action: "enrich", connector: "", refused: { state: "failed", reason: "ENRICH_URL is missing" } },
      { action: "rollback", connector: "connector of rollback", refused: null },
    ]);
  });

  it("keeps the playbook's own policy, for no connector was chosen; none, that can be asked again", () => {
    const [asked] = plans(pushOf(), press("restart-host"), playbookOf(), () => ({ unable: "not set up" }));
    expect(onHost.policy.repeatable).toBe(true);
    expect(asked?.policy).toEqual({ ...onHost.policy, repeatable: false });
  });

  it("is asked about once for each run, and not at all where nothing calls for it", () => {
    const asked: string[] = [];
    const note = (action: Named) => {
      asked.push(action.name);
      return able(action);
    };
    plans(pushOf(), press("rollback"), playbookOf({ on: ["i_ack"], run: "enrich" }), note);
    expect(asked).toEqual(["rollback"]);
  });

  it("is failed rather than skipped where settings and key are missing: the button is not set up", () => {
    const [asked] = plans(pushOf(), press("restart-host"), playbookOf(), () => ({ unable: "not set up" }));
    expect(asked).toMatchObject({ key: "", refused: { state: "failed", reason: "not set up" } });
  });

  it("is failed for its broken rule rather than for its settings: the rule would be broken with them, too", () => {
    const playbook = playbookOf({ on: ["i_new"], when: boom(new Error("broken")), run: "enrich" });
    const [asked] = plans(pushOf(), null, playbook, unable);
    expect(asked?.refused).toEqual({ state: "failed", reason: "the rule is broken: Error: broken" });
  });
});

describe("an action's name", () => {
  it("names an action of the playbook", () => {
    expect(actionNamed(playbookOf(), "enrich")).toBe(ENRICH);
    expect(actionNamed(playbookOf(), "reboot-planet")).toBeUndefined();
  });

  it.each(INHERITED)("%s is none, for nobody wrote it down", (name) => {
    expect(actionNamed(playbookOf(), name)).toBeUndefined();
  });

  it("constructor is one where somebody did", () => {
    expect(actionNamed({ actions: { constructor: ENRICH }, rules: [] }, "constructor")).toBe(ENRICH);
  });
});
