// Metrics as the text that Prometheus reads: its exposition format 0.0.4.
import { bucketsOf, COUNTED, type Counts, type HistogramName, type Metric, PREFIX } from "./metric.ts";

/** One line: labels and a value; of a histogram, with what it adds to the name. */
export interface Sample {
  suffix?: "_bucket" | "_sum" | "_count";
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** A metric with its lines. */
export interface Family {
  name: string;
  metric: Pick<Metric, "kind" | "help">;
  samples: readonly Sample[];
}

/** The text of these metrics; one without lines is left out. */
export function exposition(families: readonly Family[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, metric, samples }) => {
      const full = fullName(name, metric);
      const help = metric.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
      const lines = samples.map(({ suffix = "", labels, value }) => `${full}${suffix}${labelled(labels)} ${value}\n`);
      return `# HELP ${full} ${help}\n# TYPE ${full} ${metric.kind}\n${lines.join("")}`;
    })
    .join("");
}

/** As it is scraped: a counter is a total. */
export function fullName(name: string, { kind }: Pick<Metric, "kind">): string {
  return `${PREFIX}${name}${kind === "counter" ? "_total" : ""}`;
}

function labelled(labels: Sample["labels"]): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/**
 * What was counted. Each series of a counter is there from the start, for `actions` as well: one that begins with 1 would
 * have had no increase.
 */
export function countedFamilies(counts: Counts, actions: readonly string[]): Family[] {
  return Object.entries(COUNTED).map(([name, metric]) => ({
    name,
    metric,
    samples: isHistogram(name) ? histogram(counts, name) : counter(counts, name, metric.labels, actions),
  }));
}

function isHistogram(name: string): name is HistogramName {
  return Object.entries(COUNTED).some(([known, { kind }]) => known === name && kind === "histogram");
}

function counter(counts: Counts, name: string, labels: Metric["labels"], actions: readonly string[]): Sample[] {
  const possible = Object.values(labels).reduce<string[]>(
    (begun, values) => begun.flatMap((key) => (values ?? actions).map((value) => `${key}|${value}`)),
    [name],
  );
  // What the playbook names no more was counted nevertheless.
  const counted = Object.keys(counts).filter((key) => key.split("|")[0] === name);
  return Array.from(new Set([...possible, ...counted]), (key) => {
    const [, ...values] = key.split("|");
    const named = Object.keys(labels).map((label, place): [string, string] => [label, values[place] ?? ""]);
    return { labels: Object.fromEntries<string>(named), value: counts[key] ?? 0 };
  });
}

function histogram(counts: Counts, name: HistogramName): Sample[] {
  let count = 0;
  const buckets = bucketsOf(counts, name).map(({ most, count: alone }): Sample => {
    count += alone;
    return { suffix: "_bucket", labels: { le: most === Infinity ? "+Inf" : String(most) }, value: count };
  });
  const sum = (counts[`${name}|sum_ms`] ?? 0) / 1_000;
  return [...buckets, { suffix: "_sum", labels: {}, value: sum }, { suffix: "_count", labels: {}, value: count }];
}

/** A gauge with one label, or none (`""`): its values by that label. */
export function gauge(
  name: string,
  metric: Family["metric"],
  label: string,
  values: Readonly<Record<string, number>>,
): Family {
  const samples = Object.entries(values).map(([of, value]) => ({ labels: label === "" ? {} : { [label]: of }, value }));
  return { name, metric, samples };
}
