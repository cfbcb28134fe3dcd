// A run remembers its connector by the name: so names tell apart whatever a team may set up beside each other.
import { expect, it } from "vitest";
import { action } from "../../../src/actions/action.ts";
import type { Connector, RawParams } from "../../../src/actions/connector.ts";
import { http } from "../../../src/actions/http.ts";
import { awx } from "../../../src/actions/restart/awx.ts";
import { jenkins } from "../../../src/actions/restart/jenkins.ts";
import { kubernetes } from "../../../src/actions/restart/kubernetes.ts";
import { rundeck } from "../../../src/actions/restart/rundeck.ts";
import { argocd } from "../../../src/actions/rollback/argocd.ts";
import { github } from "../../../src/actions/rollback/github.ts";
import { gitlab } from "../../../src/actions/rollback/gitlab.ts";

const workload = { namespace: () => "shop", workload: () => "web" };

it.each<[system: string, make: (prefix: string) => Connector, of_job: string]>([
  ["AWX", (settings) => awx<RawParams>({ settings, template: "JOB" }), ", JOB"],
  ["Jenkins", (settings) => jenkins<RawParams>({ settings, job: "JOB" }), ", JOB"],
  ["Kubernetes", (settings) => kubernetes<RawParams>({ settings, ...workload }), ""],
  ["Rundeck", (settings) => rundeck<RawParams>({ settings, job: "JOB" }), ", JOB"],
  ["Argo CD", (settings) => argocd<RawParams>({ settings }), ""],
  ["GitHub Actions", (settings) => github<RawParams>({ settings, workflow: "JOB" }), ", JOB"],
  ["GitLab", (settings) => gitlab<RawParams>({ settings, project: "JOB" }), ", JOB"],
  ["HTTP", (settings) => http<RawParams>({ settings, method: "POST" }), ""],
])("%s is named by its prefix and its job, and two prefixes can stand in one action", (system, make, of_job) => {
  const { connectors } = action({ summary: "do it", params: {} }, [make("EU"), make("US")]);
  expect(connectors.map(({ name }) => name)).toEqual([`${system} (EU${of_job})`, `${system} (US${of_job})`]);
});
