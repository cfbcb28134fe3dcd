// What happens to incidents, told step by step: the clock stands still until the next alarm is due, alarms ring only here,
// and messages are carried only here, to the queue's consumer as it is.
import { evictAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { guardOf } from "../../src/runs/guard-stub.ts";
import { deliver } from "./deliver.ts";
import type { Changes } from "./push.ts";
import { alarmOf, type Clock, DAY_MS, holdClock, holdMessages, ring } from "./taken.ts";

/** The object of the guards among the incidents: its alarm rings like theirs. */
const GUARD = "the guards";

/** Steps that a story takes at most: one that goes round in circles is a fault. */
const MOST_STEPS = 5_000;

/** How far retries are spread: a story that depends on it would be another one each time. */
const EVEN_CHANCE = 0.5;

/** What may go wrong on the way. */
export interface Mishaps {
  /** All objects are evicted after each step. */
  evicting?: boolean;
  /** How often the nth message (from 1) is delivered; once, where this is not said. Copies come at the same time. */
  copies?: (nth: number, body: unknown) => number;
  /** What is changed in the environment of the consumer for the nth batch. */
  changes?: (nth: number) => Changes;
  /** Called before each step: sets the world to what it is like at this time. */
  meanwhile?: () => void;
}

export interface Story {
  clock: Clock;
  /** How long the Worker paused by itself, each time. Milliseconds. */
  pauses: readonly number[];
  /** Carries out all that comes due within `ms`, in its order, and lets the clock stand at the end of that time. */
  go: (incidents: readonly string[], ms: number, mishaps?: Mishaps) => Promise<void>;
}

let stories = 0;

/** Begins a story, a day after the last one. Pauses that the Worker makes pass by the clock of the story; chance is always the same. */
export function beginStory(): Story {
  vi.spyOn(Math, "random").mockReturnValue(EVEN_CHANCE);
  const clock = holdClock();
  clock.now += DAY_MS * stories;
  stories += 1;
  const { sent } = holdMessages();
  const pauses: number[] = [];
  vi.spyOn(scheduler, "wait").mockImplementation(async (ms) => {
    pauses.push(ms);
    clock.now += ms;
  });
  let messages = 0;
  let batches = 0;

  const carry = async ({ copies = () => 1, changes = () => ({}) }: Mishaps) => {
    const bodies = sent.splice(0).flatMap((body) => {
      messages += 1;
      return Array.from({ length: copies(messages, body) }, () => body);
    });
    if (bodies.length === 0) return;
    batches += 1;
    await deliver(bodies, changes(batches));
  };
  return {
    clock,
    pauses,
    go: async (incidents, ms, mishaps = {}) => {
      const end = clock.now + ms;
      for (let step = 0; step < MOST_STEPS; step++) {
        mishaps.meanwhile?.();
        if (sent.length > 0) await carry(mishaps);
        else if (!(await ringNext(incidents, clock, end))) {
          clock.now = Math.max(clock.now, end);
          return;
        }
        if (mishaps.evicting) await evictAllDurableObjects();
      }
      throw new Error(`the story goes on and on; messages: ${JSON.stringify(sent)}`);
    },
  };
}

/** Lets the alarm ring that is due first, when it is due; false where none is by then. */
async function ringNext(incidents: readonly string[], clock: Clock, end: number): Promise<boolean> {
  const alarms = await Promise.all(
    [...incidents, GUARD].map(async (id) => ({
      id,
      at: (await (id === GUARD ? alarmOfGuard() : alarmOf(id))) ?? Infinity,
    })),
  );
  const first = alarms.toSorted((one, other) => one.at - other.at)[0];
  if (first === undefined || first.at > end) return false;
  clock.now = Math.max(clock.now, first.at);
  return first.id === GUARD ? runDurableObjectAlarm(guardOf(env)) : ring(first.id);
}

async function alarmOfGuard(): Promise<number | null> {
  return runInDurableObject(guardOf(env), async (_, { storage }) => storage.getAlarm());
}
