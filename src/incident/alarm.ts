// The one alarm of an object. Setting it is a written row, so it is set only where none is set for sooner.
// When it is set is remembered: inside a transaction nothing can be waited for, and getAlarm() is a promise.

/** How late an alarm comes at worst, as the platform promises. */
const LATE_MS = 60_000;

export class Alarm {
  readonly #storage: DurableObjectStorage;
  #at: number | null = null;
  /** The times that a transaction has asked for; null where none is under way. */
  #asked_for: number[] | null = null;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** To be awaited before the object answers anything. */
  async read(): Promise<void> {
    this.#at = await this.#storage.getAlarm();
  }

  /**
   * Makes sure that the alarm comes by then. One that is due and has not come yet is only late, and must not be put off
   * by a later one; when it is later than alarms can be, it is set again.
   */
  wakeBy(at: number, now: number): void {
    if (this.#asked_for !== null) {
      this.#asked_for.push(at);
      return;
    }
    if (this.#at !== null && this.#at <= at && this.#at > now - LATE_MS) return;
    this.#at = Math.min(at, this.#at ?? at);
    void this.#storage.setAlarm(this.#at);
  }

  /** Sets an alarm that should have come long ago and is not set: one whose every try failed is gone for good. */
  restore(due_at: number | null, now: number): void {
    if (this.#at === null && due_at !== null && due_at <= now - LATE_MS) this.wakeBy(now, now);
  }

  /** The alarm has come: none is set any more. */
  rang(): void {
    this.#at = null;
  }

  /** The work of a transaction: whatever times it asks for, the alarm is set once. */
  gathering<T>(work: () => T, now: number): T {
    const asked_for: number[] = [];
    this.#asked_for = asked_for;
    let done: T;
    try {
      done = work();
    } finally {
      this.#asked_for = null;
    }
    if (asked_for.length > 0) this.wakeBy(Math.min(...asked_for), now);
    return done;
  }

  /** Runs a transaction; where it is rolled back, so is what is remembered. */
  rollingBack<T>(transaction: () => T): T {
    const before = this.#at;
    try {
      return transaction();
    } catch (error) {
      this.#at = before;
      throw error;
    }
  }
}
