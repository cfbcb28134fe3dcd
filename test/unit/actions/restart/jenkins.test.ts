// The contract: https://www.jenkins.io/doc/book/using/remote-access-api/ , and github.com/jenkinsci/jenkins, in
// core/src/main/java: jenkins/model/ParameterizedJobMixIn, hudson/model/{ParametersDefinitionProperty,Queue,Run} (read in
// November 2026).
import { describe, expect, it } from "vitest";
import { jenkins } from "../../../../src/actions/restart/jenkins.ts";
import type { Outcome } from "../../../../src/domain/run.ts";
import { type Asked, play, type Said, type StandIn } from "../play.ts";

const settings = {
  JENKINS_URL: "https://jenkins.example/ci",
  JENKINS_TOKEN: "edge:11d0f1a2b3c4d5e6f7",
  JENKINS_JOB: "team/restart host",
};
const connector = jenkins({ job: "JENKINS_JOB", parameters: ({ key }) => ({ HOST: key, DC: undefined }) });
const MARK = "incident-1%3Aevent-1%3Arestart-host@0000000000000";

interface Jenkins {
  job: Record<string, unknown>;
  parameters: { name: string; choices?: string[] }[] | null;
  /** Item 123, look by look. */
  items: Record<string, unknown>[];
  /** Build 45, look by look. */
  builds: Record<string, unknown>[];
  /** What is queued, and was built, before. */
  queue: Record<string, unknown>[];
  past: Record<string, unknown>[];
  location: string;
  answers: Record<string, Said>;
}

const WAITING = { _class: "hudson.model.Queue$WaitingItem", id: 123, why: "In the quiet period. Expires in 4.9 sec" };
const BLOCKED = { _class: "hudson.model.Queue$BlockedItem", id: 123, why: "Build #44 is already in progress" };
const BUILDABLE = { _class: "hudson.model.Queue$BuildableItem", id: 123, why: "Waiting for next available executor" };
const LEFT = {
  _class: "hudson.model.Queue$LeftItem",
  id: 123,
  why: null,
  cancelled: false,
  executable: { number: 45 },
};
const CANCELLED = { ...LEFT, cancelled: true, executable: null };
const RUNNING = { _class: "hudson.model.FreeStyleBuild", number: 45, building: true, result: null, queueId: 123 };
const DONE = { ...RUNNING, building: false, result: "SUCCESS" };

/** The next of the states a thing goes through; the last for good. */
function next(states: Record<string, unknown>[]): Said {
  const [json] = states.length > 1 ? states.splice(0, 1) : states;
  return json === undefined ? { status: 404, text: "<html>Not Found" } : { status: 200, json };
}

/** What `tree` asks for, and nothing else. */
function pruned(json: unknown, tree: string): unknown {
  if (Array.isArray(json)) return json.map((one) => pruned(one, tree));
  if (typeof json !== "object" || json === null) return json;
  const asked = Object.entries(json).filter(([name]) => name === "_class" || new RegExp(`\\b${name}\\b`).test(tree));
  return Object.fromEntries(asked.map(([name, value]) => [name, pruned(value, tree)]));
}

/** A Jenkins with one job in a folder; refused without user and API token. */
function jenkinsWith(own: Partial<Jenkins> = {}): StandIn {
  const { items = [LEFT], builds = [DONE], queue = [], past = [], answers = {} } = own;
  const { parameters = [{ name: "HOST" }, { name: "FLASHDUTY_RUN" }] } = own;
  const { location = "http://10.1.2.3:8080/ci/queue/item/123/" } = own;
  const definitions = { _class: "hudson.model.ParametersDefinitionProperty", parameterDefinitions: parameters };
  const job = { _class: "hudson.model.FreeStyleProject", buildable: true, ...own.job };
  const queued: Said = { status: 201, headers: { Location: location } };
  const routes: Record<string, (asked: Asked) => Said> = {
    "GET /job/team/job/restart%20host/api/json": ({ query }) =>
      query.get("tree")?.startsWith("builds[")
        ? { status: 200, json: { builds: past } }
        : { status: 200, json: { ...job, property: [{}, ...(parameters ? [definitions] : [])] } },
    "POST /job/team/job/restart%20host/buildWithParameters": () => (parameters ? queued : { status: 500 }),
    "POST /job/team/job/restart%20host/build": () => (parameters ? { status: 400 } : queued),
    "GET /queue/api/json": () => ({ status: 200, json: { items: queue } }),
    "GET /queue/item/123/api/json": () => next(items),
    "GET /job/team/job/restart%20host/45/api/json": () => next(builds),
  };
  return (asked) => {
    if (asked.headers.get("Authorization") !== `Basic ${btoa(settings.JENKINS_TOKEN)}`)
      return { status: 401, text: "<html>" };
    const route = `${asked.method} ${asked.path.replace(/^\/ci/, "")}`;
    const said = answers[route] ?? routes[route]?.(asked) ?? { status: 404, text: "<html>Not Found" };
    return said === "silence" ? said : { ...said, json: pruned(said.json, asked.query.get("tree") ?? "") };
  };
}

