// The Workers: what src/receive does with a push, and src/runs/consumer.ts, attempt.ts and before-start.ts with a message. At
// each step of an attempt they may crash, or stand still and go on when nobody expects it any more.
import { eventOf, runId, type RunRef } from "../../src/domain/event.ts";
import { plan, type Readiness } from "../../src/domain/plan.ts";
import { isReport } from "../../src/domain/report.ts";
import type { Outcome } from "../../src/domain/run.ts";
import type { Note } from "../../src/domain/trail.ts";
import type { Push } from "../../src/flashduty/push.ts";
import type { Claimed, Granted, Received } from "../../src/incident/desk.ts";
import { startIdOf } from "../../src/runs/gate.ts";
import type { Attempt, Happened } from "./fact.ts";
import type { Cast } from "./history.ts";
import type { IncidentObject } from "./incident-object.ts";
import { ask } from "./network.ts";
import type { SceneAction } from "./scene.ts";
import { Machine, type Process } from "./world.ts";

const RECEIVE_WITHIN_MS = 700;
const CLAIM_WITHIN_MS = 3_000;
const TELL_AGAIN_MS = [0, 500, 1_500, 3_000];
const TELL_WITHIN_MS = 2_000;
const GUARD_WITHIN_MS = 3_000;
const GUARD_AGAIN_MS = 15_000;
const ANSWER_PART = 0.4;
const BEFORE_PART = 0.5;
const ANSWER_MARGIN_MS = 300;
const START_TAKES_MS = 500;
const STANDS_STILL_MS = [2_000, 9_000, 20_000, 32_000, 45_000, 60_000, 100_000] as const;

/** How an action would be carried out. */
function readiness({ name, is_set_up, policy, repeatable }: SceneAction): Readiness {
  return is_set_up
    ? { connector: `${name} by http`, policy: { ...policy, repeatable } }
    : { unable: "it is not set up" };
}

/** What an attempt does, one after the other. */
const STEPS = [
  "before the claim",
  "after the claim",
  "after the guards' word",
  "while the target acts",
  "before the outcome is told",
  "before the guards are told",
] as const;
type Step = (typeof STEPS)[number];

/** A Worker, while it handles one message. */
class Hand extends Machine {
  began_at = 0;
  attempt: Attempt | null = null;
}

interface Attempted {
  outcome: Outcome;
  notes: Note[];
}

export class Workers {
  readonly #cast: () => Cast;
  readonly #machines: readonly [Machine, ...Machine[]];
  #hands = 0;

  constructor(cast: () => Cast, machines: readonly [Machine, ...Machine[]]) {
    this.#cast = cast;
    this.#machines = machines;
  }

