// Enrichment against a real Prometheus (Debian's package `prometheus`): one that measures itself. The binary is searched in the PATH;
// without it the tests are skipped, but never in CI.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import * as fc from "fast-check";
import * as z from "zod";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Given } from "../../src/actions/connector.ts";
import { enrich } from "../../src/actions/enrich/enrich.ts";
import { type Measurement, prometheus } from "../../src/actions/enrich/prometheus.ts";
import { promql } from "../../src/actions/enrich/query.ts";
import { contextOf } from "../../src/domain/playbook.ts";
import { parsePush } from "../../src/flashduty/push.ts";
import { caller } from "../../src/runs/http.ts";
import documented from "../simulator/fixtures/custom-action.json" with { type: "json" };
import { freePort } from "../simulator/runtime.ts";

/** Its first scrape comes some seconds after its start, and more on a busy machine. */
const READY_WITHIN_MS = 60_000;

/** Labels that would break out of a string, or mean something in a pattern. */
const NASTY = [
  String.raw`a.b`,
  String.raw`a+b`,
  String.raw`.*`,
  String.raw`a|b`,
  String.raw`(`,
  String.raw`[a-z]{2}`,
  String.raw`^$`,
  String.raw`\d`,
  String.raw`"} or up{x="`,
  String.raw`\"} or vector(1)`,
  "it's `it`",
  "two\nlines # and a comment",
  "\uFFFD\u2028\u0000",
  "é😀",
];

const Answer = z.object({ data: z.object({ resultType: z.string(), result: z.array(z.unknown()) }) });

const is_there = isThere();
const in_ci = process.env["CI"] === "true";

it.runIf(in_ci)("in CI, a Prometheus is there to be asked", () => {
  expect(is_there, "install it: apt-get install prometheus").toBe(true);
});

/** Nothing here is a secret. */
const hide = (text: string) => text;

