// The contract: https://prometheus.io/docs/prometheus/latest/querying/api/ (docs/querying/api.md of prometheus/prometheus, read
// in November 2026). The same requests are made to a real Prometheus in test/system/prometheus.test.ts.
import { describe, expect, it } from "vitest";
import { enrich } from "../../../../src/actions/enrich/enrich.ts";
import { type Measurement, prometheus } from "../../../../src/actions/enrich/prometheus.ts";
import { promql } from "../../../../src/actions/enrich/query.ts";
import { play, type Said, type StandIn } from "../play.ts";

const settings = { PROMETHEUS_URL: "https://metrics.example/prometheus" };

type Result = { metric: Record<string, string>; value?: [number, string]; values?: [number, string][] };

/** A Prometheus that knows these queries, and no series for any other. */
function prometheusWith(results: Record<string, Result[]>): StandIn {
  return ({ method, path, query }): Said => {
    const is_range = path === "/prometheus/api/v1/query_range";
    if (method !== "GET" || (!is_range && path !== "/prometheus/api/v1/query"))
      return { status: 404, text: "404 page not found\n" };
    const asked = query.get("query") ?? "";
    if (asked.endsWith("{")) return bad(`1:${asked.length}: parse error: unexpected end of input inside braces`);
    if (is_range && !["start", "end", "step"].every((name) => Number(query.get(name)) > 0))
      return bad('invalid parameter "step": cannot parse "" to a valid duration');
    const resultType = is_range ? "matrix" : "vector";
    return { status: 200, json: { status: "success", data: { resultType, result: results[asked] ?? [] } } };
  };
}

const bad = (error: string): Said => ({ status: 400, json: { status: "error", errorType: "bad_data", error } });

const asks = (...queries: Measurement<Record<string, never>>[]) => enrich([prometheus({ queries })]);

const cpu: Measurement<Record<string, never>> = {
  name: "CPU",
  unit: "%",
  query: ({ key }) => promql`cpu{instance=~"${key}(:[0-9]+)?"}`,
};
const CPU = String.raw`cpu{instance=~"es\\.nj\\.01(:[0-9]+)?"}`;

const ago = (seconds: number) => Date.now() / 1_000 - seconds;
/** A sample every 30 s up to now; each number once. */
const samples = (...numbers: string[]): [number, string][] =>
  numbers.map((number, index) => [ago((numbers.length - 1 - index) * 30), number]);

