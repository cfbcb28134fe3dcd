import { describe, expect, it } from "vitest";
import { action, type Action, DEFAULT_POLICY } from "../../src/actions/action.ts";
import { http } from "../../src/actions/http.ts";
import { readiness } from "../../src/actions/choose.ts";
import { contextOf, definePlaybook } from "../../src/domain/playbook.ts";
import type { Policy } from "../../src/domain/run.ts";
import { playbook as shipped } from "../../src/playbook.ts";
import { pushOf } from "./bodies.ts";
import { named, POLICY } from "./runs.ts";
import { envOf } from "./settings.ts";

const job = (time_limit_ms = 10_000): Action =>
  action({ summary: "run a job", params: {}, time_limit_ms, destructive: false }, [
    http({ settings: "JOB", method: "POST" }),
  ]);

/** What only a playbook that was not checked could say. */
function wrongly(value: unknown): never {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- that is the point
  return value as never;
}

describe("a playbook", () => {
  it.each(["a", "restart-host", "x2", "a".repeat(63)])("may have an action %s", (name) => {
    expect(definePlaybook({ actions: { [name]: job() }, rules: [] }).actions).toHaveProperty([name]);
  });

  it.each(["", "Restart", "restart_host", "2x", "-a", "a:b", "a/b", "ümlaut", "a".repeat(64)])(
    "may not have an action %j, for its name is part of an address",
    (name) => {
      expect(() => definePlaybook({ actions: { [name]: job() }, rules: [] })).toThrow(`action "${name}": a name is`);
    },
  );

  it("gives an attempt no more time than the platform does", () => {
    expect(() => definePlaybook({ actions: { job: job(25_000) }, rules: [] })).not.toThrow();
    expect(() => definePlaybook({ actions: { job: job(25_001) }, rules: [] })).toThrow("25000 ms at most");
  });

  it.each<[string, Partial<Policy>, string]>([
    ["none", { attempts: 0 }, "attempts"],
    ["half a one", { attempts: 2.5 }, "attempts"],
    ["less than none", { attempts: -1 }, "attempts"],
    ["no number", { attempts: Number.NaN }, "attempts"],
    ["without end", { attempts: Infinity }, "attempts"],
    ["in no time", { time_limit_ms: 0 }, "time_limit_ms"],
    ["in half a millisecond", { time_limit_ms: 0.5 }, "time_limit_ms"],
    ["in less than no time", { time_limit_ms: -1 }, "time_limit_ms"],
    ["repeated perhaps", { repeatable: wrongly("yes") }, "repeatable"],
    ["too old at once", { max_age_ms: 0 }, "max_age_ms"],
    ["never too old", { max_age_ms: Infinity }, "max_age_ms"],
    ["dry perhaps", { dry_run: wrongly("yes") }, "dry_run"],
  ])("makes no attempts like these: %s", (_, wrong, where) => {
    const actions = { sound: job(), job: { ...job(), policy: { ...POLICY, ...wrong } } };
    expect(() => definePlaybook({ actions, rules: [] })).toThrow(/^the playbook is wrong:\n- action "job": /);
    expect(() => definePlaybook({ actions, rules: [] })).toThrow(`at ${where}`);
  });

  it("is told of all that is wrong with it at once", () => {
    const actions = { Job: job(), approve: named("approve"), late: job(25_001) };
    const wrong = () => definePlaybook({ actions, rules: [{ on: [], run: "late" }] });
    for (const what of [
      /"Job": a name is/,
      /"approve": this name is taken/,
      /"late": an attempt takes/,
      /rule 1 .*no event/,
    ])
      expect(wrong).toThrow(what);
  });

  it("makes one attempt at least", () => {
    expect(() =>
      definePlaybook({ actions: { job: named("job", { policy: { ...POLICY, attempts: 1 } }) }, rules: [] }),
    ).not.toThrow();
  });

  it("is the very one it was given", () => {
    const given = { actions: { job: job() }, rules: [] };
    expect(definePlaybook(given)).toBe(given);
  });

  it("has a rule's action: another name does not compile", () => {
    // @ts-expect-error -- `jb` is no action of this playbook
    const misspelt = () => definePlaybook({ actions: { job: job() }, rules: [{ on: ["i_new"], run: "jb" }] });
    expect(misspelt).toThrow('rule 1 (i_new → jb): the playbook has no action "jb"');
    // @ts-expect-error -- `i_now` is no event type
    definePlaybook({ actions: { job: job() }, rules: [{ on: ["i_now"], run: "job" }] });
    // @ts-expect-error -- a press runs its action from the action's own address, not by a rule
    definePlaybook({ actions: { job: job() }, rules: [{ on: ["i_new", "i_custom"], run: "job" }] });
    expect(definePlaybook({ actions: { job: job() }, rules: [{ on: ["i_new"], run: "job" }] }).rules).toHaveLength(1);
  });
});