function isThere(): boolean {
  try {
    execFileSync("prometheus", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!is_there)("a real Prometheus", () => {
  let folder = "";
  let server: ChildProcess | null = null;
  let host = "";

  beforeAll(
    async () => {
      folder = mkdtempSync(join(tmpdir(), "flashduty-edge-prometheus-"));
      host = `127.0.0.1:${await freePort()}`;
      const labelled = NASTY.map((x) => ({ targets: [host], labels: { x } }));
      writeFileSync(
        join(folder, "prometheus.yml"),
        `global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - { job_name: itself, static_configs: [{ targets: ["${host}"], labels: { dc: nj } }] }
  - { job_name: labelled, static_configs: ${JSON.stringify(labelled)} }\n`, // JSON is YAML
      );
      const options = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`];
      server = spawn("prometheus", [...options, `--web.listen-address=${host}`, "--log.level=error"], {
        stdio: "inherit",
      });
      await until(async () => (await seriesOf('count_over_time(up{dc="nj"}[1m]) >= 3')) > 0);
      await until(async () => (await seriesOf('up{x!=""}')) === NASTY.length);
    },
    2 * READY_WITHIN_MS + 5_000,
  );

  afterAll(async () => {
    if (server !== null && server.exitCode === null && server.kill("SIGKILL")) await once(server, "exit");
    rmSync(folder, { recursive: true, force: true });
  });

  async function until(isTrue: () => Promise<boolean>): Promise<void> {
    const deadline_at = Date.now() + READY_WITHIN_MS;
    while (!(await isTrue().catch(() => false))) {
      if (Date.now() > deadline_at || server?.exitCode !== null) throw new Error("Prometheus did not become ready");
      await pause(100);
    }
  }

  /** What it answers to a query, asked apart from the code that is tried. */
  async function ask(query: string): Promise<z.output<typeof Answer>["data"]> {
    const response = await fetch(`http://${host}/api/v1/query?${new URLSearchParams({ query }).toString()}`);
    return Answer.parse(await response.json()).data;
  }

  async function seriesOf(query: string): Promise<number> {
    return (await ask(query)).result.length;
  }

  async function enrichment(queries: readonly Measurement<Record<string, never>>[], address = host) {
    const parsed = parsePush(JSON.stringify(documented));
    if (!parsed.ok) throw new Error("the documented push is refused");
    const deadline_at = Date.now() + 10_000;
    const given: Given<Record<string, never>> = {
      ...contextOf(parsed.push),
      run_id: "incident-1:event-1:enrich",
      idempotency_key: "incident-1:event-1:enrich",
      deadline_at,
      unclear_at: null,
      action: "enrich",
      params: {},
      key: host,
      planned_at: Date.now(),
      may_have_acted: false,
      earlier: {},
      settings: { PROMETHEUS_URL: `http://${address}` },
      call: caller({ deadline_at, services: {}, hide }),
      hide,
      flashduty: null,
    };
    return enrich([prometheus({ queries })]).start(given);
  }

  const linesOf = async (...queries: Measurement<Record<string, never>>[]) => {
    const outcome = await enrichment(queries);
    if (outcome.kind !== "succeeded") throw new Error(JSON.stringify(outcome));
    return { lines: outcome.summary.split("\n"), values: outcome.values };
  };

  it("is asked for now", async () => {
    const { lines, values } = await linesOf(
      { name: "up", query: ({ key }) => promql`up{instance="${key}", dc="nj"}` },
      { name: "any port", query: ({ key }) => promql`up{instance=~"${key.split(":")[0]}(:[0-9]+)?", dc="nj"}` },
      { name: "answer", unit: "%", query: () => promql`scalar(vector(${42}))` },
    );
    expect(lines).toEqual(["up: 1", "any port: 1", "answer: 42 %"]);
    expect(values).toEqual({ up: 1, "any port": 1, answer: 42 });
  });

  it("is asked over a time", async () => {
    const over = { over_s: 60, step_s: 1 };
    const { lines, values } = await linesOf(
      { ...over, name: "up", query: () => promql`up{dc="nj"}` },
      { ...over, name: "memory", unit: "B", query: () => promql`process_resident_memory_bytes{dc="nj"}` },
      { ...over, name: "scrapes", query: () => promql`sum(prometheus_tsdb_head_samples_appended_total{dc="nj"})` },
    );
    expect(lines).toEqual([
      "up: now 1; the same over 1 min",
      expect.stringMatching(/^memory: now [\d.]+ MiB; ([\d.]+ MiB to [\d.]+ MiB, [a-z ]+,|the same) over 1 min$/),
      expect.stringMatching(/^scrapes: now [\d.]+( k)?; [\d.]+ to [\d.]+( k)?, rising, over 1 min$/),
    ]);
    expect(values).toMatchObject({
      up: 1,
      memory: expect.any(Number) as unknown,
      scrapes: expect.any(Number) as unknown,
    });
  });

  it("is told to have ended, where it has", async () => {
    const ended_s = Math.trunc(Date.now() / 1_000) - 240;
    const { lines } = await linesOf({
      name: "job",
      over_s: 600,
      step_s: 10,
      query: () => promql`vector(time()) < ${ended_s}`,
    });
    expect(lines).toEqual([expect.stringMatching(/^job: last [\d.]+ G, 4(\.\d+)? min ago; /)]);
  });

  it("tells of several series, of none, and of a query that is wrong", async () => {
    const { lines, values } = await linesOf(
      { name: "intervals", query: () => promql`prometheus_target_interval_length_seconds{dc="nj", interval="1s"}` },
      { name: "none", query: ({ key }) => promql`up{instance="${key}", dc="sh"}` },
      { name: "wrong", query: () => promql`rate(up)` },
    );
    expect(lines).toEqual([
      expect.stringMatching(/^intervals \(quantile=0\.01\): [\d.]+$/),
      expect.stringMatching(/^intervals \(quantile=0\.05\): [\d.]+$/),
      expect.stringMatching(/^intervals \(quantile=0\.5\): [\d.]+$/),
      "intervals: 2 series more",
      expect.stringMatching(/^wrong: the target answered 400 \(.*expected type range vector/),
      "nothing found: none",
    ]);
    expect(values).toEqual({});
  });

  it("is away, and that is said", async () => {
    const outcome = await enrichment([{ name: "up", query: () => promql`up` }], `127.0.0.1:${await freePort()}`);
    expect(outcome).toMatchObject({ kind: "later", reason: "Prometheus: up: the target could not be reached" });
  });

  it("reads every text that is filled in as the string that it is", async () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", minLength: 1, maxLength: 20 }),
      fc
        .array(
          fc.constantFrom(
            '"',
            "'",
            "\\",
            "`",
            "\n",
            "\r",
            "\0",
            "}",
            "{",
            "#",
            "\uFFFD",
            "\uFEFF",
            "\u2028",
            "\uD800",
            "x",
          ),
          {
            minLength: 1,
            maxLength: 10,
          },
        )
        .map((pieces) => pieces.join("")),
    );
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        for (const query of [promql`"${value}"`, promql`'${value}'`]) {
          expect(await ask(query?.text ?? "")).toMatchObject({
            resultType: "string",
            result: [expect.any(Number), value.toWellFormed()],
          });
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each(NASTY)("finds the one series whose label is %j, as a string and within a pattern", async (value) => {
    const labelled = { metric: expect.objectContaining({ x: value }) as unknown };
    for (const query of [promql`up{x="${value}"}`, promql`up{x=~"${value}"}`, promql`up{x=~"(${value})(:[0-9]+)?"}`])
      expect((await ask(query?.text ?? "")).result).toMatchObject([labelled]);
    for (const query of [promql`up{x!="", x!="${value}"}`, promql`up{x!="", x!~"${value}"}`])
      expect(await seriesOf(query?.text ?? "")).toBe(NASTY.length - 1);
  });
});
