// Waiting for what comes about by itself: an alarm, a message, a write after the answer.
import { vi } from "vitest";

const TURN_MS = 5;
const TURNS = 3_000;

/** Looks again and again until there is something to see, and returns it. The number of looks is bounded. */
export async function until<T>(look: () => T | Promise<T>): Promise<Exclude<T, null | undefined | false>> {
  for (let turn = 0; turn < TURNS; turn++) {
    const found = await look();
    if (isThere(found)) return found;
    await scheduler.wait(TURN_MS);
  }
  throw new Error(`it did not come about: ${look.toString()}`);
}

/** Lets a deadline of ours pass, once it is set; `within` an object where the object has set it. */
export async function passTime(
  ms: number,
  within: (pass: () => void) => void | Promise<void> = (pass) => {
    pass();
  },
): Promise<void> {
  await until(() => vi.getTimerCount() > 0);
  await within(() => {
    vi.advanceTimersByTime(ms);
  });
}

function isThere<T>(found: T): found is Exclude<T, null | undefined | false> {
  return found !== null && found !== undefined && found !== false;
}
