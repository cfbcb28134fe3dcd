// What the benchmark and the process that makes the load say to each other.
import * as z from "zod";

const Wire = { url: z.string(), token: z.string() };
const Latencies = { latencies_ms: z.array(z.number()) };

/** Pushes of one `scene` are about the same incidents; `name` tells the events of one series from another's. */
const Series = z.object({ scene: z.string(), name: z.string(), incidents: z.int(), count: z.int() });
export type Series = z.output<typeof Series>;

export const Order = z.discriminatedUnion("kind", [
  /** Push a series, so many at a time. */
  z.object({ kind: z.literal("fire"), ...Wire, concurrency: z.int(), series: Series }),
  /** Press a button for each of a series, one after another. */
  z.object({ kind: z.literal("press"), ...Wire, series: Series }),
  /** Tell how often each run has called the target so far. */
  z.object({ kind: z.literal("count") }),
]);
export type Order = z.output<typeof Order>;

export const Report = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready"), target: z.string() }),
  z.object({ kind: z.literal("fired"), wall_ms: z.number(), ...Latencies }),
  z.object({ kind: z.literal("pressed"), ...Latencies }),
  z.object({ kind: z.literal("counted"), calls: z.array(z.int()) }),
  z.object({ kind: z.literal("failed"), why: z.string() }),
]);
export type Report = z.output<typeof Report>;