const marked = (value: string) => ({
  actions: [
    {},
    {
      parameters: [
        { name: "HOST", value: "es.nj.01" },
        { name: "FLASHDUTY_RUN", value },
      ],
    },
    null,
  ],
});

const reasonOf = (outcome: Outcome) => ("reason" in outcome ? outcome.reason : "");
const requests = (asked: readonly Asked[]) => asked.map(({ method, path }) => `${method} ${path}`);
const JOB = "/ci/job/team/job/restart%20host";
const BUILD = `POST ${JOB}/buildWithParameters`;
const LINKS = [`https://jenkins.example${JOB}/45/`];

describe("Jenkins", () => {
  it("asks the job, builds it with parameters, and follows queue item and build to the end", async () => {
    const standIn = jenkinsWith({ items: [WAITING, BLOCKED, BUILDABLE, LEFT], builds: [RUNNING, RUNNING, DONE] });
    const { outcomes, asked } = await play(connector, standIn, { settings });
    const queued = { kind: "waiting", handle: "team/restart host@123" };
    expect(outcomes).toMatchObject([
      { ...queued, summary: "queue item 123 of team/restart host waits", links: [`https://jenkins.example${JOB}/`] },
      { ...queued, summary: "queue item 123 of team/restart host waits (In the quiet period. Expires in 4.9 sec)" },
      { ...queued, summary: "queue item 123 of team/restart host waits (Build #44 is already in progress)" },
      { ...queued, summary: "queue item 123 of team/restart host waits (Waiting for next available executor)" },
      {
        kind: "waiting",
        handle: "team/restart host#45",
        summary: "build 45 of team/restart host is running",
        links: LINKS,
      },
      { kind: "waiting", handle: "team/restart host#45" },
      { kind: "succeeded", summary: "build 45 of team/restart host succeeded", links: LINKS },
    ]);
    expect(requests(asked)).toEqual([
      `GET ${JOB}/api/json`,
      BUILD,
      ...Array.from({ length: 4 }, () => "GET /ci/queue/item/123/api/json"),
      ...Array.from({ length: 3 }, () => `GET ${JOB}/45/api/json`),
    ]);
    expect(asked[1]?.headers.get("Content-Type")).toBe("application/x-www-form-urlencoded");
    expect(Object.fromEntries(new URLSearchParams(asked[1]?.body))).toEqual({ HOST: "es.nj.01", FLASHDUTY_RUN: MARK });
  });

  it.each([
    ["with the address it believes to have", "http://elsewhere.example:8080/queue/item/123/"],
    ["with a path alone", "/ci/queue/item/123/"],
    ["with no slash at the end", "https://jenkins.example/ci/queue/item/123"],
  ])("of where the item is, %s, only the number is taken", async (_, location) => {
    const { last } = await play(connector, jenkinsWith({ location }), { settings });
    expect(last.kind).toBe("succeeded");
  });

  it.each(["", "/ci/job/team/", "https://evil.example/queue/item/x/", "/queue/item/123/../45"])(
    "a Location of %j leaves it open",
    async (location) => {
      const { last } = await play(connector, jenkinsWith({ location }), { settings });
      expect(last.kind).toBe("unclear");
    },
  );

  it("values are encoded, and cannot add parameters", async () => {
    const { asked } = await play(connector, jenkinsWith(), { settings, run: { key: "a&DC=nj %26" } });
    expect(new URLSearchParams(asked[1]?.body).get("HOST")).toBe("a&DC=nj %26");
    expect(new URLSearchParams(asked[1]?.body).get("DC")).toBeNull();
  });

  it("a job without parameters is built without", async () => {
    const { last, asked } = await play(jenkins({ job: "JENKINS_JOB" }), jenkinsWith({ parameters: null }), {
      settings,
    });
    expect(last.kind).toBe("succeeded");
    expect(requests(asked)).toContain(`POST ${JOB}/build`);
  });

  it("a job that does not declare the run's name is built without it", async () => {
    const { last, asked } = await play(connector, jenkinsWith({ parameters: [{ name: "HOST" }] }), { settings });
    expect(last.kind).toBe("succeeded");
    expect(asked[1]?.body).toBe("HOST=es.nj.01");
  });

  it.each<[string, Partial<Jenkins>, string]>([
    ["does not declare the parameter", { parameters: [{ name: "NODE" }] }, "no parameter HOST"],
    ["has no parameters", { parameters: null }, "no parameter HOST"],
    [
      "has other choices",
      { parameters: [{ name: "HOST", choices: ["es.nj.02"] }] },
      '"es.nj.01" is none of the choices of HOST',
    ],
    ["is disabled", { job: { buildable: false } }, "it is disabled"],
    ["is a folder", { job: { buildable: undefined } }, "no job but a folder"],
  ])("a job that %s is not built", async (_, own, reason) => {
    const { last, asked } = await play(connector, jenkinsWith(own), { settings });
    expect(last.kind).toBe("failed");
    expect(reasonOf(last)).toContain(reason);
    expect(asked).toHaveLength(1);
  });

  it.each([
    ["UNSTABLE", "failed", "build 45 of team/restart host ended: UNSTABLE"],
    ["FAILURE", "failed", "build 45 of team/restart host ended: FAILURE"],
    ["ABORTED", "failed", "build 45 of team/restart host ended: ABORTED"],
    ["NOT_BUILT", "failed", "build 45 of team/restart host ended: NOT_BUILT"],
  ])("a build whose result is %s: %s", async (result, kind, reason) => {
    const standIn = jenkinsWith({ builds: [RUNNING, { ...DONE, result }] });
    const { last } = await play(connector, standIn, { settings });
    expect(last).toMatchObject({ kind, reason, links: LINKS });
  });

  it("a pipeline that has its result already, and still runs, is followed on", async () => {
    const { outcomes } = await play(connector, jenkinsWith({ builds: [{ ...RUNNING, result: "SUCCESS" }, DONE] }), {
      settings,
    });
    expect(outcomes.map(({ kind }) => kind)).toEqual(["waiting", "waiting", "succeeded"]);
  });

  it("an item that was cancelled in the queue has failed", async () => {
    const { last } = await play(connector, jenkinsWith({ items: [BUILDABLE, CANCELLED] }), { settings });
    expect(last).toMatchObject({
      kind: "failed",
      reason: "queue item 123 of team/restart host was cancelled before it was built",
    });
  });

  it("an item that Jenkins has forgotten is found by the build that came of it", async () => {
    const past = [
      { ...DONE, number: 46, queueId: 124, result: "FAILURE" },
      { ...DONE, actions: [{}, null] },
    ];
    const { last } = await play(connector, jenkinsWith({ items: [], past }), { settings });
    expect(last).toMatchObject({ kind: "succeeded", summary: "build 45 of team/restart host succeeded" });
  });

  it("an item that Jenkins has forgotten, and no build of it, leaves it open", async () => {
    const { last } = await play(connector, jenkinsWith({ items: [], past: [{ ...DONE, queueId: 124 }] }), { settings });
    expect(last.kind).toBe("unclear");
  });

  describe("after a start whose answer was lost", () => {
    const run = { may_have_acted: true, unclear_at: 0 };
    it.each<[string, Partial<Jenkins>, string]>([
      [
        "in the queue",
        {
          queue: [
            { ...BLOCKED, id: 124, ...marked("other") },
            { ...BUILDABLE, ...marked(MARK) },
          ],
        },
        "@123",
      ],
      [
        "among the builds",
        {
          past: [
            { ...DONE, number: 46, ...marked(`${MARK}1`) },
            { ...RUNNING, ...marked(MARK) },
          ],
        },
        "#45",
      ],
    ])("finds it %s, and follows it", async (_, own, end) => {
      const { outcomes, last, asked } = await play(connector, jenkinsWith(own), { settings, run });
      expect(outcomes[0]).toMatchObject({ kind: "waiting", handle: `team/restart host${end}` });
      expect(last.kind).toBe("succeeded");
      expect(requests(asked)).not.toContain(BUILD);
    });

    it("finds it although a password stands beside it, which Jenkins tells without its value", async () => {
      const { actions } = marked(MARK);
      const password = { _class: "hudson.model.PasswordParameterValue", name: "ROOT_PASSWORD" };
      const build = { ...DONE, actions: [{ parameters: [password] }, ...actions] };
      const { last, asked } = await play(connector, jenkinsWith({ past: [build] }), { settings, run });
      expect(last).toMatchObject({ kind: "succeeded", links: LINKS });
      expect(requests(asked)).not.toContain(BUILD);
    });

    it("builds where it is in neither, long after", async () => {
      const { last, asked } = await play(connector, jenkinsWith({ past: [{ ...DONE, ...marked("other") }] }), {
        settings,
        run,
      });
      expect(last.kind).toBe("succeeded");
      expect(requests(asked)).toContain(BUILD);
    });

    it("builds nothing while it may still show, and follows it once it does", async () => {
      const queue: Record<string, unknown>[] = [];
      const standIn = jenkinsWith({ queue });
      const before = await play(connector, standIn, { settings, run: { ...run, unclear_at: Date.now() } });
      expect(before.last).toMatchObject({ kind: "held", after_ms: 10_000 });
      queue.push({ ...BUILDABLE, ...marked(MARK) });
      const then = await play(connector, standIn, { settings, run: { ...run, unclear_at: Date.now() - 10_000 } });
      expect(then.outcomes[0]).toMatchObject({ kind: "waiting", handle: "team/restart host@123" });
      expect(then.last.kind).toBe("succeeded");
      expect(requests([...before.asked, ...then.asked])).not.toContain(BUILD);
    });

    it.each<[string, Partial<Jenkins>]>([
      ["the job takes no name of a run", { parameters: [{ name: "HOST" }] }],
      ["the queue cannot be read", { answers: { "GET /queue/api/json": { status: 403 } } }],
      ["the job is not as expected", { job: { buildable: "odd" } }],
      ["the job cannot be read", { answers: { "GET /job/team/job/restart%20host/api/json": { status: 404 } } }],
    ])("leaves it to a person where %s", async (_, own) => {
      const { last, asked } = await play(connector, jenkinsWith(own), { settings, run });
      expect(last.kind).toBe("unclear");
      expect(requests(asked)).not.toContain(BUILD);
    });
  });

  it.each<[string, Said, string, string]>([
    ["GET", { status: 404, text: "<html>" }, "failed", "its credential may not see it"],
    ["GET", { status: 401, text: "<html>" }, "failed", "credential is not valid"],
    ["GET", { status: 503, text: "<html>Jenkins is getting ready" }, "later", "503"],
    ["GET", { status: 302, headers: { Location: "https://sso.example/" } }, "failed", "redirects are not followed"],
    ["GET", { status: 200, text: "<html>log in" }, "later", "not as expected"],
    ["GET", "silence", "later", "could not be reached"],
    ["POST", { status: 403, text: "<html>" }, "failed", "credential may not do this"],
    ["POST", { status: 409, text: "<html>" }, "failed", "409"],
    ["POST", { status: 429 }, "later", "429"],
    ["POST", { status: 503 }, "unclear", "503"],
    ["POST", { status: 500 }, "unclear", "500"],
    ["POST", "silence", "unclear", "could not be reached"],
  ])("a start whose %s meets %j: %s", async (method, said, kind, reason) => {
    const route = `${method} /job/team/job/restart%20host/${method === "GET" ? "api/json" : "buildWithParameters"}`;
    const { last } = await play(connector, jenkinsWith({ answers: { [route]: said } }), { settings });
    expect(last.kind).toBe(kind);
    expect(reasonOf(last)).toContain(reason);
  });

  it.each<[string, Said]>([
    ["a token that was withdrawn", { status: 401 }],
    ["a build that was deleted", { status: 404 }],
    ["an outage", { status: 502 }],
    ["silence", "silence"],
  ])("a look that meets %s leaves open what became of it", async (_, said) => {
    for (const handle of ["team/restart host@123", "team/restart host#45"]) {
      const { last } = await play(connector, () => said, { settings, run: { handle } }); // oxlint-disable-line no-await-in-loop
      expect(last.kind).toBe("unclear");
    }
  });

  it("says what is wrong with a token that has no user", () => {
    expect(connector.lacks?.(settings)).toBeNull();
    expect(connector.lacks?.({ JENKINS_TOKEN: "11d0f1a2b3c4d5e6f7" })).toContain(
      "JENKINS_TOKEN must be the user's name",
    );
  });
});
