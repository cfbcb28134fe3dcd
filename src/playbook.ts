// What runs when: this file is yours. An action is run when somebody presses its button in Flashduty (the button's address
// is /webhooks/action/<name>), or when a rule calls for it. It is carried out by the first of its connectors whose settings
// are there: docs/connectors has a page for each, with its settings. After a change: npm run check.
import * as z from "zod";
import { action } from "./actions/action.ts";
import { argocd } from "./actions/rollback/argocd.ts";
import { awx } from "./actions/restart/awx.ts";
import { enrich } from "./actions/enrich/enrich.ts";
import { flashdutyStatusPage } from "./actions/status-page/flashduty.ts";
import { github } from "./actions/rollback/github.ts";
import { gitlab } from "./actions/rollback/gitlab.ts";
import { http } from "./actions/http.ts";
import { jaeger } from "./actions/enrich/jaeger.ts";
import { jenkins } from "./actions/restart/jenkins.ts";
import { json } from "./actions/enrich/json.ts";
import { kubernetes } from "./actions/restart/kubernetes.ts";
import { loki } from "./actions/enrich/loki.ts";
import { prometheus } from "./actions/enrich/prometheus.ts";
import { logql, promql, traceql } from "./actions/enrich/query.ts";
import { rundeck } from "./actions/restart/rundeck.ts";
import { statuspage } from "./actions/status-page/atlassian.ts";
import { tempo } from "./actions/enrich/tempo.ts";
import { label } from "./domain/key.ts";
import { type Context, definePlaybook } from "./domain/playbook.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

// The labels by which your alerts name things. If yours have other names, change them here.
const HOST = "resource";
const SERVICE = "service";
const NAMESPACE = "namespace";
const host = ({ incident }: Context) => incident.labels[HOST];
const service = ({ incident }: Context) => incident.labels[SERVICE];

/** `web`, `deployment/web`, `statefulset/db`: a workload with its kind, so that the first two are one. */
const workload = (given: Context) => {
  const name = service(given)?.trim();
  return name === undefined || name === "" || name.includes("/") ? name : `deployment/${name}`;
};
const WORKLOAD = /^([a-z]+\/)?[a-z0-9][a-z0-9.-]{0,252}$/;

/** Two buttons can share one action: /webhooks/action/restart-host?dc=nj and …?dc=sh */
const dc = z
  .string()
  .regex(/^[\w.-]{1,64}$/, { error: "must be a short name" })
  .optional();

