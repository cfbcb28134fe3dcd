// No secret of any setting appears in a log, an answer, what is kept, a report or an error: with systems that behave, with such
// as quote their whole request in whatever they say, with settings that are wrong, and with tokens in the wrong place.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readConnectorSettings } from "../../src/config.ts";
import { playDemo } from "../simulator/demo-play.ts";
import { INCIDENT } from "../simulator/demo-systems.ts";
import { createOpenApi } from "../simulator/open-api.ts";
import { incidentBody, incidentId } from "../simulator/push-body.ts";
import { freePort, startRuntime } from "../simulator/runtime.ts";
import { Marks } from "./secrets/marks.ts";
import { adminAnswers, asked, leaksIn, persisted } from "./secrets/places.ts";
import type { Leak, Place } from "./secrets/places.ts";
import { quotedBy, quotedByFlashduty } from "./secrets/quoted.ts";
import { atMost, plant, pusherTo, startSession, until } from "./secrets/session.ts";
import { unsentBy } from "./secrets/unsent.ts";
import { ACTIONS, CREDENTIALS, OWN, SECRET_ADDRESSES, marked, roundOf, wrong } from "./secrets/settings.ts";
import type { Settings } from "./secrets/settings.ts";

/** Each runtime is several processes, and two of them keep a small machine busy. */
const inTurn = atMost(2);

const EVERYWHERE: Place["kind"][] = [
  "log",
  "answer to a push",
  "answer to an admin",
  "object",
  "database",
  "KV",
  "Open API",
  "target",
];

/** What was found where it does not belong: a system's own secrets do. The control was planted to be found in all `kinds`. */
function unwanted(places: readonly Place[], marks: Marks, control: Marks, kinds = EVERYWHERE): Leak[] {
  const controlled = new Set(leaksIn(places, control).map(({ kind }) => kind));
  expect([...controlled]).toEqual(expect.arrayContaining(kinds));
  return leaksIn(places, marks).filter(({ name, kind, where }) => !(kind === "target" && name.startsWith(`${where}_`)));
}

describe("the search", () => {
  const marks = new Marks();
  const mark = marks.of("a token");
  const forms: [string, string][] = [
    ["as it is", mark],
    ["in capitals", mark.toUpperCase()],
    ["cut at its end", mark.slice(0, 22)],
    ["cut at its beginning", mark.slice(14)],
    ["in an address", encodeURIComponent(`"${mark}"`)],
    ["in JSON within JSON", JSON.stringify(JSON.stringify({ token: `"${mark}"` }))],
    ["in base64", btoa(mark)],
    ["in the base64 of something longer", btoa(`Bearer ${mark}`)],
    ["in the base64 of something longer by one", btoa(`Bearer: ${mark}`)],
    ["in base64 for addresses", Buffer.from(`Bearer ${mark}`).toString("base64url")],
    ["in hexadecimal", Buffer.from(mark).toString("hex")],
    ["in UTF-16", Buffer.from(mark, "utf16le").toString("latin1")],
  ];
  it.each(forms)("finds a mark %s, and tells whose it is", (_, text) => {
    marks.of("another token");
    expect(marks.in(`before ${text} after`)[0]).toMatchObject({ name: "a token" });
  });

  it("finds none where there is none", () => {
    expect(marks.in(JSON.stringify(process.versions) + new Marks("control").of("a token"))).toEqual([]);
  });
});

it("every secret setting is known", () => {
  const own = ["WEBHOOK_TOKEN", "WEBHOOK_TOKEN_PREVIOUS", "ADMIN_TOKEN", "FLASHDUTY_APP_KEY"];
  expect(OWN).toEqual(expect.arrayContaining(own));
  expect(CREDENTIALS).toEqual(expect.arrayContaining(["RUNDECK_TOKEN", "RUNDECK_ACCESS", "RESTART_HOST_TOKEN"]));
  expect(SECRET_ADDRESSES).toContain("RESTART_HOST_URL");
});

