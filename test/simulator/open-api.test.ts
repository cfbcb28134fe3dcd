// The stand-in answers for the vendor in every test that writes to an incident, so each of its calls is tried first, and held
// against the vendor's description. Where that is not at hand, the tables still judge.

import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  another_id,
  api_component,
  ask,
  get,
  incident_id,
  page_id,
  standIn,
  started_ms,
  web,
} from "./open-api-asking.ts";
import type { Asking } from "./open-api-asking.ts";
import type { OpenApi } from "./open-api.ts";

const list = "/status-page/change/list";
const timeline = "/status-page/change/timeline/create";
const Feed = z.object({
  has_next_page: z.boolean(),
  items: z.array(z.looseObject({ type: z.string(), detail: z.looseObject({}), created_at: z.number() })),
});
const Changes = z.object({ items: z.array(z.looseObject({ change_id: z.int(), title: z.string() })) });

const update = { description: "We look into it.", component_changes: [{ component_id: web, status: "degraded" }] };
const change = {
  page_id,
  type: "incident",
  title: "Web Console degraded",
  description: "We look into it.",
  status: "investigating",
  updates: [update],
};
const maintenance = {
  ...change,
  type: "maintenance",
  status: "ongoing",
  updates: [{ component_changes: [{ component_id: web, status: "under_maintenance" }] }],
};

async function createChange(api: OpenApi, body: object = change): Promise<number> {
  const { data } = await ask(api, "/status-page/change/create", body);
  return z.object({ change_id: z.int() }).parse(data).change_id;
}

/** Each is one character, and two units of a JavaScript text. */
const faces = (count: number) => "😀".repeat(count);

/** A stand-in with comments "1", "2" and so on, by somebody else, a millisecond apart. */
function commented(count: number) {
  const { api, clock } = standIn();
  for (let number = 1; number <= count; number += 1) {
    clock.now_ms += 1;
    api.note(incident_id, { type: "i_comm", detail: { comment: String(number) }, creator_id: 8 });
  }
  return api;
}

/** The comments of a page of the timeline, and whether there is another page. */
async function page(api: OpenApi, asked: object): Promise<[unknown[], boolean]> {
  const { data } = await ask(api, "/incident/feed", { incident_id, types: ["i_comm"], ...asked });
  const { items, has_next_page } = Feed.parse(data);
  return [items.map(({ detail }) => detail["comment"]), has_next_page];
}

/** What a call is refused with, which has changed nothing. */
async function refused(path: string, body: object, asking: Asking = {}) {
  const { api } = standIn();
  const { status, error, data } = await ask(api, path, body, asking);
  expect(data).toBe(undefined);
  expect(api.calls().map((call) => [call.path, call.status])).toEqual([[path, status]]);
  expect(api.violations.filter((violation) => violation.startsWith("answer"))).toEqual([]);
  expect([api.comments(incident_id), api.fields(incident_id), api.changes(page_id)]).toEqual([[], { runbook: "" }, []]);
  return `${status} ${error?.code}`;
}

