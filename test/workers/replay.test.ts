// Replaying what the quarantine holds: what can be taken after all is taken once, whatever comes by itself before or after;
// what cannot stays, and says why.
import "./unguarded.ts";
import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keep, remove, size } from "../../src/receive/quarantine.ts";
import { preview } from "../../src/receive/replay.ts";
import { chunked } from "./endless.ts";
import { like } from "./like.ts";
import { fail, hang, incidentsWith, standIn } from "./platform.ts";
import {
  ACTION,
  ask,
  type Body,
  eventBody,
  INCIDENT,
  newIncident,
  pressBody,
  push,
  pushRequest,
  receiptOf,
} from "./push.ts";
import { gist, isKept, keptAt, refused, replayed } from "./replaying.ts";
import { tablesOf } from "./taken.ts";
import { fakeTarget, ok } from "./target.ts";
import { passTime, until } from "./until.ts";

const RUN = { action: "restart-host", key: "es.nj.01", by: "command", refused: null };
const DEAD = { why: "dead_message", detail: "", path_and_query: "queue", source: "", received_at: 1 } as const;

/** How an entry comes about in an incident, what its preview says, and what its replay is answered with. */
interface Row {
  of: (incident_id: string) => Promise<string>;
  preview: object;
  replay: string;
}

const body = (change: (body: ReturnType<typeof eventBody>) => Body) => async (id: string) =>
  refused(INCIDENT, change(eventBody(id)));
const taken = (of: Row["of"], more: object = {}): Row => ({
  of,
  preview: { result: "taken", is_known: false, disposition: "accepted", approves: false, ...more },
  replay: "accepted",
});
const stays = (of: Row["of"], why: string, detail: string, replay: string): Row => ({
  of,
  preview: { result: "refused", why, detail: like(detail) },
  replay,
});
const LISTED = {};

const rows: Record<string, Row> = {
  "unknown_source, an event": taken(async (id) => refused(INCIDENT, eventBody(id)), { event_type: "i_new", runs: [] }),
  "unknown_source, a press": taken(async (id) => refused(`${ACTION}?dc=nj`, pressBody(id)), { runs: [RUN] }),
  "unknown_source, a press whose address is encoded": taken(
    async (id) => refused("/webhooks/action/restart%2Dhost", pressBody(id)),
    { runs: [RUN] },
  ),
  "unknown_source, a press of the button that approves": {
    ...taken(async (id) => refused("/webhooks/action/approve", pressBody(id)), { runs: [], approves: true }),
    replay: "422 cannot-approve",
  },
  "unknown_source, none at all": taken(async (id) => refused(INCIDENT, eventBody(id), { "CF-Connecting-IP": "" })),
  through_worker: taken(async (id) => refused(INCIDENT, eventBody(id), { "CF-Worker": "other.example" })),
  storage_silent: taken(async (id) => keptAt(Date.now(), eventBody(id))),
  "unknown_source, no JSON": stays(async () => refused(INCIDENT, "{"), "bad_body", "is not JSON", "422 bad-body"),
  "unknown_source, too large": stays(
    async () => refused(INCIDENT, "a".repeat(1024 * 1024 + 1)),
    "too_large",
    "only its head was kept",
    "409 not-possible",
  ),
  // Its head by itself would be a push.
  "unknown_source, too large for its blanks": stays(
    async (id) => refused(INCIDENT, JSON.stringify(eventBody(id)) + " ".repeat(1024 * 1024)),
    "too_large",
    "only its head was kept",
    "409 not-possible",
  ),
  too_large: stays(
    async () => refused(INCIDENT, "a".repeat(1024 * 1024 + 1), LISTED),
    "too_large",
    "only its head was kept",
    "409 not-possible",
  ),
  "bad_body, no UTF-8 that would be a push with other letters": stays(
    async (id) => refused(INCIDENT, latin(JSON.stringify(eventBody(id, { incident: { title: "h\u00f4te" } }))), LISTED),
    "not_utf8",
    "was no UTF-8",
    "409 not-possible",
  ),
  "bad_body, cut off": stays(
    async (id) => refused(INCIDENT, chunked(JSON.stringify(eventBody(id)), 10_000, true), LISTED),
    "cut_off",
    "its end never came",
    "409 not-possible",
  ),
  bad_body: stays(
    async () => refused(INCIDENT, { event_type: "i_new", incident: {} }, LISTED),
    "bad_body",
    "incident.incident_id",
    "422 bad-body",
  ),
  placeholders: stays(
    body((given) => ({ ...given, incident: { ...given.incident, title: "{{incident.title}}" } })),
    "placeholders",
    "custom request body",
    "422 placeholders",
  ),
  not_a_press: stays(
    async (id) => refused(ACTION, eventBody(id), LISTED),
    "not_a_press",
    "no press",
    "422 not-a-press",
  ),
  unknown_address: stays(
    async (id) => refused("/webhooks/incidents", eventBody(id), LISTED),
    "unknown_address",
    "/webhooks/incident",
    "422 unknown-address",
  ),
  unknown_action: stays(
    async (id) => refused("/webhooks/action/restart", pressBody(id), LISTED),
    "unknown_action",
    "restart-host",
    "422 unknown-action",
  ),
  bad_params: stays(
    async (id) => refused(`${ACTION}?dc=a+b`, pressBody(id), LISTED),
    "bad_params",
    "query.dc",
    "422 bad-params",
  ),
  dead_message: stays(
    async (id) => keep(env.DB, { ...DEAD, body: JSON.stringify(eventBody(id)) }),
    "dead_message",
    "sends it again by itself",
    "409 not-possible",
  ),
};

