// What an action is: what it needs, and how one attempt at it is made. A connector makes actions of this shape.
import type * as z from "zod";
import type { ActionSetting } from "../config.ts";
import type { Context, Plannable } from "../domain/playbook.ts";
import type { Outcome, Policy } from "../domain/run.ts";
import type { Call } from "../runs/http.ts";

/** What one attempt at a run is given. */
export interface Attempt extends Context {
  /** The same for every attempt at a run: the key by which a target can tell a repetition. */
  run_id: string;
  /** What the address of the custom action carried as query, still to be parsed by the action's `params`. */
  params: Record<string, string>;
  /** What the action acts on, a host or a service; "" where it declares no key. */
  key: string;
  /** The values of the declared settings, by name; optional ones may be missing. */
  settings: Readonly<Record<string, string>>;
  /** The way out: one request to a target. */
  call: Call;
}

export interface Action extends Plannable {
  /** What it does, for people: "restart a host". */
  summary: string;
  settings: readonly ActionSetting[];
  /** What the address of its custom action may carry as query. */
  params: z.ZodType<Record<string, unknown>>;
  start: (attempt: Attempt) => Promise<Outcome>;
  /** Looks at what was started under `handle`. Needed by actions that end an attempt as `waiting`. */
  look?: (handle: string, attempt: Attempt) => Promise<Outcome>;
}

/** What an action is carried out with where it does not say otherwise. */
export const DEFAULT_POLICY: Policy = { once: false, attempts: 5, time_limit_ms: 10_000 };

/** What an action says beyond its connector's own: see `Plannable` and `DEFAULT_POLICY`. */
export type Conduct = Partial<Policy> & Partial<Pick<Plannable, "key">>;
