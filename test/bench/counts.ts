// What is paid for, as the counting Worker tells it and the benchmark reads it.
import * as z from "zod";

export const Counts = z.object({
  requests: z.int(),
  kv_reads: z.int(),
  kv_writes: z.int(),
  object_calls: z.int(),
  alarms: z.int(),
  /** Of objects; setting an alarm is one. */
  rows_written: z.int(),
  d1_rows_written: z.int(),
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
    rows_written: 0,
    d1_rows_written: 0,
    queue_operations: 0,
  };
}