  /** A push has come; null where it cannot be answered with 200. */
  *receive(push: Push, happened: Happened, address: "incident" | `action/${string}`): Process<Received | null> {
    const { world, scene, incidents, flashduty, see } = this.#cast();
    const machine = world.chance.pick(this.#machines);
    const incident = incidents.get(happened.incident_id);
    if (incident === undefined) throw new Error(`${happened.incident_id} is not there`);
    const received_at = world.now + machine.ahead_ms;
    const is_button = address !== "incident";
    const approves = is_button && happened.button === "approve";
    const command = is_button && !approves ? { action: happened.button, params: happened.params } : null;
    const planning = { playbook: scene.playbook, readiness, own_id: flashduty.ownIdNow(), now: received_at };
    const asked = approves ? [] : plan(push, command, planning);
    const { person_id = "", person_name: name = "", email = "" } = happened.person ?? {};
    const action = happened.params["action"] ?? null;
    const consent = approves ? { approver: { at: "button" as const, person_id, name, email }, action } : null;
    const event = eventOf(push, { address, received_at, body: push.event_id });
    const once = () => {
      see({ kind: "taken", happened });
      if (consent !== null) see({ kind: "consented", incident_id: incident.name, run_id: null, ...consent });
      return incident.receive(event, asked, consent);
    };
    return (yield* ask(world, scene.weather, incident, { once }, RECEIVE_WITHIN_MS))?.is ?? null;
  }

  /** A message has come. */
  deliver(ref: RunRef, tries: number): void {
    const { world } = this.#cast();
    const { name, ahead_ms } = world.chance.pick(this.#machines);
    this.#hands += 1;
    const hand = new Hand(`${name}, message ${this.#hands}`, ahead_ms);
    world.start(this.#handle(hand, ref, tries), hand);
  }

  *#handle(hand: Hand, ref: RunRef, tries: number): Process {
    const { world, incidents, queue } = this.#cast();
    const incident = incidents.get(ref.incident_id);
    if (incident === undefined) throw new Error(`${ref.incident_id} is not there`);
    yield* this.#step(hand, "before the claim");
    hand.began_at = world.now;
    const claimed = yield* this.#claim(hand, incident, ref);
    if (claimed === null) {
      queue.retry(ref, tries);
      return;
    }
    if ("refused" in claimed) {
      world.count("claim refused");
      return;
    }
    yield* this.#attempt(hand, incident, claimed);
  }

  *#claim(hand: Hand, incident: IncidentObject, ref: RunRef): Process<Claimed | null> {
    const { world, scene } = this.#cast();
    const claim = () =>
      ask(world, scene.weather, incident, { once: () => incident.claim(ref, hand.name) }, CLAIM_WITHIN_MS);
    const claimed = (yield* claim()) ?? (yield* claim());
    return claimed?.is ?? null;
  }

  *#attempt(hand: Hand, incident: IncidentObject, granted: Granted): Process {
    const { world, see, scene, guard } = this.#cast();
    const { run } = granted;
    const until = hand.began_at + run.policy.time_limit_ms;
    const attempt: Attempt = { run, run_id: runId(run), until, has_passed: false, is_over: false };
    hand.attempt = attempt;
    if (!isReport(run)) see({ kind: "granted", attempt });
    yield* this.#step(hand, "after the claim");
    const { outcome, notes } = isReport(run)
      ? { outcome: yield* this.#cast().flashduty.report(run, until), notes: [] }
      : yield* this.#carryOut(hand, granted, attempt);
    attempt.is_over = true;
    world.count(`outcome: ${outcome.kind}`);
    yield* this.#step(hand, "before the outcome is told");
    const is_told = yield* this.#settle(incident, attempt, { outcome, notes });
    if (!is_told) return;
    yield* this.#step(hand, "before the guards are told");
    if (isReport(run) || outcome.kind === "waiting" || outcome.kind === "held") return;
    const process = () => guard.look(startIdOf(attempt.run_id, run.round));
    yield* ask(world, scene.weather, guard, { process }, GUARD_WITHIN_MS);
  }

  *#settle(incident: IncidentObject, attempt: Attempt, { outcome, notes }: Attempted): Process<boolean> {
    const { world, scene, see } = this.#cast();
    const { run } = attempt;
    const before = incident.runs.one(run.event_id, run.action)?.state;
    for (const pause_ms of TELL_AGAIN_MS) {
      if (pause_ms > 0) yield pause_ms;
      const once = () => {
        const counts = incident.settle(run, run.fence, outcome, notes);
        if (counts) see({ kind: "told", attempt });
        return counts;
      };
      const told = yield* ask(world, scene.weather, incident, { once }, TELL_WITHIN_MS);
      if (told === null) continue;
      if (told.is && before !== "running") world.count(`late outcome that counts, of a run that was ${before}`);
      if (!told.is) world.count("late outcome that does not count");
      return true;
    }
    return false;
  }

