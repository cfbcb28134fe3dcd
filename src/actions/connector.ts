// What a connector is: how an action is carried out with one kind of system. A connector is a file in one of the folders here,
// what only it needs beside it, and makes values of this shape; the playbook lists them as the means of its actions.
import type { ConnectorSetting } from "../config.ts";
import type { Context } from "../domain/playbook.ts";
import type { Outcome, Values } from "../domain/run.ts";
import type { OpenApi } from "../flashduty/open-api.ts";
import type { Call } from "../runs/http.ts";

/** What one attempt at a run is given, with the parameters as the action declares them. */
export interface Given<Params> extends Context {
  run_id: string;
  /** The same for every attempt, until a person has the run started over: by it a target can tell a repetition. */
  idempotency_key: string;
  action: string;
  /** What the address of the custom action carried as query. */
  params: Params;
  /** What the action acts on, a host or a service; "" where it declares no key. */
  key: string;
  /** When the run was planned, in milliseconds: the same for every attempt. */
  planned_at: number;
  /** An earlier attempt may have started it at the target. Look for it before starting it again. */
  may_have_acted: boolean;
  /** When the newest of such attempts ended, in milliseconds; null where there was none. */
  unclear_at: number | null;
  /** When this attempt is cut off, in milliseconds. */
  deadline_at: number;
  /** What the last run of the same action that succeeded for this incident has found; `{}` where there is none. */
  earlier: Values;
  /** The values of the declared settings, by name; optional ones may be missing. */
  settings: Readonly<Record<string, string>>;
  /** The way out: one request to a target. What it answers holds none of the settings' secrets any more. */
  call: Call;
  /** Takes the secrets of the settings out of a text: what was thrown may quote one. */
  hide: (text: string) => string;
  /** Flashduty's own API; null where there is no key for it. */
  flashduty: OpenApi | null;
}

/** Which run it is, and which of its attempts: what the search for an earlier attempt's doing needs. */
export type Attempt = Pick<Given<unknown>, "run_id" | "planned_at" | "may_have_acted" | "unclear_at">;

/** What the address of a custom action carried as query, not yet parsed. */
export type RawParams = Record<string, string>;

export interface Connector<Params = RawParams> {
  /**
   * The system as people call it and, in parentheses, its settings' prefix and the setting that names the job, where there is
   * one: `Rundeck (RUNDECK, RUNDECK_RESTART_JOB)`. An action has each name once: a run remembers by it what carries it out.
   */
  name: string;
  /** What it needs. It is ready once those that are required are set. */
  settings: readonly ConnectorSetting[];
  /** What is missing although all that is required is set, as a fault with its remedy; null where nothing is. */
  lacks?: (settings: Readonly<Record<string, string>>) => string | null;
  /** Whether starting again does nothing twice. Where it does, a start with an unclear outcome is left to a person. */
  repeatable: boolean;
  start: (given: Given<Params>) => Promise<Outcome>;
  /** Looks at what was started under `handle`. Needed where `start` may come to `waiting`. */
  look?: (handle: string, given: Given<Params>) => Promise<Outcome>;
}
