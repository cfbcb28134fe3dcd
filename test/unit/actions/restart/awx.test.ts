// The contract: github.com/ansible/awx, awx/api/templates/api/job_template_launch.md and awx/api/{serializers,views}; and for
// AAP 2.5 and later, "API changes" in Red Hat's "Planning your upgrade" (both read in November 2026).
import { describe, expect, it } from "vitest";
import { awx } from "../../../../src/actions/restart/awx.ts";
import type { Outcome } from "../../../../src/domain/run.ts";
import { type Asked, play, type Said, type StandIn } from "../play.ts";

const settings = { AWX_URL: "https://awx.example", AWX_TOKEN: "awx-token-1", AWX_TEMPLATE: "7" };
const connector = awx({
  template: "AWX_TEMPLATE",
  limit: ({ key }) => key,
  extra_vars: () => ({ reason: "flashduty", dc: undefined }),
});
const MARK = "incident-1%3Aevent-1%3Arestart-host@0000000000000";

interface Awx {
  states: string[];
  launch: Record<string, unknown>;
  survey: string[];
  /** Groups of the inventory. */
  groups: string[];
  api: string;
  /** What the job is started without. */
  ignored: Record<string, unknown>;
  job: Record<string, unknown>;
  /** Jobs that were launched before, the newest first. */
  jobs: Record<string, unknown>[];
  answers: Record<string, Said>;
}

/** An AWX with template 7, on inventory 3; each look at job 17 finds it in the next of `states`. */
function awxWith(own: Partial<Awx> = {}): StandIn {
  const { states = ["pending", "successful"], survey = [], groups = [], api = "/api/v2", answers = {} } = own;
  const launch = {
    can_start_without_user_input: false,
    ask_limit_on_launch: true,
    ask_variables_on_launch: true,
    survey_enabled: survey.length > 0,
    variables_needed_to_start: [],
    passwords_needed_to_start: [],
    defaults: { inventory: { id: 3, name: "all machines" }, limit: "" },
    ...own.launch,
  };
  const job = () => {
    const [status = ""] = states.length > 1 ? states.splice(0, 1) : states;
    return { id: 17, type: "job", status, job_explanation: "", limit: "", ...own.job };
  };
  const routes: Record<string, (asked: Asked) => Said> = {
    "GET /job_templates/7/launch/": () => ({ status: 200, json: launch }),
    "GET /job_templates/7/survey_spec/": () => ({
      status: 200,
      json: survey.length > 0 ? { name: "", spec: survey.map((variable) => ({ variable, type: "text" })) } : {},
    }),
    "GET /inventories/3/groups/": ({ query }) => {
      const found = groups.filter((name) => name === query.get("name"));
      return { status: 200, json: { count: found.length, results: found.map((name) => ({ name })) } };
    },
    "POST /job_templates/7/launch/": () => ({
      status: 201,
      json: { job: 17, ignored_fields: own.ignored ?? {}, ...job() },
      headers: { Location: "/api/v2/jobs/17/" },
    }),
    "GET /unified_jobs/": ({ query }) => ({
      status: query.get("unified_job_template") === "7" && query.get("order_by") === "-id" ? 200 : 400,
      json: { count: 2, results: own.jobs ?? [] },
    }),
    "GET /jobs/17/": () => ({ status: 200, json: job() }),
    "GET /workflow_jobs/17/": () => ({ status: 200, json: job() }),
    "POST /jobs/17/cancel/": () => ({ status: 202 }),
  };
  return (asked) => {
    if (asked.headers.get("Authorization") !== `Bearer ${settings.AWX_TOKEN}`)
      return { status: 401, json: { detail: "Authentication credentials were not provided." } };
    if (!asked.path.endsWith("/")) return { status: 301, headers: { Location: `${asked.path}/` } };
    const route = `${asked.method} ${asked.path.replace(api, "")}`;
    if (!asked.path.startsWith(`${api}/`))
      return { status: 404, json: { detail: "The requested resource could not be found." } };
    return answers[route] ?? routes[route]?.(asked) ?? { status: 404, json: { detail: "Not found." } };
  };
}

