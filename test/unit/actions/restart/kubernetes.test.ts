// The contract: github.com/kubernetes/kubernetes, api/openapi-spec/v3/apis__apps__v1_openapi.json (paths, methods, fields), and
// github.com/kubernetes/kubectl, pkg/polymorphichelpers (what a restart is, and when it is done); read in November 2026.
import * as z from "zod";
import { describe, expect, it } from "vitest";
import { kubernetes } from "../../../../src/actions/restart/kubernetes.ts";
import type { Outcome } from "../../../../src/domain/run.ts";
import { type Asked, play, type Said, type StandIn } from "../play.ts";

const settings = { KUBERNETES_URL: "https://k8s.example", KUBERNETES_TOKEN: "eyJhbGciOi.J9.service-account" };
const AT = Date.UTC(2026, 10, 20, 3, 4, 5, 678);
const RESTARTED_AT = "kubectl.kubernetes.io/restartedAt";
const connector = kubernetes({ namespace: () => "shop", workload: ({ key }) => key });

interface State {
  annotations: Record<string, string>;
  generation: number;
  spec: Record<string, unknown>;
}

interface Cluster {
  spec: Record<string, unknown>;
  /** Of the pod template. */
  annotations: Record<string, string>;
  /** The status as each look after the restart finds it; the newest generation is observed where it does not say. */
  states: Record<string, unknown>[];
  /** It is being restarted already. */
  is_rolling: boolean;
  /** What somebody else does after the restart. */
  meanwhile: (state: State) => unknown;
  answers: Record<string, Said>;
}

const Patch = z.strictObject({
  spec: z.strictObject({
    template: z.strictObject({ metadata: z.strictObject({ annotations: z.record(z.string(), z.string()) }) }),
  }),
});

/** An API server with one workload, of generation 7, and its controller; what is not of the contract is refused. */
function clusterWith(path: string, own: Partial<Cluster> = {}): StandIn {
  const { states = [{}], answers = {}, meanwhile } = own;
  const state: State = {
    annotations: { team: "shop", ...own.annotations },
    generation: 7,
    spec: { replicas: 3, ...own.spec },
  };
  let is_rolling = own.is_rolling ?? false;
  const workload = (status: Record<string, unknown> = {}): Said => ({
    status: 200,
    json: {
      apiVersion: "apps/v1",
      metadata: { name: "web", namespace: "shop", generation: state.generation, managedFields: [] },
      spec: { ...state.spec, template: { metadata: { annotations: state.annotations, labels: { app: "web" } } } },
      status: { observedGeneration: state.generation, ...status },
    },
  });
  const patch = ({ headers, json }: Asked): Said => {
    if (headers.get("Content-Type") !== "application/strategic-merge-patch+json") return { status: 415 };
    const patched = { ...state.annotations, ...Patch.parse(json).spec.template.metadata.annotations };
    if (JSON.stringify(patched) !== JSON.stringify(state.annotations)) state.generation += 1;
    state.annotations = patched;
    is_rolling = true;
    const said = workload({ observedGeneration: 7 });
    meanwhile?.(state);
    return said;
  };
  const get = () => workload(is_rolling ? (states.length > 1 ? states.shift() : states[0]) : {});
  return (asked) => {
    if (asked.headers.get("Authorization") !== `Bearer ${settings.KUBERNETES_TOKEN}`)
      return { status: 401, json: { kind: "Status", message: "Unauthorized", reason: "Unauthorized", code: 401 } };
    const other: Said = { status: 404, json: { kind: "Status", message: `${asked.path} not found`, code: 404 } };
    return answers[asked.method] ?? (asked.path !== path ? other : asked.method === "PATCH" ? patch(asked) : get());
  };
}

const APPS = "/apis/apps/v1/namespaces/shop";
const WEB = `${APPS}/deployments/web`;
const DONE = { replicas: 3, readyReplicas: 3, updatedReplicas: 3, availableReplicas: 3 };
const reasonOf = (outcome: Outcome) => ("reason" in outcome ? outcome.reason : "");
const summaries = (outcomes: readonly Outcome[]) =>
  outcomes.map((outcome) => ("summary" in outcome ? outcome.summary : ""));
const methods = (asked: readonly Asked[]) => asked.map(({ method }) => method);
const run = { key: "web", planned_at: AT };

