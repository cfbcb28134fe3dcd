// A push that can be taken: what it is answered, and what is kept of it.
import "./unguarded.ts";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { eventView, incidentView } from "./admin.ts";
import { linesOf } from "./logged.ts";
import {
  ACTION,
  ask,
  type Body,
  documented,
  eventBody,
  INCIDENT,
  newIncident,
  pressBody,
  push,
  pushRequest,
  receiptOf,
} from "./push.ts";
import { fakeTarget, ok } from "./target.ts";
import { until } from "./until.ts";

const T0 = documented.event_time;

/** What of a target's request two buttons differ in. */
const Sent = z.object({ dc: z.string(), run_id: z.string() });

const minimal = (incident_id: string) => ({
  event_id: "event-1",
  event_type: "i_new",
  event_time: T0,
  incident: { incident_id },
});

async function receipt(path: string, body: Body) {
  return receiptOf(await push(path, body));
}

describe("the receipt", () => {
  it("of an event names it, and no runs where no rule calls for one", async () => {
    const incident_id = newIncident();
    const answer = await receipt(INCIDENT, eventBody(incident_id));
    expect(answer).toStrictEqual({ result: "accepted", event_id: "event-1", incident_id, runs: [] });
  });

  it("of the documented press, sent unchanged, names its run", async () => {
    const { incident_id, event_id } = documented.incident;
    const answer = await receipt(ACTION, documented);
    expect(answer).toStrictEqual({
      result: "accepted",
      event_id,
      incident_id,
      runs: [{ run_id: `${incident_id}:${event_id}:restart-host`, action: "restart-host", state: "planned" }],
    });
  });

  it.each([
    ["an event", INCIDENT, eventBody],
    ["a press", ACTION, pressBody],
  ])("of %s that comes again says duplicate, and the event is recorded once", async (_, path, body) => {
    const incident_id = newIncident();
    const first = await receipt(path, body(incident_id));
    const second = await receipt(path, body(incident_id));
    expect(second.result).toBe("duplicate");
    expect(second.runs.map(({ run_id }) => run_id)).toEqual(first.runs.map(({ run_id }) => run_id));
    expect((await incidentView(incident_id)).events).toHaveLength(1);
  });

  it("of an event that a newer one overtook says stale, and the incident stays as the newer shows it", async () => {
    const incident_id = newIncident();
    const newer = { event_id: "newer", event_type: "i_ack", event_time: T0 + 1, incident: { progress: "Processing" } };
    await push(INCIDENT, eventBody(incident_id, newer));
    const answer = await receipt(INCIDENT, eventBody(incident_id, { event_id: "older" }));
    const shown = await incidentView(incident_id);
    expect(answer.result).toBe("stale");
    expect(shown).toMatchObject({ current_event_id: "newer", incident: { progress: "Processing" } });
    expect(shown.events.map(({ progress, disposition }) => [progress, disposition])).toEqual([
      ["Processing", "accepted"],
      ["Triggered", "stale"],
    ]);
  });
});

describe("a press", () => {
  it("is carried out even where a newer event has come before it", async () => {
    const incident_id = newIncident();
    const calls = fakeTarget(incident_id, ok);
    await push(INCIDENT, eventBody(incident_id, { event_time: T0 + 60_000 }));
    const answer = await receipt(ACTION, pressBody(incident_id));
    expect(answer).toMatchObject({ result: "stale", runs: [{ state: "planned" }] });
    await until(() => calls.length > 0);
  });

  it("that came as an event before is accepted at its own address, run, and recorded once, with its alerts", async () => {
    const incident_id = newIncident();
    const as_event = eventBody(incident_id, { event_id: "press-1", event_type: "i_custom" });
    const as_press = pressBody(incident_id);
    const first = await receipt(INCIDENT, as_event);
    const second = await receipt(ACTION, as_press);
    expect(first).toMatchObject({ result: "accepted", runs: [] });
    expect(second).toMatchObject({ result: "accepted", runs: [{ action: "restart-host", state: "planned" }] });
    const { events, runs } = await incidentView(incident_id);
    expect([events.length, runs.length]).toEqual([1, 1]);
    const kept = await eventView(incident_id, "press-1");
    expect(kept).toMatchObject({ address: "action/restart-host", body: JSON.stringify(as_press) });
  });

  it("that comes as an event afterwards is a duplicate, and what is kept of it keeps its alerts", async () => {
    const incident_id = newIncident();
    const as_press = pressBody(incident_id);
    const first = await receipt(ACTION, as_press);
    const second = await receipt(INCIDENT, eventBody(incident_id, { event_id: "press-1", event_type: "i_custom" }));
    expect([first.result, second.result]).toEqual(["accepted", "duplicate"]);
    const { events, runs } = await incidentView(incident_id);
    expect([events.length, runs.length]).toEqual([1, 1]);
    expect((await eventView(incident_id, "press-1")).body).toBe(JSON.stringify(as_press));
  });

  it("of either of two buttons that share an action hands its own query on to the target", async () => {
    const incident_id = newIncident();
    const calls = fakeTarget(incident_id, ok);
    await push(`${ACTION}?dc=nj`, pressBody(incident_id, { event_id: "press-nj" }));
    await push(`${ACTION}?dc=sh`, pressBody(incident_id, { event_id: "press-sh", event_time: T0 + 1 }));
    await until(() => calls.length === 2);
    const sent = calls.map(({ body }) => Sent.parse(JSON.parse(body)));
    expect(sent.toSorted((one, other) => one.dc.localeCompare(other.dc))).toEqual([
      { dc: "nj", run_id: `${incident_id}:press-nj:restart-host` },
      { dc: "sh", run_id: `${incident_id}:press-sh:restart-host` },
    ]);
  });
});

