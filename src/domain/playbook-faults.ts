// What is wrong with a playbook: found when it is loaded, so that it fails at `npm run check`, and not at night.
import * as z from "zod";
import { APPROVE } from "./approval.ts";
import { faultsIn } from "./condition.ts";
import { type Guards, type Limit, REMEMBERED_MS } from "./guard.ts";
import { leaseMs } from "./lease.ts";
import type { Plannable, Playbook, Rule } from "./playbook.ts";
import { SAME_PRESS_MS } from "./press.ts";
import { Policy } from "./run.ts";
import { duration } from "./time.ts";

/** An attempt goes on after its message was acknowledged; the platform lets it for 30 s. */
const LONGEST_ATTEMPT_MS = 25_000;

/** Everything that is wrong; none where it is sound. */
export function faultsOf({ actions, rules }: Playbook): string[] {
  return [
    ...Object.entries(actions).flatMap(([name, action]) =>
      [...faultsInAction(name, action), ...faultsInOrder(name, actions)].map((fault) => `action "${name}": ${fault}`),
    ),
    ...rules.flatMap((rule, at) =>
      faultsInRule(rule, actions).map((fault) => `rule ${at + 1} (${rule.on.join(", ")} → ${rule.run}): ${fault}`),
    ),
    ...loops(rules, actions),
  ];
}

function faultsInAction(name: string, { policy, guards, destructive, key }: Plannable): string[] {
  const { success, error } = Policy.safeParse(policy);
  const is_limited = [guards.each, guards.all].some((limit) => limit?.cool_down_ms ?? limit?.budget) || guards.breaker;
  return [
    ...(/^[a-z][a-z0-9-]{0,62}$/.test(name)
      ? []
      : ["a name is lower-case letters, digits and dashes, for it is part of an address"]),
    ...(name === APPROVE ? ["this name is taken: it is the button that approves what waits"] : []),
    ...(success ? [] : [z.prettifyError(error)]),
    ...(policy.time_limit_ms > LONGEST_ATTEMPT_MS
      ? [`an attempt takes ${LONGEST_ATTEMPT_MS} ms at most; wait for longer jobs`]
      : []),
    ...(policy.max_age_ms <= leaseMs({ policy })
      ? [`max_age_ms must be longer than an attempt may take, ${duration(leaseMs({ policy }))}`]
      : []),
    ...(destructive && key === null
      ? ["it changes something, but names no key to act on: give it one, or say `destructive: false`"]
      : []),
    ...(destructive && !is_limited
      ? [
          "it changes something, but nothing limits how often: give it a cool-down, a budget or a breaker, or say `destructive: false`",
        ]
      : []),
    ...faultsInGuards(guards),
  ];
}

function faultsInGuards({ each, all, breaker, comebacks, override_within_ms }: Guards): string[] {
  const counts = { failures: breaker?.failures, keys: breaker?.keys, comebacks };
  const times = { "the breaker's window": breaker?.window_ms, "the time to override": override_within_ms };
  return [
    ...faultsInLimit("each", each),
    ...faultsInLimit("all", all),
    ...Object.entries(counts).flatMap(([name, count]) => faultInCount(name, count)),
    ...Object.entries(times).flatMap(([name, ms]) => faultInTime(name, ms)),
    ...(override_within_ms !== undefined && override_within_ms <= SAME_PRESS_MS
      ? [`the time to override must be longer than ${duration(SAME_PRESS_MS)}: two presses within that are one`]
      : []),
    ...(breaker !== undefined && breaker.failures === undefined && breaker.keys === undefined
      ? ["the breaker counts neither failures nor keys"]
      : []),
  ];
}

function faultsInLimit(name: string, { at_once, cool_down_ms, budget }: Limit = {}): string[] {
  return [
    ...faultInCount(`${name}.at_once`, at_once),
    ...faultInTime(`${name}.cool_down_ms`, cool_down_ms),
    ...(cool_down_ms !== undefined && at_once !== undefined && at_once > 1
      ? [`${name}: a cool-down is between two runs, so at_once must be 1`]
      : []),
    ...faultInCount(`${name}.budget.runs`, budget?.runs),
    ...faultInTime(`${name}.budget.window_ms`, budget?.window_ms),
  ];
}

function faultInCount(name: string, count: number | undefined): string[] {
  return count === undefined || (Number.isInteger(count) && count >= 1)
    ? []
    : [`${name} must be a whole number from 1`];
}

function faultInTime(name: string, ms: number | undefined): string[] {
  return ms === undefined || (Number.isInteger(ms) && ms >= 1 && ms <= REMEMBERED_MS)
    ? []
    : [
        `${name} must be a whole number of milliseconds, ${duration(REMEMBERED_MS)} at most: so long starts are remembered`,
      ];
}

/** What an action waits for must be there, and must not wait for it in turn. */
function faultsInOrder(name: string, actions: Playbook["actions"]): string[] {
  const seen = [name];
  for (let next = actions[name]?.after ?? null; next !== null; next = actions[next]?.after ?? null) {
    if (!Object.hasOwn(actions, next)) return [`it waits for "${next}", which the playbook does not have`];
    if (next === name) return [`it waits for itself: ${[...seen, next].join(" → ")}`];
    if (seen.includes(next)) return []; // told of those that wait for each other
    seen.push(next);
  }
  const [, first = ""] = seen;
  return actions[first]?.destructive
    ? [
        `it waits for "${first}", which changes something and would be run with it: only what just tells something may come first`,
      ]
    : [];
}

function faultsInRule({ on, when, approval, run }: Rule, actions: Playbook["actions"]): string[] {
  return [
    ...(Object.hasOwn(actions, run) ? [] : [`the playbook has no action "${run}"`]),
    ...(on.length === 0 ? ["it is on no event at all"] : []),
    ...(typeof when === "object" ? faultsIn(when) : []),
    ...(approval === undefined ? [] : faultInTime("approval.within_ms", approval.within_ms)),
  ];
}

/** Rules that would feed themselves: what their actions do comes back as an event that calls for them again. */
function loops(rules: readonly Rule[], actions: Playbook["actions"]): string[] {
  const follows = ({ run }: Rule) => {
    const causes = Object.hasOwn(actions, run) ? (actions[run]?.causes ?? []) : [];
    return rules.filter(({ on }) => causes.some((type) => on.some((one) => one === type)));
  };
  const told = new Set<Rule>();
  return rules.flatMap((rule) => {
    if (told.has(rule)) return [];
    const way = wayBack(rule, rule, follows);
    if (way === null) return [];
    for (const one of way) told.add(one);
    const steps = way.map(({ on, run }) => `${on.join(", ")} → ${run}`);
    return [`rules that feed themselves: ${steps.join(" → ")} → again; what an action does comes back as an event`];
  });
}

/** The rules by which one comes back to itself; null where it does not. `seen`: those from which there is no way. */
function wayBack(from: Rule, to: Rule, follows: (rule: Rule) => Rule[], seen = new Set<Rule>()): Rule[] | null {
  seen.add(from);
  for (const next of follows(from)) {
    if (next === to) return [from];
    const rest = seen.has(next) ? null : wayBack(next, to, follows, seen);
    if (rest !== null) return [from, ...rest];
  }
  return null;
}
