// The contract: assets/swagger.json of github.com/argoproj/argo-cd (3.6), `/api/v1/applications/{name}` and its `/rollback`.
// How the server answers: server/application/application.go (Rollback), util/argo/argo.go (SetAppOperation); what becomes of an
// operation and of the history: controller/sync.go and state.go; when health can be relied on: cmd/argocd/commands/app.go.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { argocd } from "../../../../src/actions/rollback/argocd.ts";
import { play, type Played, type Said, type StandIn } from "../play.ts";

const settings = { ARGOCD_URL: "https://argocd.example/", ARGOCD_TOKEN: "argocd-token-1" };
const connector = argocd();
const PLANNED = Date.parse("2025-11-13T02:13:20Z");
const run = { planned_at: PLANNED, key: "checkout" };
const LINKS = ["https://argocd.example/applications/argocd/checkout"];
const APP = "/api/v1/applications/checkout";
const at = (seconds: number) => `${new Date(PLANNED + seconds * 1_000).toISOString().slice(0, 19)}Z`;
const HOUR_S = 3_600;

const source = { repoURL: "https://git.example/acme/shop.git", path: "deploy", targetRevision: "main" };
const revisionOf = (version: string) => version.repeat(40).slice(0, 40);

interface Entry {
  id: number;
  revision?: string;
  revisions?: string[];
  source: object;
  sources?: object[];
  deployStartedAt?: string;
  deployedAt: string;
  initiatedBy?: { username?: string; automated?: boolean };
}

/** A history, one entry an hour, the last an hour before the run: `"123"` are three revisions. */
function historyOf(versions: string): Entry[] {
  return versions.split("").map((version, index) => {
    const began = -HOUR_S * (versions.length - index);
    const initiatedBy = { username: "alice" };
    return {
      id: index + 1,
      revision: revisionOf(version),
      source,
      deployStartedAt: at(began),
      deployedAt: at(began + 60),
      initiatedBy,
    };
  });
}

interface Operation {
  sync: { revision?: string; revisions?: string[]; source?: object; sources?: object[]; dryRun?: boolean };
}

interface OperationState {
  operation: Operation;
  phase: string;
  message?: string;
  startedAt: string;
  finishedAt?: string;
  syncResult?: Operation["sync"];
}

interface Cluster {
  history?: Entry[];
  automated?: { enabled?: boolean; prune?: boolean };
  operation?: Operation;
  operationState?: OperationState;
  /** The health before the rollback. */
  health?: string;
  /** How the rollback ends. */
  phase?: string;
  /** The health at each look after the rollback; the last one stays. */
  healths?: string[];
}

const Rollback = z.strictObject({
  name: z.literal("checkout"),
  id: z.int(),
  prune: z.boolean(),
  appNamespace: z.string().optional(),
  project: z.string().optional(),
});
const refusal = (message: string): Said => ({ status: 400, json: { error: message, code: 9, message } });

/** An Argo CD with the application `checkout`. What it is asked for, it takes up at the next look, and ends at the one after. */
function argocdWith({
  history = historyOf("123"),
  automated,
  phase = "Succeeded",
  healths = ["Healthy"],
  ...now
}: Cluster): StandIn {
  const syncPolicy = automated && { automated };
  let { operation, operationState } = now;
  let status = { history, reconciledAt: at(-10), health: { status: now.health ?? "Degraded" } };
  let is_ours = false;
  const goOn = () => {
    if (!is_ours) return;
    if (operation !== undefined && operationState === undefined) {
      operationState = { operation, phase: "Running", message: "waiting for healthy state", startedAt: at(5) };
    } else if (operation !== undefined && operationState !== undefined) {
      const { sync } = operation;
      operation = undefined;
      operationState = { ...operationState, phase, message: "done", finishedAt: at(35), syncResult: sync };
      const entry = { ...sync, id: (history.at(-1)?.id ?? 0) + 1, deployStartedAt: at(5), deployedAt: at(35) };
      if (phase === "Succeeded")
        status = { ...status, history: [...status.history, { source: { repoURL: "" }, ...entry }] };
    } else {
      const [health = ""] = healths.length > 1 ? healths.splice(0, 1) : healths;
      status = { ...status, reconciledAt: at(40), health: { status: health } };
    }
  };
  const shown = () => ({
    metadata: { name: "checkout", namespace: "argocd" },
    spec: { project: "shop", syncPolicy },
    operation,
    status: { ...status, operationState, sync: { status: "OutOfSync", revision: revisionOf("9") } },
  });
  const rollBack = (json: unknown): Said => {
    const entry = status.history.find(({ id }) => id === Rollback.parse(json).id);
    if (syncPolicy && automated?.enabled !== false)
      return refusal("rollback cannot be initiated when auto-sync is enabled");
    if (entry === undefined) return refusal("application checkout does not have deployment with that id");
    if (operation !== undefined)
      return refusal("error setting app operation: another operation is already in progress");
    const { revision, revisions, source, sources } = entry;
    operation = {
      sync: { ...(revision && { revision }), ...(revisions && { revisions }), source, ...(sources && { sources }) },
    };
    operationState = undefined;
    is_ours = true;
    return { status: 200, json: shown() };
  };
  return ({ method, path, headers, query, json }) => {
    if (headers.get("Authorization") !== `Bearer ${settings.ARGOCD_TOKEN}`)
      return { status: 401, json: { error: "no session information", code: 16, message: "no session information" } };
    if (path.startsWith(APP) && (query.get("project") ?? "shop") === "shop") {
      if (method === "POST" && path === `${APP}/rollback`) return rollBack(json);
      if (method === "GET" && path === APP) goOn();
      return { status: 200, json: shown() };
    }
    return { status: 403, json: { error: "permission denied", code: 7, message: "permission denied" } };
  };
}

