// The contract: the OpenAPI description of GitHub's REST API (github/rest-api-description, api.github.com, 2022-11-28), as in
// @octokit/openapi-types 29: actions/create-workflow-dispatch, list-workflow-runs, get-workflow-run, repos/list-deployments.
// That Enterprise Server up to 3.20 refuses `return_run_details` is said in github.com/cli/cli (internal/featuredetection).
import { afterEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { github } from "../../../../src/actions/rollback/github.ts";
import { play, type Played, type Said, type StandIn } from "../play.ts";

const TOKEN = "github_pat_11AAAAAAA";
const settings = { GITHUB_TOKEN: TOKEN, GITHUB_ROLLBACK_WORKFLOW: "acme/shop/rollback.yml" };
const spec = { workflow: "GITHUB_ROLLBACK_WORKFLOW", inputs: () => ({ service: "checkout", dc: undefined }) };
const connector = github(spec);
const PLANNED = 1_763_000_000_000;
const MARK = `incident-1%3Aevent-1%3Arestart-host@${PLANNED}`;
const run = { planned_at: PLANNED };
const RUNS = "/repos/acme/shop/actions/workflows/rollback.yml/runs";
const SHA = "9c2d1e7f00000000000000000000000000000000";
const COMMIT = {
  id: SHA,
  message: "Raise the pool size\n\nCloses #9",
  timestamp: "2025-11-12T10:00:00Z",
  author: { name: "Alice", email: "alice@acme.example" },
};

interface Repository {
  /** What a run goes through, one with each look at it; the last one stays. */
  states?: string[];
  /** Enterprise Server 3.20 and before. */
  is_old?: boolean;
  /** The workflow's `run-name`; without one, runs are titled like the workflow. */
  titled?: (inputs: Record<string, string>) => string;
  /** Of runs that are there already. */
  titles?: string[];
  deployments?: object[] | undefined;
  head_commit?: object | null;
}

const Dispatch = z.strictObject({
  ref: z.string(),
  inputs: z.record(z.string(), z.string()),
  return_run_details: z.boolean().optional(),
});

/** A repository whose workflow has the inputs `run_id` and `service`; dispatched runs have the numbers 71, 72 and on. */
function repositoryWith({
  states = ["completed/success"],
  is_old,
  titled,
  titles = [],
  head_commit = COMMIT,
  deployments,
}: Repository): StandIn {
  const runs = titles.map((display_title, at) => ({ id: at, display_title }));
  const shown = ({ id, display_title }: { id: number; display_title: string }) => {
    const [state = ""] = states.length > 1 ? states.splice(0, 1) : states;
    const [status = "", conclusion = null] = state.split("/");
    return {
      id,
      name: "Roll back",
      display_title,
      event: "workflow_dispatch",
      status,
      conclusion,
      head_branch: "main",
      created_at: "2025-11-13T02:13:25Z",
      html_url: `https://github.com/acme/shop/actions/runs/${id}`,
      head_commit,
    };
  };
  const dispatch = (json: unknown): Said => {
    if (is_old && JSON.stringify(json).includes("return_run_details"))
      return { status: 422, json: { message: 'Invalid request.\n\n"return_run_details" is not a permitted key.' } };
    const { inputs, return_run_details } = Dispatch.parse(json);
    if (!("run_id" in inputs)) return { status: 422, json: { message: "Required input 'run_id' not provided" } };
    const id = 71 + runs.length - titles.length;
    runs.unshift({ id, display_title: titled?.(inputs) ?? "Roll back" });
    if (return_run_details !== true) return { status: 204 };
    const url = `https://github.com/acme/shop/actions/runs/${id}`;
    return { status: 200, json: { workflow_run_id: id, run_url: url, html_url: url } };
  };
  return ({ method, path, headers, query, json }) => {
    if (headers.get("Authorization") !== `Bearer ${TOKEN}`)
      return { status: 401, json: { message: "Bad credentials" } };
    if (!headers.has("User-Agent")) return { status: 403, text: "Request forbidden by administrative rules." };
    if (headers.get("X-GitHub-Api-Version") !== "2022-11-28")
      return { status: 400, json: { message: "not supported" } };
    if (method === "POST" && path === RUNS.replace(/runs$/, "dispatches")) return dispatch(json);
    const is_list = path === RUNS && query.get("event") === "workflow_dispatch";
    if (is_list && query.get("created") === ">=2025-11-13T02:08:20Z")
      return { status: 200, json: { total_count: runs.length, workflow_runs: runs.map(shown) } };
    const one = runs.find(({ id }) => path === `/repos/acme/shop/actions/runs/${id}`);
    if (one !== undefined) return { status: 200, json: shown(one) };
    if (
      path === "/repos/acme/shop/deployments" &&
      deployments !== undefined &&
      query.get("environment") === "production"
    )
      return { status: 200, json: deployments };
    return { status: 404, json: { message: "Not Found" } };
  };
}

const dispatches = ({ asked }: Played) => asked.filter(({ method }) => method === "POST").map(({ json }) => json);
const byRunId = (inputs: Record<string, string>) => `Roll back (${inputs["run_id"]})`;
const LINK = "https://github.com/acme/shop/actions/runs/71";
const LATEST = 'The latest change on main: 9c2d1e7f "Raise the pool size" (Alice, 2025-11-12 10:00 UTC)';

const lacks = (value: string) => connector.lacks?.({ GITHUB_ROLLBACK_WORKFLOW: value }) ?? null;
const deployed = (sha: string, created_at: string) => ({ sha, ref: "main", created_at, creator: { login: "bob" } });
const lastWith = async (deployments: object[] | undefined) => {
  const connector = github({ ...spec, environment: "production" });
  return (await play(connector, repositoryWith({ deployments }), { settings, run })).last;
};

afterEach(() => {
  vi.useRealTimers();
});

describe("GitHub Actions", () => {
  it("dispatches the workflow with its inputs, follows the run, and names the latest change", async () => {
    const states = ["queued", "in_progress", "completed/success"];
    const played = await play(connector, repositoryWith({ states }), { settings, run });
    expect(played.outcomes).toMatchObject([
      { kind: "waiting", handle: "71", summary: "rollback.yml was dispatched on main: run 71", links: [LINK] },
      { kind: "waiting", summary: "run 71 is queued", links: [LINK] },
      { kind: "waiting", summary: "run 71 is in_progress" },
      { kind: "succeeded", links: [LINK, `https://github.com/acme/shop/commit/${SHA}`] },
    ]);
    expect(played.last).toMatchObject({ summary: `run 71 succeeded. ${LATEST}` });
    const inputs = { service: "checkout", run_id: MARK };
    expect(dispatches(played)).toEqual([{ ref: "main", inputs, return_run_details: true }]);
  });

  it.each([
    ["the setting's ref", github(spec), "acme/shop/rollback.yml@release/1", "release/1"],
    ["the playbook's ref", github({ ...spec, ref: "v2" }), "acme/shop/rollback.yml@release/1", "v2"],
  ])("runs on %s", async (_, connector, workflow, ref) => {
    const circumstances = { settings: { ...settings, GITHUB_ROLLBACK_WORKFLOW: workflow }, run };
    expect(dispatches(await play(connector, repositoryWith({}), circumstances))).toMatchObject([{ ref }]);
  });

  it("an Enterprise Server of before: the run is found by its name", async () => {
    const server = repositoryWith({
      is_old: true,
      titled: byRunId,
      titles: ["Roll back"],
      states: ["queued", "queued", "completed/success"],
    });
    const played = await play(connector, server, { settings, run });
    expect(dispatches(played)).toHaveLength(2); // the first was refused for what the server does not know
    expect(played.outcomes.map(({ kind }) => kind)).toEqual(["waiting", "waiting", "succeeded"]);
    expect(played.outcomes[0]).toMatchObject({ handle: expect.stringMatching(/^dispatched:\d+$/) as unknown });
    expect(played.outcomes[1]).toMatchObject({ handle: "71" });
  });

  it("an Enterprise Server of before, and a workflow without run-name: says what is missing, once there was time", async () => {
    const server = repositoryWith({ is_old: true });
    const at = async (ms: number) => play(connector, server, { settings, run: { ...run, handle: `dispatched:${ms}` } });
    expect((await at(0)).last).toMatchObject({
      kind: "unclear",
      reason: expect.stringContaining("run-name") as unknown,
    });
    vi.useFakeTimers({ toFake: ["Date"], now: PLANNED });
    const waiting = at(PLANNED - 119_000);
    await expect(waiting).rejects.toThrow("still waiting"); // the clock stands still
  });

  describe("a start that may have been made already", () => {
    const again = { settings, run: { ...run, may_have_acted: true, unclear_at: PLANNED } }; // which is long ago
    const ago = (ms: number) => ({ ...again, run: { ...again.run, unclear_at: Date.now() - ms } });

    it("is found by the run's id, and followed", async () => {
      const titles = ["Roll back (other)", `Roll back (${MARK})`];
      const played = await play(connector, repositoryWith({ titles }), again);
      expect(dispatches(played)).toEqual([]);
      expect(played.last).toMatchObject({ kind: "succeeded", summary: `run 1 succeeded. ${LATEST}` });
    });

    it.each([
      ["there is no run at all", []],
      ["there are runs of others only", [`Roll back (incident-2%3Aevent-7%3Arollback@${PLANNED + 1})`]],
      ["there is the run of the round before", [`Roll back (incident-1%3Aevent-1%3Arestart-host@${PLANNED - 60_000})`]],
    ])("is made where %s, long after", async (_, titles) => {
      const played = await play(connector, repositoryWith({ titles, titled: byRunId }), again);
      expect(dispatches(played)).toHaveLength(1);
      expect(played.last.kind).toBe("succeeded");
    });

    it("is not made again while the run may still be listed, and followed once it is", async () => {
      const late = await play(connector, repositoryWith({}), ago(0));
      expect(late.last).toMatchObject({ kind: "held", after_ms: 10_000 });
      const listed = await play(connector, repositoryWith({ titles: [`Roll back (${MARK})`] }), ago(10_000));
      expect(listed.last.kind).toBe("succeeded");
      expect([...dispatches(late), ...dispatches(listed)]).toEqual([]);
    });

    it.each<[string, Repository | Said, string]>([
      ["runs have no name to tell by", { titles: ["Roll back"] }, "without a run_id in their names"],
      ["GitHub does not answer", "silence", "could not be reached"],
      ["the token was withdrawn", { status: 401 }, "401"],
    ])("is left open where %s", async (_, there, reason) => {
      const standIn = there === "silence" || "status" in there ? () => there : repositoryWith(there);
      const played = await play(connector, standIn, again);
      expect(played.last).toMatchObject({ kind: "unclear", reason: expect.stringContaining(reason) as unknown });
      expect(dispatches(played)).toEqual([]);
    });
  });

  it.each([
    ["completed/failure", "run 71 ended: failure"],
    ["completed/cancelled", "run 71 ended: cancelled"],
    ["completed/timed_out", "run 71 ended: timed_out"],
    ["completed/neutral", "run 71 ended: neutral"],
    ["completed/stale", "run 71 ended: stale"],
    ["completed/skipped", "run 71 ended: skipped, none of its jobs has run"],
    ["completed/startup_failure", "run 71 ended: startup_failure, the workflow's file is wrong"],
    ["completed/action_required", "run 71 ended: action_required, and needs a person in GitHub"],
  ])("a run that is %s has failed", async (state, reason) => {
    const { last } = await play(connector, repositoryWith({ states: [state] }), { settings, run });
    expect(last).toMatchObject({ kind: "failed", reason: `${reason}. ${LATEST}` });
  });

  it("a run that is not completed goes on, whatever it is called; one that waits for a person says so", async () => {
    const states = ["requested", "pending", "waiting", "a state to come", "completed/success"];
    const { outcomes } = await play(connector, repositoryWith({ states }), { settings, run });
    expect(outcomes.map(({ kind }) => kind)).toEqual([...Array<string>(5).fill("waiting"), "succeeded"]);
    expect(outcomes[3]).toMatchObject({
      summary: "run 71 is waiting for an approval, or for the timer of its environment",
    });
  });

  it.each([
    ["no commit", null],
    ["an odd commit", { id: 7 }],
  ])("a run with %s is no worse for it", async (_, head_commit) => {
    const { last } = await play(connector, repositoryWith({ head_commit }), { settings, run });
    expect(last).toMatchObject({ kind: "succeeded", summary: "run 71 succeeded", links: [LINK] });
  });

  describe("with an environment", () => {
    it("the latest change is the deployment before the run, and not the run's own", async () => {
      const [own, bad, good] = ["1", "2", "3"].map((digit) => digit.repeat(40));
      const outcome = await lastWith([
        deployed(own ?? "", "2025-11-13T02:14:00Z"),
        deployed(good ?? "", "2025-11-11T09:00:00Z"),
        deployed(bad ?? "", "2025-11-12T10:30:00Z"),
      ]);
      const latest = "The latest deployment to production before it: 22222222 (bob, 2025-11-12 10:30 UTC)";
      expect(outcome).toMatchObject({ kind: "succeeded", summary: `run 71 succeeded. ${latest}` });
    });

    it.each([
      ["there is none", []],
      ["they cannot be read", undefined],
      ["they are not as expected", [{}]],
    ])("the commit is named where %s", async (_, deployments) => {
      expect(await lastWith(deployments)).toMatchObject({ summary: `run 71 succeeded. ${LATEST}` });
    });
  });

  it.each<[string, Said, string, string]>([
    ["a wrong token", { status: 401, json: { message: "Bad credentials" } }, "failed", "Bad credentials"],
    [
      "a token without rights",
      { status: 403, json: { message: "Resource not accessible" } },
      "failed",
      "may not do this",
    ],
    ["an unknown workflow", { status: 404, json: { message: "Not Found" } }, "failed", "404"],
    [
      "an unknown input",
      { status: 422, json: { message: "Unexpected inputs provided" } },
      "failed",
      "Unexpected inputs",
    ],
    ["an outage", { status: 503 }, "unclear", "503"],
    ["an outage on the way", { status: 502 }, "unclear", "502"],
    ["a break on the way", "silence", "unclear", "could not be reached"],
    ["an answer that is none", { status: 200, text: "<html>" }, "unclear", "not as expected"],
  ])("a start that meets %s", async (_, said, kind, reason) => {
    const { last } = await play(connector, () => said, { settings, run });
    expect(last).toMatchObject({ kind, reason: expect.stringContaining(reason) as unknown });
  });

  it.each<[string, number, Record<string, string>, string, number]>([
    [
      "the hour's limit is used up",
      403,
      { "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1763000090" },
      "",
      91_000,
    ],
    [
      "the hour's limit was used up",
      429,
      { "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1762999990" },
      "",
      60_000,
    ],
    ["it says when to come again", 403, { "Retry-After": "7", "X-RateLimit-Remaining": "12" }, "", 7_000],
    ["it says no more", 403, {}, "You have exceeded a secondary rate limit.", 60_000],
    ["it says nothing at all", 429, {}, "", 60_000],
  ])("a limit where %s is waited for, at the start and at a look", async (_, status, headers, message, after_ms) => {
    vi.useFakeTimers({ toFake: ["Date"], now: PLANNED });
    const standIn = (): Said => ({ status, headers, json: { message } });
    for (const handle of [null, "71"]) {
      const { last } = await play(connector, standIn, { settings, run: { ...run, handle } });
      expect(last).toMatchObject({ kind: "later", after_ms });
    }
  });

  it.each<[string, Said]>([
    ["a token that was withdrawn", { status: 401 }],
    ["a run that was deleted", { status: 404 }],
    ["an outage", { status: 502 }],
    ["silence", "silence"],
    ["something else", { status: 200, json: {} }],
  ])("a look that meets %s leaves open what became of the run", async (_, said) => {
    const { last } = await play(connector, () => said, { settings, run: { ...run, handle: "71" } });
    expect(last.kind).toBe("unclear");
  });

  it("says how the workflow is to be written, where it is not", () => {
    expect(["a/b/c.yml", "a/b/c.yml@main", "a/b/1234"].map(lacks)).toEqual([null, null, null]);
    for (const wrong of ["b/c.yml", "a/b/.github/workflows/c.yml", "https://github.com/a/b", "a/b/c.yml@"])
      expect(lacks(wrong)).toContain("owner/repo/file.yml");
  });
});
