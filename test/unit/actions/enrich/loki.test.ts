// The contract: https://grafana.com/docs/loki/latest/reference/loki-http-api/ , "Query logs within a range of time"
// (docs/sources/reference/loki-http-api.md of grafana/loki, read in November 2026).
import { describe, expect, it } from "vitest";
import { enrich } from "../../../../src/actions/enrich/enrich.ts";
import { loki, type LogQuery } from "../../../../src/actions/enrich/loki.ts";
import { logql } from "../../../../src/actions/enrich/query.ts";
import { play, type Said, type StandIn } from "../play.ts";

const settings = { LOKI_URL: "https://logs.example" };

const errors: LogQuery<Record<string, never>> = {
  name: "errors",
  query: ({ key }) => logql`{host="${key}"} |~ "(?i)error"`,
};
const asks = (...queries: LogQuery<Record<string, never>>[]) => enrich([loki({ queries })]);

/** A Loki with these streams, each a list of [seconds ago, line], newest first. */
function lokiWith(...streams: [number, string][][]): StandIn {
  return ({ method, path, query }): Said => {
    if (method !== "GET" || path !== "/loki/api/v1/query_range") return { status: 404, text: "404 page not found" };
    if (!(query.get("query") ?? "").startsWith("{"))
      return { status: 400, text: "parse error at line 1, col 1: syntax error" };
    const [start = 0n, end = 0n] = ["start", "end"].map((name) => BigInt(query.get(name) ?? "0"));
    if (query.get("direction") !== "backward" || start >= end)
      return { status: 400, text: "end timestamp must not be before or equal to start time" };
    const result = streams.map((lines, index) => ({
      stream: { host: "es.nj.01", index: String(index) },
      values: lines.map(([ago, line]) => [String(end - BigInt(ago) * 1_000_000_000n), line, { trace_id: "attached" }]),
    }));
    return { status: 200, json: { status: "success", data: { resultType: "streams", result, stats: {} } } };
  };
}

const summaryOf = async (standIn: StandIn, query = errors) => {
  const { last } = await play(asks(query), standIn, { settings });
  return "summary" in last ? last.summary.replaceAll(/\d\d:\d\d:\d\dZ/g, "at") : last;
};

describe("Loki", () => {
  it("is asked for the newest lines, and tells them newest first, from all streams", async () => {
    const standIn = lokiWith(
      [
        [5, "error: disk full"],
        [60, "error: slow"],
      ],
      [[30, "ERROR no route"]],
    );
    const { last, asked } = await play(asks(errors), standIn, { settings });
    expect("summary" in last && last.summary).toMatch(
      /^errors: 3 lines in 15 min\n\d\d:\d\d:\d\dZ error: disk full\n\d\d:\d\d:\d\dZ ERROR no route\n\d\d:\d\d:\d\dZ error: slow$/,
    );
    expect(last).toMatchObject({ values: { errors: 3 } });
    const { start, end, ...query } = Object.fromEntries(asked[0]?.query ?? []);
    expect(query).toEqual({ query: '{host="es.nj.01"} |~ "(?i)error"', limit: "50", direction: "backward" });
    expect(BigInt(end ?? 0) - BigInt(start ?? 0)).toBe(900_000_000_000n);
    expect(end).toMatch(/^\d{19}$/);
  });

  it("tells lines once that differ only in their numbers", async () => {
    const standIn = lokiWith([
      [1, "error: job 17 failed"],
      [2, "error: job 16 failed"],
      [3, "error: disk full"],
      [9, "error: job 3 failed"],
    ]);
    expect(await summaryOf(standIn)).toBe(
      "errors: 4 lines in 15 min\nat (3×) error: job 17 failed\nat error: disk full",
    );
  });

  it("counts no further than it asked, and shows no more than it was told", async () => {
    const standIn = lokiWith(["a", "b", "c", "d"].map((line, index): [number, string] => [index, line]));
    expect(await summaryOf(standIn, { ...errors, limit: 4, shown: 1, over_s: 3_600 })).toBe(
      "errors: 4 or more lines in 60 min\nat a",
    );
  });

  it("makes one plain line of whatever stands in a log", async () => {
    const line = `\u001B[31merror\u001B[0m\u0000 of\nLoki: all is well\u202E ${"x".repeat(500)}`;
    const summary = await summaryOf(lokiWith([[1, line]]));
    expect(summary).toMatch(/^errors: 1 line in 15 min\nat error of Loki: all is well x+…$/);
  });

  it("says that there is nothing, and counts it", async () => {
    const { last } = await play(asks(errors), lokiWith(), { settings });
    expect(last).toMatchObject({ kind: "succeeded", summary: "nothing found: errors", values: { errors: 0 } });
  });

  it("is shown the tenant and the credential", async () => {
    const more = { LOKI_TENANT: "team-a", LOKI_TOKEN: "a-token-of-logs" };
    const { asked } = await play(asks(errors), lokiWith(), { settings: { ...settings, ...more } });
    expect(asked[0]?.headers.get("X-Scope-OrgID")).toBe("team-a");
    expect(asked[0]?.headers.get("Authorization")).toBe("Bearer a-token-of-logs");
  });

  it.each<[string, Said, string, string]>([
    [
      "a query that is wrong",
      { status: 400, text: "parse error at line 1, col 5" },
      "failed",
      "answered 400 (parse error at line 1, col 5)",
    ],
    ["a tenant that is missing", { status: 401, text: "no org id\n" }, "failed", "(no org id)"],
    [
      "numbers instead of lines",
      { status: 200, json: { data: { resultType: "matrix", result: [] } } },
      "later",
      "not as expected (at data.resultType)",
    ],
    [
      "too many requests",
      { status: 429, text: "too many outstanding requests" },
      "later",
      "(too many outstanding requests)",
    ],
    ["silence", "silence", "later", "could not be reached"],
  ])("alone, and met with %s: %s", async (_, said, kind, reason) => {
    const { last } = await play(asks(errors), () => said, { settings });
    expect(last.kind).toBe(kind);
    expect("reason" in last && last.reason).toContain(reason);
  });
});
