// The queue: at least once, in no order; and, in bad weather, never.
import type { RunRef } from "../../src/domain/event.ts";
import type { Cast } from "./history.ts";
import { wayMs } from "./network.ts";

/** Tries before a message ends in the dead letter queue. */
const MOST_TRIES = 4;

export class MessageQueue {
  readonly #cast: () => Cast;

  constructor(cast: () => Cast) {
    this.#cast = cast;
  }

  send(ref: RunRef, tries = 0): void {
    const { world, scene, workers } = this.#cast();
    const { weather } = scene;
    if (world.chance.likely(weather.message_lost)) {
      world.count("message lost");
      world.say("queue", () => `loses ${ref.event_id}:${ref.action}`);
      return;
    }
    const times = world.chance.likely(weather.doubled) ? 2 : 1;
    if (times === 2) world.count("message doubled");
    for (let time = 0; time < times; time += 1)
      world.after(wayMs(world, weather), () => workers.deliver(ref, tries + 1));
  }

  /** A message that could not be delivered comes again. */
  retry(ref: RunRef, tries: number): void {
    const { world } = this.#cast();
    if (tries < MOST_TRIES) world.after(5_000 * 2 ** (tries - 1), () => this.send(ref, tries));
    else world.count("message dead");
  }
}
