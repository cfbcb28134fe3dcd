/// <reference types="vite/types/importMeta.d.ts" />
// docs/logs.md is the table of all lines of the log. That no line says anything else is the compiler's part: src/log.ts.
import { describe, expect, it } from "vitest";

const sources = import.meta.glob<string>("../../src/**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });
const { "../../docs/logs.md": page = "" } = import.meta.glob<string>("../../docs/logs.md", {
  query: "?raw",
  import: "default",
  eager: true,
});
const source = (sources["../../src/log.ts"] ?? "").replaceAll(/\/\*\*[\s\S]*?\*\/|\/\/.*$/gm, "");

/** A field as the page has it: with a question mark where a line may be without it. */
type Field = string;

/** What is between the brackets of a declaration. */
function bodyOf(declaration: string): string {
  const from = source.indexOf(declaration);
  if (from === -1) throw new Error(`src/log.ts has no ${declaration}`);
  const start = source.indexOf("{", from) + 1;
  let depth = 1;
  let end = start;
  for (; depth > 0; end++) depth += { "{": 1, "}": -1 }[source[end] ?? ""] ?? 0;
  return source.slice(start, end - 1);
}

/** The parts of a type, or of a list of fields, at its outermost level. */
function partsOf(text: string, separator: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const letter of text) {
    depth += { "{": 1, "<": 1, "}": -1, ">": -1 }[letter] ?? 0;
    if (letter === separator && depth === 0) parts.push("");
    else parts[parts.length - 1] += letter;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

function fieldsOf(type: string): Field[] {
  return partsOf(type, "&").flatMap((part) => {
    if (part.startsWith("Maybe<")) return fieldsOf(part.slice(6, -1)).map((field) => `${field.replace("?", "")}?`);
    if (part.startsWith("{")) return partsOf(part.slice(1, -1), ";").map(fieldIn);
    const [, base] = new RegExp(`interface ${part} extends (\\w+)`).exec(source) ?? [];
    return [...(base === undefined ? [] : fieldsOf(base)), ...fieldsOf(`{${bodyOf(`interface ${part}`)}}`)];
  });
}

function fieldIn(text: string): Field {
  const [, name = "", mark, type = ""] = /^(\w+)(\??): (.+)$/s.exec(text) ?? [];
  return mark === "?" || type.includes("undefined") ? `${name}?` : name;
}

/** The lines as src/log.ts has them. */
const lines = new Map(
  partsOf(bodyOf("interface Lines"), ";").map((line) => {
    const [, name = "", type = ""] = /^"(.+?)":(.+)$/s.exec(line) ?? [];
    return [name, fieldsOf(type)];
  }),
);

/** What the page has a word for. */
const WORDS: Record<string, Field[]> = {
  span: ["trace_id", "span_id", "parent_span_id?"],
  incident: ["incident_id"],
  event: ["incident_id", "event_id"],
  run: ["incident_id", "event_id", "run_id"],
};

/** The lines as the page has them. */
const rows = page.matchAll(/^\| `([a-z]+\.[a-z_]+)` *\| ([^|]*)\| ([^|]*)\|/gm);
const told = [...rows].map(([, name = "", about = "", fields = ""]): [string, Field[]] => [
  name,
  [
    ...[...about.matchAll(/_(\w+)(\??)_/g)].flatMap(([, word = "", mark = ""]) =>
      (WORDS[word] ?? []).map((field) => (mark === "" ? field : `${field.replace("?", "")}?`)),
    ),
    ...[...fields.matchAll(/`(\w+\??)`/g)].map(([, field = ""]) => field),
  ],
]);

/** The lines that are written somewhere. */
const written = Object.values(sources).flatMap((text) =>
  [...text.matchAll(/\blog\(\s*"([^"]+)"/g)].map(([, name = ""]) => name),
);

function sorted(all: Iterable<[string, Field[]]>): string[] {
  return [...all].map(([name, fields]) => `${name}: ${fields.toSorted().join(", ")}`).toSorted();
}

describe("the page about the log", () => {
  it("has every line with its fields, once, and no other", () => {
    expect(lines.size).toBeGreaterThan(20);
    expect(sorted(told)).toEqual(sorted(lines));
  });

  it("has the lines that are really written", () => {
    expect(new Set(lines.keys())).toEqual(new Set(written));
  });
});

describe("a line of the log", () => {
  it("is named by a noun and a verb", () => {
    for (const name of lines.keys()) expect(name).toMatch(/^[a-z]+\.[a-z_]+$/);
  });

  it.each([...lines])("%s says which incident it is about, where it names an event or a run", (_, fields) => {
    const has = (name: string) => fields.some((field) => field.replace("?", "") === name);
    if (has("run_id")) expect(has("event_id")).toBe(true);
    if (has("event_id")) expect(has("incident_id")).toBe(true);
    if (has("span_id")) expect(has("trace_id")).toBe(true);
  });
});
