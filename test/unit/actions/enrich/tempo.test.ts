// The contract: https://grafana.com/docs/tempo/latest/api_docs/ , "Search" (docs/sources/tempo/api_docs/_index.md of grafana/tempo,
// and SearchResponse in its pkg/tempopb/tempo.proto, read in November 2026). Ids lose their leading zeros: grafana/tempo#5395.
import { describe, expect, it } from "vitest";
import { enrich } from "../../../../src/actions/enrich/enrich.ts";
import { traceql } from "../../../../src/actions/enrich/query.ts";
import { tempo } from "../../../../src/actions/enrich/tempo.ts";
import { play, type Said, type StandIn } from "../play.ts";

const settings = { TEMPO_URL: "https://traces.example/tempo" };

const connector = enrich([
  tempo({
    queries: [
      {
        name: "failed traces",
        query: ({ key }) => traceql`{ resource.service.name = "${key}" && status = error }`,
        limit: 2,
      },
    ],
  }),
]);

/** A Tempo that finds these; it searches what it has stored only between `start` and `end`. */
function tempoWith(...traces: object[]): StandIn {
  return ({ method, path, query }): Said => {
    if (method !== "GET" || path !== "/tempo/api/search") return { status: 404, text: "404 page not found" };
    const { q = "", start = "0", end = "0", limit = "20" } = Object.fromEntries(query);
    if (q !== '{ resource.service.name = "es.nj.01" && status = error }')
      return { status: 400, text: `invalid TraceQL query: ${q}` };
    const is_stored = /^\d{10}$/.test(start) && Number(end) - Number(start) === 900;
    return {
      status: 200,
      json: { traces: is_stored ? traces.slice(0, Number(limit)) : [], metrics: { totalBlocks: 13 } },
    };
  };
}

const slow = {
  traceID: "3e0cee77ae5dc9c17ade3689eb2e54",
  rootServiceName: "shop",
  rootTraceName: "update-billing",
  startTimeUnixNano: "1684778327699392724",
  durationMs: 3_557,
  spanSets: [{ spans: [], matched: 1 }],
};
/** Shorter than a millisecond, and its root has not come in yet: what is zero or empty is left out. */
const short = { traceID: "1b1ba462b409200d", startTimeUnixNano: "1634727775935000000" };

describe("Tempo", () => {
  it("tells how many there are, the slowest, and where to look at it", async () => {
    const more = { TEMPO_LINK: "https://grafana.example/explore?trace={trace_id}" };
    const { last } = await play(connector, tempoWith(short, slow), { settings: { ...settings, ...more } });
    expect(last).toMatchObject({
      kind: "succeeded",
      summary: "failed traces: 2 or more in 15 min, the slowest 3.557 s (shop: update-billing)",
      values: { "failed traces": 2 },
      links: ["https://grafana.example/explore?trace=003e0cee77ae5dc9c17ade3689eb2e54"],
    });
  });

  it("has no pages of its own to link to", async () => {
    const { last } = await play(connector, tempoWith(slow), { settings });
    expect(last).toMatchObject({ summary: expect.stringContaining("1 in 15 min") as unknown, links: [] });
  });

  it.each([[{ traces: [] }], [{ traces: null }], [{}]])("says that there are none: %j", async (json) => {
    const { last } = await play(connector, () => ({ status: 200, json }), { settings });
    expect(last).toMatchObject({ summary: "nothing found: failed traces", values: { "failed traces": 0 } });
  });

  it("is shown the tenant and the credential", async () => {
    const more = { TEMPO_TENANT: "team-a", TEMPO_TOKEN: "12345:glc_token" };
    const { asked } = await play(connector, tempoWith(), { settings: { ...settings, ...more } });
    expect(asked[0]?.headers.get("X-Scope-OrgID")).toBe("team-a");
    expect(asked[0]?.headers.get("Authorization")).toBe(`Basic ${btoa("12345:glc_token")}`);
  });

  it.each<[string, Said, string, string]>([
    [
      "a query that is wrong",
      { status: 400, text: "invalid TraceQL query: parse error" },
      "failed",
      "(invalid TraceQL query: parse error)",
    ],
    [
      "an answer that is no search",
      { status: 200, json: { traces: [{}] } },
      "later",
      "not as expected (at traces.0.traceID)",
    ],
    ["silence", "silence", "later", "could not be reached"],
  ])("alone, and met with %s: %s", async (_, said, kind, reason) => {
    const { last } = await play(connector, () => said, { settings });
    expect(last.kind).toBe(kind);
    expect("reason" in last && last.reason).toContain(reason);
  });
});
