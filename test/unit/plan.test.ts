import { describe, expect, it } from "vitest";
import { type Asked, type Command, plan } from "../../src/domain/plan.ts";
import { actionNamed, type Key, type Plannable, type Playbook, type Rule } from "../../src/domain/playbook.ts";
import { pushIn, documentedBody, pushOf } from "./bodies.ts";
import { POLICY } from "./runs.ts";

const host: Key = { from: "the label `resource`", of: ({ incident }) => incident.labels["resource"] };
const onHost: Plannable = { policy: { ...POLICY, once: true }, key: host };
const simple: Plannable = { policy: POLICY, key: null };
const able = () => null;
const unable = (action: string) => (action === "enrich" ? "ENRICH_URL is missing" : null);

function playbookOf(...rules: Rule[]): Playbook {
  return { actions: { "restart-host": onHost, enrich: simple, rollback: simple }, rules };
}
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
    expect(told(plan(push, null, playbookOf(...rules), able))).toEqual(expected);
  });

  it("each action once, though two rules call for it", () => {
    const twice = playbookOf({ on: ["i_new"], run: "enrich" }, { on: ["i_new", "i_ack"], run: "enrich" });
    expect(told(plan(pushOf(), null, twice, able))).toEqual(["enrich by rule"]);
  });

  it("the command, where a rule calls for the same action: with the params of the button", () => {
    const asked = plan(pushOf(), press("enrich", { dc: "nj" }), playbookOf(...rules), able);
    expect(asked).toEqual([
      { action: "enrich", by: "command", params: { dc: "nj" }, key: "", policy: POLICY, refused: null },
    ]);
  });

  it("the command and the rules for other actions", () => {
    const asked = plan(pushOf({ event_type: "i_reopen" }), press("rollback"), playbookOf(...rules), able);
    expect(told(asked)).toEqual(["rollback by command", "enrich by rule"]);
  });

  it("nothing of an action that the playbook does not have", () => {
    expect(plan(pushOf(), press("reboot-planet"), playbookOf({ on: ["i_new"], run: "gone" }), able)).toEqual([]);
  });

  it.each(INHERITED)("nothing of %s, which every object has", (name) => {
    expect(plan(pushOf(), press(name), playbookOf({ on: ["i_new"], run: name }), able)).toEqual([]);
  });

  it("runs with the policy of the action as it is now", () => {
    const asked = plan(pushIn(documentedBody), press("restart-host"), playbookOf(), able);
    expect(asked).toMatchObject([{ policy: { once: true, attempts: 3 }, refused: null }]);
  });
});

