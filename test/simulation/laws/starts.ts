// Nothing twice, and no two at once: what one run may do to a target.
import { leaseMs } from "../../../src/domain/lease.ts";
import { WAITS_FOR_FIRST_MS } from "../../../src/domain/run.ts";
import type { Attempt } from "../fact.ts";
import type { Law } from "./law.ts";

const once: Law = {
  says: "a run that is to be started once comes to its target once, unless a person has it started over",
  watch: (story) => (fact) => {
    if (fact.kind !== "arrived") return null;
    const run = story.runOf(fact.attempt.run_id);
    if (run?.action?.policy.once !== true || run.arrivals <= 1) return null;
    return `${run.run_id} has come to its target ${run.arrivals} times`;
  },
};

const not_repeated: Law = {
  says: "a target that cannot tell a repetition is not asked again where it may have done what it was asked for",
  watch: (story) => (fact) => {
    if (fact.kind !== "arrived") return null;
    const run = story.runOf(fact.attempt.run_id);
    if (run?.action === undefined || run.action.repeatable || run.arrivals - run.turned_away <= 1) return null;
    return `${run.run_id} has come to its target once more`;
  },
};

const same_name: Law = {
  says: "what is tried again has the same idempotency key, and what a person had started over has another",
  watch: (story) => {
    const names = new Map<string, string>();
    return (fact) => {
      if (fact.kind !== "arrived") return null;
      const run = story.runOf(fact.attempt.run_id);
      if (run === undefined || fact.attempt.run.round < run.retried_round) return null;
      const time = `${run.run_id} after ${run.retries} retries`;
      const before = names.get(time);
      names.set(time, fact.idempotency_key);
      const others = [...names].filter(([name, key]) => name !== time && key === fact.idempotency_key);
      if (before !== undefined && before !== fact.idempotency_key) return `${before} became ${fact.idempotency_key}`;
      return others.length === 0 ? null : `${fact.idempotency_key} is that of ${others[0]?.[0]} as well`;
    };
  },
};

const no_overlap: Law = {
  says: "two attempts of one run never overlap",
  watch: (story) => (fact) => {
    if (fact.kind === "granted") {
      const { attempt } = fact;
      const attempts = story.runOf(attempt.run_id)?.attempts ?? [];
      const other = attempts.find((one) => one !== attempt && !one.is_over && one.until > story.now);
      return other === undefined
        ? null
        : `${attempt.run_id} was handed out as attempt ${attempt.run.fence} while attempt ${other.run.fence} was under way`;
    }
    if (fact.kind !== "arrived") return null;
    const newest = story.runOf(fact.attempt.run_id)?.fence ?? 0;
    if (fact.attempt.run.fence === newest) return null;
    return `attempt ${fact.attempt.run.fence} of ${fact.attempt.run_id} came to the target after attempt ${newest} was handed out`;
  },
};

const in_turn: Law = {
  says: "two attempts at one action never overlap for an incident, but where a person has cancelled the first",
  watch: (story) => (fact) => {
    if (fact.kind !== "granted") return null;
    const { run_id } = fact.attempt;
    const run = story.runOf(run_id)?.run ?? fact.attempt.run;
    for (const other of story.runs.values()) {
      if (other.run_id === run_id || other.run.incident_id !== run.incident_id || other.run.action !== run.action)
        continue;
      if ([run, other.run].some(({ state }) => state === "cancelled") || other.retries > 0) continue;
      if (other.attempts.some(({ is_over, until }) => !is_over && until > story.now))
        return `${run_id} was handed out while an attempt at ${other.run_id} was under way`;
    }
    return null;
  },
};

const after: Law = {
  says: "what is to come after another run of its event does not come to its target before that one has ended, or has taken too long",
  watch: (story) => (fact) => {
    if (fact.kind !== "arrived") return null;
    const { run, run_id } = fact.attempt;
    if (run.after === "") return null;
    const first = story.runOf(`${run.incident_id}:${run.event_id}:${run.after}`);
    const asked_at = story.runOf(run_id)?.asked_at ?? story.now;
    const is_over = first === undefined || first.ends.size > 0 || story.now >= asked_at + WAITS_FOR_FIRST_MS;
    return is_over ? null : `${run_id} did not wait for ${first.run_id}`;
  },
};

const in_time: Law = {
  says: "nothing comes to a target that was asked for, approved or started over longer ago than its action allows",
  watch: (story) => (fact) => {
    if (fact.kind !== "arrived") return null;
    const run = story.runOf(fact.attempt.run_id);
    if (run?.action === undefined || fact.attempt.run.round < run.retried_round) return null;
    const { policy } = run.action;
    const age_ms = story.now - run.asked_at;
    if (age_ms <= policy.max_age_ms + leaseMs({ policy })) return null;
    return `${run.run_id} came to its target after ${age_ms} ms`;
  },
};

const own_key: Law = {
  says: "a run acts on the host that its incident names, and on nothing where it names none",
  watch: (story) => (fact) => {
    if (fact.kind !== "arrived") return null;
    const { run, run_id } = fact.attempt;
    const host = story.scene.incidents.find(({ incident_id }) => incident_id === run.incident_id)?.host ?? "";
    const is_named = story.runOf(run_id)?.action?.key !== null;
    const wanted = is_named ? host : "";
    return run.key === wanted && (!is_named || /^[a-z0-9-]+$/.test(host)) ? null : `${run_id} acts on "${run.key}"`;
  },
};

const same_press: Law = {
  says: "a person who presses the same button twice within ten seconds has it run once",
  watch: (story) => (fact) => {
    if (fact.kind !== "arrived") return null;
    const run = story.runOf(fact.attempt.run_id);
    const { happened } = run ?? {};
    if (run?.run.by !== "command" || run.retries > 0 || run.run.person_id === "") return null;
    for (const other of story.runs.values()) {
      if (other === run || other.retries > 0 || other.arrivals === 0 || other.run.by !== "command") continue;
      const is_same =
        other.run.incident_id === run.run.incident_id &&
        other.run.action === run.run.action &&
        // What another action wants to come first is not pressed.
        [run, other].every((one) => one.happened?.button === one.run.action) &&
        other.happened?.person === happened?.person &&
        JSON.stringify(other.run.params) === JSON.stringify(run.run.params);
      if (is_same && Math.abs(other.asked_at - run.asked_at) < 10_000)
        return `${run.run_id} and ${other.run_id} are one press, and both have come to the target`;
    }
    return null;
  },
};

const told_once: Law = {
  says: "an outcome that is told once more does not bring a run back from its end",
  watch: (story) => {
    const rounds = new Map<Attempt, number>();
    return (fact) => {
      if (fact.kind !== "told") return null;
      const { run_id, run } = fact.attempt;
      const round = story.runOf(run_id)?.run.round ?? 0;
      const before = rounds.get(fact.attempt) ?? round;
      rounds.set(fact.attempt, round);
      return before === round ? null : `attempt ${run.fence} of ${run_id} has told its outcome again`;
    };
  },
};

export const LAWS_OF_STARTS: readonly Law[] = [
  once,
  not_repeated,
  same_name,
  no_overlap,
  in_turn,
  after,
  in_time,
  own_key,
  same_press,
  told_once,
];
