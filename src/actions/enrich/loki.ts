// Loki: the newest lines of a log. https://grafana.com/docs/loki/latest/reference/loki-http-api/ : "Query logs within a
// range of time". What stands in a log was written by anybody.
import * as z from "zod";
import type { Given } from "../connector.ts";
import { lasting } from "./measure.ts";
import type { Query } from "./query.ts";
import { askAll, type Finding, OVER_S, reader, readAnswer, type Source } from "./source.ts";

export interface LogQuery<Params> {
  /** As people call them: "errors"; how many there are is the value of this name. */
  name: string;
  /** Made with `logql`, and asks for lines, not for numbers; null where the incident has nothing to ask about. */
  query: (given: Given<Params>) => Query<"LogQL"> | null;
  /** Looks at so many seconds up to now; 900 by default. */
  over_s?: number;
  /** How many lines are asked for, 50 by default: more are not counted. */
  limit?: number;
  /** How many are shown, 3 by default. Lines that differ only in their numbers are shown once. */
  shown?: number;
}

interface LokiSpec<Params> {
  /** The settings' prefix. */
  settings?: string;
  /** As people call it, where there are several of them. */
  name?: string;
  queries: readonly LogQuery<Params>[];
}

/** Needs `LOKI_URL`; `LOKI_TOKEN` (a token, or `user:password`) and `LOKI_TENANT` where the system wants them. */
export function loki<Params>({ settings = "LOKI", name = "Loki", queries }: LokiSpec<Params>): Source<Params> {
  const system = reader(settings, { tenant: true });
  const search = async (wanted: LogQuery<Params>, given: Given<Params>): Promise<Finding> => {
    const query = wanted.query(given);
    if (query === null) return { kind: "not_asked" };
    const { over_s = OVER_S, limit = 50, shown = 3 } = wanted;
    const now_ms = Date.now();
    const span = { start: nanoseconds(now_ms - over_s * 1_000), end: nanoseconds(now_ms) };
    const answer = readAnswer(
      await system.get(given, {
        path: ["loki", "api", "v1", "query_range"],
        query: { query: query.text, ...span, limit, direction: "backward" },
      }),
      Streams,
    );
    return answer.ok ? found(wanted.name, answer.value, { over_s, limit, shown }) : answer.finding;
  };
  return {
    name,
    settings: system.settings,
    values: queries.map((one) => one.name),
    read: async (given) => askAll(queries, search, given),
  };
}

function nanoseconds(ms: number): string {
  return `${Math.trunc(ms)}000000`;
}

/** Nanoseconds as a text, the line, and on occasion what its sender attached. */
const Entry = z
  .tuple([z.string(), z.string()], z.unknown())
  .transform(([at_ns, line]) => ({ at_ms: Number(at_ns) / 1_000_000, line }));

/** The streams as one log, the newest line first. */
const Streams = z
  .object({
    data: z.object({ resultType: z.literal("streams"), result: z.array(z.object({ values: z.array(Entry) })) }),
  })
  .transform(({ data }) =>
    data.result.flatMap(({ values }) => values).toSorted((one, other) => other.at_ms - one.at_ms),
  );

type Log = z.output<typeof Streams>;

function found(
  name: string,
  log: Log,
  { over_s, limit, shown }: Record<"over_s" | "limit" | "shown", number>,
): Finding {
  if (log.length === 0) return { kind: "found", lines: [], values: { [name]: 0 } };
  const alike = [...Map.groupBy(log, ({ line }) => line.replaceAll(/\d+/g, "0")).values()];
  const told = alike.slice(0, shown).flatMap(([newest, ...more]) => (newest ? [inWords(newest, more.length + 1)] : []));
  const count = `${log.length}${log.length >= limit ? " or more" : ""}`;
  return {
    kind: "found",
    lines: [`${name}: ${count} ${log.length === 1 ? "line" : "lines"} in ${lasting(over_s * 1_000)}`, ...told],
    values: { [name]: log.length },
  };
}

/** Colours of a terminal, as programs write them into their logs. */
const COLOURS = /\p{Cc}\[[0-9;?]*[ -/]*[@-~]/gu;

function inWords({ at_ms, line }: Log[number], times: number): string {
  const at = Math.abs(at_ms) < 8.64e15 ? `${new Date(at_ms).toISOString().slice(11, 19)}Z ` : "";
  return `${at}${times > 1 ? `(${times}×) ` : ""}${line.replaceAll(COLOURS, "")}`;
}
