// What is scraped, held against Prometheus' own tool, promtool (Debian's package `prometheus`): the text and the alert rules. Without
// the tool these tests are skipped, but never in CI. The dashboard and the rules name metrics that exist.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { countedFamilies, exposition, fullName, gauge } from "../../src/tally/exposition.ts";
import { COUNTED, GAUGES } from "../../src/tally/metric.ts";

const RULES = fileURLToPath(new URL("../../docs/prometheus/alerts.yml", import.meta.url));
const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

const is_there = spawnSync("promtool", ["--version"]).status === 0;

it.runIf(process.env["CI"] === "true")("in CI, promtool is there to be asked", () => {
  expect(is_there, "install it: apt-get install prometheus").toBe(true);
});

describe.skipIf(!is_there)("promtool", () => {
  it("finds nothing wrong with the text that is scraped, whatever an action is called", () => {
    const counts = {
      'runs|odd"\\\n|failed': 1,
      "answer_seconds|0.1": 2,
      "answer_seconds|+Inf": 1,
      "answer_seconds|sum_ms": 1_234_567,
    };
    const gauges = Object.entries(GAUGES).map(([name, metric]) =>
      gauge(name, metric, Object.keys(metric.labels)[0] ?? "", { x: 1 }),
    );
    const text = exposition([...countedFamilies(counts, ["enrich"]), ...gauges]);
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: "" });
  });

  it("accepts the alert rules", () => {
    expect(execFileSync("promtool", ["check", "rules", RULES], { encoding: "utf8" })).toContain("SUCCESS");
  });

  it("sees each alert fire when it should, and no other", () => {
    const folder = mkdtempSync(join(tmpdir(), "flashduty-edge-alerts-"));
    try {
      const story = join(folder, "story.yml");
      writeFileSync(story, read("prometheus/alerts.yml").replace("RULES", RULES));
      const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", story], { encoding: "utf8" });
      expect(status, stdout + stderr).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** Every name under which something is scraped. */
const SCRAPED = new Set(
  Object.entries({ ...COUNTED, ...GAUGES }).flatMap(([name, metric]) => {
    const full = fullName(name, metric);
    return metric.kind === "histogram" ? ["_bucket", "_sum", "_count"].map((suffix) => full + suffix) : [full];
  }),
);

function namedIn(text: string): string[] {
  return Array.from(new Set(text.match(/\bflashduty_edge_\w+/g)));
}

describe("every metric", () => {
  it.each(["docs/grafana/flashduty-edge.json", "docs/prometheus/alerts.yml", "docs/metrics.md"])(
    "that %s names exists",
    (path) => {
      const names = namedIn(read(`../../${path}`));
      expect(names.length).toBeGreaterThan(5);
      expect(names.filter((name) => !SCRAPED.has(name) && !SCRAPED.has(`${name}_bucket`))).toEqual([]);
    },
  );

  it("stands in docs/metrics.md, with its labels and what it says", () => {
    const page = read("../../docs/metrics.md");
    for (const [name, metric] of Object.entries({ ...COUNTED, ...GAUGES })) {
      const labels = Object.keys(metric.labels).map((label) => `\`${label}\``);
      const row = page.split("\n").find((line) => line.startsWith(`| \`${fullName(name, metric)}\``));
      expect(row, name).toBeDefined();
      for (const said of [metric.kind, metric.help, ...labels]) expect(row).toContain(said);
    }
  });

  it("has a place on the dashboard", () => {
    const shown = namedIn(read("../../docs/grafana/flashduty-edge.json"));
    const missing = Object.entries({ ...COUNTED, ...GAUGES }).filter(
      ([name, metric]) => !shown.some((one) => one.startsWith(fullName(name, metric))),
    );
    expect(missing).toEqual([]);
  });
});

const Panel = z.object({
  id: z.int(),
  type: z.enum(["row", "stat", "timeseries", "bargauge"]),
  title: z.string().min(1),
  gridPos: z.object({ x: z.int().min(0), y: z.int().min(0), w: z.int().min(1), h: z.int().min(1) }),
  targets: z
    .array(
      z.object({
        expr: z.string().min(1),
        datasource: z.object({ type: z.literal("prometheus"), uid: z.literal("${datasource}") }),
      }),
    )
    .default([]),
});
const Dashboard = z.object({
  schemaVersion: z.int(),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
  panels: z.array(Panel),
});

describe("the dashboard", () => {
  const { panels, templating } = Dashboard.parse(JSON.parse(read("../../docs/grafana/flashduty-edge.json")));

  it("asks the data source that is chosen above it", () => {
    expect(templating.list).toMatchObject([{ name: "datasource", type: "datasource" }]);
    expect(panels.filter(({ type, targets }) => (type === "row") !== (targets.length === 0))).toEqual([]);
  });

  it("has panels that do not overlap, each with a number of its own", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)} ${y + Math.trunc(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });

  it.skipIf(!is_there)("asks what Prometheus understands", () => {
    const folder = mkdtempSync(join(tmpdir(), "flashduty-edge-dashboard-"));
    const exprs = panels.flatMap(({ targets }) =>
      targets.map(({ expr }) => expr.replaceAll(/\$__(range|rate_interval)/g, "5m")),
    );
    const rules = exprs.map((expr, n) => ({ record: `asked:${n}`, expr }));
    try {
      const file = join(folder, "asked.yml");
      writeFileSync(file, JSON.stringify({ groups: [{ name: "asked", rules }] })); // JSON is YAML
      const { status, stdout, stderr } = spawnSync("promtool", ["check", "rules", file], { encoding: "utf8" });
      expect(status, stdout + stderr).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