const rounds = Array.from({ length: Math.max(...ACTIONS.map(({ connectors }) => connectors.length)) }, (_, round) => ({
  round,
  names: roundOf(round)
    .map(({ connector }) => connector.name)
    .join(", "),
}));

describe.concurrent("no secret is told", () => {
  it("where systems behave, and the whole demo is played", async () => inTurn(demo));

  it.each(rounds)("where systems quote their whole request in whatever they say: $names", async ({ round }) =>
    inTurn(async () => {
      const [marks, control] = [new Marks(), new Marks("control")];
      expect(unwanted(await quotedBy(round, marks, control), marks, control)).toEqual([]);
    }),
  );

  it.each(rounds)("of what would have been sent, in a dry run: $names", async ({ round }) =>
    inTurn(async () => {
      const [marks, control] = [new Marks(), new Marks("control")];
      const places = await unsentBy(round, marks, control);
      const kinds = EVERYWHERE.filter((kind) => kind !== "target");
      expect(unwanted(places, marks, control, kinds)).toEqual([]);
      expect(places.filter(({ kind, text }) => kind === "Open API" && text.includes("would have sent"))).not.toEqual(
        [],
      );
    }),
  );

  it("where Flashduty quotes its calls", async () =>
    inTurn(async () => {
      const [marks, control] = [new Marks(), new Marks("control")];
      expect(unwanted(await quotedByFlashduty(marks, control), marks, control)).toEqual([]);
    }));

  it("where the receiver's own settings are wrong", async () => inTurn(wrongOwn));

  it.each(ACTIONS.flatMap(({ connectors }) => connectors))("where settings are wrong: $name", ({ settings }) => {
    const marks = new Marks();
    const env = wrong(marks, settings) as unknown as Env; // oxlint-disable-line typescript/no-unsafe-type-assertion
    const read = readConnectorSettings(env, settings);
    expect(read.ok).toBe(false);
    expect(marks.in(JSON.stringify(read))).toEqual([]);
  });

  it("where settings of all actions are wrong, and their buttons are pressed", async () => inTurn(wrongOfActions));

  it("where a token is in the wrong place, but with the push that carried it", async () => inTurn(misplaced));
});

async function demo(): Promise<void> {
  const [marks, control] = [new Marks(), new Marks("control")];
  const settings = marked(marks, () => "https://nobody.example");
  const { WEBHOOK_TOKEN = "", ADMIN_TOKEN = "" } = settings;
  const places: Place[] = [];
  const { steps, deliveries } = await playDemo({
    settings,
    whileUp: async ({ runtime, systems, persist_to }) => {
      const pusher = pusherTo(runtime.url, WEBHOOK_TOKEN, systems.api);
      await plant(pusher, systems.api, control);
      const by_admin = await adminAnswers(runtime.url, ADMIN_TOKEN, [INCIDENT, ...pusher.incidents]);
      places.push(...pusher.answers, ...by_admin, ...persisted(persist_to), ...asked(systems.calls, systems.served));
      places.push({ kind: "log", where: "the runtime's log", text: runtime.log() });
    },
  });
  places.push(...deliveries.map(({ body }): Place => ({ kind: "answer to a push", where: "the demo", text: body })));
  expect(steps.filter(({ came_true }) => !came_true)).toEqual([]);
  expect(unwanted(places, marks, control)).toEqual([]);
}

/** The receiver's own settings, marked and in order. */
function ownOf(marks: Marks): Settings {
  return Object.fromEntries(Object.entries(marked(marks, () => "")).filter(([name]) => OWN.includes(name)));
}

