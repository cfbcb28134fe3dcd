// Everything around the receiver in the demo: Flashduty's Open API with its incidents and one status page, and the systems
// that the actions call; and the settings by which the receiver finds and opens them.

import { randomBytes } from "node:crypto";
import { argocdStandIn } from "./argocd.ts";
import type { Argocd } from "./argocd.ts";
import { contractFromFile } from "./contract-file.ts";
import { jaegerStandIn, lokiStandIn, prometheusStandIn } from "./monitoring.ts";
import { createOpenApi } from "./open-api.ts";
import type { OpenApi } from "./open-api.ts";
import { recorded } from "./open-api-recorded.ts";
import { serveOpenApi } from "./open-api-server.ts";
import { documentedAction, incidentId } from "./push-body.ts";
import { rundeckStandIn } from "./rundeck.ts";
import type { Rundeck } from "./rundeck.ts";
import { serveSystem } from "./system.ts";
import type { System } from "./system.ts";

/** The vendor's documented incident; the demo is about it. */
export const documented = documentedAction();
export const INCIDENT = documented.incident.incident_id;
export const PAGE_ID = 5750613685214;

/** The incidents that show the guards, on other hosts; two of them are about the same one. */
export const OTHERS = {
  reopened: { incident: incidentId(1), host: "es.nj.02", title: "memory is low" },
  same_host: { incident: incidentId(2), host: "es.nj.02", title: "disk is slow" },
  stopped: { incident: incidentId(3), host: "es.nj.03", title: "no answer to ping" },
};
export type Other = (typeof OTHERS)[keyof typeof OTHERS];

const COMPONENT = { component_id: "01KC3GAZ6ZJE40H55GM31RPWZE", name: "Search" };
const JOB = "b2f1c6f0-5f0e-4b8e-9f0a-3c1d2e4f5a6b";
/** A restart succeeds with this look. */
const LOOKS = 2;

const secret = () => randomBytes(16).toString("hex");

export interface DemoSystems {
  /** By name, the two tokens of the receiver's own included. */
  settings: Readonly<Record<string, string>>;
  api: OpenApi;
  /** What Flashduty's API was asked, each call as a text, without the key in its address. */
  calls: readonly string[];
  rundeck: Rundeck;
  argocd: Argocd;
  /** By the prefix of their settings. */
  served: Readonly<Record<"RUNDECK" | "ARGOCD" | "PROMETHEUS" | "LOKI" | "JAEGER", System>>;
  close(): Promise<void>;
}

/** Starts them all. `given`: settings that go before those made up here; the systems ask for the credentials in them. */
export async function startSystems(given: Readonly<Record<string, string>>): Promise<DemoSystems> {
  const names = ["WEBHOOK_TOKEN", "ADMIN_TOKEN", "FLASHDUTY_APP_KEY", "RUNDECK_TOKEN", "ARGOCD_TOKEN", "LOKI_TOKEN"];
  const secrets: Record<string, string> = {
    ...Object.fromEntries(names.map((name): [string, string] => [name, secret()])),
    PROMETHEUS_TOKEN: `reader:${secret()}`,
    ...given,
  };
  const token = (prefix: string) => secrets[`${prefix}_TOKEN`] ?? "";

  const api = openApiWith(secrets["FLASHDUTY_APP_KEY"] ?? "");
  const { listening, calls } = recorded(api);
  const flashduty = await serveOpenApi(listening);
  const { resource: host, service } = documented.incident.labels;
  const rundeck = rundeckStandIn({ token: token("RUNDECK"), job: JOB, looks: LOOKS });
  const argocd = argocdStandIn({ token: token("ARGOCD"), application: service });
  const served = {
    RUNDECK: await serveSystem(rundeck.standIn),
    ARGOCD: await serveSystem(argocd.standIn),
    PROMETHEUS: await serveSystem(prometheusStandIn({ token: token("PROMETHEUS"), host })),
    LOKI: await serveSystem(lokiStandIn({ token: token("LOKI"), service })),
    JAEGER: await serveSystem(jaegerStandIn()),
  };
  const addresses = Object.entries(served).map(([prefix, { url }]): [string, string] => [`${prefix}_URL`, url]);
  return {
    settings: {
      ...secrets,
      ...Object.fromEntries(addresses),
      FLASHDUTY_API_URL: flashduty.url,
      RUNDECK_RESTART_JOB: JOB,
      FLASHDUTY_PAGE_ID: String(PAGE_ID),
      FLASHDUTY_PAGE_COMPONENTS: COMPONENT.component_id,
      ...given,
    },
    api,
    calls,
    rundeck,
    argocd,
    served,
    close: async () => {
      await Promise.all([flashduty, ...Object.values(served)].map(async (one) => one.close()));
    },
  };
}

/** Flashduty's side: the documented incident and the others, and a status page with the one component that is affected. */
function openApiWith(app_key: string): OpenApi {
  const api = createOpenApi({ app_key, now: () => Date.now(), contract: contractFromFile() });
  const { title, labels } = documented.incident;
  api.add_incident(INCIDENT, { title, labels, progress: "Triggered", incident_severity: "Critical" });
  for (const other of Object.values(OTHERS)) {
    const facts = { title: other.title, labels: { ...labels, resource: other.host } };
    api.add_incident(other.incident, { ...facts, progress: "Triggered", incident_severity: "Critical" });
  }
  api.add_status_page({ page_id: PAGE_ID, components: [COMPONENT] });
  return api;
}
