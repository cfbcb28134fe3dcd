// Tempo: traces that a TraceQL query finds. https://grafana.com/docs/tempo/latest/api_docs/ : "Search".
import * as z from "zod";
import type { Given } from "../connector.ts";
import type { Query } from "./query.ts";
import { askAll, type Finding, OVER_S, reader, readAnswer, type Source } from "./source.ts";
import { linkSetting, toldOf } from "./trace.ts";

interface TraceQuery<Params> {
  /** As people call them: "failed traces"; how many there are is the value of this name. */
  name: string;
  /** Made with `traceql`; null where the incident has nothing to ask about. */
  query: (given: Given<Params>) => Query<"TraceQL"> | null;
  /** Looks at so many seconds up to now; 900 by default. */
  over_s?: number;
  /** How many are asked for, 20 by default: more are not counted. Tempo takes the first that it finds, not the slowest. */
  limit?: number;
}

interface TempoSpec<Params> {
  /** The settings' prefix. */
  settings?: string;
  /** As people call it, where there are several of them. */
  name?: string;
  queries: readonly TraceQuery<Params>[];
}

/** Needs `TEMPO_URL`; `TEMPO_TOKEN`, `TEMPO_TENANT` where the system wants them; `TEMPO_LINK` for links, for Tempo has no pages. */
export function tempo<Params>({ settings = "TEMPO", name = "Tempo", queries }: TempoSpec<Params>): Source<Params> {
  const system = reader(settings, { tenant: true });
  const link = linkSetting(settings);
  const search = async (wanted: TraceQuery<Params>, given: Given<Params>): Promise<Finding> => {
    const query = wanted.query(given);
    if (query === null) return { kind: "not_asked" };
    const { over_s = OVER_S, limit = 20 } = wanted;
    const now_s = Math.trunc(Date.now() / 1_000);
    // Without start and end only the newest minutes are searched.
    const span = { start: now_s - over_s, end: now_s };
    const asking = { path: ["api", "search"], query: { q: query.text, ...span, limit, spss: 1 } };
    const answer = readAnswer(await system.get(given, asking), Found);
    if (!answer.ok) return answer.finding;
    return toldOf(wanted.name, answer.value, { over_s, limit, template: given.settings[link.name] });
  };
  return {
    name,
    settings: [...system.settings, link],
    values: queries.map((one) => one.name),
    read: async (given) => askAll(queries, search, given),
  };
}

/** What is zero or empty may be left out; ids come without their leading zeros. */
const Found = z
  .object({
    traces: z
      .array(
        z.object({
          traceID: z.string(),
          rootServiceName: z.string().default(""),
          rootTraceName: z.string().default(""),
          durationMs: z.number().default(0),
        }),
      )
      .nullish(),
  })
  .transform(({ traces }) =>
    (traces ?? []).map(({ traceID, rootServiceName, rootTraceName, durationMs }) => ({
      id: traceID.padStart(32, "0"),
      name: `${rootServiceName}: ${rootTraceName}`,
      duration_ms: durationMs,
    })),
  );
