// Every endpoint of the admin API, by the name that its description gives it.
import type { AnyEndpoint } from "../endpoint.ts";
import { drift } from "./drift.ts";
import { incidents } from "./incidents.ts";
import { index_rebuild } from "./index-rebuild.ts";
import { overview } from "./overview.ts";
import { quarantine } from "./quarantine.ts";
import { runs } from "./runs.ts";
import { kill_switch } from "./switch.ts";

export const endpoints = {
  showOverview: overview,
  listIncidents: incidents.listed,
  showIncident: incidents.one,
  showEvent: incidents.event,
  listRuns: runs.listed,
  showRun: runs.one,
  approveRun: runs.approve,
  cancelRun: runs.cancel,
  retryRun: runs.retry,
  listQuarantine: quarantine.listed,
  showQuarantined: quarantine.one,
  previewReplay: quarantine.preview,
  replay: quarantine.replay,
  deleteQuarantined: quarantine.delete,
  showSwitch: kill_switch.shown,
  changeSwitch: kill_switch.changed,
  listDrift: drift,
  rebuildIndex: index_rebuild,
} satisfies Endpoints;

export type Endpoints = Readonly<Record<string, AnyEndpoint>>;
