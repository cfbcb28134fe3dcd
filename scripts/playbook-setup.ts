// What is wrong with the settings on this machine, and what to know of them. Neither says a value.

import type { Action } from "../src/actions/action.ts";
import { choose, ready } from "../src/actions/choose.ts";
import type { Connector } from "../src/actions/connector.ts";
import { isBegun, readSettings } from "../src/config.ts";
import type { Playbook } from "../src/domain/playbook.ts";
import type { Here } from "./playbook-settings.ts";

/** What is malformed, and what somebody began to set up. What is not there at all is no fault: it may be set elsewhere. */
export function faultsInSetup(playbook: Playbook<Action>, here: Here): string[] {
  return [...faultsInHouse(here), ...faultsInConnectors(playbook, here)];
}

/** The receiver's own settings. Each of their faults begins with the setting's name. */
function faultsInHouse({ env, whence }: Here): string[] {
  return readSettings(env).faults.flatMap((fault) => {
    const from = whence(/^\w*/.exec(fault)?.[0] ?? "");
    return from === undefined ? [] : [`${fault} (it is set in ${from})`];
  });
}

function faultsInConnectors({ actions }: Playbook<Action>, here: Here): string[] {
  const all = Object.values(actions).flatMap(({ connectors }) => connectors);
  const in_use = new Set(
    all.filter((one) => ready(one, here.env).ok).flatMap(({ settings }) => settings.map(({ name }) => name)),
  );
  return Object.entries(actions).flatMap(([name, { connectors }]) =>
    connectors.flatMap((connector) =>
      faultsIn(connector, in_use, here).map((fault) => `action "${name}", ${connector.name}: ${fault}`),
    ),
  );
}

/** `in_use`: what other connectors use already. That it is set is no sign that this one is meant. */
function faultsIn({ settings, ...connector }: Connector, in_use: ReadonlySet<string>, { env, whence }: Here): string[] {
  const state = ready({ settings, ...connector }, env);
  if (state.ok) return [];
  const set = settings.filter(({ name }) => whence(name) !== undefined);
  const values = Object.fromEntries(set.map(({ name }) => [name, "is set"]));
  const own = settings.filter(({ name }) => !in_use.has(name));
  if (!state.is_meant && !isBegun(own, values)) return [];
  const places = set.map(({ name }) => `${name} in ${whence(name)}`).join(", ");
  return state.faults.map((fault) => `${fault} (set is ${places})`);
}

/** What is not as it would be at work. */
export function notesOnSetup({ actions, rules }: Playbook<Action>, { env }: Here): string[] {
  // What only follows up is called for where it could be run before.
  const called = new Set(rules.filter(({ follows }) => !follows).map(({ run }) => run));
  const idle = Object.entries(actions).filter(([name, action]) => called.has(name) && !choose(action, env).ok);
  const { flashduty, dry_run } = readSettings(env);
  return [
    ...idle.map(([name]) => `rules call for "${name}", which is not set up here: its runs would end as failed`),
    ...(flashduty === null ? [`FLASHDUTY_APP_KEY is not set here: ${UNTOLD}`] : []),
    ...(dry_run ? ["DRY_RUN is on here: no target is called"] : []),
  ];
}

const UNTOLD =
  "nothing is told in the incident, not even that a run waits for approval; whether it is still open is not asked; and what the receiver did itself is not recognised";
