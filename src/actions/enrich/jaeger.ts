// Jaeger: failed or slow traces of a service. From 2.19 on by its stable API (`/api/v3/trace-summaries`, in
// https://github.com/jaegertracing/jaeger-idl , swagger/api_v3/query_service.openapi.yaml), before by the one that its
// pages used (`/api/traces`), which is gone after 2.20.
import * as z from "zod";
import type { Answer } from "../../runs/http.ts";
import type { Given } from "../connector.ts";
import { askAll, type Finding, OVER_S, type Reader, reader, readAnswer, type Source } from "./source.ts";
import { linkSetting, toldOf, type Trace } from "./trace.ts";

/** What the traces have in common; all of it holds for one span of the trace. */
interface TraceSearch {
  /** As people call them: "failed traces"; how many there are is the value of this name. */
  name: string;
  operation?: string;
  /** `{ error: "true" }` for those that failed. */
  tags?: Readonly<Record<string, string>>;
  /** With a span that took so long, in milliseconds. */
  slower_than_ms?: number;
  /** Looks at so many seconds up to now; 900 by default. */
  over_s?: number;
  /** How many are asked for, 20 by default: more are not counted. */
  limit?: number;
}

interface JaegerSpec<Params> {
  /** The settings' prefix. */
  settings?: string;
  /** As people call it, where there are several of them. */
  name?: string;
  /** The service as Jaeger knows it; undefined where the incident names none. */
  service: (given: Given<Params>) => string | undefined;
  searches: readonly TraceSearch[];
}

/** A search, with the service and the time (ms). */
type Wanted = TraceSearch & { service: string; from_ms: number; to_ms: number; limit: number };

/** The older API answers with every span of every trace: more than a few do not fit into an answer. */
const MOST_WHOLE_TRACES = 10;

/** Needs `JAEGER_URL`, of the query service; `JAEGER_TOKEN` where something in front of it wants it; `JAEGER_LINK` for other pages than its own. */
export function jaeger<Params>({
  settings = "JAEGER",
  name = "Jaeger",
  service,
  searches,
}: JaegerSpec<Params>): Source<Params> {
  const system = reader(settings);
  const link = linkSetting(settings);
  const search = async (asked: TraceSearch, given: Given<Params>): Promise<Finding> => {
    const known_as = service(given);
    if (known_as === undefined || known_as === "") return { kind: "not_asked" };
    const { over_s = OVER_S, limit = 20 } = asked;
    const to_ms = Date.now();
    const wanted = { ...asked, service: known_as, from_ms: to_ms - over_s * 1_000, to_ms, limit };
    const newer = await system.get(given, newerSearch(wanted));
    const template = given.settings[link.name] ?? pageOf(given.settings[`${settings}_URL`]);
    if (!isUnknownPath(newer)) {
      const answer = readAnswer(newer, Summaries);
      return answer.ok ? toldOf(asked.name, answer.value, { over_s, limit, template }) : answer.finding;
    }
    return olderSearch(system, given, { ...wanted, limit: Math.min(limit, MOST_WHOLE_TRACES) }, { over_s, template });
  };
  return {
    name,
    settings: [...system.settings, link],
    values: searches.map((one) => one.name),
    read: async (given) => askAll(searches, search, given),
  };
}

/** Jaeger shows its traces itself. */
function pageOf(address: string | undefined): string | undefined {
  return address === undefined ? undefined : `${address.replace(/\/$/, "")}/trace/{trace_id}`;
}

/** Jaeger answers with its start page where it does not know a path. */
function isUnknownPath(answer: Answer): boolean {
  if (answer.kind !== "answered") return false;
  const is_page = answer.status === 200 && answer.text.trimStart().startsWith("<");
  return is_page || answer.status === 404 || answer.status === 405;
}

function newerSearch({ service, operation, tags, slower_than_ms, from_ms, to_ms, limit }: Wanted) {
  return {
    path: ["api", "v3", "trace-summaries"],
    query: {
      "query.serviceName": service,
      "query.operationName": operation,
      "query.attributes": tags && JSON.stringify(tags),
      "query.durationMin": seconds(slower_than_ms),
      "query.startTimeMin": new Date(from_ms).toISOString(),
      "query.startTimeMax": new Date(to_ms).toISOString(),
      "query.searchDepth": limit,
    },
  };
}

/** As Go reads a duration. */
function seconds(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : `${ms / 1_000}s`;
}

/** Nanoseconds are texts, for they are more than a number of JavaScript holds. What is zero or empty is left out. */
const nanoseconds = z
  .string()
  .regex(/^\d{1,20}$/)
  .default("0");
const Summaries = z
  .object({
    summaries: z
      .array(
        z.object({
          traceId: z.string(),
          rootServiceName: z.string().default(""),
          rootOperationName: z.string().default(""),
          minStartTimeUnixNano: nanoseconds,
          maxEndTimeUnixNano: nanoseconds,
        }),
      )
      .default([]),
  })
  .transform(({ summaries }) =>
    summaries.map((one): Trace => {
      const took_ns = BigInt(one.maxEndTimeUnixNano) - BigInt(one.minStartTimeUnixNano);
      const name = `${one.rootServiceName}: ${one.rootOperationName}`;
      return { id: one.traceId, name, duration_ms: Number(took_ns) / 1_000_000 };
    }),
  );

async function olderSearch(
  system: Reader,
  given: Given<unknown>,
  { name, service, operation, tags, slower_than_ms, from_ms, to_ms, limit }: Wanted,
  { over_s, template }: { over_s: number; template: string | undefined },
): Promise<Finding> {
  const span = { start: from_ms * 1_000, end: to_ms * 1_000, minDuration: seconds(slower_than_ms) }; // microseconds
  const query = { service, operation, tags: tags && JSON.stringify(tags), ...span, limit };
  const answer = readAnswer(await system.get(given, { path: ["api", "traces"], query }), WholeTraces);
  return answer.ok ? toldOf(name, answer.value, { over_s, limit, template }) : answer.finding;
}

/** Times in microseconds. */
const Span = z.object({
  operationName: z.string(),
  startTime: z.number(),
  duration: z.number(),
  processID: z.string().default(""),
});
const WholeTraces = z
  .object({
    data: z.array(
      z.object({
        traceID: z.string(),
        spans: z.array(Span),
        processes: z.record(z.string(), z.object({ serviceName: z.string() })),
      }),
    ),
  })
  .transform(({ data }) =>
    data.map(({ traceID, spans, processes }): Trace => {
      const [first] = spans.toSorted((one, other) => one.startTime - other.startTime);
      const ended = Math.max(...spans.map(({ startTime, duration }) => startTime + duration));
      const name = `${processes[first?.processID ?? ""]?.serviceName ?? ""}: ${first?.operationName ?? ""}`;
      return { id: traceID, name, duration_ms: first === undefined ? 0 : (ended - first.startTime) / 1_000 };
    }),
  );
