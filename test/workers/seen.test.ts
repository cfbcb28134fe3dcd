// KV knows what came lately. It never decides, and nothing of it can do harm.
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { pushKey } from "../../src/domain/event.ts";
import { fail, hang, incidentsWith, standIn } from "./platform.ts";
import {
  ACTION,
  ask,
  type Changes,
  eventBody,
  INCIDENT,
  newIncident,
  pressBody,
  problemOf,
  pushRequest,
  receiptOf,
} from "./push.ts";
import { passTime, until } from "./until.ts";

/** Sends a push, and waits for all that goes on after the answer. */
async function sendWholly(path: string, body: object, changes: Changes = {}) {
  const { response, done } = await ask(pushRequest(path, body), changes);
  await done();
  return response;
}

/** What KV remembers of an incident. */
async function remembered(incident_id: string): Promise<string[]> {
  const { keys } = await env.SEEN.list({ prefix: `${incident_id}:` });
  return keys.map(({ name }) => name);
}

async function eventsOf(incident_id: string) {
  return (await env.INCIDENT.getByName(incident_id).show())?.events.length ?? 0;
}

describe("KV", () => {
  it("is asked at the same time as the incident", async () => {
    const incident_id = newIncident();
    const asked: string[] = [];
    const gate = Promise.withResolvers<void>();
    const real = env.INCIDENT.getByName(incident_id);
    const get = async () => {
      asked.push("KV");
      await gate.promise;
      return null;
    };
    const receive = async (...given: Parameters<typeof real.receive>) => {
      asked.push("incident");
      await gate.promise;
      return real.receive(...given);
    };
    const changes = { SEEN: standIn(env.SEEN, { get }), INCIDENT: incidentsWith({ receive }) };
    const answering = ask(pushRequest(INCIDENT, eventBody(incident_id)), changes);
    await until(() => asked.length === 2);
    gate.resolve();
    expect(asked.toSorted()).toEqual(["KV", "incident"]);
    expect((await receiptOf((await answering).response)).result).toBe("accepted");
  });

  it.each<[string, Parameters<typeof standIn<KVNamespace>>[1]]>([
    ["fails to read", { get: fail }],
    ["hangs while it reads", { get: hang }],
    ["fails to write", { put: fail }],
    ["hangs while it writes", { put: hang }],
    ["fails at once", { get: failAtOnce, put: failAtOnce }],
  ])("that %s does no harm", async (_, broken) => {
    const incident_id = newIncident();
    const changes = { SEEN: standIn(env.SEEN, broken) };
    const { response } = await ask(pushRequest(ACTION, pressBody(incident_id)), changes);
    const { response: again } = await ask(pushRequest(ACTION, pressBody(incident_id)), changes);
    expect(await receiptOf(response)).toMatchObject({ result: "accepted", runs: [{ state: "planned" }] });
    expect((await receiptOf(again)).result).toBe("duplicate");
    expect(await eventsOf(incident_id)).toBe(1);
  });

  it("answers for an incident that hangs, where it has seen the push before", async () => {
    const incident_id = newIncident();
    const first = await receiptOf(await sendWholly(ACTION, pressBody(incident_id)));
    const changes = { INCIDENT: incidentsWith({ receive: hang }) };
    const { response } = await ask(pushRequest(ACTION, pressBody(incident_id)), changes);
    expect(await receiptOf(response)).toEqual({ ...first, result: "duplicate" });
  });

  it("is written once the incident has taken the event, and keeps it for a day", async () => {
    const incident_id = newIncident();
    const writes: object[] = [];
    const put = async (key: string, value: string, options: KVNamespacePutOptions) => {
      writes.push({ ...options, events: await eventsOf(incident_id) });
      await env.SEEN.put(key, value, options);
    };
    await sendWholly(INCIDENT, eventBody(incident_id), { SEEN: standIn(env.SEEN, { put }) });
    expect(writes).toEqual([{ expirationTtl: 24 * 60 * 60, events: 1 }]);
    expect(await remembered(incident_id)).toHaveLength(1);
  });

  it("is not written where the incident has not taken the event", async () => {
    const incident_id = newIncident();
    const response = await sendWholly(INCIDENT, eventBody(incident_id), { INCIDENT: incidentsWith({ receive: fail }) });
    expect(response.status).toBe(503);
    expect(await remembered(incident_id)).toEqual([]);
  });

  it("does not remember a press that was refused, so that its repeat is refused as well", async () => {
    const incident_id = newIncident();
    const press = pressBody(incident_id, { incident: { labels: null } });
    const first = await sendWholly(ACTION, press);
    const again = await sendWholly(ACTION, press);
    expect([first.status, again.status]).toEqual([422, 422]);
    expect(await remembered(incident_id)).toEqual([]);
  });

  it("does not let a press pass for the event that came to the other address", async () => {
    const incident_id = newIncident();
    const as_event = eventBody(incident_id, { event_id: "press-1", event_type: "i_custom" });
    await sendWholly(INCIDENT, as_event);
    expect(await remembered(incident_id)).toHaveLength(1);
    const asked = ask(pushRequest(ACTION, pressBody(incident_id)), { INCIDENT: incidentsWith({ receive: hang }) });
    await passTime(700);
    expect((await problemOf((await asked).response)).status).toBe(503);
    const answer = await receiptOf(await sendWholly(ACTION, pressBody(incident_id)));
    expect(answer).toMatchObject({ result: "accepted", runs: [{ action: "restart-host" }] });
  });

  it.each(["", "no JSON", "null", "{}", "[]", '"accepted"', '{"result":"accepted"}', '{"result":1,"runs":null}'])(
    "with %j under the push's name does not decide",
    async (garbage) => {
      const incident_id = newIncident();
      const key = pushKey({ incident_id, event_id: "event-1", address: "incident" });
      await env.SEEN.put(key, garbage);
      const answer = await receiptOf(await sendWholly(INCIDENT, eventBody(incident_id)));
      expect(answer.result).toBe("accepted");
      expect(await eventsOf(incident_id)).toBe(1);
    },
  );
});

function failAtOnce(): never {
  throw new Error("the platform is out of order");
}
