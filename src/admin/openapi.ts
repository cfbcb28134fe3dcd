// The description of the admin API (OpenAPI 3.1), made of the endpoints and shapes that answer, so that it says what is so.
import * as z from "zod";
import { version } from "../../package.json";
import { Receipt } from "../domain/receipt.ts";
import type { Endpoints } from "./api/endpoints.ts";
import { type AnyEndpoint, Nothing } from "./endpoint.ts";
import { SESSION_COOKIE } from "./session.ts";
import * as shapes from "./shapes.ts";

type Schema = z.core.JSONSchema.BaseSchema;
type Content = Readonly<Record<string, { schema: Schema }>>;

interface Parameter {
  name: string;
  in: "path" | "query";
  required: boolean;
  description?: string;
  schema: Schema;
}

/** What can be asked at an address, and what is answered. */
export interface Operation {
  operationId: string;
  summary: string;
  tags: readonly string[];
  parameters: readonly Parameter[];
  requestBody?: { required: boolean; content: Content };
  responses: Readonly<Record<string, { description: string; content: Content }>>;
}

export interface Description {
  openapi: string;
  info: Readonly<Record<"title" | "version" | "description", string>>;
  servers: readonly { url: string }[];
  security: readonly Readonly<Record<string, readonly string[]>>[];
  /** By address, below the server's; then by method. */
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  components: { schemas: Readonly<Record<string, Schema>>; securitySchemes: typeof SECURITY };
}

/** Describes the endpoints, and the metrics that are mounted beside them. */
export function describe(endpoints: Endpoints): Description {
  const paths: Record<string, Record<string, Operation>> = {};
  const ids = named();
  for (const [name, one] of Object.entries(endpoints)) {
    const path = one.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [one.method.toLowerCase()]: operation(name, one, ids) };
  }
  return {
    openapi: "3.1.1",
    info: { title: "flashduty-edge: the admin API", version, description: ABOUT },
    servers: [{ url: "/admin" }],
    security: [{ token: [] }, { session: [] }],
    paths: { ...paths, "/metrics": { get: METRICS } },
    components: { schemas: components(ids), securitySchemes: SECURITY },
  };
}

const ABOUT =
  "What came in, what ran, what was held back and why; and what people decide. Times are in milliseconds. A page of a list names the next one in next_cursor, the last one names none.";

const SECURITY = {
  token: { type: "http", scheme: "bearer", description: "ADMIN_TOKEN, for programs: they say by whom they decide." },
  session: {
    type: "apiKey",
    in: "cookie",
    name: SESSION_COOKIE,
    description: "Of a person who has logged in, and decides in the own name.",
  },
} as const;

const METRICS: Operation = {
  operationId: "showMetrics",
  summary: "What was counted, in the text format of Prometheus",
  tags: ["metrics"],
  parameters: [],
  responses: { 200: { description: "As asked", content: { "text/plain": { schema: { type: "string" } } } } },
};

/** Beside what an endpoint names itself. */
const WRONG = { 400: "It is asked wrongly: see errors" };
const FORGED = { 403: "It comes from a page of another site" };
const DOOR = {
  401: "Nobody has logged in, or the token is wrong",
  429: "A wrong token came from this address too often",
  503: "The receiver is not set up, or who asks cannot be told",
};

type Ids = ReturnType<typeof named>;

/** The shapes by the names that they are exported with. */
function named() {
  const ids = z.registry<{ id: string }>();
  for (const [id, shape] of Object.entries({ ...shapes, Receipt }))
    if (shape instanceof z.ZodType) ids.add(shape, { id });
  return ids;
}

function operation(operationId: string, one: AnyEndpoint, ids: Ids): Operation {
  const { path, summary, query, body, answer } = one;
  const is_read = query !== Nothing || body !== Nothing;
  const problems = { ...(is_read && WRONG), ...(body !== Nothing && FORGED), ...DOOR, ...one.problems };
  return {
    operationId,
    summary,
    tags: [path.split("/")[2] ?? ""],
    parameters: [...pathParameters(path), ...queryParameters(query)],
    ...(body !== Nothing && { requestBody: { required: true, content: json(inputOf(body)) } }),
    responses: {
      200: { description: "As asked", content: json(refTo(ids, answer)) },
      ...Object.fromEntries(
        Object.entries(problems).map(([status, description]) => [
          status,
          { description, content: { "application/problem+json": { schema: refTo(ids, shapes.Problem) } } },
        ]),
      ),
    },
  };
}

function pathParameters(path: string): Parameter[] {
  return (path.match(/:\w+/g) ?? []).map((part) => ({
    name: part.slice(1),
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters(query: z.ZodType): Parameter[] {
  const { properties = {}, required = [] } = inputOf(query);
  return Object.entries(properties).map(([name, given]) => {
    const { description, ...schema } = typeof given === "boolean" ? {} : given;
    const is_required = required.includes(name);
    return { name, in: "query", required: is_required, ...(description !== undefined && { description }), schema };
  });
}

function inputOf(schema: z.ZodType): Schema {
  return bare(z.toJSONSchema(schema, { io: "input" }));
}

/** Answers may gain fields: whoever reads them must not count on there being no others. */
function components(ids: Ids): Record<string, Schema> {
  const { schemas } = z.toJSONSchema(ids, {
    uri: addressOf,
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)]));
}

/** Without what only a document of its own says. */
function bare({ $schema: _schema, $id: _id, ...schema }: Schema): Schema {
  return schema;
}

function refTo(ids: Ids, shape: z.ZodType): Schema {
  const id = ids.get(shape)?.id;
  if (id === undefined) throw new Error("an answer's shape is not one of those in shapes.ts");
  return { $ref: addressOf(id) };
}

function addressOf(id: string): string {
  return `#/components/schemas/${id}`;
}

function json(schema: Schema): Content {
  return { "application/json": { schema } };
}
