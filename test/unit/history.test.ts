// Promises 1 to 3 of the design, for any history of an incident: nothing lost, nothing twice, in order. The incident
// here keeps in memory what the object keeps on disk; everything that decides is the real thing.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Address, type Event, eventOf, runId } from "../../src/domain/event.ts";
import { dispositions, newest, type Place } from "../../src/domain/order.ts";
import { type Command, plan } from "../../src/domain/plan.ts";
import type { Playbook } from "../../src/domain/playbook.ts";
import type { Run } from "../../src/domain/run.ts";
import { LATELY_MS, take, type Taken } from "../../src/domain/take.ts";
import * as arbitrary from "./arbitraries.ts";
import { bodyOf, pushIn } from "./bodies.ts";
import { named, POLICY } from "./runs.ts";

/** A button and a rule share `both`; `pressed` is a button, and follows where it was pressed; `ruled` only a rule's; `again` is for incidents that came back. */
const playbook: Playbook = {
  actions: { pressed: named("pressed"), both: named("both"), ruled: named("ruled"), again: named("again") },
  rules: [
    { on: ["i_new", "i_rslv"], run: "ruled" },
    { on: ["i_reopen"], run: "both" },
    { on: ["i_ack"], run: "pressed", follows: true },
    { on: ["i_rslv"], when: { occurrence: "reopened" }, run: "again" },
    { on: ["i_reopen"], when: { occurrence: "first" }, run: "again" },
    { on: ["i_reopen"], when: ({ incident }) => incident.title === "never", run: "ruled" },
  ],
};
const RULED: Record<string, string> = { i_new: "ruled", i_rslv: "ruled", i_reopen: "both" };
const ADDRESSES = ["incident", "action/pressed", "action/both"] as const;

const actionAt = (address: Address): string | null => (address === "incident" ? null : address.slice("action/".length));

const ready = () => ({ connector: "HTTP (JOB)", policy: POLICY });

class Incident {
  readonly events: (Event & Place)[] = [];
  readonly runs: Run[] = [];

  begun(): string[] {
    return this.runs
      .filter(({ state, due_at }) => state === "succeeded" || state === "unknown" || due_at !== null)
      .map(({ action }) => action);
  }

  receive(body: string, address: Address, now: number): Taken {
    const push = pushIn(body);
    const action = actionAt(address);
    const command: Command | null = action === null ? null : { action, params: {} };
    const event = { ...eventOf(push, { address, received_at: now, body }), arrival: this.events.length + 1 };
    const at = this.events.findIndex(({ event_id }) => event_id === event.event_id);
    const same = this.events[at];
    const runs = this.runs.filter(({ event_id }) => event_id === event.event_id);
    const asked = plan(push, command, { playbook, readiness: ready, own_id: "", now });
    const known = {
      same: same ?? null,
      runs,
      newest: newest(this.events),
      begun: this.begun(),
      reopened: this.events.some(({ event_type }) => event_type === "i_reopen"),
      lately: this.runs.filter(({ planned_at }) => planned_at > now - LATELY_MS),
    };
    const taken = take(event, known, asked, now);
    if (taken.record === "add") this.events.push(event);
    if (taken.record === "complete" && same !== undefined) this.events[at] = { ...same, address, body };
    this.runs.push(...taken.runs);
    return taken;
  }
}

interface Told extends arbitrary.Delivery {
  now: number;
  taken: Taken;
  /** Whether a newer event was there when it arrived. */
  was_late: boolean;
}

function play(history: readonly arbitrary.Delivery[]): { incident: Incident; told: Told[] } {
  const incident = new Incident();
  let now = arbitrary.START;
  const told = history.map((delivery) => {
    now += delivery.after_ms;
    const before = firsts(incident);
    const taken = incident.receive(bodyOf({ ...delivery.event }), delivery.address, now);
    const claimed = believed(delivery.event.event_time, now);
    return { ...delivery, now, taken, was_late: before.some((time) => time > claimed) };
  });
  return { incident, told };
}

/** The rule of the design, written a second time. */
function believed(event_time: number | null, received_at: number): number {
  return event_time === null || event_time > received_at + 300_000 ? received_at : event_time;
}

function firsts({ events }: Incident): number[] {
  return events.map(({ event_time, received_at }) => believed(event_time, received_at));
}

/** The first delivery of each event. */
function arrivals(told: readonly Told[]): Told[] {
  return told.filter(({ event }, at) => told.findIndex((one) => one.event.event_id === event.event_id) === at);
}

const many = { numRuns: 1_000 };
const histories = arbitrary.history(ADDRESSES);

