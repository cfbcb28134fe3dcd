import { describe, expect, it } from "vitest";
import { type Asked, type Command, plan, type Readiness } from "../../src/domain/plan.ts";
import { actionNamed, type Key, label, type Plannable, type Playbook, type Rule } from "../../src/domain/playbook.ts";
import { pushIn, documentedBody, pushOf } from "./bodies.ts";
import { POLICY } from "./runs.ts";

const host: Key = { from: "the label `resource`", of: ({ incident }) => incident.labels["resource"] };
/** What planning knows of an action, and the name by which the tests know it. */
interface Named extends Plannable {
  name: string;
}
const onHost: Named = { name: "restart-host", policy: { ...POLICY, once: true }, key: host };
const simple = (name: string): Named => ({ name, policy: POLICY, key: null });
const [ENRICH, ROLLBACK] = [simple("enrich"), simple("rollback")];
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
  params: {},
  key: "",
  connector: `connector of ${action}`,
  policy: POLICY,
  follows: false,
  refused: null,
  ...more,
});

function playbookOf(...rules: Rule[]): Playbook<Named> {
  return { actions: { "restart-host": onHost, enrich: ENRICH, rollback: ROLLBACK }, rules };
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
    expect(asked).toEqual([ruled("enrich", { by: "command", asked_by: "", params: { dc: "nj" } })]);
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

  it("runs by the connector, and with the policy, that are chosen for the action now", () => {
    const asked = plan(pushIn(documentedBody), press("restart-host"), playbookOf(), able);
    const policy = { once: true, repeatable: false, attempts: 3, time_limit_ms: 10_000 };
    expect(asked).toMatchObject([{ connector: "connector of restart-host", policy, refused: null }]);
  });

  it.each([
    ["the name of who pressed the button", { person: { person_name: "zhangsan" } }, "zhangsan"],
    ["nobody's, where the push names nobody", {}, ""],
    ["nobody's, where the name is missing", { person: { person_id: 7 } }, ""],
  ])("says who asked, for a command: %s", (_, top, asked_by) => {
    expect(plan(pushOf(top), press("enrich"), playbookOf(), able)).toMatchObject([{ by: "command", asked_by }]);
  });

  it("says who asked, for a rule: the event, whoever acted", () => {
    const push = pushOf({ event_type: "i_reopen", person: { person_name: "zhangsan" } });
    expect(plan(push, null, playbookOf(...rules), able)).toMatchObject([{ by: "rule", asked_by: "i_reopen" }]);
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
    expect(plan(pushOf(), null, playbook, able)).toEqual([
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
    const asked = plan(pushOf(), null, playbookOf(...rules), able);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.refused?.reason).toBe(reason);
  });

  it("that throws does not stop a person's command for the same action", () => {
    const playbook = playbookOf({ on: ["i_new"], when: boom(new Error("broken")), run: "enrich" });
    expect(plan(pushOf(), press("enrich"), playbook, able)).toMatchObject([{ by: "command", refused: null }]);
  });
});

describe("a rule that follows", () => {
  const follows: Rule = { on: ["i_new"], run: "enrich", follows: true };

  it("is asked for as one that follows: whether there is anything to follow up, its incident knows", () => {
    expect(plan(pushOf(), null, playbookOf(follows), able)).toEqual([ruled("enrich", { follows: true })]);
  });

  it("follows nothing where it does not say so", () => {
    const plain = { ...follows, follows: false };
    expect(plan(pushOf(), null, playbookOf(plain), able)).toEqual([ruled("enrich")]);
  });

  it("that is broken still only follows", () => {
    const broken = { ...follows, when: boom(new Error("broken")) };
    const refused = { state: "failed" as const, reason: "the rule is broken: Error: broken" };
    expect(plan(pushOf(), null, playbookOf(broken), able)).toEqual([ruled("enrich", { follows: true, refused })]);
  });

  it("does not make a command follow: that begins", () => {
    const asked = plan(pushOf(), press("enrich"), playbookOf(follows), able);
    expect(asked).toEqual([ruled("enrich", { by: "command", asked_by: "" })]);
  });

  const plain: Rule = { on: ["i_new"], run: "enrich" };

  it("after one for the same action that does not: the run does not depend on what was begun", () => {
    expect(plan(pushOf(), null, playbookOf(plain, follows), able)).toEqual([ruled("enrich")]);
  });

  it("before one for the same action that does not: the run does not depend on what was begun", () => {
    expect(plan(pushOf(), null, playbookOf(follows, plain), able)).toEqual([ruled("enrich")]);
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
    [new Error("x".repeat(9_999)), `Error: ${"x".repeat(192)}…`],
    ["", "nothing was said"],
    [null, "null"],
    [Object.create(null), "what was thrown cannot be told"],
  ])("that cannot be read (%#): the action is skipped, and says why; the rest is planned", (thrown, said) => {
    const broken: Named = { name: "a", policy: POLICY, key: { from: "the host", of: boom(thrown) } };
    const playbook: Playbook<Named> = {
      actions: { a: broken, enrich: ENRICH },
      rules: [{ on: ["i_new"], run: "enrich" }],
    };
    const refused = { state: "skipped" as const, reason: `the host could not be read: ${said}` };
    expect(plan(pushOf(), press("a"), playbook, able)).toEqual([
      ruled("a", { by: "command", asked_by: "", refused }),
      ruled("enrich"),
    ]);
  });
});

const actingBy = (key: Key, resource: string) => {
  const playbook: Playbook<Named> = { actions: { a: { ...ENRICH, name: "a", key } }, rules: [] };
  const [asked] = plan(pushOf({}, { labels: { resource } }), press("a"), playbook, able);
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
    const [asked] = plan(push, press("a"), playbook, () => ({ unable: "not set up" }));
    expect(asked).toMatchObject({ key: "", refused: { state: "failed", reason: "not set up" } });
  });
});

describe("an action without what it needs", () => {
  it("is failed where its settings are missing, with what is missing", () => {
    const playbook = playbookOf({ on: ["i_new"], run: "rollback" });
    expect(plan(pushOf(), press("enrich"), playbook, unable)).toMatchObject([
      { action: "enrich", connector: "", refused: { state: "failed", reason: "ENRICH_URL is missing" } },
      { action: "rollback", connector: "connector of rollback", refused: null },
    ]);
  });

  it("keeps the playbook's own policy, for no connector was chosen; none, that can be asked again", () => {
    const [asked] = plan(pushOf(), press("restart-host"), playbookOf(), () => ({ unable: "not set up" }));
    expect(onHost.policy.repeatable).toBe(true);
    expect(asked?.policy).toEqual({ ...onHost.policy, repeatable: false });
  });

  it("is asked about once for each run, and not at all where nothing calls for it", () => {
    const asked: string[] = [];
    const note = (action: Named) => {
      asked.push(action.name);
      return able(action);
    };
    plan(pushOf(), press("rollback"), playbookOf({ on: ["i_ack"], run: "enrich" }), note);
    expect(asked).toEqual(["rollback"]);
  });

  it("is failed rather than skipped where settings and key are missing: the button is not set up", () => {
    const [asked] = plan(pushOf(), press("restart-host"), playbookOf(), () => ({ unable: "not set up" }));
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
