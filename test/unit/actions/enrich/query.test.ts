// How the three languages read strings: https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals and
// https://go.dev/ref/spec#String_literals , written down here once more, apart from the code that writes them. That the real
// Prometheus reads them so is tried in test/system/prometheus.test.ts.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logql, promql, type Query, traceql } from "../../../../src/actions/enrich/query.ts";

/** What is written before the string literal that `text` begins with, what the literal says, and what comes after it. */
function read(text: string, quote: '"' | "'"): { said: string; rest: string } {
  if (!text.startsWith(quote)) throw new Error(`no string: ${text}`);
  let said = "";
  let at = 1;
  while (text[at] !== quote) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? Number.NaN);
    if (/[\p{Cc}\uFFFD\uFEFF]/u.test(character)) throw new Error(`refused in a string: ${JSON.stringify(character)}`);
    if (character !== "\\") {
      said += character;
      at += character.length;
      continue;
    }
    const [escape = "", short = "", long = ""] =
      /^\\(?:([abfnrtv\\'"])|u([0-9a-f]{4})|U([0-9a-f]{8}))/.exec(text.slice(at)) ?? [];
    if (escape === "") throw new Error(`no escape: ${text.slice(at, at + 4)}`);
    if (short !== "" && !["\\", quote].includes(short)) throw new Error(`not needed: ${escape}`);
    const code = Number.parseInt(escape.slice(2), 16);
    if (long === "" && short === "" && code >= 0xd800 && code < 0xe000) throw new Error("half of a pair");
    said += short === "" ? String.fromCodePoint(code) : short;
    at += escape.length;
  }
  return { said, rest: text.slice(at + 1) };
}

const textOf = (query: Query<string> | null) => query?.text ?? "none";

/** Any text, and more often such as does harm. */
const text = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 30 }),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }),
  fc
    .array(
      fc.constantFrom(
        '"',
        "'",
        "\\",
        "`",
        "\n",
        "\0",
        "}",
        "{",
        "#",
        "|",
        "=~",
        "[",
        "]",
        "^",
        "+?",
        ".*",
        "(",
        ")",
        "$",
        "\uFFFD",
        "\uFEFF",
        "\u2028",
        "\uD800",
        "\u202E",
        "x",
      ),
      { minLength: 1, maxLength: 12 },
    )
    .map((pieces) => pieces.join("")),
);

describe.each([
  ["PromQL", promql, '"' as const, (value: string) => textOf(promql`up{a="${value}",b="c"} > 1`)],
  ["PromQL, in single quotes", promql, "'" as const, (value: string) => textOf(promql`up{a='${value}',b="c"} > 1`)],
  ["LogQL", logql, '"' as const, (value: string) => textOf(logql`up{a="${value}",b="c"} > 1`)],
  ["TraceQL", traceql, '"' as const, (value: string) => textOf(traceql`up{a="${value}",b="c"} > 1`)],
])("%s", (_, __, quote, queryWith) => {
  it("whatever is filled in is what the string says, and the query around it stays as it was written", () => {
    fc.assert(
      fc.property(text, (value) => {
        const query = queryWith(value);
        expect(query.startsWith("up{a=")).toBe(true);
        expect(read(query.slice("up{a=".length), quote)).toEqual({
          said: value.toWellFormed(),
          rest: ',b="c"} > 1',
        });
      }),
      { numRuns: 2_000 },
    );
  });
});

describe.each([
  ["PromQL =~", "up{a=~", (value: string) => textOf(promql`up{a=~"${value}(:[0-9]+)?"}`)],
  ["PromQL !~", "up{a!~", (value: string) => textOf(promql`up{a!~"${value}(:[0-9]+)?"}`)],
  ["LogQL |~", '{app="a"} |~ ', (value: string) => textOf(logql`{app="a"} |~ "${value}(:[0-9]+)?"}`)],
  [
    "LogQL |~ … or …",
    '{app="a"} |~ "b" or ',
    (value: string) => textOf(logql`{app="a"} |~ "b" or "${value}(:[0-9]+)?"}`),
  ],
  ["TraceQL =~", "{ name =~ ", (value: string) => textOf(traceql`{ name =~ "${value}(:[0-9]+)?"}`)],
])("a pattern: %s", (_, before, queryWith) => {
  it("what is filled in is matched as it is, and the pattern around it stays one", () => {
    fc.assert(
      fc.property(text, text, (value, other) => {
        const { said, rest } = read(queryWith(value).slice(before.length), '"');
        expect(rest).toBe("}");
        // What is escaped means the same in RE2 and here.
        const pattern = new RegExp(`^(?:${said})$`, "su");
        expect(pattern.test(value.toWellFormed())).toBe(true);
        expect(pattern.test(`${value.toWellFormed()}:9100`)).toBe(true);
        const is_same = new RegExp(String.raw`^(:\d+)?$`).test(
          other.startsWith(value) ? other.slice(value.length) : "another",
        );
        expect(pattern.test(other.toWellFormed())).toBe(is_same || other.toWellFormed() === value.toWellFormed());
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a query", () => {
  it("is written as it is there: no second round of escapes", () => {
    expect(promql`rate(x{path=~"\\d+\\.html"}[5m])`).toEqual({
      language: "PromQL",
      text: String.raw`rate(x{path=~"\\d+\\.html"}[5m])`,
    });
  });

  it("knows a string's end behind an escaped quote", () => {
    expect(textOf(promql`x{a="\"",b="${'"'}"}`)).toBe(String.raw`x{a="\"",b="\""}`);
    expect(() => promql`x{a="\\",b=${"c"}}`).toThrow("between quotes");
  });

  it("is none where something is missing or empty: it would ask about all that lacks the label", () => {
    const none: string | undefined = undefined;
    expect(promql`up{a="${none}"}`).toBeNull();
    expect(promql`up{a="${""}"}`).toBeNull();
    expect(promql`sum(${promql`up{a="${none}"}`})`).toBeNull();
  });

  it("takes numbers anywhere, and other queries outside of strings", () => {
    const inner = promql`up{a="${"b"}"}`;
    expect(textOf(promql`topk(${3}, ${inner}) > ${0.5}`)).toBe('topk(3, up{a="b"}) > 0.5');
    expect(textOf(traceql`{ duration > ${2}s && name = "${7}" }`)).toBe('{ duration > 2s && name = "7" }');
    expect(textOf(promql`x{a=~"${1.5}"}`)).toBe(String.raw`x{a=~"1\\.5"}`);
  });

  it.each<[string, () => unknown, string]>([
    ["a text outside of a string", () => promql`up{instance=${"a"}}`, "between quotes"],
    ["a text as the whole of it", () => promql`${"up"}`, "between quotes"],
    ["a string in backticks: nothing can be escaped there", () => promql`up{a=\`${"b"}\`}`, "double quotes"],
    ["a string of Go's characters", () => logql`{a='${"b"}'}`, "double quotes"],
    ["a comment that could hide a quote", () => promql`up # it's "${"a"}"`, "without comments"],
    ["a comment of TraceQL's", () => traceql`{} // "${"a"}"`, "without comments"],
    ["a string that does not end", () => promql`up{a="${"b"}`, "not closed"],
    ["a query within a string", () => promql`up{a="${promql`up`}"}`, "cannot stand in a string"],
    ["a number that is none", () => promql`up > ${Number.NaN}`, "no number"],
    ["a number that is none, in a string", () => promql`up{a="${Infinity}"}`, "no number"],
  ])("is refused with %s", (_, write, reason) => {
    expect(write).toThrow(reason);
  });
});
