// Every endpoint of the admin API, by the name that its description gives it.
import type { AnyEndpoint } from "../endpoint.ts";
import { listDrift } from "./drift.ts";
import { listIncidents, showEvent, showIncident } from "./incidents.ts";
import { rebuildIndex } from "./index-rebuild.ts";
import { showOverview } from "./overview.ts";
import { deleteQuarantined, listQuarantine, previewReplay, replay, showQuarantined } from "./quarantine.ts";
import { approveRun, cancelRun, listRuns, retryRun, showRun } from "./runs.ts";
import { changeSwitch, showSwitch } from "./switch.ts";

export const endpoints = {
  showOverview,
  listIncidents,
  showIncident,
  showEvent,
  listRuns,
  showRun,
  approveRun,
  cancelRun,
  retryRun,
  listQuarantine,
  showQuarantined,
  previewReplay,
  replay,
  deleteQuarantined,
  showSwitch,
  changeSwitch,
  listDrift,
  rebuildIndex,
} satisfies Endpoints;

export type Endpoints = Readonly<Record<string, AnyEndpoint>>;
