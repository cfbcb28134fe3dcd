// What is paid for, as the counting Worker tells it and the benchmark reads it.
import * as z from "zod";

export const Counts = z.object({
  requests: z.int(),
  kv_reads: z.int(),
  kv_writes: z.int(),
  object_calls: z.int(),
  alarms: z.int(),
  /** Written by objects; setting an alarm is one. */
  object_rows: z.int(),
  /** Written into D1 for the admin's lists, and for whatever else is not counting. */
  index_rows: z.int(),
  /** Written into D1 for what is counted: one in some seconds and isolate, however many pushes come. */
  tally_rows: z.int(),
  /** Three a message: write, read, delete. */
  queue_operations: z.int(),
});
export type Counts = z.output<typeof Counts>;

export function none(): Counts {
  return {
    requests: 0,
    kv_reads: 0,
    kv_writes: 0,
    object_calls: 0,
    alarms: 0,
    object_rows: 0,
    index_rows: 0,
    tally_rows: 0,
    queue_operations: 0,
  };
}
