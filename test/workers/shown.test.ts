// What is shown of an incident of which more is kept than anybody reads.
import { runInDurableObject } from "cloudflare:test";
import { beforeEach, expect, it } from "vitest";
import { incidentView } from "./admin.ts";
import { newIncident } from "./push.ts";
import { anEvent, aRun, type Clock, holdClock, holdMessages, incident, SECOND_MS } from "./taken.ts";

let clock: Clock;
let id: string;

beforeEach(() => {
  clock = holdClock();
  holdMessages();
  id = newIncident();
});

/** As many events, each a second after the one before. */
async function receive(count: number, more: (nth: number) => Parameters<typeof anEvent>[2] = () => ({})) {
  for (let nth = 1; nth <= count; nth += 1) {
    await incident(id).receive(anEvent(id, clock, { event_id: `event-${nth}`, ...more(nth) }), []);
    clock.now += SECOND_MS;
  }
}

it("is everything, up to 500 events", async () => {
  await receive(500);
  const { events, left_out } = await incidentView(id);
  expect([events.length, left_out]).toEqual([500, { events: 0, runs: 0, reports: 0 }]);
});

it("is the newest 500 events, each with the disposition that it has among all of them", async () => {
  const opened_at = clock.now;
  // The second claims to be newer than all that come within a minute.
  await receive(502, (nth) => (nth === 2 ? { event_time: clock.now + 60 * SECOND_MS } : {}));
  const view = await incidentView(id);
  expect([view.left_out.events, view.opened_at]).toEqual([2, opened_at]);
  expect(view.events.map(({ arrival }) => arrival)).toEqual(Array.from({ length: 500 }, (_, nth) => nth + 3));
  expect(view.events.findIndex(({ disposition }) => disposition === "accepted")).toBe(59);
});

it("is the runs that go on and the newest that have ended, a hundred, in their order; and likewise the reports", async () => {
  for (let nth = 0; nth < 105; nth += 1) {
    const run = aRun({ action: `action-${String(nth).padStart(3, "0")}` });
    await incident(id).receive(anEvent(id, clock, { event_id: `event-${nth}` }), [run]);
    if (nth > 1) await incident(id).rule({ incident_id: id, event_id: `event-${nth}`, action: run.action }, CANCEL);
    clock.now += SECOND_MS;
  }
  const shown = async (what: "runs" | "reports") =>
    (await incidentView(id))[what].map(({ run_id }) => Number(run_id.slice(-3)));
  expect(await shown("runs")).toEqual([0, 1, ...numbered(7)]);
  expect((await incidentView(id)).left_out).toEqual({ events: 0, runs: 5, reports: 0 });
  await runInDurableObject(incident(id), (_, { storage }) => {
    storage.sql.exec("UPDATE runs SET run = json_set(run, '$.by', 'report')");
  });
  expect(await shown("reports")).toEqual([0, 1, ...numbered(7)]);
  expect((await incidentView(id)).left_out).toEqual({ events: 0, runs: 0, reports: 5 });
});

/** The numbers up to 104. */
const numbered = (first: number) => Array.from({ length: 105 - first }, (_, nth) => nth + first);
const CANCEL = { what: "cancel", by: "lisi", reason: "not needed" } as const;
