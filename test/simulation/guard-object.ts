// The guards' object: what src/runs/guard.ts is around its gate.
import { parseRunId } from "../../src/domain/event.ts";
import { type Candidate, type Decision, REMEMBERED_MS } from "../../src/domain/guard.ts";
import { actionNamed } from "../../src/domain/playbook.ts";
import { Gate, type SwitchChange } from "../../src/runs/gate.ts";
import { GuardMemory } from "../unit/guard-memory.ts";
import { AlarmClock } from "./alarm-clock.ts";
import type { Cast } from "./history.ts";
import { ask } from "./network.ts";
import { Machine, type Process, Reply } from "./world.ts";

const LOOK_WITHIN_MS = 2_000;
const LOOK_AGAIN_MS = 60_000;
const ALARM_AGAIN_MS = 30_000;

export class GuardObject extends Machine {
  readonly #cast: () => Cast;
  readonly #memory = new GuardMemory();
  readonly #gate: Gate;
  readonly #clock: AlarmClock;

  constructor(cast: () => Cast, ahead_ms: number) {
    super("guards", ahead_ms);
    this.#cast = cast;
    this.#gate = new Gate(this.#memory, (action) => actionNamed(cast().scene.playbook, action)?.guards ?? {});
    this.#clock = new AlarmClock(cast, this, () => this.#cast().world.start(this.#ring(), this));
  }

  *admit(candidate: Candidate): Process<Decision> {
    let decision = this.#transaction((now) => this.#gate.admit(candidate, now));
    if (decision.kind === "skip" && decision.guard === "at_once") {
      yield* this.#look(this.#memory.starts(candidate.action).filter(({ free_at }) => free_at === null));
      decision = this.#transaction((now) => this.#gate.admit(candidate, now));
    }
    this.#tell(candidate, decision);
    return decision;
  }

  *look(start_id: string): Process {
    const known = this.#memory.start(start_id);
    if (known !== null) yield* this.#look([known.start]);
  }

  change(change: SwitchChange): void {
    this.#transaction((now) => this.#gate.change(change, now));
    const { world, see } = this.#cast();
    world.count(`switch: ${change.set}`);
    world.say(this.name, () => `${change.action === "" ? "everything" : change.action}: ${change.set} by ${change.by}`);
    see({ kind: "switched", change });
  }

  /** The actions whose breaker is open. */
  openBreakers(): string[] {
    return this.#memory.breakers().flatMap(({ action, opened_at }) => (opened_at === null ? [] : [action]));
  }

  *#look(starts: readonly { start_id: string; run_id: string }[]): Process {
    const { world } = this.#cast();
    const all = new Reply<true>();
    let left = starts.length;
    for (const { start_id, run_id } of starts)
      world.start(this.#lookAt(start_id, run_id), this, () => {
        left -= 1;
        if (left === 0) all.come(true);
      });
    if (left > 0) yield { reply: all, within_ms: 2 * LOOK_WITHIN_MS };
  }

  *#lookAt(start_id: string, run_id: string): Process {
    const { world, scene, incidents, see } = this.#cast();
    const ref = parseRunId(run_id);
    const incident = incidents.get(ref?.incident_id ?? "");
    if (ref === null || incident === undefined) throw new Error(`${run_id} names no run`);
    const shown = yield* ask(world, scene.weather, incident, { once: () => incident.showRun(ref) }, LOOK_WITHIN_MS);
    if (shown === null) {
      this.#transaction((now) => this.#memory.putOff(start_id, now + LOOK_AGAIN_MS));
      return;
    }
    this.#transaction((now) => {
      const known = this.#memory.start(start_id);
      if (known === null || known.start.free_at !== null) return;
      this.#gate.looked(known, shown.is, now);
      world.say(this.name, () => `see that ${start_id} is ${shown.is === null ? "not known" : shown.is.state}`);
      see({ kind: "shown", start_id, round: known.round, run: shown.is });
    });
  }

  *#ring(): Process {
    const { world } = this.#cast();
    this.#clock.alarm.rang();
    const due = this.#memory.dueStarts(this.#now());
    yield* this.#look(due.map(({ start }) => start));
    this.#transaction((now) => this.#memory.forgetBefore(now - REMEMBERED_MS));
    const next_at = this.#memory.nextLookAt();
    if (next_at !== null) this.#clock.alarm.wakeBy(Math.max(next_at, this.#now() + ALARM_AGAIN_MS), this.#now());
    world.count("guards' alarm");
  }

  /** An alarm that was cut off rings again. */
  override restart(): void {
    super.restart();
    this.#clock.again(ALARM_AGAIN_MS);
  }

  #tell(candidate: Candidate, decision: Decision): void {
    const { world, see } = this.#cast();
    const { kind } = decision;
    world.count(kind === "skip" ? `guard: ${decision.guard}` : `guard: ${kind}`);
    if (kind === "skip" && decision.opens !== null) world.count("breaker opened by keys");
    if (kind === "go" && decision.overrides.length > 0)
      world.count(candidate.override_by === "" ? "overridden by a second press" : "overridden by an administrator");
    world.say(this.name, () => {
      const why = kind === "go" ? decision.overrides.join("; ") : decision.reason;
      return `${kind} ${candidate.start_id}${why && `: ${why}`}`;
    });
    see({ kind: "decided", candidate, decision });
  }

  #now(): number {
    return this.#cast().world.now + this.ahead_ms;
  }

  #transaction<T>(work: (now: number) => T): T {
    const before = this.openBreakers().length;
    const now = this.#now();
    const done = work(now);
    const next_at = this.#memory.nextLookAt();
    if (next_at !== null) this.#clock.alarm.wakeBy(next_at, now);
    if (this.openBreakers().length > before) {
      this.#cast().world.count("breaker opened");
      this.#cast().people.noticeBreaker(this.openBreakers());
    }
    return done;
  }
}
