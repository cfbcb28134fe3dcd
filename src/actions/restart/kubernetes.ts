// Kubernetes: restarts a workload's pods as `kubectl rollout restart` does, and follows the rollout as `kubectl rollout status`
// decides. The contract: https://kubernetes.io/docs/reference/kubernetes-api/ (apps/v1), and
// pkg/polymorphichelpers/{objectrestarter,rollout_status}.go in github.com/kubernetes/kubectl.
import * as z from "zod";
import type { Outcome } from "../../domain/run.ts";
import { readBefore, readLook, readStart } from "../answer.ts";
import type { Connector, Given } from "../connector.ts";
import { type Target, target } from "../target.ts";

interface KubernetesSpec<Params> {
  /** The settings' prefix. */
  settings?: string;
  namespace: (given: Given<Params>) => string | undefined;
  /** As kubectl writes it: `web` or `deployment/web`, `statefulset/db`, `daemonset/agent`. */
  workload: (given: Given<Params>) => string | undefined;
}

/** What changes the pod template and nothing else: a new value makes new pods. */
const RESTARTED_AT = "kubectl.kubernetes.io/restartedAt";

const KINDS = { deployment: "deployments", statefulset: "statefulsets", daemonset: "daemonsets" } as const;
type Kind = keyof typeof KINDS;

interface Workload {
  kind: Kind;
  namespace: string;
  name: string;
  words: string;
  path: readonly string[];
}

const count = z.int().default(0);
const Seen = z.object({
  metadata: z.object({ generation: z.int() }),
  spec: z.object({
    paused: z.boolean().default(false),
    /** A daemon set has none. */
    replicas: z.int().optional(),
    updateStrategy: z
      .object({ type: z.string().optional(), rollingUpdate: z.object({ partition: count }).partial().nullish() })
      .default({}),
    template: z.object({
      metadata: z.object({ annotations: z.record(z.string(), z.string()).nullish() }).nullish(),
    }),
  }),
  status: z
    .object({
      observedGeneration: count,
      replicas: count,
      readyReplicas: count,
      updatedReplicas: count,
      availableReplicas: count,
      desiredNumberScheduled: count,
      updatedNumberScheduled: count,
      numberAvailable: count,
      conditions: z
        .array(z.object({ type: z.string(), reason: z.string().nullish(), message: z.string().nullish() }))
        .nullish(),
    })
    .prefault({}),
});
type Seen = z.output<typeof Seen>;

/** Needs `KUBERNETES_URL` and `KUBERNETES_TOKEN` (of a service account that may get and patch the workloads). */
export function kubernetes<Params>(spec: KubernetesSpec<Params>): Connector<Params> {
  const { settings = "KUBERNETES", namespace, workload } = spec;
  const server = target(settings, { token: "required" });
  return {
    name: `Kubernetes (${settings})`,
    settings: server.settings,
    repeatable: true,
    start: async (given) => {
      const named = workloadIn(namespace(given), workload(given));
      if (typeof named === "string") return { kind: "failed", reason: `nothing was restarted: ${named}` };
      return restart(server, named, given);
    },
    look: async (handle, given) => {
      const [, named = "", generation] = /^(.+)@(\d+)$/.exec(handle) ?? [];
      const [kind = "", space, name] = named.split("/");
      const followed = workloadIn(space, `${kind}/${name}`);
      if (typeof followed === "string") throw new Error(`"${handle}" is no handle of a rollout: ${followed}`);
      const seen = readLook(await server.ask(given, { method: "GET", path: followed.path }), Seen);
      return seen.ok ? follow(followed, seen.value, given.planned_at, Number(generation)) : seen.outcome;
    },
  };
}

async function restart(server: Target, workload: Workload, given: Given<unknown>): Promise<Outcome> {
  const { path } = workload;
  const { may_have_acted, planned_at } = given;
  const before = readBefore(await server.ask(given, { method: "GET", path }), Seen, may_have_acted);
  if (!before.ok) return before.outcome;
  // By an earlier attempt, or by somebody since: another restart would replace new pods.
  if (may_have_acted && isRestarted(before.value, planned_at)) return follow(workload, before.value, planned_at);
  const refusal = refusalOf(workload, before.value);
  if (refusal !== null) return refusal;
  // The same for each attempt: a template that has it already stays as it is.
  const annotations = { [RESTARTED_AT]: new Date(planned_at).toISOString() };
  const answer = await server.ask(given, {
    method: "PATCH",
    path,
    query: { fieldManager: "flashduty-edge" },
    headers: { "Content-Type": "application/strategic-merge-patch+json" },
    json: { spec: { template: { metadata: { annotations } } } },
  });
  const patched = readStart(answer, Seen);
  return patched.ok ? follow(workload, patched.value, planned_at) : patched.outcome;
}

/** A label of RFC 1123; names of workloads are some of them, with dots between. */
const LABEL = "[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?";
const NAMESPACE = new RegExp(`^${LABEL}$`);
const NAME = new RegExp(String.raw`^(?=.{1,253}$)${LABEL}(?:\.${LABEL})*$`);

