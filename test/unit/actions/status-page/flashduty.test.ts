// The contract: the vendor's OpenAPI description, operations /status-page/change/* ; and what becomes of an entry after it
// was resolved: https://docs.flashcat.cloud/en/on-call/statuspage/publish-events , "Reopen an event" (read in November 2026).
import { afterEach, describe, expect, it } from "vitest";
import { choose } from "../../../../src/actions/choose.ts";
import { action } from "../../../../src/actions/action.ts";
import { statuspage } from "../../../../src/actions/status-page/atlassian.ts";
import { flashdutyStatusPage } from "../../../../src/actions/status-page/flashduty.ts";
import type { Outcome, Values } from "../../../../src/domain/run.ts";
import type { Behaviour } from "../../../simulator/open-api.ts";
import { APP_KEY, flashdutyStandIn, PAGE_ID } from "./flashduty-stand-in.ts";
import { play } from "../play.ts";
import { INCIDENT, type Moved, pushAt, RUN } from "./incident.ts";

const settings = {
  FLASHDUTY_APP_KEY: APP_KEY,
  FLASHDUTY_PAGE_ID: String(PAGE_ID),
  FLASHDUTY_PAGE_COMPONENTS: "api, web",
};
const connector = flashdutyStatusPage<Record<string, never>>();
const CREATE = "/status-page/change/create";
const APPEND = "/status-page/change/timeline/create";
const LIST = "/status-page/change/list";

let stand = flashdutyStandIn();
afterEach(() => {
  expect(stand.api.violations).toEqual([]);
  stand = flashdutyStandIn();
});

type Move = Moved & { may_have_acted?: boolean; unclear_at?: number };

/** One run after the other: what the last that succeeded found is given to the next. */
async function runs(...moves: Move[]): Promise<{ last: Outcome; earlier: Values }> {
  let earlier: Values = {};
  let last: Outcome = { kind: "skipped", reason: "" };
  for (const { may_have_acted = false, unclear_at = 0, ...moved } of moves) {
    stand.clock.now_ms += 60_000;
    const run = { ...RUN, may_have_acted, unclear_at };
    const circumstances = { settings, push: pushAt(moved), earlier, run, flashduty: stand.client };
    ({ last } = await play(connector, () => "silence", circumstances));
    if (last.kind === "succeeded") earlier = last.values ?? {};
  }
  return { last, earlier };
}

const entries = () => stand.api.changes(PAGE_ID);
const ACK = { at: 60, event_type: "i_ack", progress: "Processing" };
const CLOSE = { at: 120, event_type: "i_rslv", progress: "Closed" };

