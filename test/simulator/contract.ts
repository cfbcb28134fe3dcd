// The vendor's OpenAPI description as a judge: what we ask of the Open API, and what its stand-in answers, is held against
// what the vendor has written down, and not against what we believe of it. It runs wherever the tests run, so it compiles
// no code at run time and reads no file; contract-file.ts does that.

import { Validator } from "@cfworker/json-schema";
import * as z from "zod";
import type { OutputUnit, Schema } from "@cfworker/json-schema";
import { SchemaObject, whole } from "./contract-schema.ts";
import type { Side } from "./contract-schema.ts";

/** A request to judge. `body`: its JSON as a value, undefined where there is none. */
export type AskedCall = { method: string; path: string; query: Record<string, string>; body?: unknown };

/** An answer to judge. `body`: its JSON as a value. */
export type AnsweredCall = { method: string; path: string; status: number; body: unknown };

/** What is wrong with a call, each with its place (`#/comment: …`); nothing is wrong where the list is empty. */
export type Contract = {
  request: (call: AskedCall) => string[];
  answer: (call: AnsweredCall) => string[];
};

const Ref = z.object({ $ref: z.string().startsWith("#/components/responses/") });
const Content = z.object({ content: z.object({ "application/json": z.object({ schema: SchemaObject }) }) });
const Parameter = z.object({
  name: z.string(),
  in: z.literal("query"),
  required: z.boolean().default(false),
  schema: SchemaObject,
});
const Operation = z.object({
  parameters: z.array(Parameter).default([]),
  requestBody: z.object({ ...Content.shape, required: z.boolean().default(false) }).optional(),
  responses: z.record(z.string(), z.union([Ref, Content])),
});
const Description = z.object({
  openapi: z.string().startsWith("3.1."),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({
    schemas: z.record(z.string(), SchemaObject),
    responses: z.record(z.string(), Content),
    securitySchemes: z.record(z.string(), z.object({ in: z.literal("query"), name: z.string() })),
  }),
});
type Operation = z.output<typeof Operation>;
type Description = z.output<typeof Description>;

/** Keywords that only say that something below them is wrong. */
const ABOVE_THE_FAULT = new Set(["$ref", "allOf", "if", "properties", "items", "additionalProperties"]);

function told({ instanceLocation, keyword, error }: OutputUnit): string[] {
  if (ABOVE_THE_FAULT.has(keyword)) return [];
  return [`${instanceLocation}: ${keyword === "false" ? "The description does not name it." : error}`];
}

/** Judges by one schema; it is made when it is first needed, because most tests need few of them. */
function judge(schema: Schema, side: Side, all: Record<string, Schema>): (value: unknown) => string[] {
  let validator: Validator | undefined;
  return (value) => {
    validator ??= new Validator(whole(schema, side, all), "2020-12", false);
    return validator.validate(value).errors.flatMap(told);
  };
}

type Judges = Map<Schema, (value: unknown) => string[]>;

/** A query carries text; what is meant to be a number is read as one. */
function queryValue(text: string, { type }: Schema): unknown {
  return type === "integer" && /^-?\d+$/.test(text) ? Number(text) : text;
}

function queryFaults(operation: Operation, query: Record<string, string>, keys: string[], by: Judging): string[] {
  const missing = operation.parameters.filter(({ name, required }) => required && query[name] === undefined);
  const given = Object.entries(query).flatMap(([name, text]) => {
    if (keys.includes(name)) return [];
    const parameter = operation.parameters.find((one) => one.name === name);
    if (parameter === undefined) return [`?${name}: The description does not name it.`];
    return by(parameter.schema, "request", queryValue(text, parameter.schema)).map((fault) => `?${name} ${fault}`);
  });
  return [...missing.map(({ name }) => `?${name}: It is required.`), ...given];
}

type Judging = (schema: Schema, side: Side, value: unknown) => string[];

function bodyFaults({ requestBody }: Operation, body: unknown, by: Judging): string[] {
  if (requestBody === undefined) return body === undefined ? [] : ["#: The description has no body."];
  if (body === undefined) return requestBody.required ? ["#: A body is required."] : [];
  return by(requestBody.content["application/json"].schema, "request", body);
}

/** The schema of an answer. Where it tells an error, or has a status of which nothing is said, it is that of every error. */
function answerSchema(description: Description, { method, path, status, body }: AnsweredCall): Schema {
  const { responses, schemas } = description.components;
  const error: Schema = { $ref: "#/components/schemas/ErrorResponse" };
  if (schemas["ErrorResponse"] === undefined) throw new Error("the description has no ErrorResponse");
  // Some errors come with status 200, which the description does not say; they look like all the others.
  if (typeof body === "object" && body !== null && "error" in body) return error;
  const answer = description.paths[path]?.[method.toLowerCase()]?.responses[status];
  if (answer === undefined) return error;
  const content = "$ref" in answer ? responses[answer.$ref.replace("#/components/responses/", "")] : answer;
  return content?.content["application/json"].schema ?? error;
}

/** The contract of a description, given as the value of its JSON. Throws where it has a shape that was never met. */
export function contractOf(openapi_json: unknown): Contract {
  const description = Description.parse(openapi_json);
  const { schemas, securitySchemes } = description.components;
  const keys = Object.values(securitySchemes).map(({ name }) => name);
  const judges: Record<Side, Judges> = { request: new Map(), answer: new Map() };
  const by: Judging = (schema, side, value) => {
    const known = judges[side].get(schema) ?? judge(schema, side, schemas);
    judges[side].set(schema, known);
    return known(value);
  };
  return {
    request: ({ method, path, query, body }) => {
      const operation = description.paths[path]?.[method.toLowerCase()];
      if (operation === undefined) return [`The description has no ${method} ${path}.`];
      return [...queryFaults(operation, query, keys, by), ...bodyFaults(operation, body, by)];
    },
    answer: (call) => by(answerSchema(description, call), "answer", call.body),
  };
}
