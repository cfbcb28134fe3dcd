// What a history begins with: a playbook, hosts, persons, settings, and how badly things go.
import type { Guards, Limit } from "../../src/domain/guard.ts";
import { label } from "../../src/domain/key.ts";
import { definePlaybook, type Plannable, type Playbook, type Rule } from "../../src/domain/playbook.ts";
import type { Language } from "../../src/domain/report.ts";
import { Policy } from "../../src/domain/run.ts";
import type { EventType } from "../../src/flashduty/event-type.ts";
import type { Chance } from "./chance.ts";
import { type Weather, weatherBy } from "./network.ts";

export interface Person {
  person_id: string;
  person_name: string;
  email: string;
}

/** What a target does with a request that it has not seen before. */
export type Habit =
  | "does"
  | "does_and_fails"
  | "does_and_keeps_silent"
  | "does_slowly"
  | "refuses"
  | "not_now"
  | "has_nothing_to_do"
  | "hangs"
  | "starts_job";

/** An action, with what its connector and its target are like. */
export interface SceneAction extends Plannable {
  name: string;
  /** Its settings are there. */
  is_set_up: boolean;
  /** Its target can tell a repetition. */
  repeatable: boolean;
  demands: "open" | "nothing";
  unanswered: "go_on" | "wait";
  habits: Readonly<Record<Habit, number>>;
}

/** A rule, with those who must not approve what it calls for. */
export interface SceneRule extends Rule {
  /** By id or address; "whoever did it" is the person of the event. */
  excluded: readonly string[];
}
export const WHOEVER_DID_IT = "whoever did it";