describe("Flashduty's status page", () => {
  it("puts up an entry with a press, marked with the incident's id, and nothing of its words in it", async () => {
    const { last } = await runs({ title: "es.nj.01 is down" });
    expect(last).toMatchObject({
      kind: "succeeded",
      summary: "put up on the status page: investigating, components full outage",
      values: { page: String(PAGE_ID), status: "investigating", component_status: "full_outage" },
    });
    const [entry] = entries();
    expect(entry).toMatchObject({ title: "Service disruption", status: "investigating", notify_subscribers: true });
    expect(entry?.description).toMatch(new RegExp(`^We have noticed .*\n\nref:${INCIDENT}-[0-9a-z]+$`));
    expect(entry?.affected_components).toMatchObject([{ status: "full_outage" }, { status: "full_outage" }]);
    expect(JSON.stringify(entries())).not.toContain("es.nj.01");
  });

  it("follows the incident to its end with one entry, and puts its components in order again", async () => {
    const { last } = await runs({}, ACK, { ...ACK, at: 90, event_type: "i_r_severity", severity: "Info" }, CLOSE);
    expect(last).toMatchObject({ kind: "succeeded", values: { status: "resolved", component_status: "operational" } });
    expect(entries()).toHaveLength(1);
    expect(entries()[0]?.updates.map(({ status }) => status)).toEqual([
      "investigating",
      "identified",
      "identified",
      "resolved",
    ]);
    expect(entries()[0]?.affected_components.map(({ status }) => status)).toEqual(["operational", "operational"]);
  });

  it("resolves what a person has added, too", async () => {
    const { earlier } = await runs({});
    const update = { status: "identified" as const, description: "More is affected.", component_changes: [] };
    const change_id = Number(earlier["entry"]);
    await stand.client.addToTimeline({ page_id: PAGE_ID, change_id, ...update });
    const only_api = { ...settings, FLASHDUTY_PAGE_COMPONENTS: "api" };
    const circumstances = { settings: only_api, push: pushAt(CLOSE), earlier, run: RUN, flashduty: stand.client };
    const { last } = await play(connector, () => "silence", circumstances);
    expect(last.kind).toBe("succeeded");
    expect(entries()).toMatchObject([{ status: "resolved" }]);
  });

  it("says nothing twice, however often the button is pressed", async () => {
    const { last } = await runs({}, { at: 5 }, { at: 9 });
    expect(last).toMatchObject({ kind: "succeeded", summary: "the status page says so already; nothing was added" });
    expect(entries().flatMap(({ updates }) => updates)).toHaveLength(1);
  });

  it("opens the entry again when the incident is", async () => {
    const { last } = await runs({}, CLOSE, { at: 200, event_type: "i_reopen" });
    expect(last).toMatchObject({
      kind: "succeeded",
      summary: "opened again on the status page: investigating, components full outage",
    });
    expect(entries()).toMatchObject([{ status: "investigating" }]);
  });

  it("puts nothing up for an incident that is closed by now", async () => {
    stand.api.change_incident(INCIDENT, { progress: "Closed" });
    const { last } = await runs({});
    expect(last).toMatchObject({
      kind: "skipped",
      reason: "the incident is closed by now; nothing was put up on the status page",
    });
    expect(entries()).toEqual([]);
  });

  it.each<[string, string, Move[]]>([
    ["a new entry's", CREATE, [{}, { may_have_acted: true }]],
    ["an update's", APPEND, [{}, ACK, { ...ACK, may_have_acted: true }]],
    ["the last update's", APPEND, [{}, CLOSE, { ...CLOSE, may_have_acted: true }]],
  ])("finds what it said where %s answer was lost", async (_, path, moves) => {
    stand.api.behave(path, { no_answer: "closes", done: true }, {});
    const { last } = await runs(...moves);
    expect(last.kind === "succeeded" && last.summary).toContain("already");
    expect(entries()).toHaveLength(1);
    expect(entries()[0]?.updates).toHaveLength(moves.length - 1);
  });

  it("puts up nothing again until two minutes after an attempt whose entry does not show", async () => {
    const held = await runs({ may_have_acted: true, unclear_at: Date.now() });
    expect(held.last).toMatchObject({ kind: "held", after_ms: 10_000 });
    expect(entries()).toEqual([]);
    const then = await runs({ may_have_acted: true, unclear_at: Date.now() - 120_000 });
    expect(then.last.kind).toBe("succeeded");
    expect(entries()).toHaveLength(1);
  });

  it("adds to an entry that is there without waiting, however lately an attempt was lost", async () => {
    const { last } = await runs({}, { ...ACK, may_have_acted: true, unclear_at: Date.now() });
    expect(last.kind).toBe("succeeded");
    expect(entries()[0]?.updates).toHaveLength(2);
  });

  it.each(["monitoring", "resolved"] as const)("finds an entry that a person has made %s meanwhile", async (status) => {
    const { earlier } = await runs({});
    const component_changes = ["api", "web"].map((component_id) => ({ component_id, status: "operational" as const }));
    const update = { page_id: PAGE_ID, change_id: Number(earlier["entry"]), status, component_changes };
    await stand.client.addToTimeline({ ...update, description: "We think it is over." });
    const { last } = await runs({ at: 30, may_have_acted: true });
    expect(last).toMatchObject({ kind: "succeeded", values: { entry: earlier["entry"] } });
    expect(entries()).toHaveLength(1);
  });

  it("puts up no new entry for one that was deleted, unless the button is pressed", async () => {
    const earlier = { page: String(PAGE_ID), entry: "17", event_time: 1, status: "investigating" };
    const circumstances = { settings, earlier, run: RUN, flashduty: stand.client };
    const follow_up = await play(connector, () => "silence", { ...circumstances, push: pushAt(ACK) });
    expect(follow_up.last).toMatchObject({ kind: "skipped" });
    const press = await play(connector, () => "silence", { ...circumstances, push: pushAt({ at: 70 }) });
    expect(press.last).toMatchObject({ kind: "succeeded" });
    expect(entries()).toHaveLength(1);
  });

  it("does not take the entry of another incident for its own", async () => {
    const update = {
      description: `A title that ends with ref:${INCIDENT}-abc\n\nref:69da-mp2x1c`,
      component_changes: [{ component_id: "api", status: "degraded" as const }],
    };
    const other = { page_id: PAGE_ID, title: "Other", description: update.description, status: "identified" as const };
    await stand.client.createChange({ ...other, update, notify_subscribers: false });
    await runs({});
    expect(entries()).toHaveLength(2);
  });
});

