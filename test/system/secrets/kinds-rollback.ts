// What is asked of the systems that roll something back.

import type { Asked } from "../../simulator/system.ts";
import { asked, now, ok, page } from "./kind.ts";
import type { Kind } from "./kind.ts";

const APPLICATION = /^\/api\/v1\/applications\/[^/]+/;
const nameIn = ({ path }: Asked) => path.split("/")[4] ?? "";

/** With the state of its applications: which are being rolled back, and to what. */
export function argocd(): Kind[] {
  const rolled_back = new Set<string>();
  const source = { repoURL: "https://git.example/shop.git" };
  const shown = (quote: string, operationState?: object) => {
    const history = [1, 2].map((id) => {
      const revision = `${id}`.repeat(40);
      return { id, revision, source, deployedAt: "2025-11-20T10:00:00Z", initiatedBy: { username: quote } };
    });
    return ok({
      metadata: { name: quote, namespace: quote },
      spec: {},
      status: { history, operationState, health: { status: quote, message: quote } },
    });
  };
  const operation = { sync: { revision: "1".repeat(40), source } };
  return [
    {
      name: "application",
      is: (request) => asked("GET", APPLICATION)(request) && !rolled_back.has(nameIn(request)),
      well: (quote) => shown(quote),
    },
    {
      name: "rollback",
      is: asked("POST", APPLICATION),
      well: (quote, request) => {
        rolled_back.add(nameIn(request));
        return shown(quote, { operation, phase: "Running", message: quote, startedAt: now() });
      },
    },
    {
      name: "operation",
      is_look: true,
      is: asked("GET", APPLICATION),
      well: (quote) => {
        const times = { startedAt: now(), finishedAt: now() };
        return shown(quote, { operation, phase: "Failed", message: quote, ...times });
      },
    },
  ];
}

export const github: Kind[] = [
  {
    name: "dispatch",
    is: asked("POST", /\/dispatches$/),
    well: (quote, _, workflow_run_id) => ok({ workflow_run_id, html_url: page(quote) }),
  },
  {
    name: "known runs",
    is_rare: true,
    is: asked("GET", /\/workflows\/[^/]+\/runs$/),
    well: () => ok({ workflow_runs: [] }),
  },
  {
    name: "run",
    is_look: true,
    is: asked("GET", /\/actions\/runs\/\d+$/),
    well: (quote, _, id) =>
      ok({
        id,
        name: quote,
        status: "completed",
        conclusion: id % 2 === 0 ? "success" : quote,
        html_url: page(quote),
        created_at: now(),
        head_branch: quote,
        head_commit: { id: quote, message: quote, timestamp: now(), author: { name: quote } },
      }),
  },
];

const pipeline = (quote: string, id: number, status: string) =>
  ok({ id, status, ref: quote, sha: quote, web_url: page(quote), created_at: now(), name: quote });
export const gitlab: Kind[] = [
  {
    name: "pipeline",
    is: asked("POST", /\/pipeline$/),
    well: (quote, _, id) => pipeline(quote, id, "running"),
  },
  { name: "known pipelines", is_rare: true, is: asked("GET", /\/pipelines$/), well: () => ok([]) },
  {
    name: "this pipeline",
    is_look: true,
    is: asked("GET", /\/pipelines\/\d+$/),
    well: (quote, _, id) => pipeline(quote, id, id % 2 === 0 ? "success" : "failed"),
  },
  {
    name: "commit",
    is: asked("GET", /\/repository\/commits\//),
    well: (quote) => ok({ title: quote, author_name: quote, created_at: now(), web_url: page(quote) }),
  },
];
