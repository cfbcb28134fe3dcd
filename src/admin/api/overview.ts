// Everything at a glance. All parts are asked for at the same time, and what does not answer is left out.
import { readiness } from "../../actions/choose.ts";
import { readSettings } from "../../config.ts";
import { playbook } from "../../playbook.ts";
import { size } from "../../receive/quarantine.ts";
import { guardOf } from "../../runs/guard-stub.ts";
import { listDrift } from "../../tally/drift.ts";
import { Nothing, view } from "../endpoint.ts";
import { listIncidents } from "../index/incidents.ts";
import { countOpen } from "../index/open.ts";
import { listRuns } from "../index/runs.ts";
import { part } from "../part.ts";
import { type ActionItem, Overview, type RunItem, type Setup } from "../shapes.ts";
import { switchView } from "../switch.ts";

/** Rows of each part. */
const MOST = 10;

/** Not closed, as Flashduty names it. */
const OPEN = ["Triggered", "Processing"] as const;
const BAD_ENDS = ["failed", "unknown"] as const;

export const showOverview = view({
  path: "/api/overview",
  summary: "What waits, what is stopped, what came in, and what is set up",
  query: Nothing,
  answer: Overview,
  answerTo: async ({ env }) => ({ at: Date.now(), ...(await partsOf(env)), setup: setupOf(env) }),
});

async function partsOf(env: Env) {
  const db = env.DB;
  const [awaiting_approval, ended_badly, open, open_incidents, newest_incidents, quarantined, stops, drift] =
    await Promise.all([
      part("awaiting_approval", async () => runsIn(db, ["awaiting_approval"])),
      part("ended_badly", async () => runsIn(db, BAD_ENDS)),
      part("open", async () => countOpen(db)),
      part("open_incidents", async () => openIncidents(db)),
      part("newest_incidents", async () => (await listIncidents(db, { limit: MOST })).items),
      part("quarantined", async () => size(db)),
      part("switch", async () => switchView(await guardOf(env).switches())),
      part("drift", async () => listDrift(db)),
    ]);
  return {
    awaiting_approval,
    ended_badly,
    open,
    open_incidents,
    newest_incidents,
    quarantined,
    switch: stops,
    drift,
  };
}

async function runsIn(db: D1Database, states: readonly RunItem["state"][]) {
  const lists = await Promise.all(states.map(async (state) => listRuns(db, { state, limit: MOST })));
  const newestFirst = lists.flatMap(({ items }) => items).toSorted((one, other) => other.planned_at - one.planned_at);
  return newestFirst.slice(0, MOST);
}

async function openIncidents(db: D1Database) {
  const lists = await Promise.all(OPEN.map(async (progress) => listIncidents(db, { progress, limit: MOST })));
  const newestFirst = lists.flatMap(({ items }) => items).toSorted((one, other) => other.opened_at - one.opened_at);
  return newestFirst.slice(0, MOST);
}

function setupOf(env: Env): Setup {
  const { faults, dry_run, flashduty, source_check } = readSettings(env);
  return { faults: [...faults], dry_run, writes_back: flashduty !== null, source_check, actions: actionsOf(env) };
}

function actionsOf(env: Env): ActionItem[] {
  return Object.entries(playbook.actions).map(([name, action]) => {
    const about = { action: name, summary: action.summary };
    const ready = readiness(action, env);
    if ("unable" in ready) return { ...about, connector: null, unable: ready.unable, dry_run: false };
    return { ...about, connector: ready.connector, unable: "", dry_run: ready.policy.dry_run };
  });
}
