// How an endpoint of the admin API is described (OpenAPI).
import { Validator } from "@cfworker/json-schema";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { Decision, decision, view } from "../../src/admin/endpoint.ts";
import { describe as describeApi } from "../../src/admin/openapi.ts";
import { Deleted, RunList } from "../../src/admin/shapes.ts";

const looked = view({
  path: "/api/things/:thing_id",
  summary: "Things",
  query: z.object({ limit: z.coerce.number().int().max(9).default(3), q: z.string().optional() }),
  answer: RunList,
  problems: { 404: "There is none" },
  answerTo: async () => ({ items: [], next_cursor: null }),
});
const decided = decision({
  method: "DELETE",
  path: "/api/things/:thing_id",
  summary: "Forgets it",
  body: Decision.extend({ reason: z.string().optional() }),
  answer: Deleted,
  answerTo: async () => ({ deleted: "" }),
});
const { get, delete: remove } = describeApi({ looked, decided }).paths["/api/things/{thing_id}"] ?? {};

describe("an endpoint is described", () => {
  it("with what it may be asked, what it answers, and why it may not", () => {
    expect(get).toMatchObject({
      operationId: "looked",
      tags: ["things"],
      parameters: [
        { name: "thing_id", in: "path", required: true },
        { name: "limit", in: "query", required: false, schema: { type: "integer", maximum: 9, default: 3 } },
        { name: "q", in: "query", required: false, schema: { type: "string" } },
      ],
      responses: {
        200: { content: { "application/json": { schema: { $ref: "#/components/schemas/RunList" } } } },
        400: { content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } } },
        401: {},
        404: { description: "There is none" },
      },
    });
    expect(get?.requestBody).toBeUndefined();
  });

  it.each([
    [{ by: "lisi" }, true],
    [{ by: "lisi", reason: "old" }, true],
    [{ reason: "old" }, false],
    [{ by: "lisi", more: 1 }, false],
  ])("with the shape of its body, which %j fits: %s", (body, fits) => {
    const schema = z.record(z.string(), z.unknown()).parse(remove?.requestBody?.content["application/json"]?.schema);
    expect(new Validator(schema, "2020-12").validate(body).valid).toBe(fits);
  });

  it("with answers that may gain fields", () => {
    expect(JSON.stringify(describeApi({ looked }).components)).not.toContain('"additionalProperties":false');
  });

  it("not at all where its answer has no name among the shapes", () => {
    const nameless = { ...looked, answer: z.string() };
    expect(() => describeApi({ nameless })).toThrow("shapes.ts");
  });
});