describe("the shipped playbook", () => {
  const restart = shipped.actions["restart-host"];

  it("restarts a host once RESTART_HOST_URL is set, whatever else could do it", () => {
    const connector = restart?.connectors.find(({ name }) => name === "HTTP (RESTART_HOST)");
    expect(connector?.settings).toEqual([
      { name: "RESTART_HOST_URL", kind: "secret_url", required: true, through: "RESTART_HOST_VPC" },
      { name: "RESTART_HOST_TOKEN", kind: "secret", required: false },
      { name: "RESTART_HOST_ACCESS", kind: "secret", required: false },
      { name: "RESTART_HOST_VPC", kind: "service", required: false },
    ]);
    const env = envOf({ RESTART_HOST_URL: "https://runner.example/restart" });
    const ready = Object.values(shipped.actions).map((one) => readiness(one, env));
    expect(ready.filter((one) => "connector" in one)).toEqual([
      { connector: "HTTP (RESTART_HOST)", policy: { ...DEFAULT_POLICY, time_limit_ms: 20_000, repeatable: true } },
    ]);
  });

  it("says of each action, as it comes, what is to be set", () => {
    for (const one of Object.values(shipped.actions)) {
      const told = readiness(one, envOf({}));
      expect("unable" in told && told.unable).toMatch(/\b[A-Z]+_[A-Z0-9_]*[A-Z0-9]\b/);
    }
  });

  it("acts on the label `resource`", () => {
    expect(restart?.key?.from).toBe("the label `resource`");
    expect(restart?.key?.of(contextOf(pushOf({}, { labels: { resource: "es.nj.01" } })))).toBe("es.nj.01");
    expect(restart?.key?.of(contextOf(pushOf()))).toBeUndefined();
    expect(restart?.key?.is?.test("es.nj.01")).toBe(true);
  });

  it.each(["es.nj.01", "es-nj_01", "10.1.2.3", "fe80::1", "10.1.2.3:9100", "北京-01", "a".repeat(253)])(
    "restarts %j, which is one plain name",
    (host) => {
      expect(restart?.key?.is?.test(host)).toBe(true);
    },
  );

  it.each([
    "",
    "*",
    "web*",
    "~web.*",
    "web[0:5]",
    "a,b",
    "a b",
    "a\nb",
    "a\n",
    "-rf",
    "--all",
    "@hosts",
    "!db",
    "../a",
    "a/b",
    "a\\b",
    "$(id)",
    "{{ a }}",
    ".hidden",
    "a".repeat(254),
  ])("restarts nothing that is called %j: that is no one plain name", (host) => {
    expect(restart?.key?.is?.test(host)).toBe(false);
  });

  const workload = shipped.actions["restart-workload"]?.key?.is;

  it.each(["web", "deployment/web", "statefulset/db", "daemonset/agent", "web.v2-1"])(
    "restarts the workload %j",
    (name) => {
      expect(workload?.test(name)).toBe(true);
    },
  );

  it.each([
    "",
    "Web",
    "a/b/c",
    "/web",
    "deployment/",
    "deployment/../web",
    "..",
    "-web",
    "a,b",
    "*",
    "web\n",
    "a".repeat(254),
  ])("restarts no workload that is called %j", (name) => {
    expect(workload?.test(name)).toBe(false);
  });

  it.each([{}, { dc: "nj" }, { dc: "us-east.1_a" }])("takes a button with %j", (query) => {
    expect(restart?.params.safeParse(query).success).toBe(true);
  });

  it.each([{ dc: "" }, { dc: "a b" }, { dc: "x".repeat(65) }, { host: "es.nj.01" }])(
    "takes no button with %j",
    (query) => {
      expect(restart?.params.safeParse(query).success).toBe(false);
    },
  );
});
