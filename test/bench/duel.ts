// The receiver beside the floor, under the same load. They take turns, round by round, so that whatever else the machine
// does meets both; each round is a pair, and what counts is the median of the pairs' ratios.
import { setTimeout as pause } from "node:timers/promises";
import type { Load } from "./load.ts";
import { cpuMs } from "./process.ts";
import type { Runtime } from "./runtime.ts";
import { percentile, type Spread, spread } from "./statistics.ts";

export interface Scene {
  name: string;
  incidents: number;
  count: number;
  /** Whether the incidents are known when the clock starts. Otherwise each round has new ones. */
  known: boolean;
}

/** One Worker's round. */
interface Round {
  per_s: number;
  p50_ms: number;
  p99_ms: number;
  /** Of the runtime, a push; NaN where it cannot be told. Holds the local stand-ins for KV and disk, too. */
  cpu_ms: number;
}

export type Measures = { [K in keyof Round]: Spread };

export interface Result {
  scene: Scene;
  receiver: Measures;
  floor: Measures;
  /** Receiver by floor. */
  ratio: Measures;
}

export interface Pair {
  receiver: Runtime;
  floor: Runtime;
}

/** Many short rounds rather than few long ones: what disturbs the machine for a while then spoils few of them. */
const ROUNDS = 9;
/** What goes on after the answer (KV is written) belongs to the round that caused it. */
const AFTERWARDS_MS = 150;

export async function duel(load: Load, { receiver, floor }: Pair, scene: Scene): Promise<Result> {
  if (scene.known) {
    await play(load, receiver, scene, "warm-up");
    await play(load, floor, scene, "warm-up");
  }
  const rounds: { receiver: Round; floor: Round }[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    // Who comes first changes: the second finds the disk busy with what the first has left.
    const early = await play(load, round % 2 === 0 ? floor : receiver, scene, `${round}`);
    const late = await play(load, round % 2 === 0 ? receiver : floor, scene, `${round}`);
    rounds.push(round % 2 === 0 ? { receiver: late, floor: early } : { receiver: early, floor: late });
  }
  return {
    scene,
    receiver: over(rounds.map((pair) => pair.receiver)),
    floor: over(rounds.map((pair) => pair.floor)),
    ratio: over(rounds.map((pair) => by(pair.receiver, pair.floor))),
  };
}

async function play(load: Load, runtime: Runtime, { name, incidents, count, known }: Scene, round: string) {
  const cpu_before = cpuOf(runtime);
  const series = { scene: known ? name : `${name} ${round}`, name: round, incidents, count };
  const { wall_ms, latencies_ms } = await load.fire(runtime.url, series);
  await pause(AFTERWARDS_MS);
  return {
    per_s: (count * 1_000) / wall_ms,
    p50_ms: percentile(latencies_ms, 0.5),
    p99_ms: percentile(latencies_ms, 0.99),
    cpu_ms: (cpuOf(runtime) - cpu_before) / count,
  };
}

function cpuOf({ pid }: Runtime): number {
  return (pid === null ? null : cpuMs(pid)) ?? Number.NaN;
}

function by(one: Round, other: Round): Round {
  return {
    per_s: one.per_s / other.per_s,
    p50_ms: one.p50_ms / other.p50_ms,
    p99_ms: one.p99_ms / other.p99_ms,
    cpu_ms: one.cpu_ms / other.cpu_ms,
  };
}

function over(rounds: readonly Round[]): Measures {
  return {
    per_s: spread(rounds.map(({ per_s }) => per_s)),
    p50_ms: spread(rounds.map(({ p50_ms }) => p50_ms)),
    p99_ms: spread(rounds.map(({ p99_ms }) => p99_ms)),
    cpu_ms: spread(rounds.map(({ cpu_ms }) => cpu_ms)),
  };
}