export interface Scene {
  playbook: Playbook<SceneAction>;
  rules: readonly SceneRule[];
  /** Of each incident its id and its host; "" for none. */
  incidents: readonly { incident_id: string; host: string }[];
  persons: readonly [Person, ...Person[]];
  /** Who the receiver itself is in Flashduty. */
  own: Person;
  /** The language in which incidents are told; null where nobody can be told, and Flashduty cannot be asked. */
  tells: Language | null;
  retention_ms: number;
  weather: Weather;
  /** How far clocks are ahead of true time, or behind. Milliseconds; any two differ by 10 s at most. */
  clocks_ms: readonly [number, ...number[]];
  /** Every row is read as it was written, in JSON. */
  is_written_out: boolean;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const OWN: Person = { person_id: "900", person_name: "flashduty-edge", email: "edge@example.com" };
const PERSONS: readonly [Person, ...Person[]] = [
  { person_id: "1", person_name: "Ann", email: "ann@example.com" },
  { person_id: "2", person_name: "Bo", email: "bo@example.com" },
  { person_id: "3", person_name: "Chen", email: "" },
];
const NAMES = ["restart", "enrich", "rollback"] as const;
const WINDOWS_MS = [5 * SECOND_MS, 20 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS, 20 * MINUTE_MS, 2 * HOUR_MS] as const;
const RULED_EVENTS = ["i_new", "i_ack", "i_comm", "i_rslv", "i_reopen"] as const satisfies readonly EventType[];

export function sceneBy(chance: Chance): Scene {
  const names = NAMES.slice(0, 1 + chance.below(NAMES.length));
  const actions = Object.fromEntries(names.map((name, at) => [name, actionBy(name, names.slice(0, at), chance)]));
  const rules = Array.from({ length: chance.below(4) }, () => ruleBy(names, chance));
  const hosts = ["web-1", "web-2", "db-1"].slice(0, 1 + chance.below(3));
  const incidents = Array.from({ length: chance.pick([1, 1, 2, 2, 3, 4]) }, (_, at) => ({
    incident_id: `inc${at + 1}`,
    host: chance.likely(0.04) ? chance.pick(["", "web-*"]) : (chance.any(hosts) ?? ""),
  }));
  return {
    playbook: definePlaybook({ actions, rules }),
    rules,
    incidents,
    persons: PERSONS,
    own: OWN,
    tells: chance.likely(0.85) ? chance.pick(["en", "zh"]) : null,
    retention_ms: chance.pick([DAY_MS, 30 * DAY_MS]),
    weather: weatherBy(chance),
    clocks_ms: chance.likely(0.5) ? [0] : [-5_000, -2_000, 0, 700, 5_000],
    is_written_out: chance.likely(0.02),
  };
}

function actionBy(name: string, before: readonly string[], chance: Chance): SceneAction {
  const [first] = before;
  return {
    name,
    policy: Policy.parse({
      once: chance.likely(0.3),
      attempts: chance.pick([1, 2, 3, 5]),
      time_limit_ms: chance.pick([1_000, 5_000, 10_000, 20_000, 25_000]),
      max_age_ms: chance.pick([40 * SECOND_MS, 5 * MINUTE_MS, HOUR_MS]),
    }),
    key: chance.likely(0.85) ? label("host") : null,
    after: first !== undefined && chance.likely(0.3) ? first : null,
    guards: guardsBy(chance),
    destructive: false,
    causes: [],
    is_set_up: !chance.likely(0.03),
    repeatable: chance.likely(0.5),
    demands: chance.likely(0.7) ? "open" : "nothing",
    unanswered: chance.likely(0.3) ? "go_on" : "wait",
    habits: habitsBy(chance),
  };
}

function habitsBy(chance: Chance): Record<Habit, number> {
  const some = () => (chance.likely(0.4) ? chance.number() : 0.02);
  return {
    does: 0.5,
    does_and_fails: some(),
    does_and_keeps_silent: some(),
    does_slowly: some(),
    refuses: some(),
    not_now: some(),
    has_nothing_to_do: some(),
    hangs: some(),
    starts_job: some(),
  };
}

function guardsBy(chance: Chance): Guards {
  const breaker = {
    window_ms: chance.pick(WINDOWS_MS),
    ...(chance.likely(0.6) ? { failures: 1 + chance.below(3) } : { keys: 1 + chance.below(2) }),
  };
  return {
    ...(chance.likely(0.75) && { each: limitBy(chance) }),
    ...(chance.likely(0.25) && { all: limitBy(chance) }),
    ...(chance.likely(0.35) && { breaker }),
    ...(chance.likely(0.3) && { comebacks: 1 + chance.below(2) }),
    ...(chance.likely(0.7) && { override_within_ms: chance.pick([20 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS]) }),
  };
}

function limitBy(chance: Chance): Limit {
  const has_cool_down = chance.likely(0.45);
  return {
    // A cool-down begins with an end, which is looked for only where nothing else may go on meanwhile.
    ...(chance.likely(0.65) && { at_once: has_cool_down ? 1 : chance.pick([1, 1, 1, 2]) }),
    ...(has_cool_down && { cool_down_ms: chance.pick(WINDOWS_MS) }),
    ...(chance.likely(0.45) && { budget: { runs: 1 + chance.below(3), window_ms: chance.pick(WINDOWS_MS) } }),
  };
}

function ruleBy(names: readonly string[], chance: Chance): SceneRule {
  const on = [chance.pick(RULED_EVENTS)];
  const excluded = chance.pick([
    [],
    [WHOEVER_DID_IT],
    [WHOEVER_DID_IT],
    [PERSONS[0].person_id],
    [PERSONS[0].email.toUpperCase(), "2"],
  ]);
  const occurrence = chance.likely(0.15) ? chance.pick(["first", "reopened"] as const) : null;
  return {
    on,
    run: chance.any(names) ?? NAMES[0],
    excluded,
    ...(chance.likely(0.15) && { follows: true }),
    ...(occurrence !== null && { when: { occurrence } }),
    ...(chance.likely(0.45) && {
      approval: {
        within_ms: chance.pick([30 * SECOND_MS, 5 * MINUTE_MS, 30 * MINUTE_MS]),
        not_by: ({ person }) => excluded.map((one) => (one === WHOEVER_DID_IT ? (person?.person_id ?? "") : one)),
      },
    }),
  };
}