const reasonOf = (outcome: Outcome) => ("reason" in outcome ? outcome.reason : "");
const requests = (asked: readonly Asked[]) => asked.map(({ method, path }) => `${method} ${path}`);
const LINKS = ["https://awx.example/#/jobs/playbook/17/output"];
const LAUNCH = "POST /api/v2/job_templates/7/launch/";

describe("AWX", () => {
  it("asks the template, launches it with limit and variables, and follows the job to its end", async () => {
    const { outcomes, asked } = await play(
      connector,
      awxWith({ states: ["pending", "waiting", "running", "successful"] }),
      { settings },
    );
    expect(outcomes).toMatchObject([
      { kind: "waiting", handle: "jobs/17", summary: "job 17 is pending", links: LINKS },
      { kind: "waiting", summary: "job 17 is waiting" },
      { kind: "waiting", summary: "job 17 is running" },
      { kind: "succeeded", summary: "job 17 succeeded", links: LINKS },
    ]);
    expect(requests(asked)).toEqual([
      "GET /api/v2/job_templates/7/launch/",
      "GET /api/v2/inventories/3/groups/",
      LAUNCH,
      "GET /api/v2/jobs/17/",
      "GET /api/v2/jobs/17/",
      "GET /api/v2/jobs/17/",
    ]);
    expect(asked[2]?.json).toEqual({ limit: "es.nj.01", extra_vars: { reason: "flashduty", flashduty_run: MARK } });
  });

  it("is reached behind the gateway of AAP, whose pages are elsewhere", async () => {
    const standIn = awxWith({ api: "/api/controller/v2" });
    const { last } = await play(connector, standIn, { settings: { ...settings, AWX_API: "/api/controller/v2/" } });
    expect(last).toMatchObject({ kind: "succeeded", links: ["https://awx.example/execution/jobs/playbook/17/output"] });
  });

  it("follows the workflow of a template that is sliced", async () => {
    const { outcomes } = await play(connector, awxWith({ job: { type: "workflow_job" } }), { settings });
    expect(outcomes).toMatchObject([
      { kind: "waiting", handle: "workflow_jobs/17", summary: "workflow job 17 is pending" },
      { kind: "succeeded", links: ["https://awx.example/#/jobs/workflow/17/output"] },
    ]);
  });

  it.each([
    ["failed", "", "failed", "job 17 ended: failed"],
    ["error", "Job was killed", "failed", "job 17 ended: error (Job was killed)"],
    ["canceled", "", "failed", "job 17 ended: canceled"],
    ["of a later version", "", "unclear", "job 17 is in a state that is not known: of a later version"],
  ])("a job that is %s (%s): %s", async (state, job_explanation, kind, reason) => {
    const { last } = await play(connector, awxWith({ states: ["new", state], job: { job_explanation } }), { settings });
    expect(last).toMatchObject({ kind, reason });
  });

  it.each([
    "all",
    "ALL",
    "ungrouped",
    "*",
    "web*",
    "web*,!db",
    "web,db",
    "web:db",
    "web:&staging",
    "!db",
    "~web.*",
    "web[0:5]",
    "@hosts.txt",
    "-vvv",
    "localhost",
    "127.0.0.1",
    "::1",
    "es.nj.01 es.nj.02",
    "es.nj.01\nall",
    "{{ groups.all }}",
    "",
  ])("the limit %j is refused before anything is asked: it is not one host", async (key) => {
    const { last, asked } = await play(connector, awxWith(), { settings, run: { key } });
    expect(last.kind).toBe("failed");
    expect(reasonOf(last)).toContain("not launched: ");
    expect(asked).toEqual([]);
  });

  it("a limit that is missing is refused, and not left out", async () => {
    const limitless = awx({ template: "AWX_TEMPLATE", limit: () => undefined });
    const { last, asked } = await play(limitless, awxWith(), { settings });
    expect(last.kind).toBe("failed");
    expect(reasonOf(last)).toContain("all hosts");
    expect(asked).toEqual([]);
  });

  it.each<[string, Partial<Awx>, string]>([
    [
      "does not prompt for the limit",
      { launch: { ask_limit_on_launch: false } },
      "ignore the limit es.nj.01 and run on all hosts",
    ],
    ["takes no variables", { launch: { ask_variables_on_launch: false } }, "ignore reason; tick"],
    ["asks for other variables", { launch: { ask_variables_on_launch: false }, survey: ["dc"] }, "ignore reason; tick"],
    ["has a group of the host's name", { groups: ["es.nj.01"] }, "es.nj.01 is also a group"],
    ["has no inventory", { launch: { defaults: { inventory: { id: null } } } }, "no inventory"],
    [
      "is on an inventory that may not be read",
      { answers: { "GET /inventories/3/groups/": { status: 403, json: { detail: "You do not have permission" } } } },
      "the groups of inventory 3 cannot be read",
    ],
  ])("a template that %s is not launched", async (_, own, reason) => {
    const { last, asked } = await play(connector, awxWith(own), { settings });
    expect(last.kind).toBe("failed");
    expect(reasonOf(last)).toContain(reason);
    expect(requests(asked)).not.toContain(LAUNCH);
  });

  it.each<[string, string[], Record<string, unknown>]>([
    ["without the run's name where the survey does not ask for it", ["reason"], { reason: "flashduty" }],
    ["with it where it does", ["reason", "flashduty_run"], { reason: "flashduty", flashduty_run: MARK }],
  ])("a template with a survey gets what it asks for, %s", async (_, survey, extra_vars) => {
    const { asked } = await play(connector, awxWith({ launch: { ask_variables_on_launch: false }, survey }), {
      settings,
    });
    expect(asked.find(({ method }) => method === "POST")?.json).toEqual({ limit: "es.nj.01", extra_vars });
  });

  it.each<[string, Said, string]>([
    ["cancelled", { status: 202 }, "it is being cancelled"],
    ["not to be cancelled any more", { status: 405 }, "it could not be cancelled, do so at once"],
  ])("a job that AWX launched without its limit is called back: %s", async (_, cancel, words) => {
    const own = { ignored: { limit: "es.nj.01" }, answers: { "POST /jobs/17/cancel/": cancel } };
    const { last, asked } = await play(connector, awxWith(own), { settings });
    expect(last).toMatchObject({ kind: "failed", links: LINKS });
    expect(reasonOf(last)).toContain(`AWX ignored limit: ${words}`);
    expect(requests(asked).at(-1)).toBe("POST /api/v2/jobs/17/cancel/");
  });

  describe("after a launch whose answer was lost", () => {
    const run = { may_have_acted: true, unclear_at: 0 };
    const own = { id: 17, type: "job", status: "running", extra_vars: JSON.stringify({ flashduty_run: MARK }) };
    const other = { id: 18, type: "job", status: "running", extra_vars: JSON.stringify({ flashduty_run: `${MARK}1` }) };

    it("finds its job among the template's, and follows it", async () => {
      const { outcomes, asked } = await play(connector, awxWith({ jobs: [other, own] }), { settings, run });
      expect(outcomes).toMatchObject([
        { kind: "waiting", handle: "jobs/17" },
        { kind: "waiting" },
        { kind: "succeeded" },
      ]);
      expect(requests(asked)).not.toContain(LAUNCH);
    });

    it("follows the workflow, and not one of its slices", async () => {
      const jobs = [
        { ...own, id: 19 },
        { ...own, type: "workflow_job" },
      ];
      const { outcomes } = await play(connector, awxWith({ jobs, job: { type: "workflow_job" } }), { settings, run });
      expect(outcomes[0]).toMatchObject({ kind: "waiting", handle: "workflow_jobs/17" });
    });

    it("launches where there is none, long after", async () => {
      const { last, asked } = await play(connector, awxWith({ jobs: [other] }), { settings, run });
      expect(last.kind).toBe("succeeded");
      expect(requests(asked)).toContain(LAUNCH);
    });

    it("launches nothing while the job may still show, and follows it once it does", async () => {
      const jobs: Record<string, unknown>[] = [other];
      const standIn = awxWith({ jobs });
      const before = await play(connector, standIn, { settings, run: { ...run, unclear_at: Date.now() } });
      expect(before.last).toMatchObject({ kind: "held", after_ms: 10_000 });
      jobs.push(own);
      const then = await play(connector, standIn, { settings, run: { ...run, unclear_at: Date.now() - 10_000 } });
      expect(then.outcomes[0]).toMatchObject({ kind: "waiting", handle: "jobs/17" });
      expect(then.last.kind).toBe("succeeded");
      expect(requests([...before.asked, ...then.asked])).not.toContain(LAUNCH);
    });

    it.each([0, 3_600_000])(
      "%i ms later, jobs that are shown without their variables leave it to a person",
      async (ago_ms) => {
        const { extra_vars: _, ...bare } = other;
        const circumstances = { settings, run: { ...run, unclear_at: Date.now() - ago_ms } };
        const { last, asked } = await play(connector, awxWith({ jobs: [bare, other] }), circumstances);
        expect(last.kind).toBe("unclear");
        expect(reasonOf(last)).toContain("AWX does not show the variables of its jobs");
        expect(requests(asked)).not.toContain(LAUNCH);
      },
    );

    it("its own job is known although others are shown without their variables", async () => {
      const { extra_vars: _, ...bare } = other;
      const { last, asked } = await play(connector, awxWith({ jobs: [bare, own] }), { settings, run });
      expect(last.kind).toBe("succeeded");
      expect(requests(asked)).not.toContain(LAUNCH);
    });

    it.each<[string, Partial<Awx>]>([
      ["the template takes no name of a run", { launch: { ask_variables_on_launch: false } }],
      ["the jobs cannot be read", { answers: { "GET /unified_jobs/": { status: 403 } } }],
      ["the template cannot be read", { answers: { "GET /job_templates/7/launch/": { status: 404 } } }],
    ])("leaves it to a person where %s", async (_, broken) => {
      const { last, asked } = await play(connector, awxWith(broken), { settings, run });
      expect(last.kind).toBe("unclear");
      expect(requests(asked)).not.toContain(LAUNCH);
    });
  });

  it.each<[string, string, Said, string, string]>([
    ["question", "GET", { status: 404, json: { detail: "Not found." } }, "failed", "Not found."],
    [
      "question",
      "GET",
      { status: 401, json: { detail: "Authentication credentials" } },
      "failed",
      "credential is not valid",
    ],
    ["question", "GET", { status: 502 }, "later", "502"],
    ["question", "GET", { status: 503 }, "later", "503"],
    ["question", "GET", "silence", "later", "could not be reached"],
    ["question", "GET", { status: 200, text: "<html>" }, "later", "not as expected"],
    [
      "launch",
      "POST",
      { status: 403, json: { detail: "You do not have permission" } },
      "failed",
      "You do not have permission",
    ],
    [
      "launch",
      "POST",
      { status: 400, json: { variables_needed_to_start: ["'dc' value missing"] } },
      "failed",
      "variables_needed_to_start: 'dc' value missing",
    ],
    ["launch", "POST", { status: 429, headers: { "Retry-After": "30" } }, "later", "429"],
    ["launch", "POST", { status: 503, headers: { "Retry-After": "30" } }, "unclear", "503"],
    ["launch", "POST", { status: 504 }, "unclear", "504"],
    ["launch", "POST", "silence", "unclear", "could not be reached"],
    ["launch", "POST", { status: 201, json: {} }, "unclear", "not as expected"],
  ])("a %s (%s) that meets %j: %s", async (_, method, said, kind, reason) => {
    const answers = { [`${method} /job_templates/7/launch/`]: said };
    const { last } = await play(connector, awxWith({ answers }), { settings });
    expect(last.kind).toBe(kind);
    expect(reasonOf(last)).toContain(reason);
  });

  it.each<[string, Said]>([
    ["a token that was withdrawn", { status: 401 }],
    ["a job that was deleted", { status: 404 }],
    ["an outage", { status: 502 }],
    ["silence", "silence"],
  ])("a look that meets %s leaves open what became of the job", async (_, said) => {
    const { last } = await play(connector, () => said, { settings, run: { handle: "jobs/17" } });
    expect(last.kind).toBe("unclear");
  });

  it("says what is wrong with the template's id", () => {
    expect(connector.lacks?.({ AWX_TEMPLATE: "7" })).toBeNull();
    expect(connector.lacks?.({ AWX_TEMPLATE: "restart a host" })).toContain("AWX_TEMPLATE must be the template's id");
  });
});
