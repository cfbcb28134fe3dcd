import { describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { action } from "../../../../src/actions/action.ts";
import { choose } from "../../../../src/actions/choose.ts";
import { enrich } from "../../../../src/actions/enrich/enrich.ts";
import { jaeger } from "../../../../src/actions/enrich/jaeger.ts";
import { json } from "../../../../src/actions/enrich/json.ts";
import { loki } from "../../../../src/actions/enrich/loki.ts";
import { prometheus } from "../../../../src/actions/enrich/prometheus.ts";
import { logql, promql, traceql } from "../../../../src/actions/enrich/query.ts";
import { type Finding, safely, type Source } from "../../../../src/actions/enrich/source.ts";
import { tempo } from "../../../../src/actions/enrich/tempo.ts";
import { label } from "../../../../src/domain/key.ts";
import type { Outcome } from "../../../../src/domain/run.ts";
import { hiding } from "../../../../src/secret.ts";
import { play } from "../play.ts";

type Plain = Source<Record<string, never>>;

/** A source that needs nothing, and finds that. */
const finds = (name: string, finding: Finding): Plain => ({ name, settings: [], read: () => Promise.resolve(finding) });
const says = (name: string, ...lines: string[]) => finds(name, { kind: "found", lines });
const slow = (name: string): Plain => ({ name, settings: [], read: () => new Promise(() => {}) });

/** A source that needs an address, and may have a token. */
const needing = (name: string, prefix: string): Plain => ({
  ...says(name, "found something"),
  settings: [
    { name: `${prefix}_URL`, kind: "url", required: true },
    { name: `${prefix}_TOKEN`, kind: "secret", required: false },
  ],
});

const missing = (name: string) =>
  `${name} is missing; set it under [vars] in wrangler.toml (locally: a line in .dev.vars): ${name} = "…"`;

const asks = (name: string) => [{ name, query: () => promql`up` }];

const lastOf = async (sources: readonly Plain[], settings: Record<string, string> = {}, within_ms = 30) => {
  const { last } = await play(enrich(sources, { within_ms }), () => ({ status: 500 }), { settings });
  return last;
};

describe("what is found", () => {
  it("is told together: lines, values and links of all sources", async () => {
    const last = await lastOf([
      finds("Prometheus", {
        kind: "found",
        lines: ["CPU: 93 %"],
        values: { CPU: 93 },
        links: ["https://a.example/1", "https://a.example/2"],
      }),
      finds("Catalogue", {
        kind: "found",
        lines: ["owner: search", "tier: 1"],
        values: { owner: "search" },
        links: ["https://b.example/1"],
      }),
    ]);
    expect(last).toEqual({
      kind: "succeeded",
      summary: "Prometheus: CPU: 93 %\nCatalogue:\n- owner: search\n- tier: 1",
      values: { CPU: 93, owner: "search" },
      fields: {},
      links: ["https://a.example/1", "https://b.example/1", "https://a.example/2"],
    });
  });

  it("of a talkative source does not push the others out, neither its lines nor its links", async () => {
    const many = Array.from({ length: 40 }, (_, index) => `https://logs.example/${index}`);
    const last = await lastOf([
      finds("Loki", { kind: "found", lines: many.map((link) => `${link} ${"x".repeat(300)}`), links: many }),
      finds("Jaeger", { kind: "found", lines: ["12 failed traces"], links: ["https://jaeger.example/1"] }),
    ]);
    if (last.kind !== "succeeded") throw new Error(last.kind);
    expect(last.summary.length).toBeLessThanOrEqual(600);
    expect(last.summary).toMatch(/\nJaeger: 12 failed traces$/);
    expect(last.links).toContain("https://jaeger.example/1");
  });

  it("is said to be nothing, where it is nothing", async () => {
    expect(await lastOf([says("Catalogue")])).toMatchObject({ kind: "succeeded", summary: "nothing was found" });
  });
});

describe("a source that fails", () => {
  it("is a line among what the others found, whether it is slow, throws or is refused", async () => {
    const throws: Plain = { name: "Tempo", settings: [], read: () => Promise.reject(new RangeError("too far")) };
    const breaks: Plain = {
      name: "Jaeger",
      settings: [],
      read: () => {
        throw new TypeError("service is not a function");
      },
    };
    const refused = finds("Catalogue", { kind: "failed", reason: "answered 401", again: false });
    const last = await lastOf([slow("Loki"), throws, says("Prometheus", "CPU: 93 %"), breaks, refused]);
    expect(last).toMatchObject({
      kind: "succeeded",
      summary:
        "Loki: did not answer in time\n" +
        "Tempo: could not be asked: RangeError: too far\n" +
        "Prometheus: CPU: 93 %\n" +
        "Jaeger: could not be asked: TypeError: service is not a function\n" +
        "Catalogue: answered 401",
    });
  });

  it("has a limit of its own, so that what the others found is told in time", async () => {
    const began_at = Date.now();
    await lastOf([slow("Loki"), slow("Tempo"), says("Prometheus", "CPU: 93 %")], {}, 50);
    expect(Date.now() - began_at).toBeLessThan(2_000);
  });

  it("has six seconds where nothing else is said", async () => {
    vi.useFakeTimers();
    try {
      let last: Outcome | null = null;
      const started = play(enrich([slow("Loki"), says("Prometheus", "CPU: 93 %")]), () => "silence", { settings: {} });
      const told = started.then((played) => (last = played.last));
      await vi.advanceTimersByTimeAsync(5_900);
      expect(last).toBeNull();
      await vi.advanceTimersByTimeAsync(200);
      expect(await told).toMatchObject({ summary: "Loki: did not answer in time\nPrometheus: CPU: 93 %" });
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    ["what is left of the attempt, where that is less, but for half a second", 3_000, 2_500],
    ["the six seconds, where there is more", 60_000, 6_000],
    ["no time at all, where none is left", 200, 0],
  ])("has %s", async (_, left_ms, told_ms) => {
    vi.useFakeTimers();
    try {
      let told_at = 0;
      const began_at = Date.now();
      const sources = enrich([slow("Loki"), says("Prometheus", "CPU: 93 %")]);
      const deadline_at = began_at + left_ms;
      const started = play(sources, () => "silence", { settings: {}, deadline_at });
      const told = started.then((played) => {
        told_at = Date.now();
        return played.last;
      });
      await vi.advanceTimersByTimeAsync(told_ms + 10);
      expect(await told).toMatchObject({ summary: "Loki: did not answer in time\nPrometheus: CPU: 93 %" });
      expect(Math.abs(told_at - began_at - told_ms)).toBeLessThanOrEqual(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it("quotes no secret, and no part of one where its words are cut", async () => {
    const hide = hiding(["a-secret-of-logs"]);
    const thrown = new Error(`${"e".repeat(180)} a-secret-of-logs`);
    const finding = await safely(() => Promise.reject(thrown), { hide });
    expect(finding).toMatchObject({ reason: `could not be asked: Error: ${"e".repeat(180)} (hidden)`, again: false });
  });

  it("names none of the settings' secrets", async () => {
    const talks: Plain = {
      ...needing("Loki", "LOKI"),
      read: () => Promise.reject(new Error(`${"e".repeat(180)} a-secret-of-logs`)), // the end is cut off
    };
    const last = await lastOf([talks], { LOKI_URL: "https://logs.example", LOKI_TOKEN: "a-secret-of-logs" });
    expect(last).toEqual({
      kind: "failed",
      reason: `Loki: could not be asked: Error: ${"e".repeat(180)} (hidden)`,
    });
  });
});

describe("where no source has answered", () => {
  const refused = finds("Loki", { kind: "failed", reason: "answered 401", again: false });
  const busy = finds("Tempo", { kind: "failed", reason: "answered 503", again: true, after_ms: 20_000 });
  const limited = finds("Jaeger", { kind: "failed", reason: "answered 429", again: true, after_ms: 5_000 });

  it("it is tried again later, as long as one of them may answer then", async () => {
    expect(await lastOf([refused, busy, slow("Prometheus"), limited])).toEqual({
      kind: "later",
      reason: "Loki: answered 401; Tempo: answered 503; Prometheus: did not answer in time; Jaeger: answered 429",
      after_ms: 20_000,
    });
  });

  it("it has failed, where asking again would not help", async () => {
    const other = finds("Jaeger", { kind: "failed", reason: "answered 401", again: false });
    expect(await lastOf([refused, other])).toMatchObject({ kind: "failed", reason: "Loki, Jaeger: answered 401" });
  });

  it("because there is nothing to ask about, there is nothing to do", async () => {
    expect(await lastOf([finds("Loki", { kind: "not_asked" })])).toMatchObject({
      kind: "skipped",
      reason: "the incident has nothing that the sources could be asked about",
    });
    // A source that could have been asked, and failed, is what counts.
    expect(await lastOf([finds("Jaeger", { kind: "not_asked" }), busy])).toMatchObject({ kind: "later" });
  });
});

describe("settings", () => {
  const sources = [needing("Prometheus", "PROMETHEUS"), needing("Loki", "LOKI")];
  const URLS = { PROMETHEUS_URL: "https://metrics.example", LOKI_URL: "https://logs.example" };
  const chosen = (env: Record<string, string>) =>
    choose(action({ summary: "enrich", params: {} }, [enrich(sources)]), env as unknown as Env); // oxlint-disable-line typescript/no-unsafe-type-assertion

  it("are those of all sources, each once, and none of them required", () => {
    const twice = enrich([...sources, { ...needing("Mimir", "PROMETHEUS") }]);
    expect(twice.settings.map(({ name, required }) => [name, required])).toEqual([
      ["PROMETHEUS_URL", false],
      ["PROMETHEUS_TOKEN", false],
      ["LOKI_URL", false],
      ["LOKI_TOKEN", false],
    ]);
  });

  it("of one source are enough, and those that are not set up are left out in silence", async () => {
    expect(chosen({ LOKI_URL: URLS.LOKI_URL }).ok).toBe(true);
    expect(await lastOf(sources, { LOKI_URL: URLS.LOKI_URL })).toMatchObject({ summary: "found something" });
  });

  it("of none are a fault that names what to set", () => {
    const fault =
      "no source of the enrichment is set up; one is enough. " +
      `Prometheus: ${missing("PROMETHEUS_URL")}; Loki: ${missing("LOKI_URL")}`;
    expect(chosen({})).toMatchObject({ ok: false, faults: [fault] });
  });

  it("that were begun with are what the fault is about", () => {
    const fault = `no source of the enrichment is set up; one is enough. Loki: ${missing("LOKI_URL")}`;
    expect(chosen({ LOKI_TOKEN: "a-token-of-logs" })).toMatchObject({ ok: false, faults: [fault] });
  });

  it("that are secret are set otherwise", () => {
    const secret: Plain = { ...says("Hook"), settings: [{ name: "HOOK_URL", kind: "secret_url", required: true }] };
    expect(enrich([secret]).lacks?.({})).toContain("HOOK_URL is missing; set it with: wrangler secret put HOOK_URL");
  });

  it("of a source that is half set up are named beside what the others found", async () => {
    const settings = { PROMETHEUS_URL: URLS.PROMETHEUS_URL, LOKI_TOKEN: "a-token-of-logs" };
    expect(await lastOf(sources, settings)).toMatchObject({
      kind: "succeeded",
      summary: `Prometheus: found something\nLoki: ${missing("LOKI_URL")}`,
    });
  });

  it("names of sources are different, and can be", () => {
    expect(() => enrich([says("Loki"), says("Loki")])).toThrow("one name");
    const mimir = prometheus<Record<string, never>>({ settings: "MIMIR", name: "Mimir", queries: [] });
    const both = enrich([prometheus({ queries: [] }), mimir]);
    expect(both.lacks?.({})).toMatch(/Prometheus: PROMETHEUS_URL is missing.*; Mimir: MIMIR_URL is missing/);
  });
});

describe("values", () => {
  it("have different names, in one source and in several: a later one would hide the earlier", () => {
    const traces = jaeger<Record<string, never>>({ service: () => "search", searches: [{ name: "up" }] });
    expect(() => enrich([prometheus({ queries: asks("up") }), traces])).toThrow(
      '"up" is found by Prometheus and by Jaeger: give one of them another name',
    );
    expect(() => enrich([prometheus({ queries: [...asks("up"), ...asks("up")] })])).toThrow("by Prometheus and by P");
    expect(() => enrich([prometheus({ queries: asks("down") }), traces])).not.toThrow();
  });

  it.each([
    ["Loki", loki],
    ["Tempo", tempo],
  ])("of %s are named before it is asked", (_, source) => {
    const one = source<Record<string, never>>({ queries: [{ name: "failed", query: () => null }] });
    expect(one.values).toEqual(["failed"]);
  });
});

describe("in a playbook", () => {
  it("functions are given the parameters as the action declares them, and what an answer holds as its schema says", async () => {
    const enrichment = action(
      {
        summary: "look",
        key: label("resource"),
        params: { dc: z.enum(["nj", "sh"]).default("nj") },
        informational: true,
      },
      [
        enrich([
          prometheus({
            queries: [{ name: "up", query: ({ key, params }) => promql`up{instance="${key}",dc="${params.dc}"}` }],
          }),
          loki({ queries: [{ name: "errors", query: ({ params }) => logql`{dc="${params.dc}"} |= "error"` }] }),
          tempo({
            queries: [{ name: "failed", query: ({ incident }) => traceql`{ name = "${incident.labels["service"]}" }` }],
          }),
          jaeger({ service: ({ params }) => params.dc, searches: [{ name: "slow", slower_than_ms: 1_000 }] }),
          json({
            settings: "CATALOG",
            name: "Catalogue",
            path: ({ params }) => [params.dc],
            schema: z.object({ owner: z.string().transform((owner) => owner.toUpperCase()) }),
            lines: ({ owner }, { params }) => [`${params.dc}: ${owner}`],
          }),
        ]),
      ],
    );
    const [connector] = enrichment.connectors;
    if (connector === undefined) throw new Error("no connector");
    const settings = { CATALOG_URL: "https://catalogue.example", PROMETHEUS_URL: "https://metrics.example" };
    const { last, asked } = await play(
      { ...connector, start: async (given) => connector.start(given) },
      ({ path }) =>
        path === "/nj"
          ? { status: 200, json: { owner: "search" } }
          : { status: 200, json: { data: { resultType: "vector", result: [{ metric: {}, value: [1, "1"] }] } } },
      { settings },
    );
    expect(last).toMatchObject({ summary: "Prometheus: up: 1\nCatalogue: nj: SEARCH" });
    expect(asked.map(({ query }) => query.get("query"))).toContain('up{instance="es.nj.01",dc="nj"}');
  });
});