  *#carryOut(hand: Hand, granted: Granted, attempt: Attempt): Process<Attempted> {
    const { run } = granted;
    const { world, scene, targets } = this.#cast();
    const action = scene.playbook.actions[run.action];
    if (action === undefined) throw new Error(`there is no action ${run.action}`);
    const notes: Note[] = [];
    if (run.handle === null && action.key !== null && run.key === "")
      return { outcome: { kind: "skipped", reason: "there is nothing to act on" }, notes };
    if (run.handle === null) {
      const kept = yield* this.#beforeStart(hand, granted, action);
      attempt.has_passed = kept.outcome === null;
      notes.push(...kept.notes);
      if (kept.outcome !== null) return { outcome: kept.outcome, notes };
      yield* this.#step(hand, "after the guards' word");
    }
    const left_ms = attempt.until - ANSWER_MARGIN_MS - world.now;
    if (left_ms <= (run.handle === null ? START_TAKES_MS : 0))
      return { outcome: { kind: "not_sent", reason: "the attempt's time was up" }, notes };
    const answer = targets.ask(attempt, action, left_ms);
    notes.push({ what: "sent", text: `POST ${run.key}` });
    yield* this.#step(hand, "while the target acts");
    const waited_ms = Math.max(attempt.until - ANSWER_MARGIN_MS - world.now, 0);
    if (answer.answer === null) yield { reply: answer, within_ms: waited_ms };
    const outcome = answer.answer?.is ?? ({ kind: "unclear", reason: "the target did not answer" } as const);
    return { outcome, notes };
  }

  *#beforeStart(
    hand: Hand,
    granted: Granted,
    action: SceneAction,
  ): Process<{ outcome: Outcome | null; notes: Note[] }> {
    const { flashduty } = this.#cast();
    const { run } = granted;
    const asking = {
      answer_by: hand.began_at + run.policy.time_limit_ms * ANSWER_PART,
      give_up_at: hand.began_at + run.policy.time_limit_ms * BEFORE_PART,
    };
    const outcome =
      (yield* flashduty.causedByItself(run, action, asking)) ?? (yield* flashduty.stillWanted(run, action, asking));
    return outcome === null ? yield* this.#passGuards(granted) : { outcome, notes: [] };
  }

  *#passGuards({ run, came_back }: Granted): Process<{ outcome: Outcome | null; notes: Note[] }> {
    const { world, scene, guard } = this.#cast();
    const { action, key, by, person_id, asked_by, planned_at, override_by, round } = run;
    const run_id = runId(run);
    const start_id = startIdOf(run_id, round);
    const who = { by: by === "rule" ? ("rule" as const) : ("command" as const), person_id, asked_by, override_by };
    const candidate = { start_id, run_id, action, key: key.toLowerCase(), ...who, asked_at: planned_at, came_back };
    const process = () => guard.admit(candidate);
    const decision = (yield* ask(world, scene.weather, guard, { process }, GUARD_WITHIN_MS))?.is;
    if (decision === undefined) {
      world.count("the guards do not answer");
      return { outcome: { kind: "held", reason: "the guards do not answer", after_ms: GUARD_AGAIN_MS }, notes: [] };
    }
    if (decision.kind === "hold")
      return { outcome: { kind: "held", reason: decision.reason, after_ms: GUARD_AGAIN_MS }, notes: [] };
    if (decision.kind === "skip") {
      const note = { what: "guard" as const, text: `${decision.guard}: ${decision.reason}` };
      return { outcome: { kind: "skipped", reason: decision.reason }, notes: [note] };
    }
    const { overrides, by: overridden_by } = decision;
    const untold = overrides.filter((text) => !run.trail.some((one) => one.what === "overridden" && one.text === text));
    return { outcome: null, notes: untold.map((text) => ({ what: "overridden" as const, by: overridden_by, text })) };
  }

  /** Comes to a step; and now and then no further, or only after a while. */
  *#step(hand: Hand, step: Step): Process {
    const { world, scene } = this.#cast();
    if (!world.chance.likely(scene.weather.crash)) return;
    if (world.chance.likely(0.45)) {
      world.count(`hang: ${step}`);
      world.say(hand.name, () => `stands still ${step}`);
      yield world.chance.pick(STANDS_STILL_MS);
      return;
    }
    world.count(`crash: ${step}`);
    world.say(hand.name, () => `crashes ${step}`);
    if (hand.attempt !== null) hand.attempt.is_over = true;
    hand.restart();
    yield 0;
  }
}
