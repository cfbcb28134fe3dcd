// Prometheus, and what speaks its HTTP API: Mimir, Thanos, VictoriaMetrics, Grafana Cloud. Asks for measured values, now
// or over a time. https://prometheus.io/docs/prometheus/latest/querying/api/ : "Instant queries", "Range queries".
import * as z from "zod";
import type { Values } from "../../domain/run.ts";
import type { Given } from "../connector.ts";
import { lasting, measured, trendOf } from "./measure.ts";
import type { Query } from "./query.ts";
import { askAll, type Finding, reader, readAnswer, type Source } from "./source.ts";

export interface Measurement<Params> {
  /** As people call it; its number is the value of this name, where the query comes to one series. */
  name: string;
  /** Made with `promql`; null where the incident has nothing to ask about. */
  query: (given: Given<Params>) => Query<"PromQL"> | null;
  /** "%", "B" (bytes), "s" (seconds), or any other word. */
  unit?: string;
  /** Looks at so many seconds up to now, instead of only at now. */
  over_s?: number;
  /** Seconds between two points of that time; by default a 60th of it, and no less than 15. */
  step_s?: number;
}

interface PrometheusSpec<Params> {
  /** The settings' prefix. */
  settings?: string;
  /** As people call it, where there are several of them. */
  name?: string;
  queries: readonly Measurement<Params>[];
}

/** Series of one query that are told one by one; a query that comes to more is better summed up in the query. */
const MOST_SERIES = 3;
/** The newest point is no older: some systems show what they have taken in only after a while. */
const LATE_S = 120;

/** Needs `PROMETHEUS_URL`; `PROMETHEUS_TOKEN` (a token, or `user:password`) and `PROMETHEUS_TENANT` where the system wants them. */
export function prometheus<Params>({
  settings = "PROMETHEUS",
  name = "Prometheus",
  queries,
}: PrometheusSpec<Params>): Source<Params> {
  const system = reader(settings, { tenant: true });
  const measure = async (measurement: Measurement<Params>, given: Given<Params>): Promise<Finding> => {
    const query = measurement.query(given);
    if (query === null) return { kind: "not_asked" };
    const now_s = Date.now() / 1_000;
    const { over_s } = measurement;
    const endpoint = over_s === undefined ? "query" : "query_range";
    const span = over_s === undefined ? {} : { start: now_s - over_s, end: now_s, step: stepOf(measurement) };
    const asking = { path: ["api", "v1", endpoint], query: { query: query.text, ...span } };
    const answer = readAnswer(await system.get(given, asking), over_s === undefined ? Instant : Range);
    return answer.ok ? found(measurement, answer.value, now_s) : answer.finding;
  };
  return {
    name,
    settings: system.settings,
    values: queries.map((one) => one.name),
    read: async (given) => askAll(queries, measure, given),
  };
}

function stepOf({ over_s = 0, step_s }: Measurement<never>): number {
  return step_s ?? Math.max(over_s / 60, 15);
}

/** Numbers travel as texts, for JSON knows no NaN and no infinity. */
const Sample = z
  .tuple([z.number(), z.string()])
  .transform(([at_s, number]) => ({ at_s, number: Number(number.replace(/^([+-]?)Inf$/, "$1Infinity")) }));

interface Series {
  labels: Readonly<Record<string, string>>;
  samples: readonly z.output<typeof Sample>[];
}

const Labels = z.record(z.string(), z.string());
const Vector = z
  .object({ resultType: z.literal("vector"), result: z.array(z.object({ metric: Labels, value: Sample })) })
  .transform(({ result }) => result.map(({ metric, value }): Series => ({ labels: metric, samples: [value] })));
const Scalar = z
  .object({ resultType: z.literal("scalar"), result: Sample })
  .transform(({ result }): Series[] => [{ labels: {}, samples: [result] }]);
const Matrix = z
  .object({ resultType: z.literal("matrix"), result: z.array(z.object({ metric: Labels, values: z.array(Sample) })) })
  .transform(({ result }) => result.map(({ metric, values }): Series => ({ labels: metric, samples: values })));

const Instant = z.object({ data: z.union([Vector, Scalar]) }).transform(({ data }) => data);
const Range = z.object({ data: Matrix }).transform(({ data }) => data);

function found(measurement: Measurement<never>, all: readonly Series[], now_s: number): Finding {
  const { name } = measurement;
  const series = all.filter(({ samples }) => samples.length > 0);
  const lines = series.slice(0, MOST_SERIES).map((one) => {
    const labels = distinguishing(one, series);
    return `${name}${labels === "" ? "" : ` (${labels})`}: ${inWords(measurement, one, now_s)}`;
  });
  if (series.length > MOST_SERIES) lines.push(`${name}: ${series.length - MOST_SERIES} series more`);
  return { kind: "found", lines, values: valuesOf(name, series) };
}

function inWords(measurement: Measurement<never>, { samples }: Series, now_s: number): string {
  const { unit, over_s } = measurement;
  const last = samples.at(-1);
  if (last === undefined) return "no number";
  const now = measured(last.number, unit);
  if (over_s === undefined) return now;
  const numbers = samples.map(({ number }) => number).filter(Number.isFinite);
  const age_s = now_s - last.at_s;
  // A series that ended, because its host is down for one, must not look as if it were measured still.
  const when =
    age_s > Math.max(2 * stepOf(measurement), LATE_S) ? `last ${now}, ${lasting(age_s * 1_000)} ago` : `now ${now}`;
  if (numbers.length < 2) return when;
  const [least, most] = [measured(Math.min(...numbers), unit), measured(Math.max(...numbers), unit)];
  const range = least === most ? "the same" : `${least} to ${most}, ${trendOf(numbers)},`;
  return `${when}; ${range} over ${lasting(over_s * 1_000)}`;
}

/** The labels by which a series differs from the others. */
function distinguishing({ labels }: Series, all: readonly Series[]): string {
  const differing = Object.entries(labels).filter(([name, value]) => all.some((other) => other.labels[name] !== value));
  return differing.map(([name, value]) => `${name}=${value}`).join(", ");
}

/** Of several series none is the value: which of them would be meant? */
function valuesOf(name: string, series: readonly Series[]): Values {
  const [only, ...more] = series;
  const number = only?.samples.at(-1)?.number;
  return number === undefined || more.length > 0 || !Number.isFinite(number) ? {} : { [name]: number };
}
