// Chance that can be had again: the same seed gives the same numbers.

export class Chance {
  #a: number;
  #b: number;
  #c: number;
  #count = 1;

  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = Math.floor(seed / 2 ** 32) ^ 0x9e3779b9;
    this.#c = 0x243f6a88;
    for (let round = 0; round < 12; round += 1) this.#next();
  }

  /** From 0 up to 1. */
  number(): number {
    return this.#next() / 2 ** 32;
  }

  /** A whole number from 0, smaller than `count`. */
  below(count: number): number {
    return Math.floor(this.number() * count);
  }

  /** True in so many of all cases: `part` from 0 to 1. */
  likely(part: number): boolean {
    return part > 0 && this.number() < part;
  }

  pick<T>(from: readonly [T, ...T[]]): T {
    return from[this.below(from.length)] ?? from[0];
  }

  /** One of a list; undefined where it is empty. */
  any<T>(from: readonly T[]): T | undefined {
    return from[this.below(from.length)];
  }

  /** A name, each as likely as its weight says. */
  weighed<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    let left = this.number() * Object.values<number>(weights).reduce((sum, weight) => sum + weight, 0);
    let last: Name | undefined;
    for (const name in weights) {
      last = name;
      left -= weights[name];
      if (left < 0) break;
    }
    if (last === undefined) throw new Error("nothing to choose from");
    return last;
  }

  /** sfc32: small, fast, and good enough for anything that is not secret. */
  #next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + sum) | 0;
    return sum >>> 0;
  }
}
