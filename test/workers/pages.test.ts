// The pages in the real runtime: each shows what is there, asks once more before anything is done, and does it by a plain form.
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { Asked } from "../../src/domain/plan.ts";
import { keep } from "../../src/receive/quarantine.ts";
import { keepDrift } from "../../src/tally/drift.ts";
import { entriesOf, incidentView, runView, switchTo, switchView } from "./admin.ts";
import { linesOf } from "./logged.ts";
import { fail, hang, incidentsWith, standIn } from "./platform.ts";
import { type Changes, eventBody, INCIDENT, newIncident } from "./push.ts";
import { aRun, anEvent, bringIndexUpToDate, holdMessages, incident } from "./taken.ts";
import { passTime } from "./until.ts";
import { FORM, logIn, visit } from "./visitor.ts";

const WAITING: Partial<Asked> = { approval: { within_ms: 600_000, not_by: [] } };
const FAILED: Partial<Asked> = { refused: { state: "failed", reason: "RESTART_HOST_URL is missing" } };

let cookie: string;
let incident_id: string;
let entry_id: string;

beforeEach(async () => {
  holdMessages();
  cookie = await logIn();
  incident_id = newIncident();
  await take(WAITING);
  entry_id = await keep(env.DB, {
    why: "unknown_source",
    detail: "It came from 203.0.113.7",
    path_and_query: INCIDENT,
    source: "203.0.113.7",
    received_at: Date.now(),
    body: JSON.stringify(eventBody(incident_id, { event_id: "event-9" })),
  });
  await keepDrift(
    env.DB,
    [{ kind: "field", what: "incident.moon", example: '"full"' }],
    { incident_id, event_id: "event-1" },
    1,
  );
});

/** The incident's event, with a run for it. */
async function take(run: Partial<Asked>): Promise<void> {
  await incident(incident_id).receiveWithConsent(anEvent(incident_id, { now: Date.now() }), [aRun(run)], null);
  await bringIndexUpToDate(incident_id);
}

const run_id = () => `${incident_id}:event-1:restart-host`;
const atRun = (more = "") => `/runs/${encodeURIComponent(run_id())}${more}`;

async function get(path: string, changes?: Changes, headers: Record<string, string> = {}) {
  const response = await visit(
    `/admin${path}`,
    { headers: { Cookie: cookie, Accept: "text/html", ...headers } },
    changes,
  );
  return { status: response.status, html: await response.text(), headers: response.headers };
}

/** Guards whose switches answer so. */
function guardWith(switches: () => Promise<never>): Changes {
  return { GUARD: standIn(env.GUARD, { getByName: () => ({ switches }) }) };
}

/** The ids of the incidents that are listed. */
function listedIn(page: string): string[] {
  return Array.from(page.matchAll(/<tr id="incident-([^"]*)"/g), ([, id = ""]) => id);
}

async function send(path: string, body: Record<string, string> = {}, headers: Record<string, string> = {}) {
  const sent = { method: "POST", headers: { ...FORM, Cookie: cookie, ...headers }, body };
  const response = await visit(`/admin${path}`, sent);
  return { status: response.status, to: response.headers.get("Location"), html: await response.text() };
}

