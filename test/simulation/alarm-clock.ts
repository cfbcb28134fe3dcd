// The alarm of an object, as the platform has it: one, kept; it comes at least once, and a minute late at worst. When it is
// set is decided by src/incident/alarm.ts.
import { Alarm } from "../../src/incident/alarm.ts";
import type { Cast } from "./history.ts";
import type { Machine } from "./world.ts";

const LATE_MS = [0, 0, 0, 10, 1_000, 20_000, 60_000] as const;

/** What of an object's storage an alarm needs. */
class AlarmStorage {
  readonly #set: (at: number) => void;

  constructor(set: (at: number) => void) {
    this.#set = set;
  }

  async getAlarm(): Promise<number | null> {
    return Promise.resolve(null);
  }

  async setAlarm(at: number): Promise<void> {
    this.#set(at);
    return Promise.resolve();
  }
}

export class AlarmClock {
  readonly alarm: Alarm;
  readonly #cast: () => Cast;
  readonly #machine: Machine;
  readonly #ring: () => void;
  /** The newest setting; earlier ones ring no more. */
  #setting = 0;

  constructor(cast: () => Cast, machine: Machine, ring: () => void) {
    this.#cast = cast;
    this.#machine = machine;
    this.#ring = ring;
    const storage: unknown = new AlarmStorage((at) => this.#set(at));
    if (!isStorage(storage)) throw new Error("an alarm needs a storage");
    this.alarm = new Alarm(storage);
  }

  /** Rings once more, although it has rung. */
  again(after_ms: number): void {
    this.#cast().world.after(after_ms, this.#ring);
  }

  #set(at: number): void {
    const { world, scene } = this.#cast();
    this.#setting += 1;
    const setting = this.#setting;
    const is_calm = scene.weather.ways_ms.length === 1;
    const late_ms = is_calm ? 0 : world.chance.pick(LATE_MS);
    world.after(Math.max(at - this.#machine.ahead_ms - world.now, 0) + late_ms, () => {
      if (setting === this.#setting) this.#ring();
    });
  }
}

function isStorage(one: unknown): one is DurableObjectStorage {
  return one instanceof AlarmStorage;
}