describe("Flashduty's status page, where it does not answer as it should", () => {
  it.each<[string, string, Behaviour, string, string]>([
    ["a wrong key", LIST, { status: 401 }, "failed", "Unauthorized"],
    ["too many calls", LIST, { status: 429 }, "later", "RequestTooFrequently"],
    ["an outage while looking", LIST, { status: 502 }, "later", "502"],
    ["silence while looking", LIST, { no_answer: "closes" }, "later", "could not be reached"],
    ["a key without the right", CREATE, { status: 403 }, "failed", "AccessDenied"],
    ["an error with status 200", CREATE, { code: "InvalidParameter" }, "failed", "InvalidParameter"],
    ["an error of its own after writing", CREATE, { status: 500, done: true }, "unclear", "InternalError"],
    ["silence after writing", CREATE, { no_answer: "closes" }, "unclear", "could not be reached"],
  ])("%s", async (_, path, behaviour, kind, reason) => {
    stand.api.behave(path, behaviour);
    const { last } = await runs({});
    expect(last.kind).toBe(kind);
    expect("reason" in last && last.reason).toContain(reason);
    expect(JSON.stringify(last)).not.toContain(APP_KEY);
  });

  it("leaves open what an attempt did whose traces may not be looked for any more", async () => {
    stand.api.behave(LIST, { status: 403 });
    expect((await runs({ may_have_acted: true })).last.kind).toBe("unclear");
  });

  it("waits for its turn where the quota is used up", async () => {
    stand = flashdutyStandIn({ taken: 3_000 });
    expect((await runs({})).last).toMatchObject({ kind: "held", after_ms: 3_000 });
  });

  it("fails without a client, and without a component", async () => {
    const circumstances = { settings, push: pushAt(), run: RUN };
    const { last } = await play(connector, () => "silence", circumstances);
    expect(last.kind === "failed" && last.reason).toContain("FLASHDUTY_APP_KEY");
    const none = flashdutyStatusPage<Record<string, never>>({ components: () => [] });
    const { FLASHDUTY_PAGE_COMPONENTS: _, ...without } = settings;
    const bare = await play(none, () => "silence", { ...circumstances, settings: without, flashduty: stand.client });
    expect(bare.last.kind === "failed" && bare.last.reason).toContain("without a component");
  });

  it("names what is missing, and a page's id that is none", () => {
    const update = action({ summary: "update", params: {} }, [connector]);
    const chosen = (env: object) => choose(update, env as unknown as Env); // oxlint-disable-line typescript/no-unsafe-type-assertion
    const { FLASHDUTY_APP_KEY: _, ...without } = settings;
    expect(JSON.stringify(chosen(without))).toContain("FLASHDUTY_APP_KEY is missing");
    const odd = { ...settings, FLASHDUTY_PAGE_ID: "my-page" };
    expect(JSON.stringify(chosen(odd))).toContain("FLASHDUTY_PAGE_ID must be the page's id, a whole number");
  });

  it("is not begun with by the key alone, which others need as well", () => {
    const update = action({ summary: "update", params: {} }, [connector, statuspage()]);
    const env = { FLASHDUTY_APP_KEY: APP_KEY, STATUSPAGE_PAGE: "p1" } as unknown as Env; // oxlint-disable-line typescript/no-unsafe-type-assertion
    expect(choose(update, env)).toMatchObject({
      ok: false,
      faults: [expect.stringContaining("STATUSPAGE_TOKEN is missing")],
    });
  });

  it("can stand twice in one action, each with its own settings", async () => {
    const other = flashdutyStatusPage<Record<string, never>>({ settings: "INTERNAL_PAGE" });
    expect([connector.name, other.name]).toEqual([
      "Flashduty status page (FLASHDUTY_PAGE)",
      "Flashduty status page (INTERNAL_PAGE)",
    ]);
    expect(() => action({ summary: "update", params: {} }, [connector, other])).not.toThrow();
    const own = { FLASHDUTY_APP_KEY: APP_KEY, INTERNAL_PAGE_ID: String(PAGE_ID), INTERNAL_PAGE_COMPONENTS: "web" };
    const circumstances = { settings: own, push: pushAt(), run: RUN, flashduty: stand.client };
    expect((await play(other, () => "silence", circumstances)).last.kind).toBe("succeeded");
    expect(entries()).toMatchObject([{ affected_components: [{ component_id: "web" }] }]);
  });
});
