// Argo CD: rolls an application back to what was deployed before, and follows it until it is healthy again.
// The contract: assets/swagger.json in github.com/argoproj/argo-cd ; when it refuses, in server/application/application.go .
import type { Outcome } from "../../domain/run.ts";
import type { Answer } from "../../runs/http.ts";
import { readBefore, readLook, readStart } from "../answer.ts";
import { decide, deployedSince, entryName, goneBack, Seen, type Step } from "./argocd-history.ts";
import type { Attempt, Connector, Given } from "../connector.ts";
import { CLOCKS_DIFFER_MS } from "./started.ts";
import { type Json, target } from "../target.ts";

interface ArgocdSpec<Params> {
  /** The settings' prefix. */
  settings?: string;
  /** The application's name; without it, that is the action's key. */
  application?: (given: Given<Params>) => string | undefined;
  /** The application's namespace, where it is not Argo CD's own. */
  namespace?: string;
  /** The application's project: one of another project is then refused. */
  project?: string;
  /** Delete what only the newer revision has. Otherwise it stays. */
  prune?: boolean;
}

/** As Kubernetes names things (RFC 1123). */
const APPLICATION = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
/** A Deployment that makes no progress is Degraded after ten minutes, where it does not say otherwise. */
const HEALTHY_WITHIN_MS = 15 * 60_000;

/** The application as one attempt reaches it, and its page. */
interface Application {
  read: () => Promise<Answer>;
  rollBack: (id: number) => Promise<Answer>;
  page: (app: Seen) => string;
}

/** Needs `ARGOCD_URL` and `ARGOCD_TOKEN` (that may get and sync the applications it is for). */
export function argocd<Params>(spec: ArgocdSpec<Params> = {}): Connector<Params> {
  const { settings = "ARGOCD", namespace: appNamespace, project, prune = false } = spec;
  const server = target(settings, { token: "required" });
  const applicationOf = (given: Given<Params>, name: string): Application => {
    const path = ["api", "v1", "applications", name];
    const rollBack = (json: Json) => server.ask(given, { method: "POST", path: [...path, "rollback"], json });
    return {
      read: async () => server.ask(given, { method: "GET", path, query: { appNamespace, project } }),
      rollBack: async (id) => rollBack({ name, id, prune, appNamespace, project }),
      page: ({ namespace, name: own }) => server.page(given, "applications", ...(namespace ? [namespace] : []), own),
    };
  };
  const nameIn = (given: Given<Params>) => (spec.application === undefined ? given.key : spec.application(given)) ?? "";
  return {
    name: `Argo CD (${settings})`,
    settings: server.settings,
    repeatable: true,
    start: async (given) => {
      const name = nameIn(given);
      if (name === "") return { kind: "skipped", reason: "the incident names no application to roll back" };
      if (!APPLICATION.test(name)) return { kind: "skipped", reason: `"${name}" cannot be the name of an application` };
      return start(applicationOf(given, name), given);
    },
    look: async (handle, given) => {
      const application = applicationOf(given, nameIn(given));
      const seen = readLook(await application.read(), Seen);
      if (!seen.ok) return seen.outcome;
      const step = stepOf(handle, seen.value);
      if (step !== null) return follow(seen.value, step, application);
      return {
        kind: "unclear",
        reason: "what was rolled back to is no longer in the application's history; look at it",
      };
    },
  };
}

async function start(application: Application, { planned_at, may_have_acted }: Attempt): Promise<Outcome> {
  const read = readBefore(await application.read(), Seen, may_have_acted);
  if (!read.ok) return read.outcome;
  const app = read.value;
  const known = goneBack(app, may_have_acted ? planned_at - CLOCKS_DIFFER_MS : planned_at);
  if (known !== null) return follow(app, known, application);
  const newer = deployedSince(app, planned_at);
  if (newer !== undefined && !app.operation?.is_going_on) {
    const reason = `${app.name} was deployed again after this was called for: ${entryName(newer)}. See whether it still is to be rolled back`;
    return may_have_acted ? { kind: "unclear", reason } : { kind: "skipped", reason };
  }
  const step = decide(app);
  if ("kind" in step) return step;
  const asked = await application.rollBack(step.to.id);
  if (
    asked.kind === "answered" &&
    asked.status >= 400 &&
    asked.text.includes("another operation is already in progress")
  )
    return { kind: "held", reason: "another operation has just begun", after_ms: 15_000 };
  const started = readStart(asked, Seen);
  return started.ok ? follow(started.value, step, application) : started.outcome;
}

/** The rollback as it stands; once it is done, the application has to become healthy. */
function follow(app: Seen, step: Step, application: Application): Outcome {
  const { operation, health, health_message } = app;
  const { from, to } = step;
  const [links, handle] = [[application.page(app)], `${from?.id ?? ""}>${to.id}`];
  const words = `${from === null ? "" : `from ${entryName(from)} `}to ${entryName(to)}`;
  const still = "Git still has the change: revert it there, or the next sync brings it back";
  if (operation === null || operation.state !== to.state) return replaced(app, step, words, links);
  if (operation.is_going_on)
    return { kind: "waiting", handle, summary: `rolling back ${words}. ${operation.message}`, links };
  if (operation.phase !== "Succeeded")
    return { kind: "failed", reason: `the rollback ${words} ended: ${operation.phase}. ${operation.message}`, links };
  const finished_at = operation.finished_at ?? Date.now();
  // What is said of the health is about the rollback only once the application was compared after it.
  const is_compared = app.reconciled_at !== null && app.reconciled_at >= finished_at;
  if (is_compared && health === "Healthy")
    return { kind: "succeeded", summary: `rolled back ${words}, and Healthy. ${still}`, links };
  const state = is_compared ? `${health} ${health_message}`.trim() : "not compared yet";
  if (Date.now() - finished_at < HEALTHY_WITHIN_MS)
    return { kind: "waiting", handle, summary: `rolled back ${words}; now ${state}`, links };
  return { kind: "failed", reason: `rolled back ${words}, but it did not become healthy: ${state}. ${still}`, links };
}

/** Another operation has taken the place of the rollback: its entry in the history tells whether it was done. */
function replaced({ history, operation }: Seen, { from, to }: Step, words: string, links: string[]): Outcome {
  const is_done = history.some(({ id, state }) => id > Math.max(from?.id ?? 0, to.id) && state === to.state);
  const then =
    operation === null
      ? "Argo CD shows no operation"
      : `another operation has followed, a sync to ${operation.revision || "the newest revision"}`;
  if (is_done) return { kind: "succeeded", summary: `rolled back ${words}; ${then}`, links };
  return { kind: "unclear", reason: `whether it was rolled back ${words} is not known: ${then}` };
}

/** The step under its handle, `<from>>` where it is known, and `<to>`: ids of the history. */
function stepOf(handle: string, { history }: Seen): Step | null {
  const [from, to] = handle.split(">").map((id) => history.find((entry) => String(entry.id) === id));
  return to === undefined ? null : { from: from ?? null, to };
}
