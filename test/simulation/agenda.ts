// What is to happen, in the order of its time; of what has the same time, first what was entered first.

interface Entry {
  at: number;
  nr: number;
  happen: () => void;
}

export class Agenda {
  /** A binary heap. */
  readonly #heap: Entry[] = [];
  #entered = 0;

  enter(at: number, happen: () => void): void {
    const heap = this.#heap;
    const entry = { at, nr: this.#entered, happen };
    this.#entered += 1;
    let place = heap.length;
    heap.push(entry);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = heap[above];
      if (other === undefined || isBefore(other, entry)) break;
      heap[place] = other;
      place = above;
    }
    heap[place] = entry;
  }

  /** The next entry, which is then no longer there; undefined where nothing is to come. */
  next(): { at: number; happen: () => void } | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || first === last) return first;
    let place = 0;
    for (;;) {
      const [left, right] = [heap[2 * place + 1], heap[2 * place + 2]];
      if (left === undefined) break;
      const [smaller, below] =
        right !== undefined && isBefore(right, left) ? [right, 2 * place + 2] : [left, 2 * place + 1];
      if (isBefore(last, smaller)) break;
      heap[place] = smaller;
      place = below;
    }
    heap[place] = last;
    return first;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.nr < other.nr);
}