describe("incidents", () => {
  test("the incident is told as it is now, in the shape of the documented one", async () => {
    const { api } = standIn();
    api.change_incident(incident_id, { progress: "Closed", incident_status: "Ok" });
    const { status, data } = await ask(api, "/incident/info", { incident_id });
    expect(status).toBe(200);
    expect(data).toMatchObject({ incident_id, title: "es.nj.01 is down", progress: "Closed", incident_status: "Ok" });
    expect(data).toMatchObject({ fields: { runbook: "" }, incident_severity: "Critical", images: null });
    expect(api.violations).toEqual([]);
  });

  test("a comment reaches every incident it names, and their timelines", async () => {
    const { api, clock } = standIn({ person: { member_id: 7, member_name: "edge", email: "edge@example.com" } });
    const comment = "restart-host succeeded";
    const both = { incident_ids: [incident_id, another_id], comment, mute_reply: true };
    expect(await ask(api, "/incident/comment", both)).toMatchObject({ status: 200, data: null });
    clock.now_ms += 5_000;
    await ask(api, "/incident/comment", { incident_ids: [incident_id], comment: "more" });
    const first = { comment, mute_reply: true, by: 7, at_ms: started_ms };
    expect(api.comments(another_id)).toEqual([first]);
    expect(api.comments(incident_id)).toEqual([
      first,
      { comment: "more", mute_reply: false, by: 7, at_ms: started_ms + 5_000 },
    ]);
    const { data } = await ask(api, "/incident/feed", { incident_id: another_id, types: ["i_comm"] });
    expect(Feed.parse(data).items).toEqual([
      expect.objectContaining({
        type: "i_comm",
        detail: { comment, mute_reply: true },
        ref_id: another_id,
        creator_id: 7,
        created_at: started_ms,
      }),
    ]);
    expect(api.violations).toEqual([]);
  });

  test.each([
    ["runbook", "https://wiki.example/es"],
    ["attempts", 3],
    ["automatic", false],
    ["hosts", ["es.nj.01"]],
    ["runbook", null],
  ])("the custom field %s becomes %j, and the timeline says so", async (field_name, field_value) => {
    const { api } = standIn();
    const asked = { incident_id, field_name, field_value };
    expect(await ask(api, "/incident/field/reset", asked)).toMatchObject({ status: 200, data: null });
    expect(api.fields(incident_id)).toEqual({ runbook: "", [field_name]: field_value });
    const info = await ask(api, "/incident/info", { incident_id });
    expect(info.data).toMatchObject({ fields: { [field_name]: field_value } });
    const { data } = await ask(api, "/incident/feed", { incident_id, types: ["i_r_field"] });
    expect(Feed.parse(data).items.map(({ detail }) => detail)).toEqual([{ field_name, to: field_value }]);
    expect(api.violations).toEqual([]);
  });

  test("what is written with the key comes back as its owner's doing; a muted comment, and what is refused, do not", async () => {
    const written: object[] = [];
    const person = { member_id: 7, member_name: "edge", email: "edge@example.com" };
    const { api } = standIn({ person, onWrite: (one) => written.push(one) });
    await ask(api, "/incident/comment", { incident_ids: [incident_id], comment: "told", mute_reply: true });
    await ask(api, "/incident/comment", { incident_ids: [another_id], comment: "asked" });
    await ask(api, "/incident/field/reset", { incident_id, field_name: "attempts", field_value: 3 });
    await ask(api, "/incident/field/reset", { incident_id, field_name: "attempts", field_value: "three" });
    const by = { at_ms: started_ms, person: { person_id: 7, person_name: "edge", email: "edge@example.com" } };
    expect(written).toEqual([
      { ...by, incident: another_id, event_type: "i_comm" },
      { ...by, incident: incident_id, event_type: "i_r_field" },
    ]);
  });

  test("two stand-ins, and two incidents, share nothing", async () => {
    const [one, other] = [standIn().api, standIn().api];
    const facts = { fields: { runbook: "" } };
    for (const api of [one, other]) api.add_incident(incident_id, facts);
    await ask(one, "/incident/field/reset", { incident_id, field_name: "runbook", field_value: "x" });
    expect(one.fields(another_id)).toEqual({});
    expect(other.fields(incident_id)).toEqual({ runbook: "" });
  });

  test("the key's owner is told", async () => {
    const { api } = standIn({ person: { member_id: 7, member_name: "edge", email: "edge@example.com" } });
    const { data } = await ask(api, "/member/info");
    expect(data).toMatchObject({ member_id: 7, member_name: "edge", email: "edge@example.com" });
    expect(api.violations).toEqual([]);
  });
});