export const playbook = definePlaybook({
  actions: {
    "restart-host": action(
      {
        summary: "restart the host that the incident is about",
        key: label(HOST),
        params: { dc },
        time_limit_ms: 20_000,
        after: "enrich", // a restart wipes out what could be seen
        guards: {
          each: { at_once: 1, cool_down_ms: 10 * MINUTE_MS, budget: { runs: 3, window_ms: 6 * HOUR_MS } },
          all: { at_once: 3, budget: { runs: 20, window_ms: HOUR_MS } },
          breaker: { failures: 5, keys: 10, window_ms: HOUR_MS },
          comebacks: 2,
          override_within_ms: 5 * MINUTE_MS,
        },
      },
      [
        rundeck({ job: "RUNDECK_RESTART_JOB", options: ({ key, params }) => ({ host: key, dc: params.dc }) }),
        awx({
          template: "AWX_RESTART_TEMPLATE",
          limit: ({ key }) => key,
          extra_vars: ({ params }) => ({ dc: params.dc }),
        }),
        jenkins({ job: "JENKINS_RESTART_JOB", parameters: ({ key, params }) => ({ HOST: key, DC: params.dc }) }),
        http({
          settings: "RESTART_HOST",
          method: "POST",
          repeatable: true, // the other end looks at the Idempotency-Key: see docs/connectors/http.md
          body: ({ key, incident: { incident_id }, run_id, params }) => ({
            host: key,
            incident_id,
            run_id,
            dc: params.dc,
          }),
        }),
      ],
    ),

    "restart-workload": action(
      {
        summary: "restart the pods of the service",
        key: { ...label(SERVICE, WORKLOAD), of: workload },
        params: {},
        after: "enrich",
        guards: {
          each: { at_once: 1, cool_down_ms: 10 * MINUTE_MS },
          breaker: { failures: 5, keys: 10, window_ms: HOUR_MS },
          comebacks: 2,
          override_within_ms: 5 * MINUTE_MS,
        },
      },
      // The label may also say `statefulset/db` or `daemonset/agent`.
      [kubernetes({ namespace: ({ incident }) => incident.labels[NAMESPACE], workload: ({ key }) => key })],
    ),

    enrich: action(
      {
        summary: "tell what is known of the host and the service",
        params: {},
        informational: true,
        // Custom fields of the incident, by their names in Flashduty, and what they are set with:
        // fields: { cpu_at_incident: "CPU" },
      },
      [
        // Those that are set up are asked, all at once. What a label is missing for is not asked.
        enrich([
          prometheus({
            queries: [
              { name: "up", query: (given) => promql`min(up{instance=~"${host(given)}(:[0-9]+)?"})` },
              {
                name: "CPU",
                unit: "%",
                over_s: 1_800,
                query: (given) =>
                  promql`100 * (1 - avg(rate(node_cpu_seconds_total{mode="idle", instance=~"${host(given)}(:[0-9]+)?"}[5m])))`,
              },
              {
                name: "memory free",
                unit: "%",
                over_s: 1_800,
                query: (given) =>
                  promql`100 * min(node_memory_MemAvailable_bytes{instance=~"${host(given)}(:[0-9]+)?"} / node_memory_MemTotal_bytes{instance=~"${host(given)}(:[0-9]+)?"})`,
              },
            ],
          }),
          loki({
            queries: [{ name: "errors", query: (given) => logql`{service_name="${service(given)}"} |~ "(?i)error"` }],
          }),
          jaeger({ service, searches: [{ name: "failed traces", tags: { error: "true" } }] }),
          tempo({
            queries: [
              {
                name: "failed traces (Tempo)",
                query: (given) => traceql`{ resource.service.name = "${service(given)}" && status = error }`,
              },
            ],
          }),
          // A service catalogue of your own: GET <CATALOG_URL>/services/<service>
          json({
            settings: "CATALOG",
            name: "catalogue",
            path: (given) => ["services", service(given)],
            schema: z.object({ owner: z.string(), runbook: z.string().optional() }),
            lines: ({ owner }) => [`owner: ${owner}`],
            values: ({ owner }) => ({ owner }),
            links: ({ runbook }) => (runbook === undefined ? [] : [runbook]),
          }),
        ]),
      ],
    ),

    rollback: action(
      {
        summary: "roll back the latest change of the service",
        key: label(SERVICE),
        params: {},
        time_limit_ms: 20_000,
        guards: {
          // A second one would roll back further, or forth again.
          each: { at_once: 1, cool_down_ms: 30 * MINUTE_MS },
          all: { at_once: 1 },
          breaker: { failures: 3, keys: 3, window_ms: HOUR_MS },
          override_within_ms: 10 * MINUTE_MS,
        },
      },
      [
        argocd(), // the application has the service's name
        github({ workflow: "GITHUB_ROLLBACK_WORKFLOW", inputs: ({ key }) => ({ service: key }) }),
        gitlab({ project: "GITLAB_ROLLBACK_PROJECT", inputs: ({ key }) => ({ service: key }) }),
      ],
    ),

    "update-status-page": action(
      // A closed incident is to be resolved on the page: so it need not be open.
      { summary: "update the status page", params: {}, demands: "nothing", destructive: false, time_limit_ms: 20_000 },
      [flashdutyStatusPage(), statuspage()],
    ),
  },

  rules: [
    // Once somebody has put the incident on the status page, its entry follows the incident.
    {
      on: ["i_ack", "i_unack", "i_r_severity", "i_rslv", "i_reopen", "i_merge"],
      follows: true,
      run: "update-status-page",
    },
    // To look around for every new incident that is critical:
    // { on: ["i_new"], when: { severity: ["Critical"] }, run: "enrich" },
    // To restart by itself what came back, once somebody has agreed (docs/guards/approval.md):
    // { on: ["i_reopen"], approval: { within_ms: 30 * MINUTE_MS }, run: "restart-host" },
  ],
});
