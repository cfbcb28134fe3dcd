// A playbook in plain words, for whoever writes or reads one: what `npm run playbook` says of rules, guards and attempts.
import type { EventType } from "../flashduty/event-type.ts";
import { type Condition, holds, saysOf } from "./condition.ts";
import type { Guards, Limit } from "./guard.ts";
import type { Context, Plannable, Rule } from "./playbook.ts";
import type { Policy } from "./run.ts";
import { duration } from "./time.ts";

/** What happens to an incident, as verb and what is said of it: events that share a verb are told together. */
const EVENTS: Record<EventType, readonly [verb: string, what: string]> = {
  i_new: ["is", "opened"],
  i_assign: ["is", "assigned"],
  i_a_rspd: ["gets", "more responders"],
  i_snooze: ["is", "snoozed"],
  i_wake: ["is", "no longer snoozed"],
  i_ack: ["is", "acknowledged"],
  i_unack: ["is", "no longer acknowledged"],
  i_storm: ["is", "hit by an alert storm"],
  i_custom: ["gets", "a custom action's button pressed"],
  i_rslv: ["is", "closed"],
  i_reopen: ["is", "reopened"],
  i_merge: ["is", "merged"],
  i_comm: ["gets", "a comment"],
  i_r_title: ["gets", "another title"],
  i_r_desc: ["gets", "another description"],
  i_r_impact: ["gets", "another impact"],
  i_r_rc: ["gets", "another root cause"],
  i_r_rsltn: ["gets", "another resolution"],
  i_r_severity: ["gets", "another severity"],
  i_r_field: ["gets", "another value in a custom field"],
};

/** What happens to an incident: "is opened or reopened, or gets another severity". */
export function saysOfEvents(types: readonly EventType[]): string {
  const by_verb = Map.groupBy(
    types.map((type) => EVENTS[type]),
    ([verb]) => verb,
  );
  return [...by_verb].map(([verb, events]) => `${verb} ${either(events.map(([, what]) => what))}`).join(", or ");
}

/** The rule as one sentence. */
export function saysOfRule({ on, when, follows = false, approval, run }: Rule): string {
  const conditions = typeof when === "function" ? [OWN_CONDITION] : saysOf(when ?? {});
  const given = [saysOfEvents(on), ...conditions].join(", and ");
  const before = follows ? ", where it was run for the incident before" : "";
  const consent =
    approval === undefined
      ? ""
      : `, after somebody${approval.not_by ? ", whom the playbook does not exclude," : ""} has approved it within ${duration(approval.within_ms)}`;
  return `When an incident ${given}, then "${run}" is run${before}${consent}.`;
}

const OWN_CONDITION = "a condition of the playbook's own holds";

/** What limits an action, one item for each guard; none where nothing does. */
export function saysOfGuards({ guards, key }: Pick<Plannable, "guards" | "key">): string[] {
  const { each, all, breaker, comebacks, override_within_ms } = guards;
  const said = [
    // Runs without a key share one.
    ...saysOfLimit(key === null ? "over all" : "on one key", each),
    ...saysOfLimit("over all", all),
    ...saysOfBreaker(breaker),
    ...(comebacks === undefined
      ? []
      : [`not again once it has succeeded ${times(comebacks)} for an incident that was reopened all the same`]),
  ];
  return said.length === 0 ? [] : [...said, saysOfOverriding(override_within_ms)];
}

function saysOfLimit(where: string, { at_once, cool_down_ms, budget }: Limit = {}): string[] {
  const limits = [
    ...(at_once === undefined ? [] : [`at most ${at_once} at a time`]),
    ...(cool_down_ms === undefined ? [] : [`not again within ${duration(cool_down_ms)} after a run`]),
    ...(budget === undefined ? [] : [`at most ${runs(budget.runs)} within ${duration(budget.window_ms)}`]),
  ];
  return limits.length === 0 ? [] : [`${where}: ${limits.join("; ")}`];
}

function saysOfBreaker(breaker: Guards["breaker"]): string[] {
  if (breaker === undefined) return [];
  const { failures, keys, window_ms } = breaker;
  const trips = [
    ...(failures === undefined ? [] : [`${runs(failures)} failed or did not help`]),
    ...(keys === undefined ? [] : [`it was to be run on more than ${keys} different keys`]),
  ];
  return [`stopped until a person closes the breaker, once ${trips.join(", or ")}, within ${duration(window_ms)}`];
}

function saysOfOverriding(within_ms: number | undefined): string {
  return within_ms === undefined
    ? "nobody can override this"
    : `the same person's second press within ${duration(within_ms)} overrides all but "at a time" and the breaker`;
}

/** How it is carried out. `repeatable`: the connector's, null where none is chosen. */
export function saysOfPolicy(policy: Omit<Policy, "repeatable">, repeatable: boolean | null): string[] {
  const { once, attempts, time_limit_ms, max_age_ms, dry_run } = policy;
  const again = once
    ? "started once, and never again by itself; where its outcome is not known, a person decides"
    : `${attempts === 1 ? "1 attempt" : `up to ${attempts} attempts`}, of ${duration(time_limit_ms)} at most`;
  return [
    ...(dry_run ? ["dry run: everything is done but the call to the target"] : []),
    again,
    ...(repeatable === false && !once ? ["where the outcome of one is not known, a person decides"] : []),
    `not started any more ${duration(max_age_ms)} after it was asked for`,
  ];
}

/** What of a rule does not hold for an event; none where it asks for its action, or is broken. Occurrence is left to the incident. */
export function unmet({ when = {} }: Rule, context: Context, now: number): string[] {
  if (typeof when === "function") return isTrue(() => when(context)) ? [] : [OWN_CONDITION];
  return partsOf(when)
    .filter((part) => !isTrue(() => holds(part, context, now)))
    .flatMap(saysOf);
}

/** What throws is no reason why nothing is run: planning tells of it. */
function isTrue(holds: () => boolean): boolean {
  try {
    return holds();
  } catch {
    return true;
  }
}

/** The condition as several, each of one item; without the occurrence. */
function partsOf({ severity, channel, labels = {}, hours, also }: Condition): Condition[] {
  return [
    ...(severity === undefined ? [] : [{ severity }]),
    ...(channel === undefined ? [] : [{ channel }]),
    ...Object.entries(labels).map(([name, wanted]) => ({ labels: { [name]: wanted } })),
    ...(hours === undefined ? [] : [{ hours }]),
    ...(also === undefined ? [] : [{ also }]),
  ];
}

function either(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} or ${items.at(-1)}`;
}

function runs(count: number): string {
  return count === 1 ? "1 run" : `${count} runs`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