describe("Prometheus", () => {
  it("is asked for now, and tells the number with its unit", async () => {
    const standIn = prometheusWith({ [CPU]: [{ metric: { instance: "es.nj.01:9100" }, value: [ago(0), "93.2"] }] });
    const { last, asked } = await play(asks(cpu), standIn, { settings });
    expect(last).toMatchObject({ kind: "succeeded", summary: "CPU: 93.2 %", values: { CPU: 93.2 } });
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /prometheus/api/v1/query"]);
    expect(Object.fromEntries(asked[0]?.query ?? [])).toEqual({ query: CPU });
  });

  it("is asked over a time, and tells how it went", async () => {
    const values = samples("12", "40", "71", "97", "93.25");
    const standIn = prometheusWith({ [CPU]: [{ metric: {}, values }] });
    const { last, asked } = await play(asks({ ...cpu, over_s: 1_800 }), standIn, { settings });
    expect(last).toMatchObject({
      summary: "CPU: now 93.25 %; 12 % to 97 %, rising, over 30 min",
      values: { CPU: 93.25 },
    });
    const { start, end, step } = Object.fromEntries(asked[0]?.query ?? []);
    expect(Number(end) - Number(start)).toBeCloseTo(1_800);
    expect(Math.abs(Number(end) - ago(0))).toBeLessThan(5);
    expect(step).toBe("30");
  });

  it.each<[string, string[], string]>([
    ["that did not move", ["5", "5", "5"], "now 5 %; the same over 30 min"],
    ["that fell", ["90", "50", "10"], "now 10 %; 10 % to 90 %, falling, over 30 min"],
    ["with gaps of NaN", ["90", "NaN", "91"], "now 91 %; 90 % to 91 %, steady, over 30 min"],
    ["that was divided by zero at last", ["1", "3", "+Inf"], "now infinite; 1 % to 3 %, rising, over 30 min"],
    ["of a single point", ["1"], "now 1 %"],
  ])("a series %s", async (_, numbers, words) => {
    const standIn = prometheusWith({ [CPU]: [{ metric: {}, values: samples(...numbers) }] });
    const { last } = await play(asks({ ...cpu, over_s: 1_800 }), standIn, { settings });
    expect(last).toMatchObject({ kind: "succeeded", summary: `CPU: ${words}` });
    const number = Number(numbers.at(-1));
    expect("values" in last && last.values).toEqual(Number.isNaN(number) ? {} : { CPU: number });
  });

  it("takes the newest point for now, where the system shows it a little late", async () => {
    const values = samples("12", "40").map(([at, number]): [number, string] => [at - 100, number]);
    const standIn = prometheusWith({ [CPU]: [{ metric: {}, values }] });
    const { last } = await play(asks({ ...cpu, over_s: 1_800 }), standIn, { settings });
    expect("summary" in last && last.summary).toMatch(/^CPU: now 40 %;/);
  });

  it("says since when nothing is measured any more, as of a host that is down", async () => {
    const values = samples("12", "40").map(([at, number]): [number, string] => [at - 720, number]);
    const standIn = prometheusWith({ [CPU]: [{ metric: {}, values }] });
    const { last } = await play(asks({ ...cpu, over_s: 1_800 }), standIn, { settings });
    expect("summary" in last && last.summary).toMatch(/^CPU: last 40 %, 12(\.\d+)? min ago; 12 % to 40 %/);
  });

  it("tells several series by the labels in which they differ, and takes none of them for the value", async () => {
    const result = ["/", "/data", "/var", "/srv", "/opt"].map((mountpoint, index): Result => ({
      metric: { __name__: "cpu", instance: "es.nj.01", mountpoint },
      value: [ago(0), String(90 - index)],
    }));
    const { last } = await play(asks(cpu), prometheusWith({ [CPU]: result }), { settings });
    expect(last).toMatchObject({
      summary:
        "CPU (mountpoint=/): 90 %\nCPU (mountpoint=/data): 89 %\nCPU (mountpoint=/var): 88 %\nCPU: 2 series more",
    });
    expect("values" in last && last.values).toEqual({});
  });

  it("says in one line of what there is nothing", async () => {
    const none = (name: string) => ({ ...cpu, name, query: () => promql`none` });
    const standIn = prometheusWith({ [CPU]: [{ metric: {}, value: [ago(0), "1"] }] });
    const { last } = await play(asks(none("load"), cpu, none("disk")), standIn, { settings });
    expect(last).toMatchObject({ summary: "CPU: 1 %\nnothing found: load, disk", values: { CPU: 1 } });
  });

  it("reads the number of a scalar", async () => {
    const scalar = { status: "success", data: { resultType: "scalar", result: [ago(0), "42"] } };
    const { last } = await play(asks(cpu), () => ({ status: 200, json: scalar }), { settings });
    expect(last).toMatchObject({ summary: "CPU: 42 %", values: { CPU: 42 } });
  });

  it("is not asked what the incident has nothing for", async () => {
    const unlabelled = {
      ...cpu,
      query: ({ incident }: { incident: { labels: Record<string, string> } }) =>
        promql`x{a="${incident.labels["none"]}"}`,
    };
    const { last, asked } = await play(asks(unlabelled), prometheusWith({}), { settings });
    expect(last.kind).toBe("skipped");
    expect(asked).toEqual([]);
  });

  it.each<[string, Record<string, string>, Record<string, string | null>]>([
    ["nothing", {}, { Authorization: null, "X-Scope-OrgID": null }],
    ["a token", { PROMETHEUS_TOKEN: "a-token-of-metrics" }, { Authorization: "Bearer a-token-of-metrics" }],
    [
      "user and password",
      { PROMETHEUS_TOKEN: "reader:open sesame" },
      { Authorization: `Basic ${btoa("reader:open sesame")}` },
    ],
    ["a tenant", { PROMETHEUS_TENANT: "team-a|team-b" }, { "X-Scope-OrgID": "team-a|team-b" }],
  ])("is shown %s", async (_, more, headers) => {
    const { asked } = await play(asks(cpu), prometheusWith({}), { settings: { ...settings, ...more } });
    for (const [name, value] of Object.entries(headers)) expect(asked[0]?.headers.get(name)).toBe(value);
  });

  it("one query that is wrong does not spoil the others, and it is told what is wrong with it", async () => {
    const wrong = { ...cpu, name: "load", query: () => promql`load{` };
    const broken = {
      ...cpu,
      name: "disk",
      query: () => {
        throw new TypeError("labels is not a function");
      },
    };
    const standIn = prometheusWith({ [CPU]: [{ metric: {}, value: [ago(0), "1"] }] });
    const { last } = await play(asks(wrong, cpu, broken), standIn, { settings });
    expect(last).toMatchObject({
      kind: "succeeded",
      summary:
        "load: the target answered 400 (1:5: parse error: unexpected end of input inside braces)\nCPU: 1 %\n" +
        "disk: could not be asked: TypeError: labels is not a function",
    });
  });

  it.each<[string, Said, string, string]>([
    [
      "no credential",
      { status: 401, text: "no org id" },
      "failed",
      "answered 401: its credential is not valid (no org id)",
    ],
    [
      "a query that cannot be done",
      { status: 422, json: { error: "found duplicate series" } },
      "failed",
      "duplicate series",
    ],
    ["a query that took too long", { status: 503, json: { error: "query timed out" } }, "later", "answered 503"],
    ["too many requests", { status: 429, headers: { "Retry-After": "7" } }, "later", "answered 429"],
    ["a proxy's error", { status: 502, text: "<html>bad gateway" }, "later", "answered 502"],
    ["a break on the way", "silence", "later", "could not be reached"],
    ["a page to log in", { status: 200, text: "<html>log in" }, "later", "answered 200, but not as expected"],
    ["a redirect", { status: 302 }, "failed", "redirects are not followed"],
  ])("alone, and met with %s: %s", async (_, said, kind, reason) => {
    const { last } = await play(asks(cpu), () => said, { settings });
    expect(last.kind).toBe(kind);
    expect("reason" in last && last.reason).toContain(`Prometheus: CPU: `);
    expect("reason" in last && last.reason).toContain(reason);
    expect("reason" in last && last.reason).not.toContain("<");
    if (kind === "later" && reason.includes("429")) expect(last).toMatchObject({ after_ms: 7_000 });
  });

  it("what a push says stays in its string, whatever it is", async () => {
    const evil = `x"} or vector(1) or up{a="\\`;
    const { asked } = await play(asks(cpu), prometheusWith({}), { settings, run: { key: evil } });
    expect(asked[0]?.query.get("query")).toBe(
      String.raw`cpu{instance=~"x\"\\} or vector\\(1\\) or up\\{a=\"\\\\(:[0-9]+)?"}`,
    );
  });
});
