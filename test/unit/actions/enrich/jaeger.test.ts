// The contract of the newer API: swagger/api_v3/query_service.openapi.yaml and proto/api_v3/query_service.proto of
// jaegertracing/jaeger-idl; that it begins with 2.19, and that GET /api/traces ends after 2.20: internal/http_handler.go and
// internal/apiv3/http_gateway.go of jaegertracing/jaeger at its tags. The older API is not documented: its shape is
// internal/uimodel/model.go there. All read in November 2026.
import { describe, expect, it } from "vitest";
import { enrich } from "../../../../src/actions/enrich/enrich.ts";
import { jaeger } from "../../../../src/actions/enrich/jaeger.ts";
import { type Asked, play, type Said, type StandIn } from "../play.ts";

const settings = { JAEGER_URL: "https://jaeger.example/ui/" };

const connector = enrich([
  jaeger({
    service: ({ incident }) => incident.labels["service"],
    searches: [
      { name: "failed traces", tags: { error: "true" }, limit: 50 },
      { name: "slow traces", slower_than_ms: 1_500, operation: "POST /pay", over_s: 3_600 },
    ],
  }),
]);

const PAGE: Said = { status: 200, text: "<!doctype html><html><title>Jaeger UI</title></html>" };
const ID = "00000000000000000000000000000abc";
const LINKS = [`https://jaeger.example/ui/trace/${ID}`];

interface Known {
  failed: number;
  slow: number;
}

/** From 2.19 on. Times of the stand-in's traces: the slowest took 2.5 s. */
function newer({ failed, slow }: Known): StandIn {
  return ({ method, path, query }): Said => {
    if (method !== "GET" || path !== "/ui/api/v3/trace-summaries") return PAGE;
    const { "query.startTimeMin": from = "", "query.startTimeMax": to = "" } = Object.fromEntries(query);
    if (!(Date.parse(from) < Date.parse(to)))
      return {
        status: 400,
        json: { error: { httpCode: 400, message: "query.startTimeMin must be before query.startTimeMax" } },
      };
    if (query.get("query.serviceName") !== "engine") return { status: 200, json: {} };
    const count = query.get("query.attributes") === '{"error":"true"}' ? failed : slow;
    const summaries = Array.from({ length: count }, (_, index) => ({
      traceId: ID,
      rootServiceName: "frontend",
      rootOperationName: `GET /${index}`,
      minStartTimeUnixNano: "1700000000000000000",
      maxEndTimeUnixNano: String(1_700_000_002_500_000_000n - BigInt(index) * 1_000_000n),
      spanCount: 2,
      errorSpanCount: 1,
      services: [{ name: "frontend", spanCount: 2 }],
    }));
    return { status: 200, json: count === 0 ? {} : { summaries } };
  };
}

/** Up to 2.18: what it does not know is its start page. */
function older({ failed, slow }: Known): StandIn {
  return ({ method, path, query }): Said => {
    if (method !== "GET" || path !== "/ui/api/traces") return PAGE;
    const { service = "", tags, start, end, limit } = Object.fromEntries(query);
    if (service === "")
      return { status: 400, json: { data: null, errors: [{ code: 400, msg: "parameter 'service' is required" }] } };
    if (!/^\d{16}$/.test(`${start}`) || !/^\d{16}$/.test(`${end}`))
      return { status: 400, json: { data: null, errors: [{ code: 400, msg: "strconv.ParseInt" }] } };
    const count = Math.min(Number(limit), tags === '{"error":"true"}' ? failed : slow);
    const span = { traceID: ID, logs: [], tags: [], references: [], warnings: null };
    const data = Array.from({ length: count }, () => ({
      traceID: ID,
      spans: [
        {
          ...span,
          spanID: "2",
          operationName: "SELECT",
          startTime: 1_700_000_000_100_000,
          duration: 2_400_000,
          processID: "p2",
        },
        {
          ...span,
          spanID: "1",
          operationName: "GET /",
          startTime: 1_700_000_000_000_000,
          duration: 2_000_000,
          processID: "p1",
        },
      ],
      processes: { p1: { serviceName: "frontend", tags: [] }, p2: { serviceName: "db", tags: [] } },
      warnings: null,
    }));
    return { status: 200, json: { data, total: 0, limit: 0, offset: 0, errors: null } };
  };
}

const queryOf = (asked: Asked | undefined) => Object.fromEntries(asked?.query ?? []);

