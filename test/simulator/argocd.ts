// Argo CD with one application, reduced to showing it and rolling it back. The contract: assets/swagger.json of
// github.com/argoproj/argo-cd . What is asked for is done by the next look, and the application is compared by the one after:
// who believes the health of before would say that all is well too soon.

import * as z from "zod";
import type { Said, StandIn } from "./system.ts";

export interface Argocd {
  standIn: StandIn;
  /** To which entries of the history it was rolled back. */
  rolled_back_to: readonly number[];
}

const HOUR_MS = 3_600_000;
const REVISIONS = ["5d0c9f3e", "41f0aa83", "9c2d1e7f"];
const Rollback = z.object({ id: z.int() });

const source = { repoURL: "https://git.example/acme/shop.git", path: "deploy", targetRevision: "main" };
const at = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** An Argo CD whose application was deployed three times, once an hour; the last time, it became Degraded. */
export function argocdStandIn({ token, application }: { token: string; application: string }): Argocd {
  const rolled_back_to: number[] = [];
  const history = REVISIONS.map((short, index) =>
    deployment(index + 1, short.repeat(5), Date.now() - HOUR_MS * (3 - index)),
  );
  let operation: { sync: { revision: string; source: typeof source } } | undefined;
  let operationState: object | undefined;
  let health = { status: "Degraded" };
  let reconciledAt = at(Date.now() - HOUR_MS);

  const goOn = () => {
    const now = at(Date.now());
    if (operation !== undefined) {
      operationState = { operation, phase: "Succeeded", startedAt: now, finishedAt: now, syncResult: operation.sync };
      history.push(deployment(history.length + 1, operation.sync.revision, Date.now()));
      operation = undefined;
    } else if (operationState !== undefined) {
      health = { status: "Healthy" };
      reconciledAt = now;
    }
  };
  const shown = (): Said => ({
    status: 200,
    json: {
      metadata: { name: application, namespace: "argocd" },
      spec: {},
      operation,
      status: { history, operationState, reconciledAt, health },
    },
  });
  const rollBack = (json: unknown): Said => {
    const entry = history.find(({ id }) => id === Rollback.parse(json).id);
    if (entry === undefined) return refusal(400, `application ${application} does not have deployment with that id`);
    rolled_back_to.push(entry.id);
    operation = { sync: { revision: entry.revision, source } };
    return shown();
  };
  const standIn: StandIn = ({ method, path, headers, json }) => {
    if (headers.get("Authorization") !== `Bearer ${token}`) return refusal(401, "no session information");
    const known = `/api/v1/applications/${application}`;
    if (method === "POST" && path === `${known}/rollback`) return rollBack(json);
    if (method !== "GET" || path !== known) return refusal(403, "permission denied");
    goOn();
    return shown();
  };
  return { standIn, rolled_back_to };
}

function deployment(id: number, revision: string, began_ms: number) {
  const deployed = { deployStartedAt: at(began_ms), deployedAt: at(began_ms + 30_000) };
  return { id, revision, source, ...deployed, initiatedBy: { username: "alice" } };
}

function refusal(status: number, message: string): Said {
  return { status, json: { error: message, message } };
}