const rollBacks = ({ asked }: Played) => asked.filter(({ method }) => method === "POST").map(({ json }) => json);
const idsOf = (played: Played) => rollBacks(played).map((json) => Rollback.parse(json).id);
const rollBack = async (cluster: Cluster) => play(connector, argocdWith(cluster), { settings, run });
const plainly = (text: string): unknown => expect.stringContaining(text);
/** The operation that takes the application to a version, as a sync of the server writes it. */
const syncTo = (version: string): Operation => ({ sync: { revision: revisionOf(version), source } });
const FROM = "33333333 (history 3, alice, 2025-11-13 01:14 UTC)";
const TO = "22222222 (history 2, alice, 2025-11-13 00:14 UTC)";

/** The rollback gets there, and its answer is lost. */
const losing = (standIn: StandIn): StandIn => {
  return (asked) => {
    const said = standIn(asked);
    return asked.method === "POST" ? "silence" : said;
  };
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: PLANNED + 60_000 });
});

afterEach(() => {
  vi.useRealTimers();
});

describe("Argo CD", () => {
  it("rolls back to the entry before, follows the operation and the health, and names both revisions", async () => {
    const played = await rollBack({ healths: ["Progressing", "Healthy"] });
    expect(played.outcomes).toMatchObject([
      { kind: "waiting", handle: "3>2", summary: `rolling back from ${FROM} to ${TO}.`, links: LINKS },
      { kind: "waiting", summary: `rolling back from ${FROM} to ${TO}. waiting for healthy state` },
      { kind: "waiting", summary: `rolled back from ${FROM} to ${TO}; now not compared yet` },
      { kind: "waiting", summary: `rolled back from ${FROM} to ${TO}; now Progressing` },
      {
        kind: "succeeded",
        summary: plainly(`rolled back from ${FROM} to ${TO}, and Healthy. Git still has the change`),
      },
    ]);
    expect(rollBacks(played)).toEqual([{ name: "checkout", id: 2, prune: false }]);
  });

  it("does not take the health of before for that of after", async () => {
    const { outcomes } = await rollBack({ health: "Healthy", healths: ["Degraded", "Healthy"] });
    expect(outcomes.map(({ kind }) => kind)).toEqual(["waiting", "waiting", "waiting", "waiting", "succeeded"]);
  });

  it("says where the application is, where the playbook does", async () => {
    const spec = { application: () => "checkout", namespace: "team-a", project: "shop", prune: true };
    const played = await play(argocd(spec), argocdWith({}), { settings, run: { ...run, key: "es.nj.01" } });
    expect(rollBacks(played)).toEqual([
      { name: "checkout", id: 2, prune: true, appNamespace: "team-a", project: "shop" },
    ]);
    const { query } = played.asked[0] ?? {};
    expect([query?.get("appNamespace"), query?.get("project")]).toEqual(["team-a", "shop"]);
    expect(played.last.kind).toBe("succeeded");
  });

  describe("goes back to what was deployed before, and not to the entry before, where", () => {
    it.each([
      ["the newest revision was synced again", "1233", 2],
      ["it was rolled back before: one further, and not forward again", "1232", 1],
      ["it was rolled back before, and deployed since", "12324", 4],
      ["it was rolled back, and forward again", "12323", 2],
    ])("%s (%s)", async (_, versions, id) => {
      expect(idsOf(await rollBack({ history: historyOf(versions) }))).toEqual([id]);
    });

    it("only the parameters of the source were changed", async () => {
      const helm = { ...source, helm: { parameters: [{ name: "image.tag", value: "1.3" }] } };
      const [one, two, three] = historyOf("122");
      if (one === undefined || two === undefined || three === undefined) throw new Error("three entries");
      expect(idsOf(await rollBack({ history: [one, two, { ...three, source: helm }] }))).toEqual([2]);
    });

    it("there are several sources", async () => {
      const sources = [source, { ...source, path: "values" }];
      const several = (...versions: string[]) => ({
        revisions: versions.map(revisionOf),
        sources,
        source: { repoURL: "" },
      });
      const history = historyOf("123").map((entry, index) => ({ ...entry, ...several("7", String(index)) }));
      const played = await rollBack({ history });
      expect(idsOf(played)).toEqual([2]);
      expect(played.last).toMatchObject({
        kind: "succeeded",
        summary: plainly("to 77777777, 11111111 (history 2, alice"),
      });
    });

    it("a sync of something new has failed half-way: back to the last that did not", async () => {
      const operationState = {
        operation: syncTo("4"),
        phase: "Failed",
        startedAt: at(-120),
        syncResult: syncTo("4").sync,
      };
      const played = await rollBack({ operationState });
      expect(idsOf(played)).toEqual([3]);
      expect(played.last).toMatchObject({ kind: "succeeded", summary: plainly(`rolled back to ${FROM}, and Healthy`) });
    });

    it.each<[string, OperationState]>([
      [
        "it was a trial",
        {
          operation: { sync: { ...syncTo("4").sync, dryRun: true } },
          phase: "Failed",
          startedAt: at(-120),
          syncResult: syncTo("4").sync,
        },
      ],
      ["it had not begun", { operation: syncTo("4"), phase: "Error", startedAt: at(-120) }],
      [
        "it was a rollback",
        { operation: syncTo("2"), phase: "Failed", startedAt: at(-120), syncResult: syncTo("2").sync },
      ],
    ])("but not where a sync has failed, and %s", async (_, operationState) => {
      expect(idsOf(await rollBack({ operationState }))).toEqual([2]);
    });
  });

  it.each<[string, Cluster, string, string]>([
    ["auto-sync is on", { automated: {} }, "failed", "refuses it while auto-sync is on"],
    ["auto-sync is on by word", { automated: { enabled: true, prune: true } }, "failed", "Revert the change in Git"],
    ["there is no history", { history: [] }, "skipped", "no history of deployments"],
    [
      "there was one deployment",
      { history: historyOf("1") },
      "skipped",
      "the history of checkout has one deployment (11111111",
    ],
    [
      "all were of one revision",
      { history: historyOf("111") },
      "skipped",
      "3 deployments, and none before of anything else",
    ],
    ["an operation waits", { operation: syncTo("4") }, "held", `a sync to ${revisionOf("4").slice(0, 8)}`],
    [
      "an operation is running",
      { operation: syncTo("4"), operationState: { operation: syncTo("4"), phase: "Running", startedAt: at(-9) } },
      "held",
      "this waits for it, unless it is terminated in Argo CD",
    ],
    [
      "the same is synced once more",
      { operation: syncTo("3"), operationState: { operation: syncTo("3"), phase: "Running", startedAt: at(2) } },
      "held",
      "this waits for it, unless it is terminated in Argo CD",
    ],
    [
      "it is deployed again meanwhile",
      {
        history: [
          ...historyOf("123"),
          {
            id: 4,
            revision: revisionOf("4"),
            source,
            deployStartedAt: at(2),
            deployedAt: at(9),
            initiatedBy: { automated: true },
          },
        ],
      },
      "skipped",
      "deployed again after this was called for: 44444444 (history 4, auto-sync",
    ],
  ])("does nothing where %s", async (_, cluster, kind, reason) => {
    const played = await rollBack(cluster);
    expect(played.last).toMatchObject({ kind, reason: plainly(reason) });
    expect(rollBacks(played)).toEqual([]);
  });

  it("looks every 15 s whether the other operation is over, and then rolls back", async () => {
    const waiting = await rollBack({ operation: syncTo("4") });
    expect(waiting.last).toMatchObject({ kind: "held", after_ms: 15_000 });
    const operationState = { operation: syncTo("3"), phase: "Succeeded", startedAt: at(-HOUR_S), finishedAt: at(-9) };
    expect(idsOf(await rollBack({ operationState }))).toEqual([2]);
  });

  it("auto-sync that is switched off by word is no hindrance", async () => {
    expect(idsOf(await rollBack({ automated: { enabled: false } }))).toEqual([2]);
  });

  it("a deployment that began before the rollback was called for is what is rolled back, though it ended later", async () => {
    const four = { id: 4, revision: revisionOf("4"), source, deployStartedAt: at(-20), deployedAt: at(20) };
    expect(idsOf(await rollBack({ history: [...historyOf("123"), four] }))).toEqual([3]);
  });

  describe("acts once:", () => {
    const again = { settings, run: { ...run, may_have_acted: true } };

    it.each([0, 1, 2, 5])(
      "a rollback whose answer was lost is followed, and not made again, %i looks later",
      async (looks) => {
        const standIn = argocdWith({ history: historyOf("1234") });
        const first = await play(connector, losing(standIn), { settings, run });
        expect([idsOf(first), first.last.kind]).toEqual([[3], "unclear"]);
        const glance = { method: "GET", path: APP, query: new URLSearchParams(), body: "", json: null };
        for (let look = 0; look < looks; look++)
          standIn({ ...glance, headers: new Headers({ Authorization: `Bearer ${settings.ARGOCD_TOKEN}` }) });
        const second = await play(connector, standIn, again);
        expect([rollBacks(second), second.last.kind]).toEqual([[], "succeeded"]);
        expect(second.last).toMatchObject({ summary: plainly("rolled back from 44444444 (history 4") });
      },
    );

    it("one that never got there is made", async () => {
      expect(idsOf(await play(connector, argocdWith({}), again))).toEqual([2]);
    });

    it("one that somebody else has made since is followed", async () => {
      const history = [
        ...historyOf("123"),
        { id: 4, revision: revisionOf("2"), source, deployStartedAt: at(2), deployedAt: at(9) },
      ];
      const operationState = { operation: syncTo("2"), phase: "Succeeded", startedAt: at(2), finishedAt: at(9) };
      const health = { healths: ["Healthy"] };
      const standIn = argocdWith({ history, operationState, ...health });
      const seen = async () => play(connector, standIn, { settings, run });
      await expect(seen()).rejects.toThrow("still waiting"); // for its health, which here never changes
      vi.setSystemTime(PLANNED + HOUR_S * 1_000);
      const { last, asked } = await seen();
      expect(last).toMatchObject({
        kind: "failed",
        reason: plainly(`rolled back from ${FROM} to ${TO}, but it did not become healthy`),
      });
      expect(asked.map(({ method }) => method)).toEqual(["GET"]);
    });

    it("one that was made before this one was called for is not this one: it goes one further back", async () => {
      const operationState = {
        operation: syncTo("2"),
        phase: "Succeeded",
        startedAt: at(-HOUR_S),
        finishedAt: at(-HOUR_S + 60),
      };
      expect(idsOf(await rollBack({ history: historyOf("1232"), operationState }))).toEqual([1]);
    });

    it("one that may have been made, and is hidden by a deployment since, is left open", async () => {
      const four = { id: 4, revision: revisionOf("4"), source, deployStartedAt: at(20), deployedAt: at(30) };
      const { last } = await play(connector, argocdWith({ history: [...historyOf("123"), four] }), again);
      expect(last).toMatchObject({ kind: "unclear", reason: plainly("deployed again") });
    });

    it("an operation that begins just before it makes it wait", async () => {
      const standIn = argocdWith({});
      const { last } = await play(
        connector,
        (asked) =>
          asked.method === "POST"
            ? refusal("error setting app operation: another operation is already in progress")
            : standIn(asked),
        { settings, run },
      );
      expect(last).toMatchObject({ kind: "held", reason: "another operation has just begun", after_ms: 15_000 });
    });
  });

  describe("an application that", () => {
    it.each(["Failed", "Error"])("could not be rolled back has failed: %s", async (phase) => {
      const { last } = await rollBack({ phase });
      expect(last).toMatchObject({
        kind: "failed",
        reason: `the rollback from ${FROM} to ${TO} ended: ${phase}. done`,
        links: LINKS,
      });
    });

    it.each(["Degraded", "Progressing", "Suspended", "Missing"])(
      "stays %s has failed, but not at once",
      async (health) => {
        const standIn = argocdWith({ healths: [health] });
        await expect(play(connector, standIn, { settings, run })).rejects.toThrow("still waiting");
        vi.setSystemTime(PLANNED + 35_000 + 15 * 60_000);
        const { last } = await play(connector, standIn, { settings, run: { ...run, handle: "3>2" } });
        expect(last).toMatchObject({
          kind: "failed",
          reason: plainly(`but it did not become healthy: ${health}. Git still has`),
        });
      },
    );

    const follow = async (cluster: Cluster, handle = "3>2") =>
      (await play(connector, argocdWith(cluster), { settings, run: { ...run, handle } })).last;
    const replaced = { operation: syncTo("5"), phase: "Succeeded", startedAt: at(90), finishedAt: at(99) };

    it("was rolled back, and then synced by somebody, was rolled back", async () => {
      const history = historyOf("12325");
      expect(await follow({ history, operationState: replaced })).toMatchObject({
        kind: "succeeded",
        summary: plainly("; another operation has followed, a sync to 55555555"),
      });
    });

    it.each<[string, Cluster, string, string]>([
      [
        "was synced by somebody before it was seen to be rolled back",
        { operationState: replaced },
        "3>2",
        "is not known: another operation has followed",
      ],
      ["shows no operation", {}, "3>2", "Argo CD shows no operation"],
      ["has forgotten the entry", { operationState: replaced }, "9>8", "no longer in the application's history"],
    ])("%s is for a person to look at", async (_, cluster, handle, reason) => {
      expect(await follow(cluster, handle)).toMatchObject({ kind: "unclear", reason: plainly(reason) });
    });
  });

  it("an incident that names no application is skipped", async () => {
    const { last, asked } = await play(argocd({ application: () => undefined }), argocdWith({}), { settings, run });
    expect([last.kind, asked]).toEqual(["skipped", []]);
  });

  it.each([
    "../../session?x=1",
    "a/b",
    "Checkout",
    "check out",
    "check_out",
    "-checkout",
    "checkout.",
    "checkout\n",
    "a,b",
    "*",
    "ümlaut",
    "a".repeat(254),
  ])("%j is no application's name: skipped, and nothing is asked", async (key) => {
    const { last, asked } = await play(connector, argocdWith({}), { settings, run: { ...run, key } });
    expect(last.kind).toBe("skipped");
    expect("reason" in last && last.reason).toContain("cannot be the name of an application");
    expect(asked).toEqual([]);
  });

  it.each(["a", "7", "shop-2.eu", "a".repeat(253)])("%j may be an application's name", async (key) => {
    const { asked } = await play(connector, argocdWith({}), { settings, run: { ...run, key } });
    expect(asked.map(({ path }) => path)).toEqual([`/api/v1/applications/${key}`]);
  });

  it.each<[string, Said, string, string]>([
    ["a wrong token", { status: 401, json: { message: "invalid session" } }, "failed", "invalid session"],
    ["an unknown application", { status: 404, json: { message: "application not found" } }, "failed", "not found"],
    ["an outage", { status: 503, headers: { "Retry-After": "30" } }, "later", "503"],
    ["an outage on the way", { status: 502 }, "later", "502"],
    ["silence", "silence", "later", "could not be reached"],
    ["a login page", { status: 200, text: "<html>" }, "later", "not as expected"],
  ])("a first question that meets %s: nothing was done", async (_, said, kind, reason) => {
    const { last } = await play(connector, () => said, { settings, run });
    expect(last).toMatchObject({ kind, reason: plainly(reason) });
    const { last: again } = await play(connector, () => said, { settings, run: { ...run, may_have_acted: true } });
    expect(again.kind).toBe(said !== "silence" && said.status === 503 ? "later" : "unclear");
  });

  it.each<[string, Said, string]>([
    ["a token without rights", { status: 403, json: { message: "permission denied" } }, "failed"],
    ["too many requests", { status: 429 }, "later"],
    ["an outage", { status: 503 }, "unclear"],
    ["an outage on the way", { status: 504 }, "unclear"],
    ["a login page", { status: 200, text: "<html>" }, "unclear"],
  ])("a rollback that meets %s", async (_, said, kind) => {
    const standIn = argocdWith({});
    const { last } = await play(connector, (asked) => (asked.method === "POST" ? said : standIn(asked)), {
      settings,
      run,
    });
    expect(last.kind).toBe(kind);
  });

  it.each<[string, Said]>([
    ["a token that was withdrawn", { status: 401 }],
    ["an application that was deleted", { status: 403 }],
    ["an outage", { status: 502 }],
    ["silence", "silence"],
    ["something else", { status: 200, json: {} }],
  ])("a look that meets %s leaves open what became of it", async (_, said) => {
    const { last } = await play(connector, () => said, { settings, run: { ...run, handle: "3>2" } });
    expect(last.kind).toBe("unclear");
  });
});
