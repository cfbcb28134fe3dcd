// The contract: https://docs.gitlab.com/api/pipelines/ , …/api/deployments/ and …/api/commits/ (doc/api in gitlabhq/gitlabhq), and
// lib/api/ci/pipelines.rb there for the errors. The statuses: app/models/concerns/ci/has_status.rb .
import { afterEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { ifItComes } from "../../../../src/actions/rollback/change.ts";
import { gitlab } from "../../../../src/actions/rollback/gitlab.ts";
import { play, type Played, type Said, type StandIn } from "../play.ts";

const settings = { GITLAB_TOKEN: "glpat-1234567890", GITLAB_ROLLBACK_PROJECT: "acme/shop" };
const spec = { project: "GITLAB_ROLLBACK_PROJECT", inputs: () => ({ service: "checkout", dry: false, dc: undefined }) };
const connector = gitlab(spec);
const PLANNED = 1_763_000_000_000;
const MARK = `incident-1%3Aevent-1%3Arestart-host@${PLANNED}`;
const run = { planned_at: PLANNED };
const PROJECT = "/api/v4/projects/acme%2Fshop";
const SHA = "9c2d1e7f00000000000000000000000000000000";
const LINK = "https://gitlab.com/acme/shop/-/pipelines/287";
const COMMIT = `https://gitlab.com/acme/shop/-/commit/${SHA}`;
const commit = {
  title: "Raise the pool size",
  author_name: "Alice",
  created_at: "2025-11-12T10:00:00Z",
  web_url: COMMIT,
};
const LATEST = 'The latest change on main: 9c2d1e7f "Raise the pool size" (Alice, 2025-11-12 10:00 UTC)';

interface Project {
  /** What the pipeline goes through, one with each look at it; the last one stays. */
  states?: string[];
  /** Pipelines that are there already: their name, and when they began. */
  pipelines?: { name: string | null; created_at?: string }[];
  deployments?: object[] | undefined;
  commit?: Said;
}

const Creation = z.strictObject({
  ref: z.string(),
  inputs: z.record(z.string(), z.union([z.string(), z.boolean()])).optional(),
  variables: z.array(z.strictObject({ key: z.string(), value: z.string() })).optional(),
});

/** A project whose pipelines have the inputs `run_id`, `service` and `dry`; the next one is number 287. */
function projectWith(project: Project): StandIn {
  const { states = ["success"], pipelines = [], deployments } = project;
  const known = pipelines.map((pipeline, at) => ({ id: at, created_at: "2025-11-13T02:13:25.000Z", ...pipeline }));
  const shown = (pipeline: (typeof known)[number]) => {
    const [status = ""] = states.length > 1 ? states.splice(0, 1) : states;
    const web_url = `https://gitlab.com/acme/shop/-/pipelines/${pipeline.id}`;
    return { ...pipeline, iid: 1, project_id: 5, status, source: "api", ref: "main", sha: SHA, web_url };
  };
  const create = (json: unknown): Said => {
    const { inputs = {} } = Creation.parse(json);
    const unknown = Object.keys(inputs).filter((name) => !["run_id", "service", "dry"].includes(name));
    if (unknown.length > 0)
      return { status: 400, json: { message: { base: [`unknown input arguments: ${unknown.join()}`] } } };
    const created = { id: 287, created_at: "2025-11-13T02:13:25.000Z", name: `Roll back ${String(inputs["run_id"])}` };
    known.unshift(created);
    return { status: 201, json: shown(created) };
  };
  return ({ method, path, headers, query, json }): Said => {
    if (headers.get("PRIVATE-TOKEN") !== settings.GITLAB_TOKEN)
      return { status: 401, json: { message: "401 Unauthorized" } };
    if (method === "POST" && path === `${PROJECT}/pipeline`) return create(json);
    const one = known.find(({ id }) => path === `${PROJECT}/pipelines/${id}`);
    if (one !== undefined) return { status: 200, json: shown(one) };
    if (path === `${PROJECT}/pipelines` && query.get("source") === "api")
      return { status: 200, json: known.map(shown) };
    const is_finished = query.get("status") === "success" && query.get("order_by") === "finished_at";
    const is_before = is_finished && query.get("finished_before") === "2025-11-13T02:13:25.000Z";
    if (path === `${PROJECT}/deployments` && is_before && query.get("environment") === "production" && deployments)
      return { status: 200, json: deployments };
    if (path === `${PROJECT}/repository/commits/${SHA}`) return project.commit ?? { status: 200, json: commit };
    return { status: 404, json: { message: "404 Not found" } };
  };
}

const creations = ({ asked }: Played) => asked.filter(({ method }) => method === "POST").map(({ json }) => json);
const lacks = (value: string) => connector.lacks?.({ GITLAB_ROLLBACK_PROJECT: value }) ?? null;

afterEach(() => {
  vi.useRealTimers();
});

describe("GitLab", () => {
  it("starts the pipeline with its inputs, follows it, and names the latest change", async () => {
    const states = ["created", "pending", "running", "success"];
    const played = await play(connector, projectWith({ states }), { settings, run });
    expect(played.outcomes).toMatchObject([
      { kind: "waiting", handle: "287", summary: "pipeline 287 is created", links: [LINK] },
      { kind: "waiting", summary: "pipeline 287 is pending" },
      { kind: "waiting", summary: "pipeline 287 is running" },
      { kind: "succeeded", summary: `pipeline 287 succeeded. ${LATEST}`, links: [LINK, COMMIT] },
    ]);
    expect(creations(played)).toEqual([{ ref: "main", inputs: { service: "checkout", dry: false, run_id: MARK } }]);
    expect(played.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `POST ${PROJECT}/pipeline`,
      ...Array<string>(3).fill(`GET ${PROJECT}/pipelines/287`),
      `GET ${PROJECT}/repository/commits/${SHA}`,
    ]);
  });

  it.each([
    ["inputs", { project: spec.project }, { inputs: { run_id: MARK } }],
    [
      "variables",
      { project: spec.project, variables: () => ({ SERVICE: "checkout", DC: undefined }) },
      {
        variables: [
          { key: "SERVICE", value: "checkout" },
          { key: "RUN_ID", value: MARK },
        ],
      },
    ],
    [
      "inputs and variables",
      { ...spec, variables: () => ({ SERVICE: "checkout" }) },
      { inputs: { service: "checkout", dry: false, run_id: MARK }, variables: [{ key: "SERVICE", value: "checkout" }] },
    ],
  ])("hands over %s, and the run's id with them", async (_, spec, handed) => {
    const played = await play(gitlab(spec), projectWith({}), { settings, run });
    expect(creations(played)).toEqual([{ ref: "main", ...handed }]);
  });

  it.each([
    ["the setting's ref", connector, "acme/shop@release/1", "release/1"],
    ["the playbook's ref", gitlab({ ...spec, ref: "v2" }), "acme/shop@release/1", "v2"],
  ])("runs on %s", async (_, connector, project, ref) => {
    const circumstances = { settings: { ...settings, GITLAB_ROLLBACK_PROJECT: project }, run };
    expect(creations(await play(connector, projectWith({}), circumstances))).toMatchObject([{ ref }]);
  });

  it.each([
    ["failed", "pipeline 287 failed"],
    ["canceled", "pipeline 287 was cancelled"],
    ["skipped", "pipeline 287 was skipped: none of its jobs has run"],
    ["manual", "pipeline 287 has stopped at a manual job, and goes on only when somebody starts that job in GitLab"],
  ])("a pipeline that is %s has not rolled back", async (state, reason) => {
    const { last } = await play(connector, projectWith({ states: ["running", state] }), { settings, run });
    expect(last).toMatchObject({ kind: "failed", reason: `${reason}. ${LATEST}`, links: [LINK, COMMIT] });
  });

  it("a pipeline in any other state goes on, one to come as well", async () => {
    const going_on = [
      "created",
      "waiting_for_resource",
      "preparing",
      "waiting_for_callback",
      "pending",
      "scheduled",
      "canceling",
      "odd",
    ];
    const { outcomes } = await play(connector, projectWith({ states: [...going_on, "success"] }), { settings, run });
    expect(outcomes.map(({ kind }) => kind)).toEqual([...going_on.map(() => "waiting"), "succeeded"]);
  });

  describe("a start that may have been made already", () => {
    const again = { settings, run: { ...run, may_have_acted: true, unclear_at: PLANNED } }; // which is long ago
    const ago = (ms: number) => ({ ...again, run: { ...again.run, unclear_at: Date.now() - ms } });

    it("is found by the run's id, and followed", async () => {
      const pipelines = [{ name: "Roll back other" }, { name: `Roll back ${MARK}` }];
      const played = await play(connector, projectWith({ pipelines }), again);
      expect(creations(played)).toEqual([]);
      expect(played.last).toMatchObject({ kind: "succeeded", summary: `pipeline 1 succeeded. ${LATEST}` });
      expect(played.asked[0]?.query.get("created_after")).toBe("2025-11-13T02:08:20Z");
    });

    it.each<[string, Project["pipelines"] & object]>([
      ["there is none", []],
      ["there are those of others only", [{ name: `Roll back incident-2%3Aevent-7%3Arollback@${PLANNED + 1}` }]],
      ["all others are from before", [{ name: null, created_at: "2025-11-13T02:08:19.000Z" }]],
    ])("is made where %s, long after", async (_, pipelines) => {
      const played = await play(connector, projectWith({ pipelines }), again);
      expect(creations(played)).toHaveLength(1);
      expect(played.last.kind).toBe("succeeded");
    });

    it("is not made again while the pipeline may still be listed, and followed once it is", async () => {
      const late = await play(connector, projectWith({}), ago(0));
      expect(late.last).toMatchObject({ kind: "held", after_ms: 10_000 });
      const listed = await play(connector, projectWith({ pipelines: [{ name: `Roll back ${MARK}` }] }), ago(10_000));
      expect(listed.last.kind).toBe("succeeded");
      expect([...creations(late), ...creations(listed)]).toEqual([]);
    });

    it.each<[string, Project | Said, string]>([
      ["pipelines have no name to tell by", { pipelines: [{ name: null }] }, "without a run_id in their names"],
      ["GitLab does not answer", "silence", "could not be reached"],
      ["the token was withdrawn", { status: 401 }, "401"],
    ])("is left open where %s", async (_, there, reason) => {
      const standIn = there === "silence" || "status" in there ? () => there : projectWith(there);
      const played = await play(connector, standIn, again);
      expect(played.last).toMatchObject({ kind: "unclear", reason: expect.stringContaining(reason) as unknown });
      expect(creations(played)).toEqual([]);
    });
  });

  it("with an environment, the latest change is the deployment before the pipeline", async () => {
    const deployments = [
      {
        id: 41,
        sha: "2".repeat(40),
        created_at: "2025-11-12T10:30:00Z",
        user: { name: "Bob" },
        deployable: { commit },
      },
    ];
    const connector = gitlab({ ...spec, environment: "production" });
    const { last } = await play(connector, projectWith({ deployments }), { settings, run });
    const latest =
      'The latest deployment to production before it: 22222222 "Raise the pool size" (Bob, 2025-11-12 10:30 UTC)';
    expect(last).toMatchObject({ summary: `pipeline 287 succeeded. ${latest}`, links: [LINK, COMMIT] });
  });

  it.each([
    ["there is none", []],
    ["they cannot be read", undefined],
    ["they are not as expected", [{}]],
  ])("with an environment, the commit is named where %s", async (_, deployments) => {
    const connector = gitlab({ ...spec, environment: "production" });
    const { last } = await play(connector, projectWith({ deployments }), { settings, run });
    expect(last).toMatchObject({ kind: "succeeded", summary: `pipeline 287 succeeded. ${LATEST}` });
  });

  it.each<[string, Said]>([
    ["cannot be read", { status: 403 }],
    ["does not come", "silence"],
    ["is not as expected", { status: 200, text: "<html>" }],
  ])("a commit that %s is named by its number", async (_, said) => {
    const { last } = await play(connector, projectWith({ commit: said }), { settings, run });
    expect(last).toMatchObject({
      summary: "pipeline 287 succeeded. The latest change on main: 9c2d1e7f",
      links: [LINK],
    });
  });

  it("what is asked for beside may take two seconds, and no more", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const waited = ifItComes(new Promise<never>(() => undefined));
    await vi.advanceTimersByTimeAsync(2_000);
    await expect(waited).resolves.toBeNull();
  });

  it.each<[string, Said, string, string]>([
    ["a wrong token", { status: 401, json: { message: "401 Unauthorized" } }, "failed", "401 Unauthorized"],
    ["a token without rights", { status: 403, json: { message: "403 Forbidden" } }, "failed", "may not do this"],
    [
      "an unknown project",
      { status: 404, json: { message: "404 Project Not Found" } },
      "failed",
      "404 Project Not Found",
    ],
    [
      "a wrong ref",
      { status: 400, json: { message: { base: ["Reference not found"] } } },
      "failed",
      "base: Reference not found",
    ],
    ["too many requests", { status: 429, headers: { "Retry-After": "30" } }, "later", "429"],
    ["an outage", { status: 503 }, "unclear", "503"],
    ["an outage on the way", { status: 502 }, "unclear", "502"],
    ["a break on the way", "silence", "unclear", "could not be reached"],
    ["an answer that is no pipeline", { status: 200, text: "<html>" }, "unclear", "not as expected"],
  ])("a start that meets %s", async (_, said, kind, reason) => {
    const { last } = await play(connector, () => said, { settings, run });
    expect(last).toMatchObject({ kind, reason: expect.stringContaining(reason) as unknown });
  });

  it.each<[string, Said]>([
    ["a token that was withdrawn", { status: 401 }],
    ["a pipeline that was deleted", { status: 404 }],
    ["an outage", { status: 502 }],
    ["silence", "silence"],
    ["something else", { status: 200, json: {} }],
  ])("a look that meets %s leaves open what became of the pipeline", async (_, said) => {
    const { last } = await play(connector, () => said, { settings, run: { ...run, handle: "287" } });
    expect(last.kind).toBe("unclear");
  });

  it("says how the project is to be written, where it is not", () => {
    expect(["acme/shop", "acme/team/shop@main", "4711"].map(lacks)).toEqual([null, null, null]);
    for (const wrong of ["a b/c", "acme/shop@"]) expect(lacks(wrong)).toContain("group/project");
  });
});
