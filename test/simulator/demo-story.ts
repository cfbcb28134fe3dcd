// The demo's story: the life of the documented incident, push by push, each with what it promises and what is found to have
// come of it.

import { INCIDENT, documented } from "./demo-systems.ts";
import { PRESS, PRESSED, ended, event, press, progressIs, runId } from "./demo-scene.ts";
import { followed, onThePage } from "./demo-status-page.ts";
import type { Scene, Stage } from "./demo-scene.ts";

const MINUTE_MS = 60_000;

/** The scenes in their order. */
export function storyOn(stage: Stage): Scene[] {
  return [...begins(stage), ...onThePage(stage), ...twice(stage), ...refused(stage), ...ends(stage)];
}

function begins(stage: Stage): Scene[] {
  const { rundeck, argocd } = stage.systems;
  const accepted = { answer: "200 accepted", takes_long: true as const };
  const [enrich, rollback] = [press("enrich", 5_000), press("rollback", 10_000)];
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
      sent: "press restart-host",
      promise: "job followed to its end",
      push: PRESS,
      found: async () => {
        const { state } = await ended(stage, runId(PRESSED, "restart-host"));
        const [{ host, looks } = { host: "no host", looks: 0 }, ...more] = rundeck.executions;
        const holds = state === "succeeded" && host === "es.nj.01" && looks > 1 && more.length === 0;
        return [`${state}: ${host}, ${looks} looks`, holds];
      },
    },
    {
      ...accepted,
      sent: "press enrich",
      promise: "told, a slow source named",
      push: enrich.push,
      found: async () => {
        const { state, reason } = await ended(stage, enrich.run_id);
        const facts = [/CPU: (now )?93\.2 %/, /memory free: (now )?41\.7 %/, /errors: 3 lines/];
        const told = facts.filter((fact) => fact.test(reason));
        const is_named = reason.includes("Jaeger: did not answer in time");
        const words = `${told.length} facts${is_named ? ", Jaeger is named" : ""}`;
        return [words, state === "succeeded" && told.length === facts.length && is_named];
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
  const again = press("restart-host", 2 * MINUTE_MS, { progress: "Processing" });
  return [
    {
      after_all: true,
      sent: "the first press again",
      promise: "nothing twice",
      push: PRESS,
      answer: "200 duplicate",
      found: async () => [`started ${rundeck.starts()} time`, rundeck.starts() === 1],
    },
    {
      sent: "the first press, as i_custom",
      promise: "one event, one run",
      push: { address: "incident", body: { ...documented, event_id: PRESSED } },
      answer: "200 duplicate",
      found: async () => {
        const kept = await receiver.incident(INCIDENT);
        const events = kept?.events.filter(({ event_id }) => event_id === PRESSED).length;
        const runs = kept?.runs.filter(({ run_id }) => run_id.includes(PRESSED)).length;
        return [`recorded ${events} time; ${runs} run`, events === 1 && runs === 1];
      },
    },
    {
      before: () => rundeck.refuse(2),
      sent: "press; Rundeck says 429 twice",
      promise: "tried again, started once",
      push: again.push,
      answer: "200 accepted",
      found: async () => {
        const { state } = await ended(stage, again.run_id);
        const attempts = rundeck.starts() - 1; // the first press made one, too
        return [
          `${state} at attempt ${attempts}`,
          state === "succeeded" && attempts === 3 && rundeck.executions.length === 2,
        ];
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
  return [
    followed(stage, "i_rslv", 4 * MINUTE_MS, { progress: "Closed", on_page: "resolved" }),
    {
      sent: "press after the close",
      promise: "skipped: Flashduty asked",
      push,
      answer: "200 accepted",
      found: async () => {
        const { state, reason } = await ended(stage, run_id);
        const is_skipped = state === "skipped" && reason === "the incident is closed";
        return [reason, is_skipped && rundeck.executions.length === 2];
      },
    },
  ];
}