describe("a condition", () => {
  it("is given the event, the incident, the person and the alerts of the push", () => {
    const push = { ...pushIn(documentedBody), event_type: "i_ack" };
    const seen: unknown[] = [];
    const when: Rule["when"] = (context) => seen.push(context) > 0;
    plan(push, null, playbookOf({ on: ["i_ack"], when, run: "enrich" }), able);
    const { event_id, event_type, event_time, incident, person } = push;
    expect(seen).toEqual([{ event: { event_id, event_type, event_time }, incident, person, alerts: incident.alerts }]);
    expect(incident.alerts).toHaveLength(1);
  });

  it.each<[unknown, string]>([
    [new Error("labels.dc is undefined"), "Error: labels.dc is undefined"],
    [new TypeError("not a function"), "TypeError: not a function"],
    [new Error("x".repeat(9_999)), `Error: ${"x".repeat(193)}`],
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
    expect(plan(pushOf(), null, playbook, able)).toEqual([
      { action: "rollback", by: "rule", params: {}, key: "", policy: POLICY, refused: null },
      {
        action: "enrich",
        by: "rule",
        params: {},
        key: "",
        policy: POLICY,
        refused: { state: "failed", reason: `the rule is broken: ${reason}` },
      },
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
    const asked = plan(pushOf(), null, playbookOf(...rules), able);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.refused?.reason).toBe(reason);
  });

  it("that throws does not stop a person's command for the same action", () => {
    const playbook = playbookOf({ on: ["i_new"], when: boom(new Error("broken")), run: "enrich" });
    expect(plan(pushOf(), press("enrich"), playbook, able)).toMatchObject([{ by: "command", refused: null }]);
  });
});

const acting = (labels: Record<string, string>) =>
  plan(pushOf({}, { labels }), press("restart-host"), playbookOf(), able).map(({ key, refused }) => ({ key, refused }));

describe("what an action acts on", () => {
  it("is what the push says, without blanks around it", () => {
    expect(acting({ resource: "es.nj.01" })).toEqual([{ key: "es.nj.01", refused: null }]);
    expect(acting({ resource: " es.nj.01\n" })).toEqual([{ key: "es.nj.01", refused: null }]);
  });

  it("is nothing in particular where the action declares none", () => {
    expect(plan(pushOf(), press("enrich"), playbookOf(), able)).toMatchObject([{ key: "", refused: null }]);
  });

  it("is the same for a command, for a rule, and for a rule that is broken", () => {
    const push = pushOf({}, { labels: { resource: "es.nj.01" } });
    const rule: Rule = { on: ["i_new"], run: "restart-host" };
    const broken: Rule = { ...rule, when: boom(new Error("broken")) };
    const keys = [
      plan(push, press("restart-host"), playbookOf(rule), able),
      plan(push, null, playbookOf(rule), able),
      plan(push, null, playbookOf(broken), able),
    ].map((asked) => asked.map(({ by, key }) => `${by}: ${key}`));
    expect(keys).toEqual([["command: es.nj.01"], ["rule: es.nj.01"], ["rule: es.nj.01"]]);
  });

  it.each([{}, { resource: "" }, { resource: " \t " }])("missing or blank: the action is skipped: %j", (labels) => {
    const reason = "the label `resource` is missing, so there is nothing to act on";
    expect(acting(labels)).toEqual([{ key: "", refused: { state: "skipped", reason } }]);
  });

  it.each<[unknown, string]>([
    [new Error("no labels"), "Error: no labels"],
    [new Error("x".repeat(9_999)), `Error: ${"x".repeat(193)}`],
    ["", "nothing was said"],
    [null, "null"],
    [Object.create(null), "what was thrown cannot be told"],
  ])("that cannot be read (%#): the action is skipped, and says why; the rest is planned", (thrown, said) => {
    const broken: Plannable = { policy: POLICY, key: { from: "the host", of: boom(thrown) } };
    const playbook: Playbook = { actions: { a: broken, enrich: simple }, rules: [{ on: ["i_new"], run: "enrich" }] };
    const refused = { state: "skipped", reason: `the host could not be read: ${said}` };
    expect(plan(pushOf(), press("a"), playbook, able)).toEqual([
      { action: "a", by: "command", params: {}, key: "", policy: POLICY, refused },
      { action: "enrich", by: "rule", params: {}, key: "", policy: POLICY, refused: null },
    ]);
  });
});

describe("an action without what it needs", () => {
  it("is failed where its settings are missing, with what is missing", () => {
    const playbook = playbookOf({ on: ["i_new"], run: "rollback" });
    expect(plan(pushOf(), press("enrich"), playbook, unable)).toMatchObject([
      { action: "enrich", refused: { state: "failed", reason: "ENRICH_URL is missing" } },
      { action: "rollback", refused: null },
    ]);
  });

  it("is failed rather than skipped where settings and key are missing: the button is not set up", () => {
    const [asked] = plan(pushOf(), press("restart-host"), playbookOf(), () => "not set up");
    expect(asked).toMatchObject({ key: "", refused: { state: "failed", reason: "not set up" } });
  });

  it("is failed for its broken rule rather than for its settings: the rule would be broken with them, too", () => {
    const playbook = playbookOf({ on: ["i_new"], when: boom(new Error("broken")), run: "enrich" });
    const [asked] = plan(pushOf(), null, playbook, unable);
    expect(asked?.refused).toEqual({ state: "failed", reason: "the rule is broken: Error: broken" });
  });
});

describe("an action's name", () => {
  it("names an action of the playbook", () => {
    expect(actionNamed(playbookOf(), "enrich")).toBe(simple);
    expect(actionNamed(playbookOf(), "reboot-planet")).toBeUndefined();
  });

  it.each(INHERITED)("%s is none, for nobody wrote it down", (name) => {
    expect(actionNamed(playbookOf(), name)).toBeUndefined();
  });

  it("constructor is one where somebody did", () => {
    expect(actionNamed({ actions: { constructor: simple }, rules: [] }, "constructor")).toBe(simple);
  });
});
