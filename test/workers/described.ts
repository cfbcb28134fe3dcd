// The admin API's description as a judge of its answers.
import { type Schema, Validator } from "@cfworker/json-schema";
import * as z from "zod";
import { endpoints } from "../../src/admin/api/endpoints.ts";
import { describe } from "../../src/admin/openapi.ts";

export const description = describe(endpoints);

const Described = z.record(z.string(), z.unknown());

/** Every operation, with its address as it is described. */
export const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, path, operation })),
);

/** What speaks against an answer; nothing where the list is empty. Fields that the description does not name do. */
export function faultsOf(operationId: string, response: Response, body: unknown): string[] {
  const found = operations.find(({ operation }) => operation.operationId === operationId);
  const [type = ""] = (response.headers.get("Content-Type") ?? "").split(";");
  const schema = found?.operation.responses[response.status]?.content[type]?.schema;
  if (schema === undefined) return [`${operationId} has no ${response.status} of ${type}`];
  const components = closed(description.components);
  const judge = new Validator({ ...Described.parse(schema), ...Described.parse({ components }) }, "2020-12", false);
  return judge.validate(body).errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
}

/** The same shapes, without room for fields to come. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const inner: Schema = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, closed(one)]));
  return inner["type"] === "object" && "properties" in inner ? { additionalProperties: false, ...inner } : inner;
}