function latin(text: string): Uint8Array {
  return Uint8Array.from(text, (unit) => unit.charCodeAt(0));
}

const eventsOf = async (id: string) => (await env.INCIDENT.getByName(id).show())?.events ?? [];
const runsOf = async (id: string) => (await env.INCIDENT.getByName(id).show())?.runs ?? [];

describe.each(Object.entries(rows))("what is kept (%s)", (_, row) => {
  it("is foretold, and comes as foretold: it goes once its incident has it, and stays otherwise", async () => {
    const incident_id = newIncident();
    const id = await row.of(incident_id);
    expect(await preview(env, id)).toMatchObject(row.preview);
    expect([await eventsOf(incident_id), await isKept(id)]).toEqual([[], true]);
    expect(gist(await replayed(id))).toBe(row.replay);
    const is_taken = "is_known" in row.preview;
    expect([(await eventsOf(incident_id)).length, await isKept(id)]).toEqual(is_taken ? [1, false] : [0, true]);
  });
});

describe("a replayed event", () => {
  it("is marked with who replayed it, and so is the trail of its run; one that came by itself is not", async () => {
    const incident_id = newIncident();
    await receiptOf(await push(INCIDENT, eventBody(incident_id)));
    expect(await tablesOf(incident_id)).not.toContain("replays");
    await replayed(await refused(ACTION, pressBody(incident_id)));
    const marks = (await eventsOf(incident_id)).map(({ event_id, replayed_by }) => [event_id, replayed_by]);
    expect(marks).toEqual([
      ["event-1", undefined],
      ["press-1", "lisi"],
    ]);
    const [run] = await runsOf(incident_id);
    expect(run?.trail[0]).toMatchObject({ what: "asked", text: "a button was pressed; replayed by lisi" });
    expect((await env.INCIDENT.getByName(incident_id).showEvent("press-1"))?.replayed_by).toBe("lisi");
  });

  it("came when it first came, and its runs are planned as of now", async () => {
    const incident_id = newIncident();
    const before = Date.now();
    await replayed(await keptAt(1_000, pressBody(incident_id), ACTION));
    expect(await eventsOf(incident_id)).toMatchObject([{ received_at: 1_000 }]);
    expect((await runsOf(incident_id))[0]?.planned_at).toBeGreaterThanOrEqual(before);
  });

  it("without a time of its own is not the newest, for it came before", async () => {
    const incident_id = newIncident();
    await receiptOf(await push(INCIDENT, eventBody(incident_id)));
    const unset = { ...eventBody(incident_id, { event_id: "older", event_type: "i_rslv" }), event_time: null };
    const id = await keptAt(1_000, unset);
    expect(await preview(env, id)).toMatchObject({ disposition: "stale" });
    expect(gist(await replayed(id))).toBe("stale");
    expect((await env.INCIDENT.getByName(incident_id).show())?.current.event_id).toBe("event-1");
  });

  it("is remembered: the same push is answered in time where its incident is slow", async () => {
    const incident_id = newIncident();
    await replayed(await refused(INCIDENT, eventBody(incident_id)));
    const { response } = await ask(pushRequest(INCIDENT, eventBody(incident_id)), {
      INCIDENT: incidentsWith({ receive: hang }),
    });
    expect(await receiptOf(response)).toMatchObject({ result: "duplicate" });
  });

  it("is decided by its incident, whatever KV remembers", async () => {
    const id = await refused(INCIDENT, eventBody(newIncident()));
    const get = fail;
    expect(gist(await replayed(id, { SEEN: standIn(env.SEEN, { get }) }))).toBe("accepted");
  });
});

