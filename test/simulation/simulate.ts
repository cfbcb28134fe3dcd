// npm run simulate -- --seed 123                    tells the history of one seed, step by step
// npm run simulate -- --from 1 --count 100000       plays many, and says which break a law
import { parseArgs } from "node:util";
import { play } from "./history.ts";
import { wordsOf } from "./shard.ts";
import { BEGINNING } from "./world.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    from: { type: "string", default: "1" },
    count: { type: "string", default: "10000" },
    /** Goes on after the first that breaks a law. */
    all: { type: "boolean", default: false },
  },
});

if (values.seed !== undefined) tell(Number(values.seed));
else playMany(Number(values.from), Number(values.count), values.all);

function tell(seed: number): void {
  const broken = play(seed, new Map<string, number>(), (at, who, what) => {
    console.log(`${((at - BEGINNING) / 1_000).toFixed(3).padStart(12)} s  ${who}: ${what}`);
  });
  console.log(broken === null ? "every law held" : `broken: ${broken.law}\n${broken.how}`);
  process.exitCode = broken === null ? 0 : 1;
}

function playMany(from: number, count: number, all: boolean): void {
  const counts = new Map<string, number>();
  const laws = new Map<string, number>();
  const began_at = performance.now();
  for (let seed = from; seed < from + count; seed += 1) {
    const broken = play(seed, counts, null);
    if (broken === null) continue;
    const times = laws.get(broken.law) ?? 0;
    laws.set(broken.law, times + 1);
    if (times === 0) console.log(wordsOf(seed, broken));
    process.exitCode = 1;
    if (!all) break;
  }
  for (const [what, times] of [...counts].toSorted(([one], [other]) => (one < other ? -1 : 1)))
    console.log(`${String(times).padStart(9)}  ${what}`);
  for (const [law, times] of laws) console.log(`broken ${times} times: ${law}`);
  const took_ms = performance.now() - began_at;
  console.log(`${count} histories, ${(took_ms / count).toFixed(2)} ms each`);
}