describe("the timeline", () => {
  test.each([
    ["the newest first", {}, ["5", "4", "3", "2", "1"], false],
    ["the oldest first", { asc: true }, ["1", "2", "3", "4", "5"], false],
    ["the first page", { limit: 2 }, ["5", "4"], true],
    ["the second page", { limit: 2, p: 2 }, ["3", "2"], true],
    ["the last page", { limit: 2, p: 3 }, ["1"], false],
    ["a page that is just full", { limit: 5 }, ["5", "4", "3", "2", "1"], false],
    ["a page beyond the end", { limit: 2, p: 4 }, [], false],
    ["the first page, the oldest first", { asc: true, limit: 2 }, ["1", "2"], true],
    ["only other types", { types: ["i_ack"] }, [], false],
  ])("%s", async (_, asked, comments, has_next_page) => {
    const api = commented(5);
    expect(await page(api, asked)).toEqual([comments, has_next_page]);
    expect(api.violations).toEqual([]);
  });

  test("twenty entries where no limit is given", async () => {
    const [comments, has_next_page] = await page(commented(21), {});
    expect([comments.length, has_next_page]).toEqual([20, true]);
  });

  test("every type where none is asked for; it begins with the creation", async () => {
    const { data } = await ask(commented(1), "/incident/feed", { incident_id, asc: true });
    expect(Feed.parse(data).items.map(({ type }) => type)).toEqual(["i_new", "i_comm"]);
  });

  test("by the time it happened, whenever it was noted", async () => {
    const { api } = standIn();
    api.note(incident_id, { type: "i_comm", detail: { comment: "late" } });
    api.note(incident_id, { type: "i_comm", detail: { comment: "early" }, at_ms: started_ms - 1 });
    expect(await page(api, { asc: true })).toEqual([["early", "late"], false]);
  });
});

describe("status pages", () => {
  test("a change is created, moved on and resolved", async () => {
    const { api, clock } = standIn();
    const started_s = Math.floor(started_ms / 1000);
    const created = await ask(api, "/status-page/change/create", { ...change, responders: [7], linked_changes: ["x"] });
    expect(created).toMatchObject({ status: 200, data: { change_name: change.title } });
    const change_id = api.changes(page_id)[0]?.change_id ?? 0;
    clock.now_ms += 60_000;
    const resolved = {
      page_id,
      change_id,
      status: "resolved",
      description: "It is over.",
      component_changes: [{ component_id: web, status: "operational" }],
    };
    expect((await ask(api, timeline, resolved)).status).toBe(200);
    const { data } = await get(api, "/status-page/change/info", { page_id, change_id });
    expect(data).toEqual(api.changes(page_id)[0]);
    expect(data).toMatchObject({
      change_id,
      status: "resolved",
      description: "It is over.",
      start_at_seconds: started_s,
      close_at_seconds: started_s + 60,
      responder_ids: [7],
      linked_change_ids: ["x"],
      affected_components: [{ component_id: web, name: "Web Console", status: "operational" }],
      updates: [
        { at_seconds: started_s, component_changes: [{ component_name: "Web Console", status: "degraded" }] },
        { at_seconds: started_s + 60, status: "resolved", component_changes: [{ status: "operational" }] },
      ],
    });
    expect(api.violations).toEqual([]);
  });

  const said = { status: "resolved", description: "x" };
  test.each([
    [
      "resolved while a component is not mentioned again",
      { ...said, component_changes: [{ component_id: api_component, status: "operational" }] },
    ],
    [
      "resolved while a component is still degraded",
      { ...said, component_changes: [{ component_id: web, status: "degraded" }] },
    ],
    ["resolved while nothing is said of its components", said],
    ["a status of the other type", { ...said, status: "completed" }],
    [
      "a component's status of the other type",
      { ...said, component_changes: [{ component_id: web, status: "under_maintenance" }] },
    ],
    ["an unknown component", { ...said, component_changes: [{ component_id: "x", status: "operational" }] }],
    ["no status", { description: "x" }],
    ["no description", { status: "monitoring" }],
  ])("an update is refused: %s", async (_, asked) => {
    const { api } = standIn();
    const change_id = await createChange(api);
    const before = api.changes(page_id);
    const { status, error } = await ask(api, timeline, { page_id, change_id, ...asked });
    expect([status, error?.code]).toEqual([400, "InvalidParameter"]);
    expect(api.changes(page_id)).toEqual(before);
  });

  test("a maintenance is completed; updates are shown by their own time", async () => {
    const { api } = standIn();
    const change_id = await createChange(api, maintenance);
    const earlier = { page_id, change_id, status: "ongoing", description: "earlier", at_seconds: 1 };
    await ask(api, timeline, earlier);
    const component_changes = [{ component_id: web, status: "operational" }];
    await ask(api, timeline, { page_id, change_id, status: "completed", description: "over", component_changes });
    expect(api.changes(page_id)[0]).toMatchObject({
      status: "completed",
      updates: [
        { description: "earlier" },
        { component_changes: [{ status: "under_maintenance" }] },
        { description: "over" },
      ],
    });
    expect(api.violations).toEqual([]);
  });

  test("a retrospective has the status of its last update", async () => {
    const { api } = standIn();
    const over = {
      at_seconds: 20,
      status: "resolved",
      component_changes: [{ component_id: web, status: "operational" }],
    };
    await createChange(api, {
      ...change,
      is_retrospective: true,
      updates: [{ ...update, status: "identified", at_seconds: 10 }, over],
    });
    expect(api.changes(page_id)[0]).toMatchObject({ status: "resolved", is_retrospective: true });
    expect(api.violations).toEqual([]);
  });

  test.each([
    ["its status", { status: "identified" }, ["identified"]],
    ["its type", { type: "maintenance", status: "ongoing" }, ["maintenance"]],
    ["its start, not before", { start_at_seconds: 200 }, ["later"]],
    ["its start, not after", { end_at_seconds: 100 }, ["first"]],
    ["its start, between", { start_at_seconds: 100, end_at_seconds: 200 }, ["first", "later"]],
    ["nothing that is there", { status: "monitoring" }, []],
  ])("the list is filtered by %s", async (_, asked, titles) => {
    const { api } = standIn();
    await createChange(api, { ...change, title: "first", start_at_seconds: 100 });
    await createChange(api, { ...change, title: "later", start_at_seconds: 200 });
    await createChange(api, { ...change, title: "identified", status: "identified", start_at_seconds: 150 });
    await createChange(api, { ...maintenance, title: "maintenance" });
    const query = { page_id, type: "incident", status: "investigating", ...asked };
    const { data } = await get(api, list, query);
    expect(Changes.parse(data).items.map(({ title }) => title)).toEqual(titles);
    expect(api.violations).toEqual([]);
  });

  test("what is on another page is not there", async () => {
    const { api } = standIn();
    const change_id = await createChange(api);
    api.add_status_page({ page_id: 2, components: [] });
    const { error } = await get(api, "/status-page/change/info", { page_id: 2, change_id });
    const said = { page_id: 2, change_id, status: "monitoring", description: "x" };
    const appended = await ask(api, timeline, said);
    expect([error?.code, appended.error?.code]).toEqual(["ResourceNotFound", "ResourceNotFound"]);
    expect(api.changes(2)).toEqual([]);
  });
});

