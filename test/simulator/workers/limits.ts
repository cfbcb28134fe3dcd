// The actions of guards.test.ts, with limits so small that what takes hours elsewhere takes seconds there; the receiver is
// built with them (guarded.ts), and its histories are held against them (system/guards/laws.ts).
import type { Guards } from "../../../src/domain/guard.ts";

interface Limits {
  guards: Guards;
  once: boolean;
  max_age_ms: number;
}

export type ActionName = "restart-host" | "reboot-host" | "drain-host";

export const TIME_LIMIT_MS = 2_000;

export const LIMITS: Readonly<Record<ActionName, Limits>> = {
  /** Its target tells a repetition, so that it is tried again; and its guards may be overridden. */
  "restart-host": {
    guards: {
      each: { at_once: 1, cool_down_ms: 2_000, budget: { runs: 2, window_ms: 20_000 } },
      all: { budget: { runs: 7, window_ms: 20_000 } },
      override_within_ms: 60_000,
    },
    once: false,
    max_age_ms: 600_000,
  },
  "reboot-host": {
    guards: { each: { at_once: 1, cool_down_ms: 5_000 }, all: { at_once: 2 } },
    once: true,
    max_age_ms: 600_000,
  },
  /** A job, which goes on at its target; and soon too late, where it is held. */
  "drain-host": {
    guards: { each: { at_once: 1, cool_down_ms: 2_000 }, all: { at_once: 3 } },
    once: false,
    max_age_ms: 10_000,
  },
};

export const ACTIONS: readonly ActionName[] = ["restart-host", "reboot-host", "drain-host"];
