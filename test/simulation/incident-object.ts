// An incident's object: what src/incident/object.ts is around its desk. Each call is one transaction; what is answered may
// get lost on its way.
import type { Event, RunRef } from "../../src/domain/event.ts";
import type { Asked } from "../../src/domain/plan.ts";
import type { Moment, Outcome, Run } from "../../src/domain/run.ts";
import type { Note } from "../../src/domain/trail.ts";
import { type Claimed, type Consent, Desk, type Received, type Ruled, type Ruling } from "../../src/incident/desk.ts";
import { AlarmClock } from "./alarm-clock.ts";
import type { Cast } from "./history.ts";
import { EventMemory, RunMemory } from "./memory.ts";
import { Machine } from "./world.ts";

/** When an alarm that did not come to its end rings again. */
const ALARM_AGAIN_MS = 2_000;

export class IncidentObject extends Machine {
  readonly #cast: () => Cast;
  readonly #events = new EventMemory();
  #runs: RunMemory | null = null;
  #desk: Desk | null = null;
  readonly #clock: AlarmClock;

  constructor(cast: () => Cast, incident_id: string, ahead_ms: number) {
    super(incident_id, ahead_ms);
    this.#cast = cast;
    this.#clock = new AlarmClock(cast, this, () => this.#ring());
  }

  receive(event: Event, asked: readonly Asked[], consent: Consent | null): Received {
    return this.#transaction((desk, at) => desk.receive(event, asked, consent, at));
  }

  claim(ref: RunRef, claimant: string): Claimed {
    return this.#transaction((desk, at) => desk.claim(ref, claimant, at));
  }

  settle(ref: RunRef, fence: number, outcome: Outcome, notes: readonly Note[]): boolean {
    return this.#transaction((desk, at) => desk.settle(ref, fence, outcome, notes, at));
  }

  rule(ref: RunRef, ruling: Ruling): Ruled {
    return this.#transaction((desk, at) => desk.rule(ref, ruling, at));
  }

  showRun({ event_id, action }: RunRef): Run | null {
    return this.runs.one(event_id, action);
  }

  get runs(): RunMemory {
    this.#runs ??= new RunMemory(this.#cast().scene.is_written_out);
    return this.#runs;
  }

  #ring(): void {
    const { world, queue, see, scene } = this.#cast();
    this.#clock.alarm.rang();
    const { dispatched, is_over } = this.#transaction((desk, at) => desk.wake(at));
    if (is_over) {
      world.count("incident forgotten");
      world.say(this.name, () => "is forgotten");
      see({ kind: "forgotten", incident_id: this.name });
      this.#events.clear();
      this.runs.clear();
      this.#clock.alarm.rang();
    }
    if (world.chance.likely(scene.weather.object_crash)) {
      // Its messages are not sent. The platform lets the alarm ring once more.
      world.count("crash: alarm, before it has sent");
      world.say(this.name, () => "crashes before its messages are sent");
      this.restart();
      this.#clock.again(ALARM_AGAIN_MS);
      return;
    }
    for (const { incident_id, event_id, action } of dispatched) queue.send({ incident_id, event_id, action });
  }

  #transaction<T>(work: (desk: Desk, at: Moment) => T): T {
    const { world, scene, see, people } = this.#cast();
    const { runs } = this;
    this.#desk ??= new Desk(
      { events: this.#events, runs },
      (at, now) => this.#clock.alarm.wakeBy(at, now),
      () => scene,
    );
    const done = work(this.#desk, { now: world.now + this.ahead_ms, chance: world.chance.number() });
    for (const { before, after } of runs.takeChanges()) {
      if (before?.state !== after.state)
        world.say(
          this.name,
          () => `${after.event_id}:${after.action} is ${after.state}${after.reason && `: ${after.reason}`}`,
        );
      see({ kind: "changed", before, after });
      people.notice(before, after);
    }
    return done;
  }
}
