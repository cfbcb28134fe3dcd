// Drift, from the push to the list: kept with an example, once for each, in bounded number.
import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import worker from "../../src/index.ts";
import { keepDrift, listDrift, unwritten } from "../../src/tally/drift.ts";
import { finding } from "../../src/tally/finding.ts";
import { linesOf } from "./logged.ts";
import { fail, standIn } from "./platform.ts";
import { ACTION, ask, type Body, eventBody, INCIDENT, newIncident, pressBody, pushRequest } from "./push.ts";

const HERE = { incident_id: "incident-1", event_id: "event-1" };

beforeEach(async () => {
  await env.DB.exec("DELETE FROM drift");
});

/** Sends a push, and waits for what goes on after its answer. */
async function send(path: string, body: Body, headers: Record<string, string> = {}, changes = {}): Promise<number> {
  const { response, done } = await ask(pushRequest(path, body, headers), changes);
  await done();
  return response.status;
}

describe("a push", () => {
  it("of an unknown type, with unknown fields, is taken, and kept as an example", async () => {
    const incident_id = newIncident();
    const said = { event_id: "event-7", event_type: "i_dance", incident: { mood: { good: true } } };
    expect(await send(INCIDENT, { ...eventBody(incident_id, said), tempo: 120 })).toBe(200);
    const where = { incident_id, event_id: "event-7" };
    expect(await listDrift(env.DB)).toMatchObject([
      { kind: "event_type", what: "i_dance", example: '"i_dance"', ...where },
      { kind: "field", what: "incident.mood", example: '{"good":true}', ...where },
      { kind: "field", what: "tempo", example: "120", ...where },
    ]);
  });

  it("as documented leaves nothing, whichever the address", async () => {
    expect(await send(INCIDENT, eventBody(newIncident()))).toBe(200);
    expect(await send(ACTION, pressBody(newIncident()))).toBe(200);
    expect(await listDrift(env.DB)).toEqual([]);
  });

  it.each([
    ["refused", {}, 403],
    ["let in", { SOURCE_CHECK: "report" }, 200],
  ])("from an address that is not listed is kept by the address, where it is %s", async (_, changes, status) => {
    const source = `198.51.100.${status % 100}`;
    const headers = { "CF-Connecting-IP": source };
    expect(await send(INCIDENT, eventBody(newIncident()), headers, changes)).toBe(status);
    expect(await listDrift(env.DB)).toMatchObject([{ kind: "source", what: source, incident_id: "" }]);
  });

  it("from such an address with a wrong token leaves nothing", async () => {
    const headers = { "CF-Connecting-IP": "198.51.100.3", Authorization: "Bearer none" };
    expect(await send(INCIDENT, eventBody(newIncident()), headers)).toBe(403);
    expect(await listDrift(env.DB)).toEqual([]);
  });

  it.each([INCIDENT, ACTION])("with unfilled placeholders is kept by the webhook that sends such: %s", async (path) => {
    expect(await send(`${path}?quiet=1`, '{"title":"{{incident.title}}"}')).toBe(400);
    expect(await listDrift(env.DB)).toMatchObject([
      { kind: "custom_body", what: path, example: '"{{incident.title}}"', incident_id: "" },
    ]);
  });

  it("that holds a token shows it nowhere", async () => {
    const body = { ...eventBody(newIncident()), note: `Bearer ${env.WEBHOOK_TOKEN}`, [env.WEBHOOK_TOKEN]: 1 };
    expect(await send(INCIDENT, body)).toBe(200);
    const list = await listDrift(env.DB);
    expect(list.map(({ what }) => what).toSorted()).toEqual(["(hidden)", "note"]);
    expect(JSON.stringify(list)).not.toContain(env.WEBHOOK_TOKEN);
  });

  it("is answered though what is new cannot be kept", async () => {
    const DB = standIn(env.DB, { prepare: () => ({ bind: () => ({ run: fail }) }), batch: fail });
    expect(await send(INCIDENT, { ...eventBody(newIncident()), volume: 11 }, {}, { DB })).toBe(200);
    expect(linesOf("tally.failed")).toHaveLength(1);
  });
});

const field = (n: number) => finding("field", `new${n}`, n);

describe("what was found", () => {
  it("again is the same entry, with its newest example; one that comes late changes nothing", async () => {
    await keepDrift(env.DB, [finding("field", "mood", 1)], HERE, 1_000);
    await keepDrift(env.DB, [finding("field", "mood", 2)], { ...HERE, event_id: "event-2" }, 3_000);
    await keepDrift(env.DB, [finding("field", "mood", 3)], { ...HERE, event_id: "event-3" }, 2_000);
    expect(await listDrift(env.DB)).toEqual([
      { kind: "field", what: "mood", example: "2", first_at: 1_000, last_at: 3_000, ...HERE, event_id: "event-2" },
    ]);
  });

  it("is kept up to a number of each kind: what was not seen for longest makes room", async () => {
    const fields = Array.from({ length: 70 }, (_, n) => field(n));
    for (let n = 0; n < 70; n += 7) await keepDrift(env.DB, fields.slice(n, n + 7), HERE, n);
    await keepDrift(env.DB, [finding("source", "198.51.100.9", "")], HERE, 100);
    await keepDrift(env.DB, [field(0), field(21)], HERE, 200);
    const list = await listDrift(env.DB);
    expect(list).toHaveLength(51);
    expect(list.slice(0, 3).map(({ what }) => what)).toEqual(["new0", "new21", "198.51.100.9"]);
    const names = list.map(({ what }) => what);
    expect([names.includes("new69"), names.includes("new13")]).toEqual([true, false]);
  });

  it("is written once in ten minutes by each isolate, and not for more than some hundred names", () => {
    const now = 1_000_000_000;
    expect([unwritten([field(1), field(2)], now), unwritten([field(1), field(3)], now + 1)]).toEqual([
      [field(1), field(2)],
      [field(3)],
    ]);
    expect(unwritten([field(1)], now + 600_000)).toEqual([field(1)]);
    const many = Array.from({ length: 2_000 }, (_, n) => field(n));
    expect(unwritten(many, now + 1_200_000)).toHaveLength(500);
  });

  it("is forgotten with the quarantine, when it was not seen for so long", async () => {
    const now = Date.now();
    await keepDrift(env.DB, [field(1)], HERE, now - 31 * 24 * 60 * 60_000);
    await keepDrift(env.DB, [field(2)], HERE, now - 29 * 24 * 60 * 60_000);
    await worker.scheduled(createScheduledController({ scheduledTime: now }), env);
    expect((await listDrift(env.DB)).map(({ what }) => what)).toEqual(["new2"]);
    expect(linesOf("drift.forgotten")).toMatchObject([{ count: 1 }]);
  });

  it("stays for another hour where it cannot be forgotten, and nothing else does", async () => {
    const prepare = env.DB.prepare.bind(env.DB);
    vi.spyOn(env.DB, "prepare").mockImplementation((sql) => {
      if (sql.startsWith("DELETE FROM drift")) throw new Error("D1 is out of order");
      return prepare(sql);
    });
    await worker.scheduled(createScheduledController({ scheduledTime: Date.now() }), env);
    expect([linesOf("tally.failed").length, linesOf("quarantine.forgotten").length]).toEqual([1, 1]);
  });
});