describe("with patience, 200 is answered to", () => {
  const nothing = Object.fromEntries(Object.keys(documented.incident).map((field) => [field, null]));
  const HUGE = "9223372036854775807";

  it.each<[string, (incident_id: string) => Body]>([
    ["a type that no document names", (id) => eventBody(id, { event_type: "i_from_the_future" })],
    ["fields that no table names", (id) => ({ ...eventBody(id), extra: { deep: [[{}]] }, constructor: 1, "": 2 })],
    ["an incident without anything but its id", minimal],
    [
      "null for everything that may be missing",
      (id) => ({ ...minimal(id), person: null, incident: { ...nothing, incident_id: id } }),
    ],
    ["no event_time", (id) => ({ ...minimal(id), event_time: null })],
    ["an empty e-mail", (id) => ({ ...minimal(id), person: { person_id: 1, person_name: "", email: "" } })],
    ["an id as text", (id) => ({ ...minimal(id), person: { person_id: "1", person_name: "a" } })],
    ["a type that is due soon: responders added", (id) => eventBody(id, { event_type: "i_a_rspd" })],
    [
      "templates of other systems in its texts",
      (id) => eventBody(id, { incident: { title: "at {{ $value }} of {{.Labels.job}}" } }),
    ],
    [
      "integers of 64 bits and more",
      (id) =>
        `{"event_id":"event-1","event_type":"i_new","event_time":${T0},"person":{"person_id":${HUGE}},"incident":{"incident_id":"${id}","channel_id":${HUGE},"fields":{"n":${HUGE}${HUGE}}}}`,
    ],
    ["an event_time of 0", (id) => ({ ...minimal(id), event_time: 0 })],
    [
      "an event_time that no clock can mean",
      (id) => `{"event_id":"event-1","event_type":"i_new","event_time":${HUGE},"incident":{"incident_id":"${id}"}}`,
    ],
  ])("%s", async (_, body) => {
    const incident_id = newIncident();
    const answer = await receipt(INCIDENT, body(incident_id));
    expect(answer).toStrictEqual({ result: "accepted", event_id: "event-1", incident_id, runs: [] });
    expect((await incidentView(incident_id)).current_event_id).toBe("event-1");
  });
});

describe("what is kept", () => {
  it("is the body, byte for byte", async () => {
    const incident_id = newIncident();
    const body = `\n {"incident" : {"incident_id":"${incident_id}", "title":"\\u4e2d\\ud800 中 \\/ 👩‍💻", "n": 1.0E+2,\t"channel_id":9223372036854775807},
      "event_type":"i_new","event_id":"first","event_id":"event-1", "event_time":${T0}}\r\n`;
    await receipt(INCIDENT, body);
    expect((await eventView(incident_id, "event-1")).body).toBe(body);
  });

  it("shows a 64-bit id exactly", async () => {
    const incident_id = newIncident();
    const body = JSON.stringify(eventBody(incident_id)).replace("1973372625504", "9223372036854775807");
    await receipt(INCIDENT, body);
    expect((await incidentView(incident_id)).incident).toMatchObject({ channel_id: "9223372036854775807" });
  });

  it("lists events in the order of their arrival, each with its disposition", async () => {
    const incident_id = newIncident();
    for (const [event_id, offset] of [
      ["b", 2],
      ["a", 1],
      ["c", 3],
    ] as const)
      await push(INCIDENT, eventBody(incident_id, { event_id, event_time: T0 + offset }));
    const { events, current_event_id } = await incidentView(incident_id);
    expect(events.map(({ event_id, arrival, disposition }) => [event_id, arrival, disposition])).toEqual([
      ["b", 1, "accepted"],
      ["a", 2, "stale"],
      ["c", 3, "accepted"],
    ]);
    expect(current_event_id).toBe("c");
  });
});