/** The workload, or what is wrong with its name. */
function workloadIn(namespace = "", workload = ""): Workload | string {
  if (namespace === "" || workload === "") return "the incident names no namespace, or no workload";
  const parts = workload.split("/");
  const [kind = "", name = ""] = parts.length === 1 ? ["deployment", workload] : parts;
  if (!isKind(kind) || parts.length > 2) return `${quoted(workload)} is none of ${Object.keys(KINDS).join("/…, ")}/…`;
  if (!NAMESPACE.test(namespace)) return `${quoted(namespace)} cannot be the name of a namespace (RFC 1123)`;
  if (!NAME.test(name)) return `${quoted(name)} cannot be the name of a ${kind} (RFC 1123)`;
  const path = ["apis", "apps", "v1", "namespaces", namespace, KINDS[kind], name];
  return { kind, namespace, name, words: `${kind} ${namespace}/${name}`, path };
}

const quoted = (text: string) => JSON.stringify(text.slice(0, 100));
const isKind = (word: string): word is Kind => Object.hasOwn(KINDS, word);

/** Whether the pods are of a template that was restarted since then (ms). */
function isRestarted({ spec }: Seen, since: number): boolean {
  return Date.parse(spec.template.metadata?.annotations?.[RESTARTED_AT] ?? "") >= since;
}

/** Why a restart would replace no pods; null where it would. */
function refusalOf(workload: Workload, { spec }: Seen): Outcome | null {
  const { kind, namespace, name, words } = workload;
  const failed = (reason: string): Outcome => ({ kind: "failed", reason: `${words} was not restarted: ${reason}` });
  if (spec.replicas === 0) return { kind: "skipped", reason: `${words} is scaled to 0: there is no pod to restart` };
  if (spec.paused)
    return failed(`it is paused; kubectl -n ${namespace} rollout resume ${kind}/${name} goes on with it`);
  if (spec.updateStrategy.type === "OnDelete")
    return failed("its update strategy is OnDelete, so only who deletes a pod gets a new one; delete them one by one");
  const { partition = 0 } = spec.updateStrategy.rollingUpdate ?? {};
  if (spec.replicas !== undefined && partition >= spec.replicas)
    return failed(`the partition of its update strategy (${partition}) holds back all of its ${spec.replicas} pods`);
  return null;
}

/** Where the rollout stands. `generation` is the one that is followed; the newest where none was before. */
function follow(workload: Workload, seen: Seen, since: number, generation = seen.metadata.generation): Outcome {
  const { kind, namespace, name, words } = workload;
  const undone = "so its pods may not be new: look there";
  if (seen.metadata.generation < generation)
    return { kind: "failed", reason: `${words} was deleted and made anew during the restart, ${undone}` };
  if (!isRestarted(seen, since))
    return { kind: "failed", reason: `${words} was put back during the restart (a rollback, or Argo CD?), ${undone}` };
  const handle = `${kind}/${namespace}/${name}@${generation}`;
  if (seen.status.observedGeneration < seen.metadata.generation)
    return { kind: "waiting", handle, summary: `${words}: the restart is not yet taken up` };
  const stuck = seen.status.conditions?.find(({ reason }) => reason === "ProgressDeadlineExceeded");
  if (stuck) {
    const reason = `${words} was restarted, but its new pods do not become available (${stuck.message ?? stuck.reason})`;
    return { kind: "failed", reason: `${reason}; see kubectl -n ${namespace} describe ${kind}/${name}` };
  }
  const lacks = lacking[kind](seen);
  const paused = seen.spec.paused ? "; it is paused, and goes on when it is resumed" : "";
  if (lacks !== null) return { kind: "waiting", handle, summary: `${words}: ${lacks}${paused}` };
  const kept = seen.spec.updateStrategy.rollingUpdate?.partition ?? 0;
  const but = kept > 0 ? `, but for the ${kept} that the partition of its update strategy holds back` : "";
  return { kind: "succeeded", summary: `${words} was restarted: its pods are new and available${but}` };
}

/** What the rollout still lacks; null where it is done. In the order in which kubectl asks. */
const lacking: Record<Kind, (seen: Seen) => string | null> = {
  deployment: ({ spec: { replicas = 1 }, status }) => {
    const { updatedReplicas: updated, replicas: all, availableReplicas: available } = status;
    if (updated < replicas) return `${updated} of ${replicas} pods are new`;
    if (all > updated) return `${all - updated} old pods are still ending`;
    return available < updated ? `${available} of ${updated} new pods are available` : null;
  },
  statefulset: ({ spec: { replicas = 1, updateStrategy }, status }) => {
    const renewed = replicas - (updateStrategy.rollingUpdate?.partition ?? 0);
    if (status.readyReplicas < replicas) return `${status.readyReplicas} of ${replicas} pods are ready`;
    return status.updatedReplicas < renewed ? `${status.updatedReplicas} of ${renewed} pods are new` : null;
  },
  daemonset: ({ status: { desiredNumberScheduled: desired, updatedNumberScheduled: updated, numberAvailable } }) => {
    if (updated < desired) return `${updated} of ${desired} pods are new`;
    return numberAvailable < desired ? `${numberAvailable} of ${desired} new pods are available` : null;
  },
};
