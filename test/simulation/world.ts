// The world of one history: true time, what is to happen, machines with clocks of their own, and processes that run on them
// and wait. A process is a generator: what it yields is what it waits for.
import { Agenda } from "./agenda.ts";
import type { Chance } from "./chance.ts";

/** What a process waits for: so many milliseconds, or an answer, but not longer than that. */
export type Wait = number | { reply: Reply<unknown>; within_ms: number };
export type Process<T = void> = Generator<Wait, T, void>;

/** When histories begin, in milliseconds. */
export const BEGINNING = 1_800_000_000_000;
/** What happens in a history; more of it means that it never comes to rest. */
const MOST_HAPPENINGS = 60_000;

/** Something with a clock that can stop: an object, a Worker. */
export class Machine {
  readonly name: string;
  /** Of its clock, before or after true time. Milliseconds. */
  readonly ahead_ms: number;
  /** Counts its restarts: a process of an earlier life does not go on. */
  life = 0;

  constructor(name: string, ahead_ms: number) {
    this.name = name;
    this.ahead_ms = ahead_ms;
  }

  /** Whatever it was doing is not done any more. */
  restart(): void {
    this.life += 1;
  }
}

/** An answer that may come. */
export class Reply<T> {
  answer: { is: T } | null = null;
  #waiting: (() => void) | null = null;

  come(is: T): void {
    if (this.answer !== null) return;
    this.answer = { is };
    this.#waiting?.();
  }

  whenCome(wake: () => void): void {
    if (this.answer === null) this.#waiting = wake;
    else wake();
  }
}

/** How a history is told: who it is about, and what happened. */
export type Telling = (at: number, who: string, what: string) => void;

export class World {
  now = BEGINNING;
  readonly chance: Chance;
  readonly #agenda = new Agenda();
  readonly #counts: Map<string, number>;
  readonly #telling: Telling | null;
  #happened = 0;

  constructor(chance: Chance, counts: Map<string, number>, telling: Telling | null) {
    this.chance = chance;
    this.#counts = counts;
    this.#telling = telling;
  }

  /** Notes that something of this kind has happened. */
  count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  /** Tells the history; the words are only made where somebody listens. */
  say(who: string, what: () => string): void {
    this.#telling?.(this.now, who, what());
  }

  after(ms: number, happen: () => void): void {
    this.#agenda.enter(this.now + ms, happen);
  }

  /** Starts a process on a machine; `ended` is given what it comes to, where it is not cut off before. */
  start<T>(process: Process<T>, on: Machine, ended: (result: T) => void = () => {}): void {
    const { life } = on;
    const go = () => {
      if (on.life !== life) return;
      const step = process.next();
      if (step.done === true) ended(step.value);
      else if (typeof step.value === "number") this.after(step.value, go);
      else this.#await(step.value, go);
    };
    go();
  }

  #await({ reply, within_ms }: Exclude<Wait, number>, go: () => void): void {
    let is_waiting = true;
    const once = () => {
      if (is_waiting) go();
      is_waiting = false;
    };
    this.after(within_ms, once);
    reply.whenCome(once);
  }

  /** Lets everything happen until nothing more is to come, or `is_enough`. False where that takes far too long. */
  run(is_enough: () => boolean): boolean {
    for (let next = this.#agenda.next(); next !== undefined && !is_enough(); next = this.#agenda.next()) {
      this.#happened += 1;
      if (this.#happened > MOST_HAPPENINGS) return false;
      this.now = next.at;
      next.happen();
    }
    return true;
  }
}
