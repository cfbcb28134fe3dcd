// The part of the demo's story that is about the guards: what is held back, why, and by whom it is let go.

import { setTimeout as pause } from "node:timers/promises";
import { OTHERS } from "./demo-systems.ts";
import type { Other } from "./demo-systems.ts";
import { ended, event, press, runId } from "./demo-scene.ts";
import type { Found, Scene, Stage } from "./demo-scene.ts";
import type { IncidentFacts, Person } from "./push-body.ts";
import type { RunSeen } from "./receiver.ts";

const MINUTE_MS = 60_000;
const SOON_MS = 20_000;
/** A second press within this time is the same press. */
const SAME_PRESS_MS = 10_000;
const ACTION = "restart-host";

const lisi: Person = { person_id: 1234648032504, person_name: "lisi", email: "lisi@toutie.com" };

function factsOf({ incident, host, title }: Other): Partial<IncidentFacts> & { incident: string } {
  return { incident, title: `nj / ${host} - ${title}`, labels: { resource: host, service: "engine" } };
}

/** The run as soon as it is so, or as it has become by then. */
async function seenAs({ receiver }: Stage, run_id: string, isSo: (run: RunSeen) => boolean): Promise<RunSeen> {
  const until = performance.now() + SOON_MS;
  for (;;) {
    const run = await receiver.run(run_id);
    if (run !== null && (isSo(run) || performance.now() > until)) return run;
    if (performance.now() > until) throw new Error(`${run_id} is not known`);
    await pause(50);
  }
}

function restartsOf({ systems }: Stage, host: string): number {
  return systems.rundeck.executions.filter((one) => one.host === host).length;
}

/** A run that was let go restarts its host once. */
async function restarted(stage: Stage, run_id: string, { host }: Other, why: string): Promise<Found> {
  const { state } = await ended(stage, run_id);
  const count = restartsOf(stage, host);
  return [`${why}; ${state}: ${host}, ${count} restart`, state === "succeeded" && count === 1];
}

/** The kill switch holds what is pressed, and what it has held is run once it is turned back. */
export function whileStopped(stage: Stage): Scene[] {
  const { stopped } = OTHERS;
  const { push, run_id } = press(ACTION, 6 * MINUTE_MS, factsOf(stopped));
  const turn = async (set: "stopped" | "running", reason: string) => {
    await stage.receiver.change({ action: ACTION, set, by: "dana", reason });
  };
  return [
    {
      before: async () => turn("stopped", "the network is being changed"),
      sent: `press ${ACTION}; it is stopped`,
      promise: "held, and why",
      push,
      answer: "200 accepted",
      found: async () => {
        const { reason } = await seenAs(stage, run_id, (run) => run.reason.includes("dana"));
        const is_told = reason.includes("dana") && reason.includes("the network is being changed");
        return [is_told ? "stopped by dana" : reason, is_told && restartsOf(stage, stopped.host) === 0];
      },
    },
    {
      before: async () => turn("running", "the network is as it was"),
      sent: "(the switch is turned back)",
      promise: "what was held is run",
      push,
      answer: "200 duplicate",
      found: async () => restarted(stage, run_id, stopped, "held"),
      takes_long: true,
    },
  ];
}

/** That the incident is reopened, and the run that a rule calls for. */
function reopening() {
  const { reopened } = OTHERS;
  const { push, event_id } = event("i_reopen", 6 * MINUTE_MS, "Triggered", factsOf(reopened));
  return { push, run_id: runId(event_id, ACTION, reopened.incident) };
}

/** What a rule calls for waits for a person, and not for any. */
export function afterApproval(stage: Stage): Scene[] {
  const { reopened } = OTHERS;
  const facts = factsOf(reopened);
  const { push, run_id } = reopening();
  const waits = async (): Promise<Found> => {
    const { state } = await seenAs(stage, run_id, (run) => run.state === "awaiting_approval");
    return [state, state === "awaiting_approval" && restartsOf(stage, reopened.host) === 0];
  };
  return [
    {
      sent: "i_reopen",
      promise: "waits for approval",
      push,
      answer: "200 accepted",
      found: waits,
    },
    {
      sent: "press approve, who reopened it",
      promise: "somebody else must",
      push: press("approve", 7 * MINUTE_MS, facts).push,
      answer: "422 Nothing is approved",
      found: waits,
    },
    {
      sent: "press approve, lisi",
      promise: "run, with both names",
      push: press("approve", 8 * MINUTE_MS, { ...facts, person: lisi }).push,
      answer: "200 accepted",
      found: async () => {
        const { trail } = await ended(stage, run_id);
        const names = trail.flatMap(({ what, by }) => (what.startsWith("approv") ? [by] : [])).join(", ");
        const [words, holds] = await restarted(stage, run_id, reopened, names);
        return [words, holds && names === "zhangsan, lisi"];
      },
      takes_long: true,
    },
  ];
}

/** A host is not restarted again so soon, in whichever incident, unless a person insists. */
export function tooSoon(stage: Stage): { held_back: Scene; overridden: Scene } {
  const { same_host } = OTHERS;
  const [first, second] = [6, 7].map((minutes) => press(ACTION, minutes * MINUTE_MS, factsOf(same_host)));
  if (first === undefined || second === undefined) throw new Error("there are two presses");
  return {
    held_back: {
      before: async () => {
        await ended(stage, reopening().run_id);
      },
      sent: "press for that host, elsewhere",
      promise: "skipped: too soon, until when",
      push: first.push,
      answer: "200 accepted",
      found: async () => {
        const { state, reason, trail } = await ended(stage, first.run_id);
        const guard = trail.find(({ what }) => what === "guard")?.text.split(":")[0] ?? "no guard";
        const until = /allowed again at \S+ (\S+ UTC)/.exec(reason)?.[1] ?? "no time";
        return [`${state}: ${guard}, ${until}`, state === "skipped" && guard === "cool_down" && until !== "no time"];
      },
    },
    overridden: {
      before: async () => {
        const { planned_at } = await ended(stage, first.run_id);
        await pause(planned_at + SAME_PRESS_MS + 500 - Date.now());
      },
      sent: "press once more, the same person",
      promise: "run all the same, by name",
      push: second.push,
      answer: "200 accepted",
      found: async () => {
        const { state, trail } = await ended(stage, second.run_id);
        const by = trail.find(({ what }) => what === "overridden")?.by ?? "nobody";
        const count = restartsOf(stage, same_host.host);
        return [`${state}, overridden by ${by}`, state === "succeeded" && by === "zhangsan" && count === 2];
      },
    },
  };
}
