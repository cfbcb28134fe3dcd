import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Condition } from "../../src/domain/condition.ts";
import type { Guards } from "../../src/domain/guard.ts";
import { label } from "../../src/domain/key.ts";
import { plan } from "../../src/domain/plan.ts";
import { saysOfEvents, saysOfGuards, saysOfPolicy, saysOfRule, unmet } from "../../src/domain/playbook-words.ts";
import { contextOf, type Plannable, type Rule } from "../../src/domain/playbook.ts";
import { Policy } from "../../src/domain/run.ts";
import { EVENT_TYPES, type EventType } from "../../src/flashduty/event-type.ts";
import { pushOf } from "./bodies.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const boom = (): never => {
  throw new Error("broken");
};

describe("what happens to an incident, in words", () => {
  it.each<[EventType[], string]>([
    [["i_new"], "is opened"],
    [["i_new", "i_reopen"], "is opened or reopened"],
    [["i_ack", "i_rslv", "i_merge"], "is acknowledged, closed or merged"],
    [["i_r_severity", "i_comm"], "gets another severity or a comment"],
    [["i_new", "i_r_field", "i_reopen"], "is opened or reopened, or gets another value in a custom field"],
  ])("%j: %s", (types, said) => {
    expect(saysOfEvents(types)).toBe(said);
  });

  it("differs from type to type", () => {
    expect(new Set(EVENT_TYPES.map((type) => saysOfEvents([type]))).size).toBe(EVENT_TYPES.length);
  });
});

describe("a rule, as a sentence", () => {
  it.each<[string, Omit<Rule, "run">, string]>([
    ["without a condition", { on: ["i_new"] }, 'When an incident is opened, then "enrich" is run.'],
    [
      "with conditions",
      { on: ["i_new", "i_reopen"], when: { severity: ["Critical"], labels: { dc: ["nj", "sh"] } } },
      'When an incident is opened or reopened, and its severity is Critical, and its label `dc` is nj or sh, then "enrich" is run.',
    ],
    [
      "with a condition of its own",
      { on: ["i_new"], when: () => true },
      'When an incident is opened, and a condition of the playbook\'s own holds, then "enrich" is run.',
    ],
    [
      "with one of its own that says what it is",
      { on: ["i_new"], when: { also: { says: "it is full moon", holds: () => true } } },
      'When an incident is opened, and it is full moon, then "enrich" is run.',
    ],
    [
      "that follows",
      { on: ["i_rslv"], follows: true },
      'When an incident is closed, then "enrich" is run, where it was run for the incident before.',
    ],
    [
      "with approval",
      { on: ["i_reopen"], approval: { within_ms: 30 * MINUTE_MS } },
      'When an incident is reopened, then "enrich" is run, after somebody has approved it within 30 minutes.',
    ],
    [
      "with approval by others",
      { on: ["i_reopen"], approval: { within_ms: HOUR_MS, not_by: () => [] } },
      'When an incident is reopened, then "enrich" is run, after somebody, whom the playbook does not exclude, has approved it within 1 hour.',
    ],
  ])("%s", (_, rule, said) => {
    expect(saysOfRule({ ...rule, run: "enrich" })).toBe(said);
  });
});

const ANYBODY = "nobody can override this";

describe("guards, in words", () => {
  it.each<[Guards, string[]]>([
    [{}, []],
    [{ override_within_ms: MINUTE_MS }, []],
    [{ each: {} }, []],
    [{ each: { at_once: 1 } }, ["on one key: at most 1 at a time", ANYBODY]],
    [
      { each: { at_once: 2, cool_down_ms: 10 * MINUTE_MS, budget: { runs: 3, window_ms: 6 * HOUR_MS } } },
      [
        "on one key: at most 2 at a time; not again within 10 minutes after a run; at most 3 runs within 6 hours",
        ANYBODY,
      ],
    ],
    [{ all: { budget: { runs: 1, window_ms: HOUR_MS } } }, ["over all: at most 1 run within 1 hour", ANYBODY]],
    [
      { breaker: { failures: 5, window_ms: HOUR_MS } },
      ["stopped until a person closes the breaker, once 5 runs failed or did not help, within 1 hour", ANYBODY],
    ],
    [
      { breaker: { failures: 1, keys: 10, window_ms: HOUR_MS } },
      [
        "stopped until a person closes the breaker, once 1 run failed or did not help, or it was to be run on more than 10 different keys, within 1 hour",
        ANYBODY,
      ],
    ],
    [
      { comebacks: 2, override_within_ms: 5 * MINUTE_MS },
      [
        "not again once it has succeeded 2 times for an incident that was reopened all the same",
        `the same person's second press within 5 minutes overrides all but "at a time" and the breaker`,
      ],
    ],
    [
      { comebacks: 1 },
      ["not again once it has succeeded once for an incident that was reopened all the same", ANYBODY],
    ],
  ])("%j", (guards, said) => {
    expect(saysOfGuards({ guards, key: label("resource") })).toEqual(said);
  });

  it("are over all where the action acts on nothing in particular", () => {
    expect(saysOfGuards({ guards: { each: { at_once: 1 } }, key: null })[0]).toBe("over all: at most 1 at a time");
  });
});

