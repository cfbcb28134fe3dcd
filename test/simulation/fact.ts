// What can be seen from outside: what was sent and answered, what incidents keep, what reached targets, and when. The laws
// are held against these facts alone.
import type { Candidate, Decision } from "../../src/domain/guard.ts";
import type { Run } from "../../src/domain/run.ts";
import type { Approver } from "../../src/domain/approval.ts";
import type { Ruling } from "../../src/incident/desk.ts";
import type { SwitchChange } from "../../src/runs/gate.ts";
import type { Person } from "./scene.ts";

/** An event as it happened, before it is pushed to anyone. */
export interface Happened {
  incident_id: string;
  event_id: string;
  event_type: string;
  /** By true time. Milliseconds, like all times here. */
  at: number;
  person: Person | null;
  /** The action whose button was pressed, or "approve"; "" for neither. */
  button: string;
  params: Record<string, string>;
}

/** One attempt, as the Worker makes it that was granted the run. */
export interface Attempt {
  run: Run;
  run_id: string;
  /** Its time is up then. */
  until: number;
  /** It has heard that the guards let it pass. */
  has_passed: boolean;
  /** It has told its outcome, or was cut off. */
  is_over: boolean;
}

export type Fact =
  | { kind: "taken"; happened: Happened }
  /** Consent was given to all runs that wait for it in the incident, to those of one action, or to one run. */
  | { kind: "consented"; incident_id: string; action: string | null; run_id: string | null; approver: Approver }
  /** An administrator has asked for something; what follows for the run comes next. */
  | { kind: "ruled"; run_id: string; ruling: Ruling }
  | { kind: "changed"; before: Run | null; after: Run }
  | { kind: "forgotten"; incident_id: string }
  /** What at the end is kept of an incident, and what the index has of it; null where it is the same. */
  | { kind: "compared"; incident_id: string; differs: string | null }
  | { kind: "granted"; attempt: Attempt }
  /** A request of the attempt has come to the target. */
  | { kind: "arrived"; attempt: Attempt; idempotency_key: string }
  /** The target has answered that it did nothing, and the Worker has heard it. */
  | { kind: "turned_away"; attempt: Attempt }
  /** The incident has taken what the attempt came to. */
  | { kind: "told"; attempt: Attempt }
  | { kind: "decided"; candidate: Candidate; decision: Decision }
  /** The guards were shown how a run of theirs stands; null where its incident does not know it. */
  | { kind: "shown"; start_id: string; round: number; run: Run | null }
  | { kind: "switched"; change: SwitchChange }
  /** Nothing more is to come. */
  | { kind: "rest" };
