// Whole lives of incidents, push by push, as the vendor tells them: each push carries the incident as it is by then, and
// a press of a button reaches two addresses under one event id. `disorder` and `repeat` are what the network and a sender
// that retries do to them. Seeded: the same seed gives the same lives.

import { actionBody, incidentBody, someone } from "./push-body.ts";
import type { IncidentFacts, Person, PushBody, Severity } from "./push-body.ts";

/** Below `/webhooks/`: the incident webhook, or a custom action's own address. */
export type Address = "incident" | `action/${string}`;

/** `at_offset_ms`: milliseconds from the start of the story to the sending. When it happened is `body.event_time`. */
export type Push = { at_offset_ms: number; address: Address; body: PushBody };

/** The next number from 0 to below 1. */
export type Rng = () => number;

/** What is known of an incident, whatever happens to it. */
export type Known = Omit<IncidentFacts, "incident" | "event_type" | "at_ms" | "event_id" | "person">;

export type LifeOptions = {
  /** Which incident: the same number is the same incident, with the same host and severity. */
  incident: number;
  /** When it is created, Unix milliseconds. */
  starts_at_ms: number;
  /** The button that is pressed. Default `restart-host`; `null`: none. */
  action?: string | null;
  /** How many times it is reopened and closed again. Default 0. */
  reopened?: number;
  /** Longest pause between two events, in milliseconds. Default 60,000. */
  pause_ms?: number;
  /** What holds from the first push on, `{ host: "es.nj.07" }`. */
  facts?: Known;
};

/** A small generator of chance (mulberry32): the same seed gives the same numbers. */
export function seeded(seed: number): Rng {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function oneOf<Item>(rng: Rng, first: Item, ...others: Item[]): Item {
  return others[Math.floor(rng() * (others.length + 1))] ?? first;
}

const closer: Person = { person_id: 1234648032504, person_name: "lisi", email: "" };

/** One event of a life: what it changes about the incident. `at_s` is when it happens, Unix seconds. */
type Step = { event_type: string; person?: Person; change?: (known: Known, at_s: number) => Known };

const until_closed: Step[] = [
  { event_type: "i_new" },
  {
    event_type: "i_assign",
    change: (known, at_s) => ({ ...known, responders: [{ ...someone, assigned_at: at_s, acknowledged_at: 0 }] }),
  },
  {
    event_type: "i_ack",
    change: (known, at_s) => ({
      ...known,
      progress: "Processing",
      ack_time_s: at_s,
      responders: (known.responders ?? []).map((responder) => ({ ...responder, acknowledged_at: at_s })),
    }),
  },
  { event_type: "i_comm" },
  {
    event_type: "i_r_severity",
    change: (known) => ({ ...known, severity: known.severity === "Critical" ? "Warning" : "Info" }),
  },
  { event_type: "i_custom" },
  // Closed by the recovery of its alerts: nobody's doing.
  {
    event_type: "i_rslv",
    change: (known, at_s) => ({ ...known, progress: "Closed", status: "Ok", end_time_s: at_s, close_time_s: at_s }),
  },
];

const closed_again: Step[] = [
  {
    event_type: "i_reopen",
    change: (known) => ({
      ...known,
      progress: "Triggered",
      status: known.severity ?? "Critical",
      end_time_s: 0,
      close_time_s: 0,
      closer: null,
    }),
  },
  {
    event_type: "i_rslv",
    person: closer,
    change: (known, at_s) => ({ ...known, progress: "Closed", close_time_s: at_s, closer }),
  },
];

function bornAs({ incident, starts_at_ms, facts }: LifeOptions): Known {
  const chance = seeded(incident);
  const cluster = oneOf(chance, "nj", "bj", "sg");
  const number = String(1 + Math.floor(chance() * 20)).padStart(2, "0");
  return {
    cluster,
    host: `${oneOf(chance, "es", "web", "mysql")}.${cluster}.${number}`,
    service: oneOf(chance, "engine", "passport", "order"),
    severity: oneOf<Severity>(chance, "Critical", "Warning"),
    started_at_s: Math.floor(starts_at_ms / 1000) - 5,
    progress: "Triggered",
    ...facts,
  };
}

/**
 * One incident from its creation to its last closing, in the order in which it happened.
 * The pauses come from `rng`; left out, the incident's number is the seed.
 */
export function life(options: LifeOptions, rng: Rng = seeded(options.incident)): Push[] {
  const { incident, starts_at_ms, action = "restart-host", reopened = 0, pause_ms = 60_000 } = options;
  const story = [...until_closed, ...Array.from({ length: reopened }, () => closed_again).flat()];
  const pushes: Push[] = [];
  let known = bornAs(options);
  let at_offset_ms = 0;
  for (const { event_type, person, change } of story) {
    if (event_type === "i_custom" && action === null) continue;
    const at_ms = starts_at_ms + at_offset_ms;
    known = change?.(known, Math.floor(at_ms / 1000)) ?? known;
    const facts = { ...known, ...(person && { person }), incident, event_type, at_ms };
    pushes.push({ at_offset_ms, address: "incident", body: incidentBody(facts) });
    if (event_type === "i_custom") pushes.push({ at_offset_ms, address: `action/${action}`, body: actionBody(facts) });
    at_offset_ms += 1 + Math.floor(rng() * pause_ms);
  }
  return pushes;
}

/** Pushes in the order of their sending; those of one moment keep the order they have. */
function bySending(pushes: Push[]): Push[] {
  return pushes.toSorted((one, other) => one.at_offset_ms - other.at_offset_ms);
}

/**
 * Many lives at once: incidents 1 to `count`, each starting within `within_ms` (default ten minutes) of `starts_at_ms`;
 * one in four is reopened. All that they push, in the order of sending.
 */
export function lives(
  options: Omit<LifeOptions, "incident" | "reopened"> & { count: number; within_ms?: number },
  rng: Rng,
): Push[] {
  const { count, within_ms = 600_000, ...shared } = options;
  const all = Array.from({ length: count }, (_, index) => {
    const late_ms = Math.floor(rng() * within_ms);
    const reopened = rng() < 0.25 ? 1 : 0;
    const pushes = life({ ...shared, incident: index + 1, starts_at_ms: shared.starts_at_ms + late_ms, reopened }, rng);
    return pushes.map((push) => ({ ...push, at_offset_ms: push.at_offset_ms + late_ms }));
  });
  return bySending(all.flat());
}

/**
 * The same pushes out of order: each is sent up to `late_by_ms` milliseconds after its time.
 * The default is longer than the pauses of a life, so that little stays in its place.
 */
export function disorder(pushes: Push[], rng: Rng, late_by_ms = 180_000): Push[] {
  const late = pushes.map((push) => ({ ...push, at_offset_ms: push.at_offset_ms + Math.floor(rng() * late_by_ms) }));
  return bySending(late);
}

/** The same pushes, a `share` of them (0 to 1) sent a second time within three seconds, as after a lost answer. */
export function repeat(pushes: Push[], rng: Rng, share = 0.3): Push[] {
  const sent = pushes.flatMap((push) =>
    rng() < share ? [push, { ...push, at_offset_ms: push.at_offset_ms + Math.floor(rng() * 3_000) }] : [push],
  );
  return bySending(sent);
}