async function wrongOwn(): Promise<void> {
  const marks = new Marks();
  const vars: Settings = {
    ...Object.fromEntries(OWN.map((name): [string, string] => [name, `${marks.of(name)} with a blank`])),
    FLASHDUTY_API_URL: `https://key:${marks.of("FLASHDUTY_API_URL")}@api.example`,
    ALLOWED_SOURCES: `47.94.95.118, ${marks.of("ALLOWED_SOURCES")}`,
  };
  const persist_to = mkdtempSync(join(tmpdir(), "flashduty-edge-secrets-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const starting = startRuntime({ persist_to, port, vars, ready_within_ms: 15_000 }).then(
    () => "it is healthy",
    (error: unknown) => String(error),
  );
  await until("it answers", async () => (await fetch(`${url}/healthz`).catch(() => null)) !== null);
  const pusher = pusherTo(url, vars["WEBHOOK_TOKEN"] ?? "", createOpenApi({ app_key: "", now: () => Date.now() }));
  const { delivery } = await pusher.press("restart-host");
  expect(delivery.body).toContain("WEBHOOK_TOKEN must be");
  const by_admin = await adminAnswers(url, vars["ADMIN_TOKEN"] ?? "", pusher.incidents);
  const said: Place = { kind: "log", where: "the end of the runtime's log", text: await starting };
  expect(said.text).toContain("settings.faulty");
  expect(leaksIn([...pusher.answers, ...by_admin, ...persisted(persist_to), said], marks)).toEqual([]);
  rmSync(persist_to, { recursive: true, force: true });
}

async function wrongOfActions(): Promise<void> {
  const marks = new Marks();
  const declared = ACTIONS.flatMap(({ connectors }) => connectors.flatMap(({ settings }) => settings));
  const session = await startSession({ settings: { ...wrong(marks, declared), ...ownOf(marks) } });
  for (const { name } of ACTIONS) {
    const { delivery, incident } = await session.press(name, { labels: { resource: "es.nj.01", service: "engine" } });
    expect([name, delivery.status, delivery.body]).toEqual([name, 422, expect.stringMatching(/ must be /)]);
    await until("it is told", () => session.api.comments(incident).length > 0);
  }
  expect(leaksIn(await session.places(), marks)).toEqual([]);
}

async function misplaced(): Promise<void> {
  const marks = new Marks();
  const { WEBHOOK_TOKEN_PREVIOUS: token = "", ...settings } = ownOf(marks);
  const session = await startSession({ settings: { ...settings, WEBHOOK_TOKEN_PREVIOUS: token } });
  const in_query = `token=${encodeURIComponent(token)}`;
  const facts = { incident: 1, at_ms: Date.now(), title: token, description: btoa(token) };
  const body = { ...incidentBody({ ...facts, event_type: "i_new" }), token, headers: { Authorization: token } };
  const statuses = [
    await session.push({ address: `incident?${in_query}`, body }),
    await session.push({ address: `incident?${in_query}`, body }, { token: "" }),
    await session.push({ address: "incident", body }, { headers: { Authorization: token } }),
    await session.push({ address: "incident", body }, { headers: { Authorization: `Basic ${btoa(`:${token}`)}` } }),
    await session.push({ address: "incident", body }, { source: "203.0.113.7" }),
    await session.push({ address: `action/restart-host?${in_query}`, body: { ...body, event_type: "i_custom" } }),
    await session.push({ address: `action/unknown?${in_query}`, body }),
    await session.push({ address: "incident", body: { ...body, title: "{{incident.title}}" } }),
    await session.push({ address: "incident", body: { ...body, incident: token } }),
    await session.push({ address: "incident", body: `{ "token": ${JSON.stringify(token)}` }),
    await session.push({ address: "incident", body: token }),
  ].map(({ status }) => status);
  expect(statuses).toEqual([200, 401, 401, 401, 403, 400, 404, 400, 400, 400, 400]);
  const by_admin = await adminAnswers(session.url, settings["ADMIN_TOKEN"] ?? "", [incidentId(1)]);
  const leaks = leaksIn([...by_admin, ...(await session.places())], marks);
  expect(leaks.some(isKept)).toBe(true);
  expect(leaks.filter((leak) => !isKept(leak))).toEqual([]);
}

/** Whether it is where pushes are kept as they came: the incident's events, and the quarantine. */
function isKept({ name, kind, where }: Leak): boolean {
  const is_kept = kind === "object" || kind === "database" || /\/admin\/api\/(quarantine|incidents\/)/.test(where);
  return is_kept && (name === "WEBHOOK_TOKEN_PREVIOUS" || kind === "object" || kind === "database");
}
