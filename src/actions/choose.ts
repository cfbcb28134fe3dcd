// Which of its connectors carries an action out: the first whose settings are there, unless one before it is set up wrongly.
import { readConnectorSettings, readSettings, type ConnectorSettings, type Unready } from "../config.ts";
import type { Readiness } from "../domain/plan.ts";
import type { Action } from "./action.ts";
import type { Connector } from "./connector.ts";

/** A connector that is ready, with the values of its settings; or what is to be set, and how. */
export type Choice = Ready | { ok: false; faults: string[] };

interface Ready {
  ok: true;
  connector: Connector;
  settings: ConnectorSettings;
}

export function choose(action: Action, env: Env): Choice {
  const choices = action.connectors.map((connector) => ready(connector, env));
  const decided = choices.find((choice) => choice.ok || choice.is_meant);
  if (decided !== undefined) return decided;
  const unready = choices.flatMap((choice) => (choice.ok ? [] : [choice]));
  // Whoever began with some of them wants to read what these lack.
  const begun = unready.filter(({ is_begun }) => is_begun);
  if (begun.length > 0) return { ok: false, faults: begun.flatMap(({ faults }) => faults) };
  const others = action.connectors.slice(1).map(({ name, settings }) => `${name} (${requiredOf(settings)})`);
  const hint = others.length === 0 ? [] : [`or set up one of ${others.join(", ")} instead`];
  return { ok: false, faults: [...(unready[0]?.faults ?? []), ...hint] };
}

/** How the action would be carried out as things are set up, for planning. */
export function readiness(action: Action, env: Env): Readiness {
  const choice = choose(action, env);
  if (!choice.ok) return { unable: choice.faults.join("; ") };
  const { name, repeatable } = choice.connector;
  const dry_run = action.policy.dry_run || readSettings(env).dry_run;
  return { connector: name, policy: { ...action.policy, repeatable, dry_run } };
}

/**
 * The connector that a run was planned with, as it is set up now. `name` is "" where none was ready then, and a person
 * has the run started over.
 */
export function chosenFor(action: Action, name: string, env: Env): Choice {
  if (name === "") return choose(action, env);
  const connector = action.connectors.find((one) => one.name === name);
  if (connector === undefined)
    return { ok: false, faults: [`the playbook has no connector "${name}" for it any more`] };
  return ready(connector, env);
}

/** Whether a connector could carry its action out as it is set up now. */
export function ready(connector: Connector, env: Env): Ready | Unready {
  const read = readConnectorSettings(env, connector.settings);
  if (!read.ok) return read;
  const lack = connector.lacks?.(read.settings.values) ?? null;
  if (lack === null) return { ok: true, connector, settings: read.settings };
  // Of a connector that needs nothing in particular, nobody can be said to mean it.
  const is_meant = connector.settings.some(({ required }) => required);
  return { ok: false, faults: [lack], is_begun: is_meant, is_meant };
}

function requiredOf(settings: Connector["settings"]): string {
  return settings.flatMap((one) => (one.required && one.default === undefined ? [one.name] : [])).join(", ");
}
