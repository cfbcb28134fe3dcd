// What people are asked and told: consent, reports, the trail; and that nothing runs because of what the receiver did.
import { runId } from "../../../src/domain/event.ts";
import type { Entry } from "../../../src/domain/trail.ts";
import type { Fact } from "../fact.ts";
import { WHOEVER_DID_IT } from "../scene.ts";
import { isEndState, type RunStory, type Story } from "../story.ts";
import type { Law } from "./law.ts";

type Consent = Extract<Fact, { kind: "consented" }>;

/** Of the rules that ask for consent: those excluded by all of them; null where the run may have come about without. */
function excludedFrom(run: RunStory, story: Story): string[] | null {
  const { happened } = run;
  if (run.run.by !== "rule" || happened === undefined) return null;
  const rules = story.scene.rules.filter(
    (rule) => rule.run === run.run.action && rule.on.some((type) => type === happened.event_type),
  );
  const asking = rules.filter(({ approval }) => approval !== undefined);
  // Of an event that comes late, only a rule that follows is asked.
  const is_sure =
    asking.some(({ follows = false, when }) => !follows && when === undefined) &&
    rules.every(({ follows = false, approval }) => !follows || approval !== undefined);
  if (cameAlong(run, story) || (!is_sure && asking.length < rules.length)) return null;
  const excluded = asking.map((rule) =>
    rule.excluded.map((one) => (one === WHOEVER_DID_IT ? (happened.person?.person_id ?? "") : one).toLowerCase()),
  );
  return (excluded[0] ?? []).filter((one) => one !== "" && excluded.every((list) => list.includes(one)));
}

/** Whether another run of the event wants it to come first. */
function cameAlong({ run }: RunStory, story: Story): boolean {
  return [...story.runs.values()].some((one) => one.run.event_id === run.event_id && one.run.after === run.action);
}

const consent: Law = {
  says: "nothing runs without the consent that its rule asks for, nor with that of somebody whom the rule excludes",
  watch: (story) => {
    const given: (Consent & { at: number })[] = [];
    return (fact) => {
      if (fact.kind === "consented") given.push({ ...fact, at: story.now });
      if (fact.kind !== "arrived") return null;
      const run = story.runOf(fact.attempt.run_id);
      const excluded = run === undefined ? null : excludedFrom(run, story);
      if (run === undefined || excluded === null) return null;
      const is_given = given.some(
        ({ incident_id, action, run_id, approver }) =>
          incident_id === run.run.incident_id &&
          (action === null || action === run.run.action) &&
          (run_id === null || run_id === run.run_id) &&
          [approver.person_id, approver.email, approver.name].every((one) => !excluded.includes(one.toLowerCase())),
      );
      return is_given ? null : `${run.run_id} came to its target without consent`;
    };
  },
};

const called_for: Law = {
  says: "every run was called for: by a button, by a rule, or by another run of its event that it is to come before",
  watch: (story) => (fact) => {
    if (fact.kind !== "rest") return null;
    const { rules } = story.scene;
    for (const { run, run_id, happened } of story.runs.values()) {
      const is_pressed = happened?.button === run.action;
      const is_ruled = rules.some(
        (rule) => rule.run === run.action && rule.on.some((type) => type === happened?.event_type),
      );
      const is_brought = [...story.runs.values()].some(
        (one) => one.run.event_id === run.event_id && one.action?.after === run.action && !one.is_stillborn,
      );
      if (!is_pressed && !is_ruled && !is_brought) return `nobody called for ${run_id}`;
    }
    return null;
  },
};

const own: Law = {
  says: "what the receiver itself has done in Flashduty calls for nothing, as soon as it can know who it is",
  watch: (story) => (fact) => {
    if (fact.kind !== "arrived") return null;
    const run = story.runOf(fact.attempt.run_id);
    if (run?.run.by !== "rule" || run.happened?.person !== story.scene.own || story.scene.tells === null) return null;
    // The playbook may want to go on where Flashduty does not say who it is.
    return run.action?.unanswered === "go_on" ? null : `${run.run_id} came to its target`;
  },
};

