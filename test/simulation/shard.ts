// Many histories, one after the other: a part of those that every change has to pass.
import { type Broken, play } from "./history.ts";

/** Histories of one part. With four of them, 100,000. */
const SHARD = 25_000;
/** So many are played without a pause: whoever watches the test wants an answer now and then. */
const AT_A_STRETCH = 500;

/** Plays the histories of `count` seeds from `from` on; throws with the first that breaks a law, and how to see it again. */
export async function playAll(from: number, count: number): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (let seed = from; seed < from + count; seed += 1) {
    if (seed % AT_A_STRETCH === 0) await new Promise((resolve) => setImmediate(resolve));
    const broken = play(seed, counts, null);
    if (broken !== null) throw new Error(wordsOf(seed, broken));
  }
  return counts;
}

/** Plays one part of all histories: the first, the second … */
export async function playShard(part: number): Promise<void> {
  await playAll((part - 1) * SHARD + 1, SHARD);
}

/** Which law a history has broken, how, and how to see it again. */
export function wordsOf(seed: number, { law, how }: Broken): string {
  return `seed ${seed} breaks: ${law}\n  ${how}\n  npm run simulate -- --seed ${seed}`;
}
