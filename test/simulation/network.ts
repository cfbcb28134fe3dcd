// What lies between machines: ways that take time, lose, double and delay. How badly it goes is the weather of a history.
import type { Chance } from "./chance.ts";
import { type Machine, type Process, Reply, type World } from "./world.ts";

/** How badly things go, as parts of all cases. */
export interface Weather {
  /** A request or an answer between two machines of ours is lost. */
  lost: number;
  /** A request is made twice by the platform. */
  doubled: number;
  /** A request or a message comes when nobody expects it any more. */
  late: number;
  /** A Worker crashes, or stands still for a while, at one step of an attempt. */
  crash: number;
  /** An object crashes after its transaction, before its answer. */
  object_crash: number;
  /** The queue loses a message. */
  message_lost: number;
  /** A target, or Flashduty, does something else than one hopes for. */
  trouble: number;
  /** Milliseconds that a way takes. */
  ways_ms: readonly [number, ...number[]];
}

const CALM: Weather = {
  lost: 0,
  doubled: 0,
  late: 0,
  crash: 0,
  object_crash: 0,
  message_lost: 0,
  trouble: 0.25,
  ways_ms: [0],
};
const FAIR: Weather = {
  lost: 0.01,
  doubled: 0.02,
  late: 0.01,
  crash: 0.02,
  object_crash: 0.01,
  message_lost: 0.05,
  trouble: 0.4,
  ways_ms: [0, 0, 5, 20, 200],
};
const ROUGH: Weather = {
  lost: 0.08,
  doubled: 0.05,
  late: 0.05,
  crash: 0.06,
  object_crash: 0.04,
  message_lost: 0.2,
  trouble: 0.6,
  ways_ms: [0, 5, 50, 200, 500, 2_500],
};

export function weatherBy(chance: Chance): Weather {
  return chance.pick([CALM, FAIR, FAIR, ROUGH]);
}

/** How late something comes that nobody expects any more. Milliseconds. */
const LATE_MS = [4_000, 15_000, 40_000, 90_000, 600_000] as const;

/** The way of a request, an answer or a message. Milliseconds. */
export function wayMs({ chance }: World, { ways_ms, late }: Weather): number {
  return chance.likely(late) ? chance.pick(LATE_MS) : chance.pick(ways_ms);
}

/**
 * Asks another machine, and waits so long for its answer: null where none comes. What is asked for may be done all the same,
 * then or later, once or twice: it is at the other end that this is put right. `work` is one transaction, or a process.
 */
export function* ask<T>(
  world: World,
  weather: Weather,
  callee: Machine,
  work: { once: () => T } | { process: () => Process<T> },
  within_ms: number,
): Process<{ is: T } | null> {
  const { chance } = world;
  const reply = new Reply<T>();
  const back = (result: T) => {
    if (chance.likely(weather.object_crash)) {
      crash(world, callee);
      return;
    }
    if (chance.likely(weather.lost)) world.count("answer lost");
    else world.after(wayMs(world, weather), () => reply.come(result));
  };
  const arrive = () => {
    if ("once" in work) back(work.once());
    else world.start(work.process(), callee, back);
  };
  const times = chance.likely(weather.doubled) ? 2 : 1;
  if (times === 2) world.count("request doubled");
  for (let time = 0; time < times; time += 1) {
    if (chance.likely(weather.lost)) world.count("request lost");
    else world.after(wayMs(world, weather), arrive);
  }
  yield { reply, within_ms };
  return reply.answer;
}

/** An object loses what it was about to do; what it keeps stays. */
function crash(world: World, machine: Machine): void {
  world.count("object crashed");
  world.say(machine.name, () => "crashes before it has answered");
  machine.restart();
}