describe("errors", () => {
  const unknown_id = "0".repeat(24);
  const comment = { incident_ids: [incident_id], comment: "x" };
  const reset = { incident_id, field_name: "runbook", field_value: "x" };
  const create = "/status-page/change/create";
  const moved = (...component_changes: object[]) => ({ ...change, updates: [{ component_changes }] });
  const web_degraded = { component_id: web, status: "degraded" };

  type Case = [what: string, path: string, body: object, asking?: Asking];
  test.each<Case>([
    ["no JSON", "/incident/comment", {}, { text: "{" }],
    ["no body", "/incident/comment", {}, { text: "" }],
    ["a list for a body", "/incident/comment", [comment]],
    ["a malformed incident id", "/incident/info", { incident_id: "7" }],
    ["no incident id", "/incident/info", {}],
    ["no incidents", "/incident/comment", { ...comment, incident_ids: [] }],
    ["101 incidents", "/incident/comment", { ...comment, incident_ids: Array(101).fill(incident_id) }],
    ["a comment of 1,025 characters", "/incident/comment", { ...comment, comment: faces(1025) }],
    ["an unknown custom field", "/incident/field/reset", { ...reset, field_name: "unknown" }],
    ["a field that objects have", "/incident/field/reset", { ...reset, field_name: "toString", field_value: null }],
    ["a value of another type", "/incident/field/reset", { ...reset, field_value: 3 }],
    ["a list for a text", "/incident/field/reset", { ...reset, field_value: ["x"] }],
    ["a page of 101 entries", "/incident/feed", { incident_id, limit: 101 }],
    ["a page before the first", "/incident/feed", { incident_id, p: 0 }],
    ["an unknown component", create, moved({ component_id: "x", status: "degraded" })],
    ["an unknown status of a component", create, moved({ component_id: web, status: "down" })],
    ["no description", create, { ...change, description: "" }],
    ["no title", create, { ...change, title: "" }],
    ["a title of 256 characters", create, { ...change, title: faces(256) }],
    ["no updates", create, { ...change, updates: [] }],
    ["a first update that changes nothing", create, moved()],
    ["a component named twice", create, moved(web_degraded, web_degraded)],
    ["a retrospective of one update", create, { ...change, is_retrospective: true }],
    ["an end before the start", create, { ...change, start_at_seconds: 2, close_at_seconds: 2 }],
    ["a maintenance's status", create, { ...change, status: "ongoing" }],
    ["a maintenance's status in an update", create, { ...change, updates: [{ ...update, status: "ongoing" }] }],
    ["a component in maintenance", create, { ...change, updates: maintenance.updates }],
    ["a degraded component in a maintenance", create, { ...maintenance, updates: [update] }],
    ["a list without a page", list, {}, { method: "GET", query: { type: "incident", status: "resolved" } }],
    ["a list without a type", list, {}, { method: "GET", query: { page_id, status: "resolved" } }],
    ["a list without a status", list, {}, { method: "GET", query: { page_id, type: "incident" } }],
    ["another type's status", list, {}, { method: "GET", query: { page_id, type: "incident", status: "ongoing" } }],
    [
      "a page that is no number",
      list,
      {},
      { method: "GET", query: { page_id: "x", type: "incident", status: "resolved" } },
    ],
  ])("%s: 400 InvalidParameter", async (_, path, body, asking) => {
    expect(await refused(path, body, asking)).toBe("400 InvalidParameter");
  });

  test.each<Case>([
    ["incident", "/incident/info", { incident_id: unknown_id }],
    ["incident's timeline", "/incident/feed", { incident_id: unknown_id }],
    ["incident's field", "/incident/field/reset", { ...reset, incident_id: unknown_id }],
    ["incident among several", "/incident/comment", { ...comment, incident_ids: [incident_id, unknown_id] }],
    ["page", create, { ...change, page_id: 1 }],
    ["page's list", list, {}, { method: "GET", query: { page_id: 1, type: "incident", status: "resolved" } }],
    ["change", "/status-page/change/info", {}, { method: "GET", query: { page_id, change_id: 1 } }],
    ["change's timeline", timeline, { page_id, change_id: 1, status: "monitoring", description: "x" }],
  ])("an unknown %s: 400 ResourceNotFound", async (_, path, body, asking) => {
    expect(await refused(path, body, asking)).toBe("400 ResourceNotFound");
  });

  type Refused = [answer: string, what: string, path: string, asking?: Asking];
  test.each<Refused>([
    ["401 Unauthorized", "no key", "/incident/comment", { key: null }],
    ["401 Unauthorized", "a wrong key", "/incident/comment", { key: "guessed" }],
    ["404 RouteNotFound", "an unknown route", "/incident/coment"],
    ["404 RouteNotFound", "a route that objects have", "/constructor"],
    ["405 MethodNotAllowed", "a wrong method", "/incident/comment", { method: "PUT" }],
    ["405 MethodNotAllowed", "a POST of what is read by GET", list],
    ["400 InvalidContentType", "a wrong content type", "/incident/comment", { content_type: "text/plain" }],
    ["400 InvalidContentType", "one that only begins well", "/incident/comment", { content_type: "application/jsonl" }],
  ])("%s: %s", async (answer, _, path, asking) => {
    expect(await refused(path, comment, asking)).toBe(answer);
  });

  test("1,024 characters are not too many, and a content type may name its charset", async () => {
    const { api } = standIn();
    const full = { incident_ids: [incident_id], comment: faces(1024) };
    const asking = { content_type: "application/json; charset=utf-8" };
    expect((await ask(api, "/incident/comment", full, asking)).status).toBe(200);
    expect(api.violations).toEqual([]);
  });
});
