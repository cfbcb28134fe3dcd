// Loads the playbook, or says why it cannot be used: definePlaybook finds what is wrong with it when it is loaded.

import type { Action } from "../src/actions/action.ts";
import type { Playbook } from "../src/domain/playbook.ts";
import { EVENT_TYPES, PRESS } from "../src/flashduty/event-type.ts";

export async function loadPlaybook(): Promise<{ playbook: Playbook<Action> } | { faults: string[] }> {
  try {
    const { playbook } = await import("../src/playbook.ts");
    const faults = faultsInTypes(playbook);
    return faults.length === 0 ? { playbook } : { faults };
  } catch (error) {
    return { faults: error instanceof Error ? faultsIn(error) : [String(error)] };
  }
}

/** The compiler refuses such types, but is not asked here. */
function faultsInTypes({ rules }: Playbook<Action>): string[] {
  const known = new Set<string>(EVENT_TYPES.filter((type) => type !== PRESS));
  return rules.flatMap(({ on, run }, at) =>
    on
      .filter((type) => !known.has(type))
      .map((type) => `rule ${at + 1} (${run}): a rule cannot be on "${type}"; there is: ${[...known].join(", ")}`),
  );
}

/** One for each fault that definePlaybook lists; anything else that was thrown, with its place. */
function faultsIn(error: Error): string[] {
  const [title = "", ...listed] = error.message.split(/\n- /);
  if (title.startsWith("the playbook is wrong")) return listed.map((fault) => fault.replaceAll(/\s*\n\s*/g, " "));
  const places = (error.stack ?? "").match(/src\/[\w./-]+\.ts:\d+/g) ?? [];
  const place = places.find((one) => one.startsWith("src/playbook.ts")) ?? places[0];
  const said = `${error.name}: ${error.message}`.replaceAll(/\s*\n\s*/g, " ");
  return [place === undefined ? said : `${place}: ${said}`];
}
