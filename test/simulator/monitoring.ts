// What is asked about a host and its service: a Prometheus that has measured it, a Loki that has its log, and a Jaeger. Contracts:
// https://prometheus.io/docs/prometheus/latest/querying/api/ and https://grafana.com/docs/loki/latest/reference/loki-http-api/ .

import type { Asked, Said, StandIn } from "./system.ts";

/** A credential as these systems take it: a token, or `user:password`. */
function opens({ headers }: Asked, credential: string): boolean {
  const expected = credential.includes(":") ? `Basic ${btoa(credential)}` : `Bearer ${credential}`;
  return headers.get("Authorization") === expected;
}

/** What it has measured of its one host in the last minutes, by what is found in a query. */
const MEASURED: [about: string, numbers: string[]][] = [
  ["node_cpu_seconds_total", ["12.3", "35", "71.5", "97.25", "93.2"]],
  ["node_memory_MemAvailable_bytes", ["62.1", "55", "48.2", "44.9", "41.7"]],
  ["up{", ["1", "1", "1", "1", "1"]],
];

/** A Prometheus that knows one host: its processor got busy, and its memory less. */
export function prometheusStandIn({ token, host }: { token: string; host: string }): StandIn {
  // As it stands in a query: within a string, and there within a pattern.
  const in_query = host.replaceAll(".", String.raw`\\.`);
  return (asked): Said => {
    if (!opens(asked, token)) return { status: 401, text: "Unauthorized\n" };
    const query = asked.query.get("query") ?? "";
    const [, numbers = []] = MEASURED.find(([about]) => query.includes(about) && query.includes(in_query)) ?? [];
    const now_s = Date.now() / 1_000;
    const values = numbers.map((number, index) => [now_s - (numbers.length - 1 - index) * 30, number]);
    const series = values.length === 0 ? [] : [{ metric: {}, values, value: values.at(-1) }];
    if (asked.path === "/api/v1/query")
      return found(
        "vector",
        series.map(({ metric, value }) => ({ metric, value })),
      );
    if (asked.path !== "/api/v1/query_range") return { status: 404, text: "404 page not found\n" };
    return found(
      "matrix",
      series.map(({ metric, values }) => ({ metric, values })),
    );
  };
}

/** A Loki with the lines of one service, the newest first. */
export function lokiStandIn({ token, service }: { token: string; service: string }): StandIn {
  const lines = ["ERROR query 8812 timed out", "ERROR query 8807 timed out", "error: heap is full"];
  return (asked): Said => {
    if (!opens(asked, token)) return { status: 401, text: "no org id\n" };
    if (asked.path !== "/loki/api/v1/query_range") return { status: 404, text: "404 page not found" };
    const is_known = (asked.query.get("query") ?? "").includes(`"${service}"`);
    const end = BigInt(asked.query.get("end") ?? "0");
    const values = lines.map((line, index) => [String(end - BigInt(index) * 7_000_000_000n), line]);
    return found("streams", is_known ? [{ stream: { service_name: service }, values }] : []);
  };
}

/** A Jaeger that is in trouble itself: its first answer never comes, and after that it has no traces. */
export function jaegerStandIn(): StandIn {
  let is_well = false;
  return (): Said => {
    const said: Said = is_well ? { status: 200, json: { summaries: [] } } : "hangs";
    is_well = true;
    return said;
  };
}

function found(resultType: string, result: object[]): Said {
  return { status: 200, json: { status: "success", data: { resultType, result } } };
}
