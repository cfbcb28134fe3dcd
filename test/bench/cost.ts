// What one push costs: each thing that the platform bills, counted at the receiver's bindings while it takes one push
// (workers/counted.ts), and its price.
import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import { Counts, none } from "./counts.ts";
import type { Load } from "./load.ts";
import type { Series } from "./order.ts";
import type { Runtime } from "./runtime.ts";

/** Dollars a million, beyond what the plan includes (Cloudflare's price list, November 2026). */
const PRICE: Counts = {
  requests: 0.3,
  kv_reads: 0.5,
  kv_writes: 5,
  object_calls: 0.15,
  alarms: 0.15,
  object_rows: 1,
  index_rows: 1,
  tally_rows: 0, // a dollar as well, but they come by the clock: no push has one of its own
  queue_operations: 0.4,
};

export interface Cost {
  of: string;
  counts: Counts;
}

export const ITEMS = z.enum(Counts.keyof().options).options;

/** Dollars for a million of it. CPU time is not in it: the local runtime's is not the platform's. */
export function price(counts: Counts): number {
  return ITEMS.reduce((sum, item) => sum + counts[item] * PRICE[item], 0);
}

/** Nothing may have happened for so long before a push counts as done. */
const QUIET_MS = 600;
/** An alarm that is due sooner belongs to the push; one that is due later is there to forget a closed incident. */
const OWN_ALARM_MS = 60_000;
const DONE_WITHIN_MS = 90_000;

/** Sends a few single pushes to the counting Worker. */
export async function costs(
  load: Load,
  counted: Runtime,
): Promise<Record<"plain" | "repeated" | "run" | "first_use", Cost>> {
  const countOf = async (sent: Promise<unknown>): Promise<Counts> => {
    await sent;
    return countUntilDone(counted.url);
  };
  // The object of the guards is made once, and not for each incident.
  await countOf(load.press(counted.url, { ...one("press"), scene: "guards" }));
  const first = await countOf(load.fire(counted.url, one("first")));
  const plain = await countOf(load.fire(counted.url, one("second")));
  const repeated = await countOf(load.fire(counted.url, one("second")));
  const run = await countOf(load.press(counted.url, one("press")));
  return {
    plain: { of: "push without a run", counts: plain },
    repeated: { of: "the same push again", counts: repeated },
    run: { of: "push with a run, to its end", counts: run },
    first_use: {
      of: "an incident's first push, in addition",
      counts: combine(first, plain, (more, less) => more - less),
    },
  };
}

/** A series of one push, always for the same incident. */
function one(name: string): Series {
  return { scene: "costs", name, incidents: 1, count: 1 };
}

async function countUntilDone(url: string): Promise<Counts> {
  const until = Date.now() + DONE_WITHIN_MS;
  let sum = none();
  let quiet_since = Date.now();
  while (Date.now() < until) {
    const told = Told.parse(await (await fetch(`${url}/counts`)).json());
    if (ITEMS.some((item) => told[item] > 0) || isOwn(told.alarm_at)) quiet_since = Date.now();
    sum = combine(sum, told, (before, more) => before + more);
    if (Date.now() - quiet_since >= QUIET_MS) return sum;
    await pause(100);
  }
  throw new Error("a push was not done in time");
}

const Told = Counts.extend({ alarm_at: z.number().nullable() });

function isOwn(alarm_at: number | null): boolean {
  return alarm_at !== null && alarm_at < Date.now() + OWN_ALARM_MS;
}

function combine(one: Counts, other: Counts, how: (one: number, other: number) => number): Counts {
  return Counts.parse(Object.fromEntries(ITEMS.map((item) => [item, how(one[item], other[item])])));
}
