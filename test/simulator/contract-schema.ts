// The vendor's schemas, made ready for judging. As they stand they would let most mistakes pass, and refuse answers that
// are right: JSON Schema allows every property that is not named, so a typo would be fine; the sender is written in Go,
// whose empty lists and maps are null; and the shape of a timeline entry's detail is told by the entry's type, which only
// OpenAPI's `discriminator` says, while `oneOf` alone refuses a comment, because it has the shape of a dozen others too.

import * as z from "zod";
import type { Schema } from "@cfworker/json-schema";

/** A schema as it stands in a description. What it means is the validator's to say. */
export const SchemaObject = z.custom<Schema>((value) => typeof value === "object" && value !== null);

/** Who wrote what is judged: only answers may have null for an empty list or map. */
export type Side = "request" | "answer";

const COMPONENTS = "#/components/schemas/";

/** A component's place among the definitions of each schema that is judged by. */
function moved($ref: string): string {
  if (!$ref.startsWith(COMPONENTS)) throw new Error(`the description refers to ${$ref}, which is no schema of its own`);
  return `#/$defs/${$ref.slice(COMPONENTS.length)}`;
}

function each(schemas: Record<string, Schema | boolean>, side: Side, all: Schemas): Record<string, Schema | boolean> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, judging(schema, side, all)]));
}

type Schemas = Readonly<Record<string, Schema>>;

/** What several schemas ask of one object together. Closed one by one, each would refuse what only the others name. */
function together({ allOf = [], ...own }: Schema, all: Schemas): Schema {
  const parts = allOf.map((part) => {
    const known = part.$ref === undefined ? part : all[part.$ref.slice(COMPONENTS.length)];
    if (known === undefined) throw new Error(`the description has no ${part.$ref}`);
    return known.allOf === undefined ? known : together(known, all);
  });
  return {
    type: "object",
    ...own,
    properties: Object.fromEntries([...parts, own].flatMap(({ properties = {} }) => Object.entries(properties))),
    required: [...parts, own].flatMap(({ required = [] }) => required),
  };
}

const Discriminator = z.object({ propertyName: z.string(), mapping: z.record(z.string(), z.string()) });

/** "Where this property says so, that one has such a shape", for each property whose shape is told by another. */
function toldByAnother(properties: Record<string, Schema | boolean>): { name: string; cases: Schema[] }[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    if (typeof schema === "boolean" || schema["discriminator"] === undefined) return [];
    const { propertyName, mapping } = Discriminator.parse(schema["discriminator"]);
    if (properties[propertyName] === undefined) throw new Error(`${name} is told by ${propertyName}, which is nowhere`);
    const cases = Object.entries(mapping).map(([value, $ref]) => ({
      if: { properties: { [propertyName]: { not: { const: value } } } },
      else: { properties: { [name]: { $ref: moved($ref) } } },
    }));
    return [{ name, cases }];
  });
}

/** Go writes what is not set as its zero value: an incident that nobody is assigned to has the assignment type "". */
function orEmpty([name, schema]: [string, Schema | boolean]): [string, Schema | boolean] {
  const is_text = typeof schema === "object" && schema.type === "string";
  return [name, is_text ? { if: { const: "" }, else: schema } : schema];
}

function object(schema: Schema, side: Side, all: Schemas): Schema {
  const { properties = {}, additionalProperties, ...rest } = schema;
  const by_another = toldByAnother(properties);
  const shapes = each({ ...properties, ...Object.fromEntries(by_another.map(({ name }) => [name, true])) }, side, all);
  const set = (name: string) => side === "request" || rest.required?.includes(name);
  // A map without named properties, and the empty answer to a write, which the description says is null.
  const may_be_null = side === "answer" && Object.keys(properties).length === 0;
  const has_free_names = typeof additionalProperties === "object" || additionalProperties === true;
  return {
    ...rest,
    type: may_be_null ? ["object", "null"] : "object",
    properties: Object.fromEntries(Object.entries(shapes).map((shape) => (set(shape[0]) ? shape : orEmpty(shape)))),
    additionalProperties: has_free_names ? judging(additionalProperties, side, all) : false,
    allOf: by_another.flatMap(({ cases }) => cases),
  };
}

/** What is said to people, or said again elsewhere; the validator would take some of it for schemas. */
const FOR_READERS = ["description", "title", "example", "examples", "default", "deprecated", "discriminator"];

/** The same schema, and what it refers to, as one side is judged by it. */
export function judging(schema: Schema | boolean, side: Side, all: Schemas): Schema | boolean {
  if (typeof schema === "boolean") return schema;
  const said = Object.fromEntries(Object.entries(schema).filter(([key]) => !FOR_READERS.includes(key)));
  const { $ref, items, ...rest }: Schema = said;
  // Beside a reference stands nothing but another description of it.
  if ($ref !== undefined) return { $ref: moved($ref) };
  if (rest.allOf !== undefined) return object(together(rest, all), side, all);
  if (rest.properties !== undefined || rest.type === "object") return object(rest, side, all);
  if (rest.type !== "array") return rest;
  if (items === undefined || Array.isArray(items))
    throw new Error("the description has a list of which it says nothing");
  return { ...rest, type: side === "answer" ? ["array", "null"] : "array", items: judging(items, side, all) };
}

/** A schema that stands on its own: what it refers to is in it. */
export function whole(schema: Schema, side: Side, all: Schemas): Schema {
  return {
    $defs: each(all, side, all),
    allOf: [judging(schema, side, all)].filter((part) => typeof part === "object"),
  };
}
