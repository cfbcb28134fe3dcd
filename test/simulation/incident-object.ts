// An incident's object: what src/incident/object.ts is around its desk. Each call is one transaction; what is answered may
// get lost on its way.
import { type Event, runId, type RunRef } from "../../src/domain/event.ts";
import type { Asked } from "../../src/domain/plan.ts";
import type { Moment, Outcome, Run } from "../../src/domain/run.ts";
import type { Note } from "../../src/domain/trail.ts";
import { type Claimed, type Consent, Desk, type Received, type Ruled, type Ruling } from "../../src/incident/desk.ts";
import { againAfter, type Indexing, lastActiveAt, versionOf } from "../../src/incident/indexing.ts";
import { AlarmClock } from "./alarm-clock.ts";
import type { Cast } from "./history.ts";
import { EventMemory, RunMemory } from "./memory.ts";
import { Machine } from "./world.ts";

/** So long the object waits for the index; the writing may go on. */
const INDEX_TAKES_MS = 2_000;
/** When an alarm that did not come to its end rings again. */
const ALARM_AGAIN_MS = 2_000;
/** No database takes longer over it; sooner than that, nobody asks again. */
const REMOVED_WITHIN_MS = 60_000;

export class IncidentObject extends Machine {
  readonly #cast: () => Cast;
  readonly #events = new EventMemory();
  #runs: RunMemory | null = null;
  #desk: Desk | null = null;
  readonly #clock: AlarmClock;
  /** What the index has of the incident and of its runs: the version of each. It outlives whatever happens to the object. */
  readonly #listed = new Map<string, number>();

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

  /** What it remembered is gone with it. */
  override restart(): void {
    super.restart();
    this.#desk = null;
  }

  /** What the index has that is not as the incident keeps it; null where it is all the same. */
  unlisted(): string | null {
    const kept = this.#versions(null);
    const is_same =
      kept.size === this.#listed.size && [...kept].every(([of, version]) => this.#listed.get(of) === version);
    return is_same ? null : `kept: ${JSON.stringify([...kept])}, in the index: ${JSON.stringify([...this.#listed])}`;
  }

  /** The versions of the incident and of those runs, or of all. */
  #versions(changed: ReadonlySet<string> | null): Map<string, number> {
    const { runs } = this;
    const version = versionOf({ events: this.#events, runs });
    const those = runs.counted().filter((run) => changed === null || changed.has(runId(run)));
    const versions = those.map((run): [string, number] => [runId(run), run.changes]);
    return new Map(version === 0 ? [] : [[this.name, version], ...versions]);
  }

  /** The index may be slow, and the object not wait for it; it may not answer; and it may take late what is outdated. */
  #writeIndex(indexing: Indexing): void {
    const { world, scene } = this.#cast();
    const { chance } = world;
    const { weather } = scene;
    const written = this.#versions(indexing.begin().changed);
    const { life } = this;
    const takes_ms = chance.likely(weather.late) ? chance.below(60_000) : chance.pick(weather.ways_ms);
    const is_lost = chance.likely(weather.lost);
    if (!is_lost)
      world.after(takes_ms, () => {
        for (const [of, version] of written) if (version > (this.#listed.get(of) ?? 0)) this.#listed.set(of, version);
      });
    world.after(Math.min(takes_ms, INDEX_TAKES_MS), () => {
      const at = { now: world.now + this.ahead_ms, chance: chance.number() };
      if (this.life !== life) {
        this.#clock.again(ALARM_AGAIN_MS);
      } else if (!is_lost && takes_ms <= INDEX_TAKES_MS) {
        world.count("index: written");
      } else {
        world.count(is_lost ? "index: failed" : "index: late");
        indexing.failed(at);
      }
    });
  }

  /** Whether the index is seen to let go of it; where it is not, that may come to pass all the same, and late. */
  #unlist(): boolean {
    const { world, scene } = this.#cast();
    const version = versionOf({ events: this.#events, runs: this.runs });
    const leave = () => {
      if ((this.#listed.get(this.name) ?? 0) <= version) this.#listed.clear();
    };
    this.#desk?.indexing.forget();
    if (world.chance.likely(scene.weather.lost)) {
      if (world.chance.likely(0.5)) world.after(world.chance.below(REMOVED_WITHIN_MS), leave);
      return false;
    }
    leave();
    return true;
  }

  #ring(): void {
    const { world, queue, see, scene } = this.#cast();
    this.#clock.alarm.rang();
    const { dispatched, is_over, is_index_due } = this.#transaction((desk, at) => desk.wake(at));
    if (is_over && !this.#unlist()) {
      world.count("index: failed, not forgotten");
      const now = world.now + this.ahead_ms;
      const quiet_ms = now - lastActiveAt({ events: this.#events, runs: this.runs });
      this.#clock.alarm.wakeBy(now + againAfter(quiet_ms, world.chance.number()), now);
      return;
    }
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
    if (is_index_due && this.#desk !== null) this.#writeIndex(this.#desk.indexing);
  }

  #transaction<T>(work: (desk: Desk, at: Moment) => T): T {
    const { world, scene, see, people } = this.#cast();
    const { runs } = this;
    this.#desk ??= new Desk(
      { events: this.#events, runs },
      (at, now) => this.#clock.alarm.wakeBy(at, now),
      () => scene,
    );
    const desk = this.#desk;
    const at = { now: world.now + this.ahead_ms, chance: world.chance.number() };
    const done = this.#clock.alarm.gathering(() => work(desk, at), at.now);
    desk.takeEnded();
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
