// What is asked of the systems that restart something.

import * as z from "zod";
import { asked, ok, page } from "./kind.ts";
import type { Kind } from "./kind.ts";

export const rundeck: Kind[] = [
  {
    name: "run",
    is: asked("POST", /\/job\/[^/]+\/run$/),
    well: (quote, _, id) => ok({ id, permalink: page(quote), status: "running", customStatus: quote }),
  },
  {
    name: "execution",
    is_look: true,
    is: asked("GET", /\/execution\/\d+$/),
    well: (quote, _, id) => ok({ id, permalink: page(quote), status: "other", customStatus: quote }),
  },
];

export const awx: Kind[] = [
  {
    name: "launch?",
    is: asked("GET", /\/launch\/$/),
    well: () =>
      ok({
        ask_limit_on_launch: true,
        ask_variables_on_launch: false,
        survey_enabled: true,
        defaults: { inventory: { id: 1 } },
      }),
  },
  {
    name: "survey",
    is: asked("GET", /\/survey_spec\/$/),
    well: (quote) => ok({ spec: [{ variable: "flashduty_run" }, { variable: quote }] }),
  },
  { name: "groups", is: asked("GET", /\/groups\/$/), well: () => ok({ count: 0 }) },
  {
    name: "launch",
    is: asked("POST", /\/launch\/$/),
    well: (quote, _, id) =>
      ok({
        id,
        type: "job",
        status: "pending",
        job_explanation: quote,
        ignored_fields: id % 4 === 0 ? { [quote]: 1 } : {},
      }),
  },
  { name: "cancel", is_rare: true, is: asked("POST", /\/cancel\/$/), well: () => ok({}) },
  { name: "known jobs", is_rare: true, is: asked("GET", /\/unified_jobs\/$/), well: () => ok({ results: [] }) },
  {
    name: "job",
    is_look: true,
    is: asked("GET", /\/jobs\/\d+\/$/),
    well: (quote, _, id) => ok({ id, type: "job", status: id % 2 === 0 ? "failed" : quote, job_explanation: quote }),
  },
];

const definitions = ["HOST", "DC", "FLASHDUTY_RUN"].map((name) => ({ name }));
export const jenkins: Kind[] = [
  {
    name: "job",
    is: (request) =>
      asked("GET", /^\/job\/[^/]+\/api\/json$/)(request) && !request.query.get("tree")?.startsWith("builds"),
    well: (quote) =>
      ok({
        buildable: true,
        property: [{ parameterDefinitions: [...definitions, { name: quote, choices: [quote] }] }],
      }),
  },
  {
    name: "build",
    is: asked("POST", /\/buildWithParameters$/),
    well: (quote, _, id) => ({ status: 201, text: quote, headers: { Location: `${page(quote)}/queue/item/${id}/` } }),
  },
  { name: "queue", is_rare: true, is: asked("GET", /^\/queue\/api\/json$/), well: () => ok({ items: [] }) },
  { name: "builds", is_rare: true, is: asked("GET", /^\/job\/[^/]+\/api\/json$/), well: () => ok({ builds: [] }) },
  {
    name: "item",
    is_look: true,
    is: asked("GET", /^\/queue\/item\/\d+\/api\/json$/),
    well: (quote, _, id) => ok({ id, why: quote, executable: id % 2 === 0 ? { number: id } : null }),
  },
  {
    name: "this build",
    is_look: true,
    is: asked("GET", /^\/job\/[^/]+\/\d+\/api\/json$/),
    well: (quote, _, number) => ok({ number, building: false, result: quote }),
  },
];

const WORKLOAD = /^\/apis\/apps\/v1\/namespaces\/[^/]+\/deployments\/[^/]+$/;
const Patch = z.object({ spec: z.object({ template: z.unknown() }) });

const workload = (template: unknown, status: object) =>
  ok({ metadata: { generation: 2 }, spec: { replicas: 1, template }, status });

/** With the state of its workloads: which were restarted, and how. */
export function kubernetes(): Kind[] {
  const restarted = new Map<string, unknown>();
  return [
    {
      name: "workload",
      is: (request) => asked("GET", WORKLOAD)(request) && !restarted.has(request.path),
      well: (quote) => workload({ metadata: { annotations: { quote } } }, { observedGeneration: 2 }),
    },
    {
      name: "patch",
      is: asked("PATCH", WORKLOAD),
      well: (_, { path, json }) => {
        const { template } = Patch.parse(json).spec;
        restarted.set(path, template);
        return workload(template, { observedGeneration: 1 });
      },
    },
    {
      name: "rollout",
      is_look: true,
      is: asked("GET", WORKLOAD),
      well: (quote, { path }) => {
        const conditions = [{ type: "Progressing", reason: "ProgressDeadlineExceeded", message: quote }];
        return workload(restarted.get(path), { observedGeneration: 2, conditions });
      },
    },
  ];
}
