// The contract: https://docs.rundeck.com/docs/api/ , "Running a Job" and "Execution Info" (read in November 2026).
import { describe, expect, it } from "vitest";
import { rundeck } from "../../../../src/actions/restart/rundeck.ts";
import { play, type Said, type StandIn } from "../play.ts";

const JOB = "a7b8c9d0-1111-2222-3333-444455556666";
const settings = { RUNDECK_URL: "https://rundeck.example/rd", RUNDECK_TOKEN: "rundeck-token-1", RUNDECK_JOB: JOB };
const connector = rundeck({ job: "RUNDECK_JOB", options: ({ key }) => ({ host: key, dc: undefined }) });

/** A Rundeck whose execution 17 goes through `states`, one with each look; refused without its token. */
function rundeckWith(...states: string[]): StandIn {
  return ({ method, path, headers, json }): Said => {
    if (headers.get("X-Rundeck-Auth-Token") !== settings.RUNDECK_TOKEN)
      return {
        status: 403,
        json: { error: true, apiversion: 41, errorCode: "unauthorized", message: "(unauthenticated)" },
      };
    const [status = ""] = states.length > 1 ? states.splice(0, 1) : states;
    const execution = { id: 17, href: "…", permalink: "https://rundeck.example/rd/execution/show/17", status };
    if (method === "POST" && path === `/rd/api/41/job/${JOB}/run`)
      return { status: 200, json: { ...execution, argstring: JSON.stringify(json) } };
    if (method === "GET" && path === "/rd/api/41/execution/17") return { status: 200, json: execution };
    return { status: 404, json: { error: true, errorCode: "api.error.item.doesnotexist", message: `no ${path}` } };
  };
}

const LINKS = ["https://rundeck.example/rd/execution/show/17"];

describe("Rundeck", () => {
  it("runs the job with its options, and follows the execution to its end", async () => {
    const { outcomes, asked } = await play(connector, rundeckWith("running", "running", "succeeded"), { settings });
    expect(outcomes).toMatchObject([
      { kind: "waiting", handle: "17", summary: "execution 17 is running", links: LINKS },
      { kind: "waiting" },
      { kind: "succeeded", summary: "execution 17 succeeded", links: LINKS },
    ]);
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `POST /rd/api/41/job/${JOB}/run`,
      "GET /rd/api/41/execution/17",
      "GET /rd/api/41/execution/17",
    ]);
    expect(asked[0]?.json).toEqual({ options: { host: "es.nj.01" } });
  });

  it.each([
    ["failed", "failed", "execution 17 ended: failed"],
    ["aborted", "failed", "execution 17 ended: aborted"],
    ["timedout", "failed", "execution 17 ended: timedout"],
    ["a state of the job's own", "failed", "execution 17 ended: a state of the job's own"],
  ])("an execution that ended as %s: %s", async (state, kind, reason) => {
    const { last } = await play(connector, rundeckWith("running", state), { settings });
    expect(last).toMatchObject({ kind, reason, links: LINKS });
  });

  it("an execution that waits for its turn is followed too", async () => {
    const { outcomes } = await play(connector, rundeckWith("queued", "scheduled", "succeeded"), { settings });
    expect(outcomes.map(({ kind }) => kind)).toEqual(["waiting", "waiting", "succeeded"]);
  });

  describe("an execution that failed, and that Rundeck tries again by itself", () => {
    const failed = { id: 17, permalink: LINKS[0], status: "failed-with-retry" };

    it("is followed in the one that tries it again", async () => {
      const again = { id: 18, permalink: "https://rundeck.example/rd/execution/show/18", status: "succeeded" };
      const retriedExecution = { id: 18, href: "…", permalink: again.permalink, status: "running" };
      const { outcomes, asked } = await play(
        connector,
        ({ path }) => ({ status: 200, json: path.endsWith("/18") ? again : { ...failed, retriedExecution } }),
        { settings, run: { handle: "17" } },
      );
      expect(outcomes).toMatchObject([
        { kind: "waiting", handle: "18", summary: "execution 17 failed; execution 18 tries it again" },
        { kind: "succeeded", summary: "execution 18 succeeded", links: [again.permalink] },
      ]);
      expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
        "GET /rd/api/41/execution/17",
        "GET /rd/api/41/execution/18",
      ]);
    });

    it("is left to a person where it is not told which one that is", async () => {
      const { last, asked } = await play(connector, () => ({ status: 200, json: failed }), {
        settings,
        run: { handle: "17" },
      });
      expect(last).toMatchObject({ kind: "unclear" });
      expect("reason" in last && last.reason).toContain("execution 17 failed, and Rundeck tries it again by itself");
      expect(asked).toHaveLength(1);
    });
  });

  it.each(["succeeded", "failed", "running"])(
    "an answer about another execution, %s, says nothing of ours",
    async (status) => {
      const { last } = await play(connector, () => ({ status: 200, json: { id: 71, status } }), {
        settings,
        run: { handle: "17" },
      });
      expect(last).toEqual({
        kind: "unclear",
        reason: "Rundeck was asked about execution 17, and answered about 71",
      });
    },
  );

  it("a look that meets an outage is made again", async () => {
    const { last } = await play(connector, () => ({ status: 503 }), { settings, run: { handle: "17" } });
    expect(last.kind).toBe("later");
  });

  it.each<[string, Said, string, string]>([
    ["a wrong token", { status: 403, json: { message: "(unauthenticated)" } }, "failed", "credential may not do this"],
    ["an unknown job", { status: 404, json: { message: "Job ID does not exist" } }, "failed", "Job ID does not exist"],
    ["a wrong option", { status: 400, json: { message: "Option 'dc' is required" } }, "failed", "'dc' is required"],
    ["too many requests", { status: 429, headers: { "Retry-After": "30" } }, "later", "429"],
    ["an outage, or a proxy's", { status: 503, headers: { "Retry-After": "30" } }, "unclear", "503"],
    ["a break on the way", "silence", "unclear", "could not be reached"],
    ["an answer that is no execution", { status: 200, text: "<html>log in" }, "unclear", "not as expected"],
  ])("a start that meets %s: %s", async (_, said, kind, reason) => {
    const { last } = await play(connector, () => said, { settings });
    expect(last.kind).toBe(kind);
    expect("reason" in last && last.reason).toContain(reason);
  });

  it.each<[string, Said]>([
    ["a token that was withdrawn", { status: 403 }],
    ["an execution that was deleted", { status: 404 }],
    ["an outage", { status: 502 }],
    ["silence", "silence"],
  ])("a look that meets %s leaves open what became of the execution", async (_, said) => {
    const { last } = await play(connector, () => said, { settings, run: { handle: "17" } });
    expect(last.kind).toBe("unclear");
  });
});
