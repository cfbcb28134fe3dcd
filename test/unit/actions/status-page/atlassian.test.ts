// The contract: https://developer.statuspage.io/ , "Create an incident", "Update an incident", "Rate Limiting" (OpenAPI
// description 1.0.0, read in November 2026).
import { describe, expect, it } from "vitest";
import { statuspage } from "../../../../src/actions/status-page/atlassian.ts";
import type { Outcome, Values } from "../../../../src/domain/run.ts";
import { play, type Said, type StandIn } from "../play.ts";
import { type Moved, pushAt, RUN } from "./incident.ts";
import { PAGE, statuspageStandIn, TOKEN } from "./atlassian-stand-in.ts";

const settings = { STATUSPAGE_TOKEN: TOKEN, STATUSPAGE_PAGE: PAGE, STATUSPAGE_COMPONENTS: "api" };
const connector = statuspage<Record<string, never>>();
const LOOK = `GET /v1/pages/${PAGE}/incidents`;

/** One run after the other: what the last that succeeded found is given to the next. */
async function runs(standIn: StandIn, ...moves: (Moved & { may_have_acted?: boolean; unclear_at?: number })[]) {
  let earlier: Values = {};
  let last: Outcome = { kind: "skipped", reason: "" };
  const asked: string[] = [];
  for (const { may_have_acted = false, unclear_at = 0, ...moved } of moves) {
    const run = { ...RUN, may_have_acted, unclear_at };
    const played = await play(connector, standIn, { settings, push: pushAt(moved), earlier, run });
    ({ last } = played);
    asked.push(...played.asked.map(({ method, path }) => `${method} ${path}`));
    if (last.kind === "succeeded") earlier = last.values ?? {};
  }
  return { last, earlier, asked };
}

const ACK = { at: 60, event_type: "i_ack", progress: "Processing" };
const CLOSE = { at: 120, event_type: "i_rslv", progress: "Closed" };

describe("Statuspage", () => {
  it("puts up an entry with a press, and nothing of the incident's words in it", async () => {
    const { standIn, entries, levels } = statuspageStandIn();
    const { last, asked } = await runs(standIn, { title: "es.nj.01 is down" });
    expect(last).toMatchObject({
      kind: "succeeded",
      summary: "put up on the status page: investigating, components full outage",
      links: ["https://stspg.io/p1"],
      values: { page: PAGE, entry: "p1", status: "investigating", component_status: "full_outage" },
    });
    expect(asked).toEqual([LOOK, `POST /v1/pages/${PAGE}/incidents`]);
    expect(entries).toMatchObject([{ name: "Service disruption", status: "investigating", component_ids: ["api"] }]);
    expect(JSON.stringify(entries)).not.toContain("es.nj.01");
    expect(levels.get("api")).toBe("major_outage");
  });

  it("follows the incident to its end with one entry, two requests a run", async () => {
    const { standIn, entries, levels } = statuspageStandIn();
    const lower = { ...ACK, at: 90, event_type: "i_r_severity", severity: "Warning" };
    const { last, asked } = await runs(standIn, {}, ACK, lower, CLOSE);
    expect(last).toMatchObject({ kind: "succeeded", values: { entry: "p1", status: "resolved" } });
    expect(entries.map(({ incident_updates }) => incident_updates.map(({ status }) => status).toReversed())).toEqual([
      ["investigating", "identified", "identified", "resolved"],
    ]);
    expect(asked.slice(2)).toEqual(
      Array.from({ length: 3 }, () => [`${LOOK}/p1`, `PATCH /v1/pages/${PAGE}/incidents/p1`]).flat(),
    );
    expect([...levels]).toEqual([
      ["api", "operational"],
      ["web", "operational"],
    ]);
  });

  it("says nothing twice, however often the button is pressed", async () => {
    const { standIn, entries } = statuspageStandIn();
    const { last } = await runs(standIn, {}, { at: 5 }, { at: 9 });
    expect(last).toMatchObject({ kind: "succeeded", summary: "the status page says so already; nothing was added" });
    expect(entries.flatMap(({ incident_updates }) => incident_updates)).toHaveLength(1);
  });

  it("opens the entry again when the incident is", async () => {
    const { standIn, entries } = statuspageStandIn();
    const { last } = await runs(standIn, {}, CLOSE, { at: 200, event_type: "i_reopen" });
    expect(last).toMatchObject({
      kind: "succeeded",
      summary: "opened again on the status page: investigating, components full outage",
    });
    expect(entries).toMatchObject([{ status: "investigating" }]);
  });

  it("finds what was put up by an attempt whose answer was lost, among those of others", async () => {
    const { standIn, entries } = statuspageStandIn();
    const lost: StandIn = (asked) => {
      const said = standIn(asked);
      return asked.method === "GET" ? said : "silence";
    };
    expect((await runs(lost, {})).last.kind).toBe("unclear");
    entries.unshift({
      id: "other",
      name: "",
      status: "investigating",
      metadata: { flashduty: { ...entries[0]?.metadata["flashduty"], incident_id: "another" } },
      component_ids: [],
      incident_updates: [],
    });
    const { last } = await runs(standIn, { may_have_acted: true });
    expect(last).toMatchObject({ kind: "succeeded", values: { entry: "p1" } });
    expect(entries).toHaveLength(2);
  });

  it("puts up nothing again while what an attempt put up may still show, and finds it once it does", async () => {
    const { standIn, entries } = statuspageStandIn();
    let shows = false;
    const late: StandIn = (asked) => {
      const said = standIn(asked);
      if (asked.method !== "GET") return "silence";
      return shows ? said : { status: 200, json: [] };
    };
    expect((await runs(late, {})).last.kind).toBe("unclear");
    const held = await runs(late, { may_have_acted: true, unclear_at: Date.now() });
    expect(held.last).toMatchObject({ kind: "held", after_ms: 10_000 });
    expect(held.asked).toEqual([LOOK]);
    shows = true;
    const found = await runs(late, { may_have_acted: true, unclear_at: Date.now() - 10_000 });
    expect(found.last).toMatchObject({ kind: "succeeded", values: { entry: "p1" } });
    expect(entries).toHaveLength(1);
  });

  it("puts it up after two minutes, where nothing shows", async () => {
    const { standIn, entries } = statuspageStandIn();
    const { last } = await runs(standIn, { may_have_acted: true, unclear_at: Date.now() - 120_000 });
    expect(last).toMatchObject({ kind: "succeeded", values: { entry: "p1" } });
    expect(entries).toHaveLength(1);
  });

  it("keeps what others have added to the entry, and puts that in order at its end, too", async () => {
    const { standIn, entries, levels } = statuspageStandIn();
    const { earlier } = await runs(standIn, {});
    const [entry] = entries;
    entry?.component_ids.push("web");
    Object.assign(entry?.metadata ?? {}, { jira: { issue_id: "OPS-1" } });
    levels.set("web", "degraded_performance");
    await play(connector, standIn, { settings, earlier, run: RUN, push: pushAt(ACK) });
    expect(entries).toMatchObject([{ metadata: { jira: { issue_id: "OPS-1" } }, component_ids: ["api", "web"] }]);
    expect(levels.get("web")).toBe("degraded_performance");
    await play(connector, standIn, { settings, earlier, run: RUN, push: pushAt(CLOSE) });
    expect(levels.get("web")).toBe("operational");
  });

  it("puts up no new entry for one that was deleted, unless the button is pressed", async () => {
    const { standIn, entries } = statuspageStandIn();
    const { earlier } = await runs(standIn, {});
    entries.length = 0;
    const follow_up = await play(connector, standIn, { settings, earlier, run: RUN, push: pushAt(ACK) });
    expect(follow_up.last).toMatchObject({ kind: "skipped" });
    const close = await play(connector, standIn, { settings, earlier, run: RUN, push: pushAt({ ...CLOSE, at: 65 }) });
    expect(close.last).toMatchObject({ kind: "succeeded", values: { entry: "p1" } });
    const press = await play(connector, standIn, { settings, earlier, run: RUN, push: pushAt({ at: 70 }) });
    expect(press.last).toMatchObject({ kind: "succeeded" });
    expect(entries).toHaveLength(1);
  });

  it("does without components", async () => {
    const { standIn, entries } = statuspageStandIn();
    const { STATUSPAGE_COMPONENTS: _, ...without } = settings;
    const { last } = await play(connector, standIn, { settings: without, push: pushAt(), run: RUN });
    expect(last).toMatchObject({ kind: "succeeded", summary: "put up on the status page: investigating" });
    expect(entries).toMatchObject([{ component_ids: [] }]);
  });
});

