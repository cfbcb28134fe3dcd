// The kill switch, as the admin API shows and changes it.
import * as z from "zod";
import type { SwitchChange } from "../runs/gate.ts";
import type { Switches } from "../runs/guard.ts";

const text = (most: number) => z.string().trim().min(1).max(most);

/** What is asked of the switch; `known` are the playbook's actions. */
export function switchBody(known: readonly string[]): z.ZodType<SwitchChange> {
  return z
    .strictObject({
      /** Left out for everything. */
      action: z
        .string()
        .refine((name) => known.includes(name), { error: `must be one of ${known.join(", ")}` })
        .optional(),
      set: z.enum(["stopped", "running", "breaker_closed"]),
      by: text(100),
      reason: text(500),
    })
    .refine(({ action, set }) => action !== undefined || set !== "breaker_closed", {
      path: ["action"],
      error: "must name the action whose breaker is closed",
    })
    .transform(({ action = "", ...change }) => ({ action, ...change }));
}

function about<T extends { action: string }>(one: T) {
  return { ...one, action: one.action === "" ? null : one.action };
}

/** Each stop with what it is about, null for everything; the breakers that are open; and how it came to this. */
export function switchView({ stops, breakers, rulings }: Switches) {
  return {
    stops: stops.map(about),
    open_breakers: breakers.flatMap(({ action, opened_at, reason }) =>
      opened_at === null ? [] : [{ action, opened_at, reason }],
    ),
    rulings: rulings.map(about),
  };
}