describe("a page shows", () => {
  it.each<[string, () => string, RegExp[]]>([
    ["the overview", () => "", [/>Overview</, /\/approve"/, /in quarantine/, /dry run|Ready|Not set up/]],
    ["incidents", () => `/incidents?q=${incident_id}`, [/Triggered/, /es\.nj\.01/]],
    ["runs", () => "/runs?state=awaiting_approval", [/awaits approval/, /es\.nj\.01/]],
    [
      "the runs of one incident, and keeps to it",
      () => `/runs?incident_id=${incident_id}`,
      [/name="incident_id" value="[^"]/, /es\.nj\.01/],
    ],
    ["one incident", () => `/incidents/${incident_id}`, [/Its life/, /restart-host/, /class="chart/, /opened/]],
    ["one event", () => `/incidents/${incident_id}/events/event-1`, [/Body as received/, /&quot;event_id&quot;/]],
    ["one run", atRun, [/Run: restart-host on es\.nj\.01/, /a button was pressed/, /\/cancel"/]],
    ["the quarantine", () => "/quarantine", [/source not listed/, /203\.0\.113\.7/]],
    [
      "one entry of it",
      () => `/quarantine/${entry_id}`,
      [/It would be taken, but a newer event is there/, /\/replay"/, /\/delete"/],
    ],
    ["the switch", () => "/switch", [/everything/, /update-status-page/, /\/switch\/stop\?action=enrich"/]],
    ["the drift", () => "/drift", [/incident\.moon/, /known-fields\.ts/]],
  ])("%s", async (_, path, expected) => {
    const { status, html, headers } = await get(path());
    expect([status, headers.get("Content-Type")]).toEqual([200, "text/html; charset=utf-8"]);
    for (const one of expected) expect(html).toMatch(one);
    expect(headers.get("Content-Security-Policy")).toMatch(/default-src 'none'.*style-src 'self'/);
  });

  it("itself in Chinese to whose browser wants it", async () => {
    const { html } = await get("/switch", {}, { "Accept-Language": "zh-CN,zh;q=0.9" });
    expect(html).toMatch(/<html lang="zh-CN">.*开关.*变更记录/s);
  });

  it("a list page by page, with its filters", async () => {
    incident_id = newIncident();
    await take(WAITING);
    const { html } = await get("/incidents?progress=Triggered&limit=1&q=");
    const next = /rel="next" href="([^"]*)"/.exec(html)?.[1]?.replaceAll("&amp;", "&");
    expect(next).toMatch(/^\?progress=Triggered&limit=1&.*cursor=\d+/);
    const second = await get(`/incidents${next}`);
    expect(second.html).toContain("First page");
    expect([listedIn(html), listedIn(second.html)]).toEqual([[incident_id], [expect.not.stringMatching(incident_id)]]);
  });

  it.each([
    ["/incidents/nothing", 404],
    ["/incidents/nothing/events/none", 404],
    ["/runs/nothing", 404],
    ["/runs/nothing/approve", 404],
    ["/quarantine/nothing", 404],
    ["/quarantine/nothing/replay", 404],
    ["/nothing", 404],
    ["/nothing/at/all?q=1", 404],
    ["/incidents?cursor=nonsense", 400],
    ["/runs?state=nonsense", 400],
  ])("at %s why there is nothing: %i", async (path, expected) => {
    const { status, html } = await get(path);
    expect([status, /role="alert"/.test(html), /<h1>/.test(html)]).toEqual([expected, true, true]);
  });

  it.each([
    ["/nothing", { Accept: "*/*" }],
    ["/api/nothing", {}],
  ])("at %s, to a program, as a problem", async (path, headers) => {
    const { status, html, headers: told } = await get(path, {}, headers);
    expect([status, told.get("Content-Type")]).toEqual([404, "application/problem+json"]);
    expect(JSON.parse(html)).toMatchObject({ status: 404 });
  });

  it.each([
    ["/", "/admin"],
    ["/incidents/?q=1", "/admin/incidents?q=1"],
  ])("at %s, as addresses are typed, the way to %s", async (path, place) => {
    const { status, headers } = await get(path);
    const to = new URL(headers.get("Location") ?? "", "https://edge.example");
    expect([status, to.pathname + to.search]).toEqual([301, place]);
  });

  it("nothing of it to whoever has not logged in", async () => {
    cookie = "";
    const { status, headers } = await get("/nothing");
    expect([status, headers.get("Location")]).toEqual([303, "/admin/login?to=%2Fadmin%2Fnothing"]);
  });

  it("what there is, where the database does not answer", async () => {
    const DB = standIn(env.DB, {
      prepare: () => {
        throw new Error("out of order");
      },
    });
    const { status, html } = await get("", { DB });
    expect([status, html.includes("This part did not answer in time."), html.includes("restart the host")]).toEqual([
      200,
      true,
      true,
    ]);
    expect(html).not.toContain("Nothing waits for you.");
  });

  it("that it cannot be shown, where the incident never answers", async () => {
    const asked = get(`/incidents/${incident_id}`, { INCIDENT: incidentsWith({ show: hang }) });
    await passTime(5_000);
    expect((await asked).status).toBe(500);
  });

  it("that something broke, and no more of it", async () => {
    const { status, html } = await get(`/incidents/${incident_id}`, { INCIDENT: incidentsWith({ show: fail }) });
    expect([status, /<h1>.*It did not work/.test(html), html.includes("out of order")]).toEqual([500, true, false]);
  });
});

describe("asked once more", () => {
  it.each([
    ["replay", [{ part: "/api/quarantine/:id/preview" }]],
    ["delete", []],
  ])("%s looks at the incident only where that is shown", async (what, failed) => {
    const INCIDENT = standIn(env.INCIDENT, {
      getByName: () => {
        throw new Error("out of order");
      },
    });
    expect(await get(`/quarantine/${entry_id}/${what}`, { INCIDENT })).toMatchObject({ status: 200 });
    expect(linesOf("part.failed")).toMatchObject(failed);
  });

  it.each<[string, () => string, RegExp[]]>([
    ["to approve", () => atRun("/approve"), [/Approve this run\?/, /restart-host/, /es\.nj\.01/, /starts at once/]],
    ["to cancel", () => atRun("/cancel"), [/Cancel this run\?/, /name="reason"/]],
    [
      "to start over",
      () => atRun("/retry"),
      [/Start this run over\?/, /name="override"/, /cool-down/, /approval first/],
    ],
    [
      "to replay",
      () => `/quarantine/${entry_id}/replay`,
      [/Replay this push\?/, /It would be taken, but a newer event is there/],
    ],
    ["to delete", () => `/quarantine/${entry_id}/delete`, [/Delete this push\?/]],
    ["to stop everything", () => "/switch/stop", [/Stop everything\?/, /name="reason"/]],
    ["to stop one action", () => "/switch/stop?action=restart-host", [/Stop restart-host\?/]],
    ["to let go on", () => "/switch/go-on", [/Let everything go on\?/]],
    ["to close a breaker", () => "/switch/close-breaker?action=rollback", [/Close the breaker of rollback\?/]],
  ])("%s, a page says what will happen, and nothing happens yet", async (_, path, expected) => {
    const before = await incidentView(incident_id);
    const { status, html } = await get(path());
    expect([status, html.includes("Please confirm"), /<form method="post"/.test(html)]).toEqual([200, true, true]);
    for (const one of expected) expect(html).toMatch(one);
    expect(await incidentView(incident_id)).toEqual(before);
    expect((await switchView()).stops).toEqual([]);
  });

  it("it says that what would start is stopped", async () => {
    await switchTo({ set: "stopped", by: "wangwu", reason: "a storm" });
    expect((await get(atRun("/approve"))).html).toContain("It is stopped now");
    await switchTo({ set: "running", by: "wangwu", reason: "over" });
    expect((await get(atRun("/approve"))).html).not.toContain("It is stopped now");
  });

  it("it is asked all the same where the switch fails, or hangs", async () => {
    expect((await get(atRun("/approve"), guardWith(fail))).status).toBe(200);
    const [{ status }] = await Promise.all([get(atRun("/approve"), guardWith(hang)), passTime(1_000)]);
    expect(status).toBe(200);
  });

  it("an entry of the quarantine is shown, and says so, where nobody knows what a replay would do", async () => {
    const INCIDENT = incidentsWith({ foresee: fail });
    const { status, html } = await get(`/quarantine/${entry_id}`, { INCIDENT });
    expect([status, html.includes("could not be found out")]).toEqual([200, true]);
  });
});

describe("confirmed", () => {
  it("an approval is given in the name of who has logged in, whatever the form says", async () => {
    const { status, to } = await send(atRun("/approve"), { by: "somebody else" });
    expect([status, to]).toEqual([303, `/admin${atRun()}`]);
    expect(await runView(run_id())).toMatchObject({ approved_by: "lisi" });
  });

  it("a run is cancelled, with the reason", async () => {
    expect(await send(atRun("/cancel"), { reason: "cleaned by hand" })).toMatchObject({ status: 303 });
    expect(await runView(run_id())).toMatchObject({ state: "cancelled", reason: "cleaned by hand" });
  });

  it.each([
    [{}, ""],
    [{ override: "on" }, "lisi"],
  ])("a failed run is started over, with the form %j", async (form, override_by) => {
    incident_id = newIncident();
    await take(FAILED);
    expect(await send(atRun("/retry"), form)).toMatchObject({ status: 303, to: `/admin${atRun()}` });
    expect(await runView(run_id())).toMatchObject({ round: 1, override_by });
  });

  it("a push is replayed, and marked", async () => {
    const { status, to } = await send(`/quarantine/${entry_id}/replay`);
    expect([status, to]).toEqual([303, `/admin/incidents/${incident_id}`]);
    expect((await get(`/incidents/${incident_id}`)).html).toMatch(/replayed by <bdi>lisi/);
    expect((await get(`/quarantine/${entry_id}`)).status).toBe(404);
  });

  it("a push is deleted", async () => {
    const body = JSON.stringify(eventBody(incident_id, { event_id: "event-9" }));
    expect(await send(`/quarantine/${entry_id}/delete`)).toMatchObject({ status: 303, to: "/admin/quarantine" });
    expect(await entriesOf(body)).toEqual([]);
  });

  it.each([
    ["stop?action=enrich", "go-on?action=enrich", "enrich"],
    ["stop", "go-on", null],
  ])("/switch/%s stops, and /switch/%s lets it go on", async (stop, go_on, action) => {
    expect(await send(`/switch/${stop}`, { reason: "a storm" })).toMatchObject({ status: 303, to: "/admin/switch" });
    expect((await switchView()).stops).toMatchObject([{ action, by: "lisi", reason: "a storm" }]);
    expect(await send(`/switch/${go_on}`, { reason: "over" })).toMatchObject({ status: 303 });
    expect((await switchView()).stops).toEqual([]);
  });

  it("a breaker is closed", async () => {
    await send("/switch/close-breaker?action=rollback", { reason: "the registry is back" });
    expect((await switchView()).rulings[0]).toMatchObject({ what: "breaker_closed", action: "rollback", by: "lisi" });
  });

  it("a program says in whose name", async () => {
    const headers = { ...FORM, Authorization: `Bearer ${env.ADMIN_TOKEN}` };
    const nobody = await visit(`/admin${atRun("/approve")}`, { method: "POST", headers, body: {} });
    expect(nobody.status).toBe(400);
    const named = await visit(`/admin${atRun("/approve")}`, { method: "POST", headers, body: { by: "deploy-bot" } });
    expect(named.status).toBe(303);
    expect(await runView(run_id())).toMatchObject({ approved_by: "deploy-bot" });
  });
});

describe("what cannot be done is told on the page that asked, and is not done:", () => {
  it.each<[string, () => string, Record<string, string>, number, RegExp]>([
    ["no reason", () => atRun("/cancel"), { reason: "  " }, 400, /role="alert".*reason/s],
    ["too long a reason", () => "/switch/stop", { reason: "a".repeat(501) }, 400, /role="alert".*reason/s],
    ["a state that does not allow it", () => atRun("/retry"), {}, 409, /role="alert".*awaiting_approval/s],
    ["an action that is none", () => "/switch/stop?action=nothing", { reason: "a" }, 400, /role="alert".*action/s],
    ["everything's breaker", () => "/switch/close-breaker", { reason: "a" }, 400, /role="alert".*action/s],
  ])("%s", async (_, path, form, expected, said) => {
    const before = await incidentView(incident_id);
    const { status, html } = await send(path(), form);
    expect(status).toBe(expected);
    expect(html).toMatch(said);
    expect([await incidentView(incident_id), (await switchView()).stops]).toEqual([before, []]);
  });

  it("what was written into the form is still there", async () => {
    const { html } = await send("/switch/stop?action=nothing", { reason: 'the "moon"' });
    expect(html).toContain('value="the &quot;moon&quot;"');
  });

  it("a form of another site", async () => {
    const { status } = await send(atRun("/approve"), {}, { Origin: "https://evil.example" });
    expect(status).toBe(403);
    expect(await runView(run_id())).toMatchObject({ state: "awaiting_approval" });
  });
});
