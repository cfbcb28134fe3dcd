// The API's description, for programs as it is, and for people as a page: each address with what it is asked and what it
// answers. It is in English, as the API is.
import { Hono } from "hono";
import type { Child } from "hono/jsx";
import { endpoints } from "./api/endpoints.ts";
import { describe, type Description, type Operation } from "./openapi.ts";
import { Layout } from "./page/layout.tsx";
import { Facts } from "./page/table.tsx";
import { type Viewer, viewerOf } from "./page/viewer.ts";
import type { AdminEnv } from "./who.ts";

export const openapi = new Hono<AdminEnv>();
openapi.get("/openapi.json", (c) => c.json(describe(endpoints)));
openapi.get("/openapi", (c) =>
  c.html(<OpenApiPage viewer={viewerOf(c, c.get("who"))} description={describe(endpoints)} />),
);

function OpenApiPage({ viewer, description }: { viewer: Viewer; description: Description }) {
  const { info, paths, components, servers } = description;
  const below = servers[0]?.url ?? "";
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      asked: `${method.toUpperCase()} ${below}${path}`,
      operation,
    })),
  );
  const tags = new Set(operations.flatMap(({ operation }) => operation.tags));
  return (
    <Layout viewer={viewer} title="API">
      <div lang="en">
        <p>
          {info.description} <a href="/admin/openapi.json">openapi.json</a> says the same to programs.
        </p>
        {Array.from(tags, (tag) => (
          <section>
            <h2>{tag}</h2>
            {operations
              .filter(({ operation }) => operation.tags.includes(tag))
              .map(({ asked, operation }) => (
                <OneOperation asked={asked} operation={operation} />
              ))}
          </section>
        ))}
        <h2>Shapes</h2>
        {Object.entries(components.schemas).map(([name, schema]) => (
          <Shape name={name} id={name} schema={schema} />
        ))}
      </div>
    </Layout>
  );
}

function OneOperation({ asked, operation }: { asked: string; operation: Operation }) {
  const { summary, parameters, requestBody, responses } = operation;
  const given = parameters.map(({ name, description = "", schema }) =>
    fact(name, description, <code>{JSON.stringify(schema)}</code>),
  );
  const answered = Object.entries(responses).map(([status, { description, content }]) =>
    fact(status, description, <Answer content={content} />),
  );
  return (
    <details>
      <summary>
        <code>{asked}</code> {summary}
      </summary>
      {given.length > 0 && <Facts facts={given} />}
      {requestBody !== undefined && <Shape name="Body" schema={requestBody.content["application/json"]?.schema} />}
      <Facts facts={answered} />
    </details>
  );
}

function fact(name: string, description: string, shape: Child): readonly [string, Child] {
  return [
    name,
    <>
      {description} {shape}
    </>,
  ];
}

/** Its shape's name, which leads to it. */
function Answer({ content }: Pick<Operation["responses"][string], "content">) {
  const names = Object.values(content).map(({ schema }) => schema.$ref?.replace(/^.*\//s, ""));
  return <>{names.map((name) => name !== undefined && <a href={`#${name}`}>{name}</a>)}</>;
}

/** A link to `id` opens it. */
function Shape({ name, id, schema }: { name: string; id?: string; schema: unknown }) {
  return (
    <details>
      <summary>{name}</summary>
      <pre id={id}>{JSON.stringify(schema, null, 2)}</pre>
    </details>
  );
}