describe("Kubernetes", () => {
  it("restarts a deployment as kubectl does, and follows its rollout to the end", async () => {
    const standIn = clusterWith(WEB, {
      states: [
        { observedGeneration: 7, replicas: 3, updatedReplicas: 3, availableReplicas: 3 },
        { replicas: 3, updatedReplicas: 1, availableReplicas: 3 },
        { replicas: 4, updatedReplicas: 3, availableReplicas: 3 },
        { replicas: 3, updatedReplicas: 3, availableReplicas: 2 },
        DONE,
      ],
    });
    const { outcomes, asked } = await play(connector, standIn, { settings, run });
    expect(summaries(outcomes)).toEqual([
      "deployment shop/web: the restart is not yet taken up",
      "deployment shop/web: the restart is not yet taken up",
      "deployment shop/web: 1 of 3 pods are new",
      "deployment shop/web: 1 old pods are still ending",
      "deployment shop/web: 2 of 3 new pods are available",
      "deployment shop/web was restarted: its pods are new and available",
    ]);
    expect(outcomes[0]).toMatchObject({ kind: "waiting", handle: "deployment/shop/web@8" });
    expect(outcomes.at(-1)?.kind).toBe("succeeded");
    expect(methods(asked)).toEqual(["GET", "PATCH", "GET", "GET", "GET", "GET", "GET"]);
    expect(asked[1]?.query.get("fieldManager")).toBe("flashduty-edge");
    expect(asked[1]?.json).toEqual({
      spec: { template: { metadata: { annotations: { [RESTARTED_AT]: "2026-11-20T03:04:05.678Z" } } } },
    });
  });

  it("a stateful set is done when all its pods are ready, and all beyond its partition new", async () => {
    const updateStrategy = { type: "RollingUpdate", rollingUpdate: { partition: 1 } };
    const standIn = clusterWith(`${APPS}/statefulsets/db`, {
      spec: { updateStrategy },
      states: [
        { readyReplicas: 2, updatedReplicas: 1 },
        { readyReplicas: 3, updatedReplicas: 1 },
        { readyReplicas: 3, updatedReplicas: 2 },
      ],
    });
    const { outcomes } = await play(connector, standIn, { settings, run: { ...run, key: "statefulset/db" } });
    expect(summaries(outcomes).slice(1)).toEqual([
      "statefulset shop/db: 2 of 3 pods are ready",
      "statefulset shop/db: 1 of 2 pods are new",
      "statefulset shop/db was restarted: its pods are new and available, but for the 1 that the partition of its update strategy holds back",
    ]);
    expect(outcomes[0]).toMatchObject({ handle: "statefulset/shop/db@8" });
  });

  it("a daemon set is done when its pods are new and available on each node", async () => {
    const standIn = clusterWith(`${APPS}/daemonsets/agent`, {
      spec: { replicas: undefined, updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } } },
      states: [
        { desiredNumberScheduled: 5, updatedNumberScheduled: 4, numberAvailable: 5 },
        { desiredNumberScheduled: 5, updatedNumberScheduled: 5, numberAvailable: 4 },
        { desiredNumberScheduled: 5, updatedNumberScheduled: 5, numberAvailable: 5 },
      ],
    });
    const { outcomes } = await play(connector, standIn, { settings, run: { ...run, key: "daemonset/agent" } });
    expect(summaries(outcomes).slice(1)).toEqual([
      "daemonset shop/agent: 4 of 5 pods are new",
      "daemonset shop/agent: 4 of 5 new pods are available",
      "daemonset shop/agent was restarted: its pods are new and available",
    ]);
  });

  it("a deployment whose new pods do not come up in time has failed", async () => {
    const stuck = {
      type: "Progressing",
      status: "False",
      reason: "ProgressDeadlineExceeded",
      message: "ReplicaSet has timed out progressing.",
    };
    const old = { ...stuck, message: "of the rollout before" };
    const standIn = clusterWith(WEB, {
      states: [
        { observedGeneration: 7, conditions: [old] },
        { updatedReplicas: 1, conditions: [{ type: "Progressing", reason: "ReplicaSetUpdated" }] },
        { updatedReplicas: 1, conditions: [{ type: "Available", reason: "MinimumReplicasAvailable" }, stuck] },
      ],
    });
    const { outcomes, last } = await play(connector, standIn, { settings, run });
    expect(outcomes.map(({ kind }) => kind)).toEqual(["waiting", "waiting", "waiting", "failed"]);
    expect(reasonOf(last)).toBe(
      "deployment shop/web was restarted, but its new pods do not become available (ReplicaSet has timed out progressing.); see kubectl -n shop describe deployment/web",
    );
  });

  it.each<[string, string, Partial<Cluster>, string, string]>([
    [
      "a paused deployment",
      "web",
      { spec: { paused: true } },
      "failed",
      "kubectl -n shop rollout resume deployment/web",
    ],
    ["OnDelete", "statefulset/web", { spec: { updateStrategy: { type: "OnDelete" } } }, "failed", "OnDelete"],
    [
      "OnDelete",
      "daemonset/web",
      { spec: { replicas: undefined, updateStrategy: { type: "OnDelete" } } },
      "failed",
      "OnDelete",
    ],
    [
      "a partition that holds back all",
      "statefulset/web",
      { spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 3 } } } },
      "failed",
      "holds back all of its 3 pods",
    ],
    ["no pods", "web", { spec: { replicas: 0 } }, "skipped", "scaled to 0"],
  ])("%s (%s) is not restarted", async (_, key, own, outcome, reason) => {
    const plural = key.includes("/") ? `${key.split("/")[0]}s` : "deployments";
    const standIn = clusterWith(`${APPS}/${plural}/web`, own);
    const { last, asked } = await play(connector, standIn, { settings, run: { ...run, key } });
    expect(last.kind).toBe(outcome);
    expect(reasonOf(last)).toContain(reason);
    expect(methods(asked)).toEqual(["GET"]);
  });

  it("a deployment that is paused on the way is waited for, and says so", async () => {
    const standIn = clusterWith(WEB, {
      states: [{ updatedReplicas: 1 }, DONE],
      meanwhile: ({ spec }) => (spec["paused"] = true),
    });
    const { outcomes } = await play(connector, standIn, { settings, run });
    expect(summaries(outcomes)[1]).toBe(
      "deployment shop/web: 1 of 3 pods are new; it is paused, and goes on when it is resumed",
    );
  });

  it("what somebody else changes on the way is waited for too", async () => {
    const own = {
      states: [{ ...DONE, observedGeneration: 8 }, DONE],
      meanwhile: (state: State) => (state.generation = 9),
    };
    const { outcomes } = await play(connector, clusterWith(WEB, own), { settings, run });
    expect(outcomes.map(({ kind }) => kind)).toEqual(["waiting", "waiting", "succeeded"]);
  });

  it.each<[string, Cluster["meanwhile"], string, string]>([
    ["scaled", (cluster) => (cluster.generation = 9), "succeeded", ""],
    [
      "restarted by somebody else",
      (cluster) =>
        Object.assign(cluster, { generation: 9, annotations: { [RESTARTED_AT]: "2026-11-20T11:05:00+08:00" } }),
      "succeeded",
      "",
    ],
    ["rolled back", (cluster) => Object.assign(cluster, { generation: 9, annotations: {} }), "failed", "was put back"],
    [
      "put back to an older restart",
      (cluster) => Object.assign(cluster, { generation: 9, annotations: { [RESTARTED_AT]: "2026-11-20T03:04:05Z" } }),
      "failed",
      "was put back",
    ],
    ["deleted and made anew", (cluster) => (cluster.generation = 1), "failed", "made anew"],
  ])("a workload that is %s on the way", async (_, meanwhile, kind, reason) => {
    const { last } = await play(connector, clusterWith(WEB, { states: [DONE], meanwhile }), { settings, run });
    expect(last.kind).toBe(kind);
    expect(reasonOf(last)).toContain(reason);
  });

  describe("after a restart whose answer was lost", () => {
    const again = { settings, run: { ...run, may_have_acted: true } };

    it.each([
      ["its own", "2026-11-20T03:04:05.678Z"],
      ["somebody's since", "2026-11-20T03:10:00Z"],
    ])("follows the rollout of %s, and restarts nothing", async (_, at) => {
      const own = { annotations: { [RESTARTED_AT]: at }, is_rolling: true, states: [{ updatedReplicas: 1 }, DONE] };
      const { outcomes, asked } = await play(connector, clusterWith(WEB, own), again);
      expect(outcomes).toMatchObject([{ kind: "waiting", handle: "deployment/shop/web@7" }, { kind: "succeeded" }]);
      expect(methods(asked)).toEqual(["GET", "GET"]);
    });

    it("restarts where the template shows none since the run was planned", async () => {
      const standIn = clusterWith(WEB, { annotations: { [RESTARTED_AT]: "2026-11-19T00:00:00Z" }, states: [DONE] });
      const { last, asked } = await play(connector, standIn, again);
      expect(last.kind).toBe("succeeded");
      expect(methods(asked)).toEqual(["GET", "PATCH", "GET"]);
    });

    it("leaves it to a person where the workload cannot be read", async () => {
      const { last, asked } = await play(connector, clusterWith(WEB, { answers: { GET: { status: 403 } } }), again);
      expect(last.kind).toBe("unclear");
      expect(methods(asked)).toEqual(["GET"]);
    });
  });

  it("restarting again what was restarted changes nothing: the value is the run's own", async () => {
    const standIn = clusterWith(WEB, { annotations: { [RESTARTED_AT]: "2026-11-20T03:04:05.678Z" }, states: [DONE] });
    const { outcomes } = await play(connector, standIn, { settings, run });
    expect(outcomes[0]).toMatchObject({ handle: "deployment/shop/web@7" });
  });

  it.each([
    ["shop", ""],
    ["", "web"],
    ["shop", "Web"],
    ["shop", "web_1"],
    ["shop", "-web"],
    ["shop", "web-"],
    ["shop", "web..1"],
    ["shop", ".."],
    ["shop", "../../pods"],
    ["shop", "pod/web"],
    ["shop", "deployment/web/scale"],
    ["shop", "web?x=1"],
    ["shop", "web%2Fscale"],
    ["shop", "web\nweb"],
    ["shop", "a".repeat(64)],
    ["shop", `${"a".repeat(50)}.`.repeat(5) + "a"],
    ["Shop", "web"],
    ["shop.eu", "web"],
    ["shop/../kube-system", "web"],
    ["constructor", "constructor/web"],
  ])("namespace %j and workload %j are refused before anything is asked", async (namespace, workload) => {
    const named = kubernetes({ namespace: () => namespace, workload: () => workload });
    const { last, asked } = await play(named, clusterWith(WEB), { settings, run });
    expect(last.kind).toBe("failed");
    expect(reasonOf(last)).toContain("nothing was restarted: ");
    expect(asked).toEqual([]);
  });

  it.each<[string, Said, string, string]>([
    [
      "GET",
      { status: 404, json: { kind: "Status", message: 'deployments.apps "web" not found' } },
      "failed",
      '"web" not found',
    ],
    ["GET", { status: 401, json: { kind: "Status", message: "Unauthorized" } }, "failed", "credential is not valid"],
    ["GET", { status: 500 }, "later", "500"],
    ["GET", "silence", "later", "could not be reached"],
    ["GET", { status: 526 }, "failed", "its certificate is not of a public authority"],
    [
      "PATCH",
      { status: 403, json: { message: 'cannot patch resource "deployments"' } },
      "failed",
      "cannot patch resource",
    ],
    ["PATCH", { status: 422, json: { message: "denied the request" } }, "failed", "denied the request"],
    ["PATCH", { status: 429, headers: { "Retry-After": "1" } }, "later", "429"],
    ["PATCH", { status: 504 }, "unclear", "504"],
    ["PATCH", "silence", "unclear", "could not be reached"],
    ["PATCH", { status: 200, json: { kind: "Status" } }, "unclear", "not as expected"],
  ])("a restart whose %s meets %j: %s", async (method, said, kind, reason) => {
    const { last } = await play(connector, clusterWith(WEB, { answers: { [method]: said } }), { settings, run });
    expect(last.kind).toBe(kind);
    expect(reasonOf(last)).toContain(reason);
  });

  it.each<[string, Said]>([
    ["a token that has run out", { status: 401 }],
    ["a workload that was deleted", { status: 404 }],
    ["an outage", { status: 502 }],
    ["silence", "silence"],
  ])("a look that meets %s leaves open what became of the rollout", async (_, said) => {
    const { last } = await play(connector, () => said, { settings, run: { ...run, handle: "deployment/shop/web@8" } });
    expect(last.kind).toBe("unclear");
  });
});