/** Everything is answered so, or only what writes. */
function saying(said: Said, writes_only: boolean): StandIn {
  return (asked) => (writes_only && asked.method === "GET" ? statuspageStandIn().standIn(asked) : said);
}

describe("Statuspage, where it does not answer as it should", () => {
  it.each<[string, Said, boolean, string, string]>([
    [
      "a wrong key",
      { status: 401, json: { error: "Could not authenticate" } },
      false,
      "failed",
      "credential is not valid",
    ],
    ["an unknown page", { status: 404, json: { error: "not found" } }, false, "failed", "no such thing"],
    [
      "too many requests, as it used to say it",
      { status: 420, headers: { "Retry-After": "60" } },
      false,
      "later",
      "420",
    ],
    ["too many requests", { status: 429, headers: { "Retry-After": "60" } }, true, "later", "429"],
    ["an outage while looking", { status: 502 }, false, "later", "502"],
    ["silence while looking", "silence", false, "later", "could not be reached"],
    ["a page that is no JSON while looking", { status: 200, text: "<html>" }, false, "later", "not as expected"],
    ["a refusal", { status: 422, json: { message: "Name is too long" } }, true, "failed", "Name is too long"],
    ["an outage while looking, as its proxy says it", { status: 503 }, false, "later", "503"],
    ["an outage after writing", { status: 503 }, true, "unclear", "503"],
    ["silence after writing", "silence", true, "unclear", "could not be reached"],
    ["an odd answer to writing", { status: 201, text: "created" }, true, "unclear", "not as expected"],
  ])("%s", async (_, said, writes_only, kind, reason) => {
    const { last } = await runs(saying(said, writes_only), {});
    expect(last.kind).toBe(kind);
    expect("reason" in last && last.reason).toContain(reason);
  });

  it("leaves open what an attempt did whose traces may not be looked for any more", async () => {
    const { last } = await runs(saying({ status: 401 }, false), { may_have_acted: true });
    expect(last.kind).toBe("unclear");
  });

  it("says what to do where a resolved entry cannot be opened again", async () => {
    const { standIn, entries } = statuspageStandIn();
    const { earlier } = await runs(standIn, {}, CLOSE);
    const closed: StandIn = (asked) => (asked.method === "PATCH" ? { status: 422, json: {} } : standIn(asked));
    const push = pushAt({ at: 200, event_type: "i_reopen" });
    const { last } = await play(connector, closed, { settings, earlier, run: RUN, push });
    expect(last).toMatchObject({
      kind: "failed",
      reason: "the target answered 422. The entry was resolved; open it again by hand",
    });
    expect(entries).toHaveLength(1);
  });
});
