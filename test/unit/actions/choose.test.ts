import { describe, expect, it } from "vitest";
import { action, DEFAULT_POLICY } from "../../../src/actions/action.ts";
import { choose, chosenFor, readiness } from "../../../src/actions/choose.ts";
import type { Connector } from "../../../src/actions/connector.ts";
import type { ConnectorSetting } from "../../../src/config.ts";
import { SUCCEEDED } from "../runs.ts";
import { envOf } from "../settings.ts";

/** A connector that needs an address, a token and the name of a job. */
function connectorOf(prefix: string, changed: Partial<Connector> = {}): Connector {
  const settings: ConnectorSetting[] = [
    { name: `${prefix}_URL`, kind: "url", required: true },
    { name: `${prefix}_TOKEN`, kind: "secret", required: true },
    { name: `${prefix}_NOTE`, kind: "text", required: false },
  ];
  return { name: prefix, settings, repeatable: true, start: () => Promise.resolve(SUCCEEDED), ...changed };
}

const actionWith = (...connectors: Connector[]) => action({ summary: "run a job", params: {}, once: true }, connectors);
const SET = (prefix: string) => ({ [`${prefix}_URL`]: "https://x.example", [`${prefix}_TOKEN`]: "12345678" });
const three = actionWith(connectorOf("A"), connectorOf("B", { repeatable: false }), connectorOf("C"));

function chosen(variables: Record<string, unknown>, around = three): string | string[] {
  const choice = choose(around, envOf(variables));
  return choice.ok ? choice.connector.name : choice.faults;
}

const missing = (name: string): unknown => expect.stringMatching(new RegExp(`^${name} is missing; set it `));

describe("the connector of an action", () => {
  it.each([
    ["A", { ...SET("A"), ...SET("B"), ...SET("C") }],
    ["B", { ...SET("B"), ...SET("C") }],
    ["C", SET("C")],
    ["B", { ...SET("B"), A_URL: "https://x.example" }],
  ])("is the first that is ready: %s with %j", (name, variables) => {
    expect(chosen(variables)).toBe(name);
  });

  it("has its own settings, and no others", () => {
    const choice = choose(three, envOf({ ...SET("B"), B_NOTE: "x", A_URL: "https://a.example", OTHER: "y" }));
    expect(choice.ok && choice.settings.values).toEqual({ ...SET("B"), B_NOTE: "x" });
    expect(choice.ok && choice.settings.secrets).toEqual(["12345678"]);
  });

  it.each([
    ["A", { A_URL: "https://x.example" }, [missing("A_TOKEN")]],
    ["B", { B_TOKEN: "12345678" }, [missing("B_URL")]],
    ["C", { C_NOTE: "x" }, [missing("C_URL"), missing("C_TOKEN")]],
    ["B", { B_URL: "http://not.safe", B_TOKEN: "12345678" }, [expect.stringMatching(/^B_URL must be an https/)]],
    ["A and B", { B_TOKEN: "12345678", A_TOKEN: "12345678" }, [missing("A_URL"), missing("B_URL")]],
  ])("was begun with %s: what is missing there is named, and nothing else", (_, variables, faults) => {
    expect(chosen(variables)).toEqual(faults);
  });

  it("where nothing is set, the first is named, and the others as alternatives with what they need", () => {
    expect(chosen({ OTHER: "x" })).toEqual([
      missing("A_URL"),
      missing("A_TOKEN"),
      "or set up one of B (B_URL, B_TOKEN), C (C_URL, C_TOKEN) instead",
    ]);
  });

  it("where nothing is set, and there is only one, that is named", () => {
    expect(chosen({}, actionWith(connectorOf("A")))).toEqual([missing("A_URL"), missing("A_TOKEN")]);
  });

  it("is none where an action has none", () => {
    expect(chosen(SET("A"), actionWith())).toEqual([]);
  });

  it("needs nothing where it has no settings", () => {
    expect(chosen({}, actionWith(connectorOf("A"), connectorOf("N", { settings: [] })))).toBe("N");
  });
});