describe("nothing is taken twice", () => {
  it("where the push comes again after the replay", async () => {
    const incident_id = newIncident();
    const calls = fakeTarget(incident_id, ok);
    await replayed(await refused(ACTION, pressBody(incident_id)));
    expect((await receiptOf(await push(ACTION, pressBody(incident_id)))).result).toBe("duplicate");
    await until(async () => (await runsOf(incident_id)).every(({ ended_at }) => ended_at !== null));
    expect([(await eventsOf(incident_id)).length, calls.length]).toEqual([1, 1]);
  });

  it("where it came by itself before the replay: the entry goes, and the event is not marked", async () => {
    const incident_id = newIncident();
    const id = await refused(ACTION, pressBody(incident_id));
    await receiptOf(await push(ACTION, pressBody(incident_id)));
    expect(await preview(env, id)).toMatchObject({ is_known: true, disposition: "duplicate", runs: [] });
    expect(gist(await replayed(id))).toBe("duplicate");
    expect([(await runsOf(incident_id)).length, await isKept(id)]).toEqual([1, false]);
    expect((await eventsOf(incident_id))[0]?.replayed_by).toBeUndefined();
  });

  it("where it came as an event before: the press is run, and the event marked", async () => {
    const incident_id = newIncident();
    await receiptOf(await push(INCIDENT, pressBody(incident_id)));
    const id = await refused(ACTION, pressBody(incident_id));
    expect(await preview(env, id)).toMatchObject({ is_known: true, disposition: "accepted", runs: [RUN] });
    expect(gist(await replayed(id))).toBe("accepted");
    expect(await eventsOf(incident_id)).toMatchObject([{ address: "action/restart-host", replayed_by: "lisi" }]);
  });

  it("where two replay it at once: the other one's is a duplicate, or finds it gone", async () => {
    const incident_id = newIncident();
    const id = await refused(ACTION, pressBody(incident_id));
    const gists = (await Promise.all([replayed(id, {}, "lisi"), replayed(id, {}, "wangwu")])).map(gist);
    expect(gists.filter((one) => one === "accepted")).toHaveLength(1);
    expect(["duplicate", "404 not-found"]).toContain(gists.find((one) => one !== "accepted"));
    expect([(await eventsOf(incident_id)).length, (await runsOf(incident_id)).length]).toEqual([1, 1]);
    expect(gist(await replayed(id))).toBe("404 not-found");
  });

  it("in whatever order presses come, are refused, are replayed and come again, at both addresses", async () => {
    const step = fc.record({
      press: fc.constantFrom("press-1", "press-2", "press-3"),
      path: fc.constantFrom(ACTION, INCIDENT),
      what: fc.constantFrom("push", "refuse", "replay", "replay twice"),
    });
    const law = fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
      const incident_id = newIncident();
      const came: { press: string; path: string }[] = [];
      let waiting: { press: string; path: string; id: string }[] = [];
      for (const { press, path, what } of steps) {
        const given = pressBody(incident_id, { event_id: press });
        if (what === "push") came.push({ press, path });
        if (what === "push") await receiptOf(await push(path, given));
        if (what === "refuse") waiting.push({ press, path, id: await refused(path, given) });
        if (!what.startsWith("replay")) continue;
        for (const { id } of waiting) {
          await Promise.all(what === "replay" ? [replayed(id)] : [replayed(id), replayed(id)]);
          expect(await isKept(id)).toBe(false);
        }
        came.push(...waiting);
        waiting = [];
      }
      const pressed = came.filter(({ path }) => path === ACTION);
      const restarted = (await runsOf(incident_id)).filter(({ action }) => action === "restart-host");
      expect(sorted((await eventsOf(incident_id)).map(({ event_id }) => event_id))).toEqual(distinct(came));
      expect(sorted(restarted.map(({ event_id }) => event_id))).toEqual(distinct(pressed));
    });
    await fc.assert(law, { numRuns: 60 });
  });
});

