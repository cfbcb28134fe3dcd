// The one alarm of an object. Setting it is a written row, so it is set only where none is set for sooner.
// When it is set is remembered: inside a transaction nothing can be waited for, and getAlarm() is a promise.

export class Alarm {
  readonly #storage: DurableObjectStorage;
  #at: number | null = null;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** To be awaited before the object answers anything. */
  async read(): Promise<void> {
    this.#at = await this.#storage.getAlarm();
  }

  /** Makes sure that the alarm comes by then. One whose time is past counts as none: it may have been lost. */
  wakeBy(at: number, now: number): void {
    if (this.#at !== null && this.#at >= now && this.#at <= at) return;
    this.#at = at;
    void this.#storage.setAlarm(at);
  }

  /** The alarm has come: none is set any more. */
  rang(): void {
    this.#at = null;
  }

  /** Runs a transaction; where it is rolled back, so is what is remembered. */
  guard<T>(transaction: () => T): T {
    const before = this.#at;
    try {
      return transaction();
    } catch (error) {
      this.#at = before;
      throw error;
    }
  }
}
