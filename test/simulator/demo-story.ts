// The demo's story: the life of the documented incident, push by push, each with what it promises and what is found to have
// come of it.

import { INCIDENT, documented } from "./demo-systems.ts";
import { PRESS, PRESSED, ended, event, press, progressIs, runId } from "./demo-scene.ts";
import { afterApproval, tooSoon, whileStopped } from "./demo-guards.ts";
import { followed, onThePage } from "./demo-status-page.ts";
import type { Scene, Stage } from "./demo-scene.ts";

const MINUTE_MS = 60_000;
const NO_EXECUTION = { host: "no host", began_at: 0 };

/** The scenes in their order. */
export function storyOn(stage: Stage): Scene[] {
  const { held_back, overridden } = tooSoon(stage);
  const guarded = [...whileStopped(stage), ...afterApproval(stage), held_back];
  return [
    ...begins(stage),
    ...onThePage(stage),
    ...guarded,
    ...twice(stage),
    ...refused(stage),
    overridden,
    ...ends(stage),
  ];
}

function begins(stage: Stage): Scene[] {
  const { rundeck, argocd } = stage.systems;
  const accepted = { answer: "200 accepted", takes_long: true as const };
  const rollback = press("rollback", 10_000);
  const unlabelled = press("rollback", 15_000, { labels: { resource: "es.nj.01" } });
  return [
    {
      sent: "i_new",
      promise: "recorded",
      push: event("i_new", -9 * MINUTE_MS, "Triggered").push,
      answer: "200 accepted",
      found: async () => progressIs(stage, "Triggered"),
    },
    {
      ...accepted,
      before: () => rundeck.refuse("es.nj.01", 2),
      sent: "press restart-host",
      promise: "looked around, tried again, done",
      push: PRESS,
      found: async () => {
        const looked = await ended(stage, runId(PRESSED, "enrich"));
        const { state } = await ended(stage, runId(PRESSED, "restart-host"));
        const facts = [/CPU: (now )?93\.2 %/, /memory free: (now )?41\.7 %/, /errors: 3 lines/];
        const told = facts.filter((fact) => fact.test(looked.reason)).length;
        const is_named = looked.reason.includes("Jaeger: did not answer in time");
        const { host, began_at } = rundeck.executions.find((one) => one.host === "es.nj.01") ?? NO_EXECUTION;
        const refused = rundeck.starts() - rundeck.executions.length;
        const is_first = looked.ended_at !== null && looked.ended_at < began_at;
        return [
          `${told} facts${is_named ? ", Jaeger is slow" : ""}; 429 ${refused} times; ${state}: ${host}`,
          is_first && told === facts.length && is_named && state === "succeeded" && refused === 2,
        ];
      },
    },
    {
      ...accepted,
      sent: "press rollback",
      promise: "rolled back, change named",
      push: rollback.push,
      found: async () => {
        const { state, reason } = await ended(stage, rollback.run_id);
        const [, from, to] = /from ([0-9a-f]{8}) .* to ([0-9a-f]{8}) /.exec(reason) ?? [];
        const is_named = from === "9c2d1e7f" && to === "41f0aa83";
        return [`from ${from} to ${to}`, state === "succeeded" && is_named && argocd.rolled_back_to.join() === "2"];
      },
    },
    {
      sent: "press rollback, no service",
      promise: "skipped, and why",
      push: unlabelled.push,
      answer: "422 rollback cannot run",
      found: async () => {
        const { state, reason } = await ended(stage, unlabelled.run_id);
        return [reason.split(",")[0] ?? "", state === "skipped" && reason.includes("label `service` is missing")];
      },
    },
  ];
}

function twice(stage: Stage): Scene[] {
  const { receiver, systems } = stage;
  const { rundeck } = systems;
  return [
    {
      sent: "the first press again",
      promise: "nothing twice",
      push: PRESS,
      answer: "200 duplicate",
      found: async () => {
        await ended(stage, runId(PRESSED, "restart-host"));
        const restarts = rundeck.executions.filter(({ host }) => host === "es.nj.01").length;
        return [`started ${restarts} time`, restarts === 1];
      },
    },
    {
      sent: "the first press, as i_custom",
      promise: "one event, one run",
      push: { address: "incident", body: { ...documented, event_id: PRESSED } },
      answer: "200 duplicate",
      found: async () => {
        const kept = await receiver.incident(INCIDENT);
        const events = kept?.events.filter(({ event_id }) => event_id === PRESSED).length;
        const runs = kept?.runs.filter(({ run_id }) => run_id === runId(PRESSED, "restart-host")).length;
        return [`recorded ${events} time; ${runs} run`, events === 1 && runs === 1];
      },
    },
  ];
}

function refused(stage: Stage): Scene[] {
  return [
    {
      sent: "a body with {{incident.title}}",
      promise: "refused, and kept",
      push: {
        address: "incident",
        body: { event_type: "i_new", incident: { incident_id: INCIDENT, title: "{{incident.title}}" } },
      },
      answer: "400 Unfilled placeholders",
      found: async () => {
        const kept = await stage.receiver.quarantine();
        return [`quarantine holds ${kept.length}`, kept.length === 1 && kept[0]?.why === "placeholders"];
      },
    },
    {
      by_stranger: true,
      sent: "i_rslv from a stranger",
      promise: "changes nothing",
      push: event("i_rslv", 3 * MINUTE_MS, "Closed").push,
      answer: "403 Unknown source",
      found: async () => progressIs(stage, "Processing"),
    },
  ];
}

function ends(stage: Stage): Scene[] {
  const { rundeck } = stage.systems;
  const { push, run_id } = press("restart-host", 5 * MINUTE_MS, { progress: "Closed" });
  const closes = followed(stage, "i_rslv", 4 * MINUTE_MS, { progress: "Closed", on_page: "resolved" });
  return [
    { ...closes, after_all: true },
    {
      sent: "press after the close",
      promise: "skipped: Flashduty asked",
      push,
      answer: "200 accepted",
      found: async () => {
        const { state, reason } = await ended(stage, run_id);
        const is_skipped = state === "skipped" && reason === "the incident is closed";
        return [reason, is_skipped && rundeck.executions.length === 4];
      },
    },
  ];
}