describe("for any history of an incident, in any order, with any repetition, over both addresses", () => {
  it("the incident shown is the event with the newest event_time", () => {
    const property = fc.property(arbitrary.plainHistory(ADDRESSES), (history) => {
      const { incident } = play(history);
      const latest = Math.max(...history.map(({ event }) => event.event_time ?? 0));
      expect(newest(incident.events)?.event_time).toBe(latest);
    });
    fc.assert(property, many);
  });

  it("… on a tie the later arrival; and who claims nothing or the future is ordered by arrival", () => {
    const property = fc.property(histories, (history) => {
      const { incident, told } = play(history);
      const ordered = arrivals(told).toSorted(
        (one, other) => believed(one.event.event_time, one.now) - believed(other.event.event_time, other.now),
      );
      expect(newest(incident.events)?.event_id).toBe(ordered.at(-1)?.event.event_id);
    });
    fc.assert(property, many);
  });

  it("each event is recorded once, in the order of first arrival", () => {
    const property = fc.property(histories, (history) => {
      const { incident, told } = play(history);
      expect(incident.events.map(({ event_id }) => event_id)).toEqual(
        arrivals(told).map(({ event }) => event.event_id),
      );
    });
    fc.assert(property, many);
  });

  it("each run is planned once", () => {
    const property = fc.property(histories, (history) => {
      const ids = play(history).incident.runs.map(runId);
      expect(ids).toEqual([...new Set(ids)]);
    });
    fc.assert(property, many);
  });

  it("the runs are those of the commands that came, and of rules for events that were not late, or that follow, or of an incident that came back", () => {
    const property = fc.property(histories, (history) => {
      const { incident, told } = play(history);
      const commands = told.flatMap(({ event, address }) => {
        const action = actionAt(address);
        return action === null ? [] : [`incident-1:${event.event_id}:${action}`];
      });
      const rules = arrivals(told).flatMap(({ event, was_late }) => {
        const action = RULED[event.event_type];
        return action === undefined || was_late ? [] : [`incident-1:${event.event_id}:${action}`];
      });
      const pressed_at = told.findIndex(({ address }) => address === "action/pressed");
      const followed = arrivals(told).flatMap((one) => {
        const is_after = pressed_at >= 0 && told.indexOf(one) > pressed_at;
        // What follows must not miss an event that another one overtook.
        const is_called_for = one.event.event_type === "i_ack" && is_after;
        return is_called_for ? [`incident-1:${one.event.event_id}:pressed`] : [];
      });
      const reopened_at = arrivals(told).findIndex(({ event }) => event.event_type === "i_reopen");
      const again = arrivals(told).flatMap(({ event, was_late }, at) => {
        const is_called_for = event.event_type === "i_rslv" && reopened_at >= 0 && at > reopened_at && !was_late;
        return is_called_for ? [`incident-1:${event.event_id}:again`] : [];
      });
      expect(new Set(incident.runs.map(runId))).toEqual(new Set([...commands, ...rules, ...followed, ...again]));
    });
    fc.assert(property, many);
  });

  it("a push is answered as stale where it is new and late, as accepted where it brought something, else as a repeat", () => {
    const property = fc.property(histories, (history) => {
      const { incident, told } = play(history);
      const firstOnes = new Set(arrivals(told));
      for (const one of told) {
        const fresh = one.was_late ? "stale" : "accepted";
        const again = one.taken.runs.length > 0 ? "accepted" : "duplicate";
        expect(one.taken.result).toBe(firstOnes.has(one) ? fresh : again);
      }
      const results = arrivals(told).map(({ taken }) => taken.result);
      expect(dispositions(incident.events).map(({ disposition }) => disposition)).toEqual(results);
    });
    fc.assert(property, many);
  });

  it("an event keeps the body of an action's address where one came", () => {
    const property = fc.property(histories, (history) => {
      const { incident, told } = play(history);
      for (const { event_id, address } of incident.events) {
        const own = told.filter(({ event }) => event.event_id === event_id);
        const brought = own.filter(({ taken }) => taken.record !== "nothing").at(-1);
        expect(address).toBe(brought?.address);
        const wasPressed = own.some((one) => one.address === "action/pressed");
        if (wasPressed) expect(address).not.toBe("incident");
      }
    });
    fc.assert(property, many);
  });

  it("the whole history once more changes nothing", () => {
    const property = fc.property(histories, (history) => {
      const { incident, told } = play(history);
      const before = structuredClone({ events: incident.events, runs: incident.runs });
      const later = (told.at(-1)?.now ?? 0) + 1;
      for (const { event, address } of history)
        expect(incident.receive(bodyOf({ ...event }), address, later).result).toBe("duplicate");
      expect({ events: incident.events, runs: incident.runs }).toEqual(before);
    });
    fc.assert(property, many);
  });
});