describe("how an action is carried out, in words", () => {
  const AGE = "not started any more 1 hour after it was asked for";
  const OPEN = "where the outcome of one is not known, a person decides";

  it.each<[Partial<Policy>, boolean | null, string[]]>([
    [{}, true, ["up to 5 attempts, of 10 seconds at most", AGE]],
    [{}, null, ["up to 5 attempts, of 10 seconds at most", AGE]],
    [{}, false, ["up to 5 attempts, of 10 seconds at most", OPEN, AGE]],
    [{ attempts: 1 }, true, ["1 attempt, of 10 seconds at most", AGE]],
    [
      { max_age_ms: 90 * MINUTE_MS },
      true,
      ["up to 5 attempts, of 10 seconds at most", "not started any more 90 minutes after it was asked for"],
    ],
    [
      { once: true },
      false,
      ["started once, and never again by itself; where its outcome is not known, a person decides", AGE],
    ],
    [
      { dry_run: true },
      true,
      ["dry run: everything is done but the call to the target", "up to 5 attempts, of 10 seconds at most", AGE],
    ],
  ])("%j, repeatable: %j", (changed, repeatable, said) => {
    const policy = Policy.parse({ once: false, attempts: 5, time_limit_ms: 10_000, ...changed });
    expect(saysOfPolicy(policy, repeatable)).toEqual(said);
  });
});

const plannable: Plannable = {
  policy: Policy.parse({ once: false, attempts: 5, time_limit_ms: 10_000 }),
  key: null,
  after: null,
  guards: {},
  destructive: false,
  causes: [],
};
/** A Sunday, 03:00 in Shanghai. */
const NIGHT = Date.parse("2026-11-22T03:00:00+08:00");
const push = pushOf({}, { incident_severity: "Critical", channel_name: "db", labels: { dc: "nj" } });
const unmetIn = (when: Rule["when"]) =>
  unmet({ on: ["i_new"], run: "enrich", ...(when && { when }) }, contextOf(push), NIGHT);

describe("what of a rule does not hold", () => {
  it.each<[Rule["when"], string[]]>([
    [undefined, []],
    [{}, []],
    [{ severity: ["Critical"], channel: ["db"], labels: { dc: "nj" } }, []],
    [{ severity: ["Info", "Warning"] }, ["its severity is Info or Warning"]],
    [
      { severity: ["Info"], channel: ["db"], labels: { dc: "nj", rack: /^7/ } },
      ["its severity is Info", "its label `rack` matches /^7/"],
    ],
    [{ channel: ["web"], labels: { dc: ["sh"] } }, ["its channel is web", "its label `dc` is sh"]],
    [{ hours: { zone: "Asia/Shanghai", from: "22:00", to: "06:00" } }, []],
    [
      { hours: { zone: "Asia/Shanghai", from: "09:00", to: "18:00" } },
      ["it is between 09:00 and 18:00 (Asia/Shanghai)"],
    ],
    [{ also: { says: "it is full moon", holds: () => false } }, ["it is full moon"]],
    [{ also: { says: "it is full moon", holds: boom } }, []],
    [() => false, ["a condition of the playbook's own holds"]],
    [() => true, []],
    [boom, []],
    [{ occurrence: "reopened" }, []],
  ])("%j: %j", (when, said) => {
    expect(unmetIn(when)).toEqual(said);
  });

  const condition: fc.Arbitrary<Condition> = fc.record(
    {
      severity: fc.subarray(["Critical", "Warning"] as const, { minLength: 1 }),
      channel: fc.subarray(["db", "web"], { minLength: 1 }),
      labels: fc.dictionary(fc.constantFrom("dc", "rack"), fc.constantFrom("nj", "sh")),
      hours: fc.constantFrom(
        { zone: "Asia/Shanghai", from: "00:00", to: "12:00" },
        { zone: "UTC", from: "00:00", to: "12:00" },
      ),
      also: fc.constantFrom(
        { says: "yes", holds: () => true },
        { says: "no", holds: () => false },
        { says: "?", holds: boom },
      ),
    },
    { requiredKeys: [] },
  );
  const when = fc.oneof(
    { weight: 4, arbitrary: condition },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        () => true,
        () => false,
        boom,
      ),
    },
  );

  it("is nothing just where planning asks for the action", () => {
    fc.assert(
      fc.property(when, (when) => {
        const playbook = { actions: { enrich: plannable }, rules: [{ on: ["i_new" as const], when, run: "enrich" }] };
        const readiness = () => ({ connector: "any", policy: plannable.policy });
        const asked = plan(push, null, { playbook, readiness, own_id: "", now: NIGHT });
        expect(unmetIn(when).length === 0).toBe(asked.length === 1);
      }),
    );
  });
});