describe("an event", () => {
  it.each([0, -1, 2 ** 60])("with an id and the time %i is ordered by its arrival", async (event_time) => {
    const incident_id = newIncident();
    const results = [];
    for (const said of [{ event_id: "first", event_time: T0 }, { event_id: "unset", event_time }, { event_id: "last" }])
      results.push((await receipt(INCIDENT, eventBody(incident_id, said))).result);
    // The last one's time is before the arrival of the one without.
    expect(results).toEqual(["accepted", "accepted", "stale"]);
    const { current_event_id, events } = await incidentView(incident_id);
    expect(current_event_id).toBe("unset");
    expect(events).toMatchObject([{}, { event_time: null, claims_future: false }, {}]);
  });

  it("that claims the future is taken, marked, and does not make what follows stale", async () => {
    const incident_id = newIncident();
    const ahead = { event_id: "ahead", event_time: Date.now() + 60 * 60_000 };
    const first = await receipt(INCIDENT, eventBody(incident_id, ahead));
    const next = { event_id: "next", event_type: "i_ack", event_time: Date.now() + 1_000 };
    const second = await receipt(INCIDENT, eventBody(incident_id, next));
    const { current_event_id, events } = await incidentView(incident_id);
    expect([first.result, second.result, current_event_id]).toEqual(["accepted", "accepted", "next"]);
    expect(events.map(({ claims_future }) => claims_future)).toEqual([true, false]);
  });

  it("without an id is given one by its type, time and person, so that its repeat is a duplicate", async () => {
    const incident_id = newIncident();
    const { event_id: _, ...body } = eventBody(incident_id, { event_type: "i_ack" });
    const first = await receipt(INCIDENT, body);
    const again = await receipt(INCIDENT, body);
    const other = await receipt(INCIDENT, { ...body, person: { ...body.person, person_id: 7 } });
    expect(first).toMatchObject({ result: "accepted", event_id: `derived-i_ack-${T0}-${body.person.person_id}` });
    expect([again.result, other.result]).toEqual(["duplicate", "accepted"]);
  });

  it.each([
    ["has no end", "7".repeat(5_000)],
    ["is no text of any language", "\ud93a"],
    ["is in Chinese", "张三"],
  ])("without an id, by a person whose id %s, is given one that can be kept everywhere", async (_, person_id) => {
    const { event_id: _event_id, ...body } = eventBody(newIncident());
    const { response, done } = await ask(pushRequest(INCIDENT, { ...body, person: { person_id } }));
    await done();
    expect((await receiptOf(response)).event_id).toMatch(/^[!-~]{1,200}$/);
    expect(linesOf("seen.failed")).toEqual([]);
  });

  it("is told by the id at the top rather than by the one inside the incident", async () => {
    const incident_id = newIncident();
    const body = { ...eventBody(incident_id, { incident: { event_id: "inside" } }), event_id: "top" };
    expect((await receipt(INCIDENT, body)).event_id).toBe("top");
  });

  it("with an id that means something in an address can be looked at", async () => {
    const incident_id = newIncident();
    const event_id = "a/b?c=%20&d#e:f";
    const { runs } = await receipt(ACTION, pressBody(incident_id, { event_id }));
    expect((await eventView(incident_id, event_id)).event_id).toBe(event_id);
    expect(runs).toMatchObject([{ run_id: `${incident_id}:${event_id}:restart-host` }]);
  });

  it("is taken once, however many of its pushes come at once over both addresses", async () => {
    const incident_id = newIncident();
    const calls = fakeTarget(incident_id, ok);
    const as_event = eventBody(incident_id, { event_id: "press-1", event_type: "i_custom" });
    const pushes = Array.from({ length: 20 }, async (_, n) =>
      n % 2 === 0 ? receipt(INCIDENT, as_event) : receipt(ACTION, pressBody(incident_id)),
    );
    const answers = await Promise.all(pushes);
    const { runs } = await until(async () => {
      const kept = await env.INCIDENT.getByName(incident_id).show();
      return kept?.runs.every(({ ended_at }) => ended_at !== null) === true && kept;
    });
    expect(answers.filter(({ result }) => result === "accepted").length).toBeLessThanOrEqual(2);
    expect([runs.length, calls.length]).toEqual([1, 1]);
  });
});