const sorted = (names: readonly string[]) => names.toSorted((one, other) => one.localeCompare(other));
const distinct = (came: readonly { press: string }[]) => sorted([...new Set(came.map(({ press }) => press))]);

/** D1, which deletes nothing. */
function prepare(query: string): D1PreparedStatement {
  if (query.startsWith("DELETE")) throw new Error("D1 is out of order");
  return env.DB.prepare(query);
}

describe("a replay that comes to nothing", () => {
  it.each([
    ["fails", fail],
    ["is of a release that knows of no replays", undefined],
  ])("because the incident %s leaves the entry, and can be made again", async (_, receiveReplay) => {
    const id = await refused(INCIDENT, eventBody(newIncident()));
    const answer = await replayed(id, { INCIDENT: incidentsWith({ receiveReplay }) });
    expect([gist(answer), await isKept(id)]).toEqual(["503 storage-silent", true]);
    expect(gist(await replayed(id))).toBe("accepted");
  });

  it("because the incident does not answer in time says so", async () => {
    const id = await refused(INCIDENT, eventBody(newIncident()));
    const answer = replayed(id, { INCIDENT: incidentsWith({ receiveReplay: hang }) });
    await passTime(10_000);
    expect([gist(await answer), await isKept(id)]).toEqual(["503 storage-silent", true]);
  });

  it("but for an entry that could not be deleted is a duplicate the next time", async () => {
    const id = await refused(INCIDENT, eventBody(newIncident()));
    expect(gist(await replayed(id, { DB: standIn(env.DB, { prepare }) }))).toBe("accepted");
    expect([await isKept(id), gist(await replayed(id)), await isKept(id)]).toEqual([true, "duplicate", false]);
  });

  it("because nothing is set up for its action names what is missing; its incident has it, with the run", async () => {
    const incident_id = newIncident();
    const id = await refused(ACTION, pressBody(incident_id));
    const changes = { RESTART_HOST_URL: "", RESTART_HOST_TOKEN: "" };
    expect(await preview({ ...env, ...changes }, id)).toMatchObject({
      runs: [{ action: "restart-host", refused: like("RESTART_HOST_URL") }],
    });
    const answer = await replayed(id, changes);
    expect(answer).toMatchObject({
      problem: {
        status: 422,
        run_id: `${incident_id}:press-1:restart-host`,
        detail: like("RESTART_HOST_URL"),
      },
    });
    expect([(await runsOf(incident_id)).map(({ state }) => state), await isKept(id)]).toEqual([["failed"], false]);
  });

  it.each(["unknown", "0".repeat(32)])("because there is no entry %s is 404, and has no preview", async (id) => {
    expect([gist(await replayed(id)), await preview(env, id)]).toEqual(["404 not-found", null]);
  });
});

describe("an entry", () => {
  it("is deleted once, and counted as long as it is there", async () => {
    const before = await size(env.DB);
    const id = await refused(INCIDENT, `{ ${newIncident()}`);
    expect(await size(env.DB)).toBe(before + 1);
    expect([await remove(env.DB, id), await remove(env.DB, id)]).toEqual([true, false]);
    expect(await size(env.DB)).toBe(before);
  });

  it.each([
    ["too_large", "A body may have 1048576 bytes.", "too_large"],
    ["bad_body", "the body is not UTF-8", "not_utf8"],
    ["bad_body", "the body was cut off before its end", "cut_off"],
  ] as const)("of an older release, %s (%s), is known as what it is", async (why, detail, flaw) => {
    const text = JSON.stringify(eventBody(newIncident()));
    const id = await keep(env.DB, { ...DEAD, why, detail, path_and_query: INCIDENT, body: text });
    const [, ...updates] = env.MIGRATIONS.find(({ name }) => name.startsWith("0004"))?.queries ?? [];
    for (const query of updates) await env.DB.prepare(query).run();
    expect(await preview(env, id)).toMatchObject({ result: "refused", why: flaw });
  });
});