const told: Law = {
  says: "where incidents are told, each end of a run, and that it waits for consent, has its report",
  watch: (story) => (fact) => {
    if (fact.kind !== "rest" || story.scene.tells === null) return null;
    for (const run of story.runs.values()) {
      for (const [round, { state }] of run.ends) {
        if (!story.reports.has(`${run.run.event_id} ${named(run, state, round)}`))
          return `nobody is told that ${run.run_id} ${state}`;
      }
      for (const round of run.waited)
        if (!story.reports.has(`${run.run.event_id} ${named(run, "awaiting_approval", round)}`))
          return `nobody is told that ${run.run_id} waits for consent`;
    }
    return null;
  },
};

/** Of a report: whose it is, and what it tells. */
function named({ run }: RunStory, state: string, round: number): string {
  return `${run.action}@${state}${round === 0 ? "" : `.${round}`}`;
}

const trail: Law = {
  says: "a trail only grows, and begins with who asked",
  watch: () => {
    const trails = new Map<string, readonly Entry[]>();
    return (fact) => {
      if (fact.kind !== "changed" || fact.after.by === "report") return null;
      const run_id = runId(fact.after);
      const before = trails.get(run_id) ?? [];
      const { trail: now } = fact.after;
      trails.set(run_id, now);
      if (now[0]?.what !== "asked") return `the trail of ${run_id} does not say who asked`;
      const differs = before.some((entry, at) => !isSame(entry, now[at]));
      return differs ? `what stood in the trail of ${run_id} does not any more` : null;
    };
  },
};

function isSame(one: Entry, other: Entry | undefined): boolean {
  return (
    one === other || (one.at === other?.at && one.what === other.what && one.by === other.by && one.text === other.text)
  );
}

const sound: Law = {
  says: "a run is due exactly until its end, at a whole millisecond, and comes back from its end only in a new round",
  watch: () => (fact) => {
    if (fact.kind !== "changed") return null;
    const { before, after } = fact;
    const has_ended = isEndState(after.state);
    if ((after.due_at === null) !== has_ended || (after.ended_at !== null) !== has_ended)
      return `${runId(after)} is ${after.state}, due at ${after.due_at}, and ended at ${after.ended_at}`;
    if (!Number.isInteger(after.due_at ?? 0)) return `${runId(after)} is due at ${after.due_at}`;
    const is_back = before !== null && before.ended_at !== null && after.ended_at !== before.ended_at;
    return is_back && after.round !== before.round + 1 ? `${runId(after)} came back in the same round` : null;
  },
};

const ruled: Law = {
  says: "rules call for no more than thirty runs an hour in one incident, and the one too many is told of",
  watch: () => {
    const times = new Map<string, number[]>();
    return (fact) => {
      if (fact.kind !== "changed" || fact.before !== null || fact.after.by !== "rule") return null;
      const { incident_id, planned_at } = fact.after;
      const lately = (times.get(incident_id) ?? []).filter((at) => at > planned_at - 3_600_000);
      times.set(incident_id, [...lately, planned_at]);
      if (lately.length > 30) return `${runId(fact.after)} is number ${lately.length + 1}`;
      return lately.length === 30 && fact.after.state !== "skipped" ? `${runId(fact.after)} is one too many` : null;
    };
  },
};

const ends: Law = {
  says: "when nothing more is to come, every run and every report has ended",
  watch: () => {
    const open = new Map<string, string>();
    return (fact) => {
      if (fact.kind === "changed") {
        if (fact.after.ended_at === null) open.set(runId(fact.after), fact.after.state);
        else open.delete(runId(fact.after));
      }
      if (fact.kind === "forgotten") {
        const left = [...open].find(([run_id]) => run_id.startsWith(`${fact.incident_id}:`));
        if (left !== undefined) return `${left[0]} was forgotten while it was ${left[1]}`;
      }
      if (fact.kind !== "rest") return null;
      const [left] = open;
      return left === undefined ? null : `${left[0]} is ${left[1]} for ever`;
    };
  },
};

export const LAWS_OF_PEOPLE: readonly Law[] = [consent, called_for, own, told, trail, sound, ruled, ends];