describe("Jaeger from 2.19 on", () => {
  it("tells how many traces there are, the slowest, and where to look at it", async () => {
    const { last, asked } = await play(connector, newer({ failed: 12, slow: 20 }), { settings });
    expect(last).toMatchObject({
      kind: "succeeded",
      summary:
        "failed traces: 12 in 15 min, the slowest 2.5 s (frontend: GET /0)\n" +
        "slow traces: 20 or more in 60 min, the slowest 2.5 s (frontend: GET /0)",
      values: { "failed traces": 12, "slow traces": 20 },
      links: [...LINKS, ...LINKS],
    });
    expect(asked.map(({ path }) => path)).toEqual(["/ui/api/v3/trace-summaries", "/ui/api/v3/trace-summaries"]);
    const time = {
      "query.startTimeMin": expect.any(String) as unknown,
      "query.startTimeMax": expect.any(String) as unknown,
    };
    expect(queryOf(asked[0])).toEqual({
      ...time,
      "query.serviceName": "engine",
      "query.attributes": '{"error":"true"}',
      "query.searchDepth": "50",
    });
    expect(queryOf(asked[1])).toEqual({
      ...time,
      "query.serviceName": "engine",
      "query.operationName": "POST /pay",
      "query.durationMin": "1.5s",
      "query.searchDepth": "20",
    });
    expect(
      Date.parse(queryOf(asked[1])["query.startTimeMax"] ?? "") -
        Date.parse(queryOf(asked[1])["query.startTimeMin"] ?? ""),
    ).toBe(3_600_000);
  });

  it("says that there are none", async () => {
    const { last } = await play(connector, newer({ failed: 0, slow: 0 }), { settings });
    expect(last).toMatchObject({
      summary: "nothing found: failed traces, slow traces",
      values: { "failed traces": 0, "slow traces": 0 },
    });
  });
});

describe("Jaeger up to 2.18", () => {
  it.each<[string, Said]>([
    ["its start page", PAGE],
    ["404", { status: 404, text: "404 page not found" }],
  ])("is asked by the older API where it answers the newer with %s", async (_, unknown) => {
    const standIn: StandIn = (asked) => (asked.path.includes("/v3/") ? unknown : older({ failed: 12, slow: 1 })(asked));
    const { last, asked } = await play(connector, standIn, { settings });
    expect(last).toMatchObject({
      summary:
        "failed traces: 10 or more in 15 min, the slowest 2.5 s (frontend: GET /)\n" +
        "slow traces: 1 in 60 min, the slowest 2.5 s (frontend: GET /)",
      values: { "failed traces": 10, "slow traces": 1 },
      links: [...LINKS, ...LINKS],
    });
    const queries = asked.filter(({ path }) => path === "/ui/api/traces").map(queryOf);
    expect(queries).toMatchObject([
      { service: "engine", tags: '{"error":"true"}', limit: "10" },
      { service: "engine", operation: "POST /pay", minDuration: "1.5s", limit: "10" },
    ]);
    expect(Number(queries[0]?.["end"]) - Number(queries[0]?.["start"])).toBe(900_000_000);
  });
});

describe("Jaeger", () => {
  it("links to other pages where it is told so", async () => {
    const more = { JAEGER_LINK: "https://grafana.example/trace/{trace_id}?from={trace_id}" };
    const { last } = await play(connector, newer({ failed: 1, slow: 0 }), { settings: { ...settings, ...more } });
    expect(last).toMatchObject({ links: [`https://grafana.example/trace/${ID}?from=${ID}`] });
  });

  it("is not asked where the incident names no service", async () => {
    const nameless = enrich([jaeger({ service: () => undefined, searches: [{ name: "all" }] })]);
    const { last, asked } = await play(nameless, newer({ failed: 1, slow: 1 }), { settings });
    expect(last.kind).toBe("skipped");
    expect(asked).toEqual([]);
  });

  it("what a push says is one value, whatever it is", async () => {
    const evil = enrich([jaeger({ service: () => 'x&tags={"a":"b"}#\n', searches: [{ name: "all" }] })]);
    const { asked } = await play(evil, newer({ failed: 1, slow: 1 }), { settings });
    expect(queryOf(asked[0])).toMatchObject({ "query.serviceName": 'x&tags={"a":"b"}#\n' });
    expect(asked[0]?.query.has("tags")).toBe(false);
  });

  it.each<[string, Said, string, string]>([
    [
      "a search that it cannot serve",
      { status: 400, json: { error: { httpCode: 400, message: "search depth must be greater than 0" } } },
      "failed",
      "answered 400 (search depth must be greater than 0)",
    ],
    [
      "a storage that is down",
      { status: 500, json: { error: { httpCode: 500, message: "no Elasticsearch node available" } } },
      "later",
      "(no Elasticsearch node available)",
    ],
    ["a proxy that lets no one in", { status: 401 }, "failed", "its credential is not valid"],
    ["silence", "silence", "later", "could not be reached"],
    ["start pages only", PAGE, "later", "not as expected"],
    ["nothing at either path", { status: 404 }, "failed", "answered 404"],
    [
      "times that are none",
      { status: 200, json: { summaries: [{ traceId: "1", maxEndTimeUnixNano: "soon" }] } },
      "later",
      "not as expected",
    ],
  ])("alone, and met with %s: %s", async (_, said, kind, reason) => {
    const { last } = await play(connector, () => said, { settings });
    expect(last.kind).toBe(kind);
    expect("reason" in last && last.reason).toContain(reason);
  });

  it("tells what the older API says is wrong", async () => {
    const wrong: Said = {
      status: 400,
      json: { data: null, total: 0, errors: [{ code: 400, msg: "parameter 'service' is required" }] },
    };
    const { last } = await play(connector, ({ path }) => (path.includes("/v3/") ? PAGE : wrong), { settings });
    expect("reason" in last && last.reason).toContain("answered 400 (parameter 'service' is required)");
  });
});