describe("a connector that is meant, and set up wrongly, is not passed over for the next that is ready", () => {
  const job: ConnectorSetting = { name: "A_JOB", kind: "text", required: true };
  const two = actionWith(connectorOf("A", { settings: [...connectorOf("A").settings, job] }), connectorOf("B"));

  it.each([
    [
      "one of its values is wrong",
      { ...SET("A"), A_JOB: "restart", A_URL: "http://not.safe" },
      /^A_URL must be an https/,
    ],
    [
      "its job is named, and its token is gone",
      { A_URL: "https://x.example", A_JOB: "restart" },
      /^A_TOKEN is missing/,
    ],
  ])("%s", (_, variables, fault) => {
    expect(chosen({ ...variables, ...SET("B") }, two)).toEqual([expect.stringMatching(fault)]);
  });

  it("but one whose system only others use is", () => {
    expect(chosen({ ...SET("A"), ...SET("B") }, two)).toBe("B");
  });
});

const lacks: Connector["lacks"] = ({ B_NOTE }) => (B_NOTE === undefined ? "set B_NOTE or B_OTHER" : null);

describe("a connector that lacks something although all that is required is set", () => {
  const two = actionWith(connectorOf("A"), connectorOf("B", { lacks }), connectorOf("C"));

  it("is ready once it has it", () => {
    expect(chosen({ ...SET("B"), B_NOTE: "x" }, two)).toBe("B");
  });

  it("is not passed over for the next that is ready", () => {
    expect(chosen({ ...SET("B"), ...SET("C") }, two)).toEqual(["set B_NOTE or B_OTHER"]);
  });

  it("is not asked what it lacks before all that is required is set", () => {
    const asked = actionWith(connectorOf("B", { lacks: () => "asked" }));
    expect(chosen({ B_URL: "https://x.example" }, asked)).toEqual([missing("B_TOKEN")]);
  });

  it("names it where it is the only one", () => {
    expect(chosen(SET("B"), actionWith(connectorOf("B", { lacks })))).toEqual(["set B_NOTE or B_OTHER"]);
  });

  it("was begun with: what it lacks is named, and nothing else", () => {
    expect(chosen(SET("B"), two)).toEqual(["set B_NOTE or B_OTHER"]);
  });
});

describe("the readiness of an action", () => {
  it("is the connector's name, and the action's policy with what the connector says of being asked again", () => {
    const policy = { ...DEFAULT_POLICY, once: true };
    expect(readiness(three, envOf(SET("A")))).toEqual({ connector: "A", policy: { ...policy, repeatable: true } });
    expect(readiness(three, envOf(SET("B")))).toEqual({ connector: "B", policy: { ...policy, repeatable: false } });
  });

  it.each<[string, boolean, Record<string, string>, boolean]>([
    ["where the playbook says so", true, {}, true],
    ["where the settings say so", false, { DRY_RUN: "on" }, true],
    ["where the settings say something that nobody understands", false, { DRY_RUN: "ture" }, true],
    ["not where neither does", false, { DRY_RUN: "off" }, false],
  ])("is to run dry %s", (_, said, variables, dry_run) => {
    const around = action({ summary: "run a job", params: {}, dry_run: said }, [connectorOf("A")]);
    expect(readiness(around, envOf({ ...SET("A"), ...variables }))).toMatchObject({ policy: { dry_run } });
  });

  it("is what keeps it from being carried out, in one line", () => {
    const told = readiness(three, envOf({ A_NOTE: "x" }));
    expect("unable" in told && told.unable).toMatch(/^A_URL is missing; set it .*; A_TOKEN is missing; set it [^;]*$/);
  });
});

function nameOf(name: string, variables: Record<string, unknown>): string | string[] {
  const choice = chosenFor(three, name, envOf(variables));
  return choice.ok ? choice.connector.name : choice.faults;
}

describe("the connector that a run was planned with", () => {
  it("is kept, although another one would be chosen by now", () => {
    expect(nameOf("B", { ...SET("A"), ...SET("B") })).toBe("B");
    expect(nameOf("C", { ...SET("A"), ...SET("B"), ...SET("C") })).toBe("C");
  });

  it("is kept, although its settings are gone and another one is ready: what it started is at its own target", () => {
    expect(nameOf("B", SET("A"))).toEqual([missing("B_URL"), missing("B_TOKEN")]);
  });

  it("has its settings as they are now", () => {
    const choice = chosenFor(three, "B", envOf({ ...SET("B"), B_URL: "https://moved.example" }));
    expect(choice.ok && choice.settings.values["B_URL"]).toBe("https://moved.example");
  });

  it("may have gone from the playbook", () => {
    expect(nameOf("Z", SET("A"))).toEqual(['the playbook has no connector "Z" for it any more']);
  });

  it('is chosen now for a run of before there were several: ""', () => {
    expect(nameOf("", SET("C"))).toBe("C");
  });
});
