// A judge that finds nothing is worse than none: each kind of fault is planted once, and everything that the vendor shows
// as an example must pass.

import { describe, expect, test } from "vitest";
import * as z from "zod";
import { contractOf } from "./contract.ts";
import { description } from "./contract-file.ts";
import { createOpenApi } from "./open-api.ts";

const incident_id = "69da451ef77b1b51f40e83ee";
const openapi_json = description();

const Media = z.object({
  example: z.unknown().optional(),
  examples: z.record(z.string(), z.object({ value: z.unknown() })).optional(),
});
const Content = z.object({ content: z.object({ "application/json": Media }) });
const Examples = z.object({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ requestBody: Content.optional(), responses: z.object({ 200: Content }) })),
  ),
  components: z.object({ responses: z.record(z.string(), Content) }),
});

/** Made where it is needed, because the description can be absent. */
const contract = () => contractOf(openapi_json);

describe.skipIf(openapi_json === null)("the contract", () => {
  test("every documented example passes, but for one property that only the example names", () => {
    const { request, answer } = contract();
    const { paths } = Examples.parse(openapi_json);
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
    );
    const requests = operations.flatMap(({ path, method, requestBody }) =>
      requestBody === undefined
        ? []
        : request({ method, path, query: {}, body: requestBody.content["application/json"].example }).map(
            (fault) => `${path} ${fault}`,
          ),
    );
    const answers = operations.flatMap(({ path, method, responses }) =>
      answer({ method, path, status: 200, body: responses[200].content["application/json"].example }).map(
        (fault) => `${path} ${fault}`,
      ),
    );
    expect(operations.length).toBeGreaterThan(20);
    expect(requests).toEqual([]);
    expect(answers).toEqual(["/member/info #/data/created_at: The description does not name it."]);
  });

  test("every documented error passes, with the status it comes with and inside a 200", () => {
    const { answer } = contract();
    const errors = Object.values(Examples.parse(openapi_json).components.responses).flatMap(({ content }) =>
      Object.values(content["application/json"].examples ?? {}).map(({ value }) => value),
    );
    expect(errors.length).toBeGreaterThan(2);
    for (const body of errors)
      for (const status of [200, 400, 401, 404, 429, 500])
        expect(answer({ method: "POST", path: "/incident/info", status, body })).toEqual([]);
  });

  const comment = { incident_ids: [incident_id], comment: "x" };
  const change = {
    page_id: 1,
    type: "incident",
    title: "x",
    description: "x",
    status: "investigating",
    updates: [{ component_changes: [{ component_id: "x", status: "degraded" }] }],
  };
  const not_named = "The description does not name it.";

  type Asked = [what: string, path: string, body: unknown, faults: string[]];
  test.each<Asked>([
    ["nothing", "/incident/comment", { ...comment, mute_reply: true }, []],
    ["nothing, at the limit", "/incident/comment", { ...comment, comment: "😀".repeat(1024) }, []],
    ["a typo", "/incident/comment", { ...comment, mute_replies: true }, [`#/mute_replies: ${not_named}`]],
    ["null for a body", "/member/info", null, ['#: Instance type "null" is invalid. Expected "object".']],
    ["a typo where nothing is required", "/member/info", { id: 1 }, [`#/id: ${not_named}`]],
    [
      "a missing property",
      "/incident/comment",
      { comment: "x" },
      ['#: Instance does not have required property "incident_ids".'],
    ],
    [
      "a wrong type",
      "/incident/comment",
      { ...comment, mute_reply: "yes" },
      ['#/mute_reply: Instance type "string" is invalid. Expected "boolean".'],
    ],
    [
      "null",
      "/incident/comment",
      { ...comment, mute_reply: null },
      ['#/mute_reply: Instance type "null" is invalid. Expected "boolean".'],
    ],
    [
      "null for a list",
      "/incident/comment",
      { incident_ids: null },
      ['#/incident_ids: Instance type "null" is invalid. Expected "array".'],
    ],
    [
      "a text that is too long",
      "/incident/comment",
      { ...comment, comment: "x".repeat(1025) },
      ["#/comment: String is too long (1025 > 1024)."],
    ],
    [
      "a malformed id",
      "/incident/comment",
      { incident_ids: ["7"] },
      ["#/incident_ids/0: String does not match pattern."],
    ],
    ["an empty list", "/incident/comment", { incident_ids: [] }, ["#/incident_ids: Array has too few items (0 < 1)."]],
    ["a page too large", "/incident/feed", { incident_id, limit: 101 }, ["#/limit: 101 is greater than 100."]],
    [
      "a number that is none",
      "/incident/feed",
      { incident_id, p: 1.5 },
      ['#/p: Instance type "number" is invalid. Expected "integer".'],
    ],
    [
      "an unknown type of entry",
      "/incident/feed",
      { incident_id, types: ["i_commm"] },
      [expect.stringMatching(/^#\/types\/0: Instance does not match any of/)],
    ],
    [
      "a typo deep inside",
      "/status-page/change/create",
      { ...change, updates: [{ component_change: [] }] },
      [`#/updates/0/component_change: ${not_named}`],
    ],
    [
      "an unknown status deep inside",
      "/status-page/change/create",
      { ...change, updates: [{ component_changes: [{ component_id: "x", status: "bad" }] }] },
      [expect.stringMatching(/^#\/updates\/0\/component_changes\/0\/status: Instance does not match/)],
    ],
    [
      "two faults",
      "/status-page/change/create",
      { ...change, page_id: "1", kind: "x" },
      ['#/page_id: Instance type "string" is invalid. Expected "integer".', `#/kind: ${not_named}`],
    ],
    ["a missing body", "/incident/info", undefined, ["#: A body is required."]],
    ["a call that is not there", "/incident/coment", comment, ["The description has no POST /incident/coment."]],
  ])("in a request: %s", (_, path, body, faults) => {
    expect(contract().request({ method: "POST", path, query: { app_key: "x" }, body })).toEqual(faults);
  });

  const query = { app_key: "x", page_id: "1", type: "incident", status: "resolved" };
  test.each<[string, Record<string, string>, string[]]>([
    ["nothing", { ...query, end_at_seconds: "5" }, []],
    ["a missing parameter", { page_id: "1", type: "incident" }, ["?status: It is required."]],
    ["a typo", { ...query, limit: "1" }, [`?limit: ${not_named}`]],
    [
      "text for a number",
      { ...query, page_id: "one" },
      ['?page_id #: Instance type "string" is invalid. Expected "integer".'],
    ],
    [
      "an unknown value",
      { ...query, type: "x" },
      ['?type #: Instance does not match any of ["incident","maintenance"].'],
    ],
  ])("in a query: %s", (_, query, faults) => {
    expect(contract().request({ method: "GET", path: "/status-page/change/list", query })).toEqual(faults);
  });

  test("in a query or a body where the call has none", () => {
    const { request } = contract();
    const list = { path: "/status-page/change/list", query };
    expect(request({ method: "GET", ...list, body: {} })).toEqual(["#: The description has no body."]);
    expect(request({ method: "POST", ...list, body: {} })).toEqual([`The description has no POST ${list.path}.`]);
    const member = { method: "POST", path: "/member/info", body: {} };
    expect(request({ ...member, query: { p: "1" } })).toEqual([`?p: ${not_named}`]);
  });

  const entry = { ref_id: incident_id, account_id: 1, creator_id: 1, created_at: 1, updated_at: 1 };
  const feed = (type: string, detail: unknown) => ({ has_next_page: false, items: [{ ...entry, type, detail }] });

  type Answered = [what: string, path: string, data: unknown, faults: string[]];
  test.each<Answered>([
    ["nothing: null for no data", "/incident/comment", null, []],
    ["nothing: null for an empty list", "/incident/feed", { has_next_page: false, items: null }, []],
    ["nothing: a comment", "/incident/feed", feed("i_comm", { comment: "x", mute_reply: true }), []],
    ["nothing: an entry of whose detail nothing is said", "/incident/feed", feed("a_merge", { any: 1 }), []],
    ["data where there is none", "/incident/comment", { id: 1 }, [`#/data/id: ${not_named}`]],
    ["null for what is there", "/incident/feed", null, ['#/data: Instance type "null" is invalid. Expected "object".']],
    [
      "a missing property",
      "/incident/feed",
      { items: [] },
      ['#/data: Instance does not have required property "has_next_page".'],
    ],
    ["a property of no name", "/incident/feed", { has_next_page: true, items: [], p: 1 }, [`#/data/p: ${not_named}`]],
    [
      "a detail of another type",
      "/incident/feed",
      feed("i_comm", { field_name: "x" }),
      [`#/data/items/0/detail/field_name: ${not_named}`],
    ],
    [
      "a detail without what its type needs",
      "/incident/feed",
      feed("i_r_field", { to: 1 }),
      ['#/data/items/0/detail: Instance does not have required property "field_name".'],
    ],
    [
      "a detail that its type does not have",
      "/incident/feed",
      feed("i_m_reply", { comment: "x" }),
      [`#/data/items/0/detail/comment: ${not_named}`],
    ],
    [
      "no detail",
      "/incident/feed",
      { has_next_page: false, items: [{ ...entry, type: "i_comm" }] },
      ['#/data/items/0: Instance does not have required property "detail".'],
    ],
  ])("in an answer: %s", (_, path, data, faults) => {
    const body = { request_id: "x", data };
    expect(contract().answer({ method: "POST", path, status: 200, body })).toEqual(faults);
  });

  test.each([
    ["no envelope", 200, { data: null }, ['#: Instance does not have required property "request_id".']],
    ["more than the envelope", 200, { request_id: "x", data: null, code: 1 }, [`#/code: ${not_named}`]],
    [
      "an unknown code",
      400,
      { request_id: "x", error: { code: "Bad", message: "x" } },
      [expect.stringMatching(/^#\/error\/code: Instance does not match/)],
    ],
    [
      "an error without a message",
      200,
      { request_id: "x", error: { code: "NoLicense" } },
      ['#/error: Instance does not have required property "message".'],
    ],
    [
      "data with a status of which nothing is said",
      503,
      { request_id: "x", data: null },
      ['#: Instance does not have required property "error".', `#/data: ${not_named}`],
    ],
    [
      "data with an error's status",
      500,
      { request_id: "x", data: null },
      ['#: Instance does not have required property "error".', `#/data: ${not_named}`],
    ],
  ])("around an answer: %s", (_, status, body, faults) => {
    expect(contract().answer({ method: "POST", path: "/incident/comment", status, body })).toEqual(faults);
  });

  test("the stand-in notes what breaks it, on both sides, and nothing of the key", async () => {
    const api = createOpenApi({ app_key: "a-key", now: () => 0, contract: contract() });
    api.add_incident(incident_id, { incident_status: "Ok", made_up: 1 });
    const address = "https://api.flashcat.cloud/incident/info?app_key=a-key&page=1";
    const asked = { incident_id, incident: "x" };
    await api.answer(
      new Request(address, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(asked),
      }),
    );
    expect(api.violations).toEqual([
      `request POST /incident/info ?page: ${not_named}`,
      `request POST /incident/info #/incident: ${not_named}`,
      `answer POST /incident/info #/data/made_up: ${not_named}`,
    ]);
  });
});

test.each([
  ["another version", { openapi: "3.0.0" }],
  ["nothing", null],
])("a description of %s is refused", (_, openapi_json) => {
  expect(() => contractOf(openapi_json)).toThrow();
});
