// What is counted under which key, and the text that Prometheus reads.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countedFamilies, exposition, gauge } from "../../src/tally/exposition.ts";
import { INTERVAL_MS, Ledger } from "../../src/tally/ledger.ts";
import { bucketsOf, COUNTED, counterKey, type Counts, observed, sumBy } from "../../src/tally/metric.ts";

describe("a key", () => {
  it.each([
    ["a documented type", counterKey("pushes", { type: "i_new", result: "stale" }), "pushes|i_new|stale"],
    ["an unknown type", counterKey("pushes", { type: "i_brand_new", result: "stale" }), "pushes|other|stale"],
    ["a type that would be two labels", counterKey("pushes", { type: "a|b", result: "stale" }), "pushes|other|stale"],
    ["an action", counterKey("runs", { action: "restart-host", state: "failed" }), "runs|restart-host|failed"],
    ["an action that is none", counterKey("runs", { action: 'x"}|\n', state: "failed" }), "runs|other|failed"],
    ["no label", counterKey("unlisted_sources", {}), "unlisted_sources"],
  ])("names %s", (_, key, expected) => {
    expect(key).toBe(expected);
  });

  it("is one of few, whatever comes from outside", () => {
    const keys = new Set<string>();
    fc.assert(
      fc.property(fc.string(), fc.string(), (type, reason) => {
        keys.add(counterKey("pushes", { type, result: "accepted" }));
        keys.add(counterKey("refusals", { reason }));
      }),
    );
    expect(Array.from(keys).toSorted()).toEqual(["pushes|other|accepted", "refusals|other"]);
  });
});

describe("an observation", () => {
  it.each([
    [0, "0.01"],
    [0.01, "0.01"],
    [0.0101, "0.025"],
    [0.7, "0.7"],
    [0.71, "1"],
    [2.5, "2.5"],
    [2.6, "+Inf"],
    [-3, "0.01"],
    [NaN, "0.01"],
    [Infinity, "0.01"],
  ])("of %s s falls into the bucket of %s s", (seconds, bucket) => {
    expect(observed("answer_seconds", seconds)).toMatchObject({ [`answer_seconds|${bucket}`]: 1 });
  });

  it("adds its milliseconds to the sum", () => {
    expect(observed("answer_seconds", 0.1234)["answer_seconds|sum_ms"]).toBe(123);
  });
});

describe("counts", () => {
  const counts: Counts = {
    "pushes|i_new|accepted": 2,
    "pushes|i_ack|accepted": 3,
    "pushes|i_ack|stale": 4,
    "runs|a|failed": 5,
  };

  it("are added up by a label", () => {
    expect([sumBy(counts, "pushes", "result"), sumBy(counts, "pushes", "type")]).toEqual([
      { accepted: 5, stale: 4 },
      { i_new: 2, i_ack: 7 },
    ]);
  });

  it("of a histogram are told by bucket, the last without an end", () => {
    const buckets = bucketsOf({ "answer_seconds|0.05": 2, "answer_seconds|+Inf": 1 }, "answer_seconds");
    expect(buckets.filter(({ count }) => count > 0)).toEqual([
      { most: 0.05, count: 2 },
      { most: Infinity, count: 1 },
    ]);
  });
});

describe("the text for Prometheus", () => {
  it("has help, type and lines, each text escaped", () => {
    const metric = { kind: "gauge" as const, help: "a \\ and\na line" };
    expect(exposition([gauge("stopped", metric, "action", { 'a"\\\n': 1 })])).toBe(
      '# HELP flashduty_edge_stopped a \\\\ and\\na line\n# TYPE flashduty_edge_stopped gauge\nflashduty_edge_stopped{action="a\\"\\\\\\n"} 1\n',
    );
  });

  it("says nothing of a metric that has no value", () => {
    expect(exposition([gauge("stopped", { kind: "gauge", help: "" }, "action", {})])).toBe("");
  });

  it("adds a histogram's buckets up, to the count", () => {
    const counts = {
      "answer_seconds|0.01": 2,
      "answer_seconds|1": 3,
      "answer_seconds|+Inf": 1,
      "answer_seconds|sum_ms": 4_567,
    };
    const lines = exposition(countedFamilies(counts, []))
      .split("\n")
      .filter((line) => line.startsWith("flashduty_edge_answer"));
    expect(lines.map((line) => line.replace("flashduty_edge_answer_seconds", ""))).toEqual([
      ...[
        '0.01"} 2',
        '0.025"} 2',
        '0.05"} 2',
        '0.1"} 2',
        '0.25"} 2',
        '0.5"} 2',
        '0.7"} 2',
        '1"} 5',
        '2.5"} 5',
        '+Inf"} 6',
      ].map((rest) => `_bucket{le="${rest}`),
      "_sum 4.567",
      "_count 6",
    ]);
  });

  it("has every series of a counter from the start, and those of actions that are no more", () => {
    const text = exposition(countedFamilies({ "runs|gone|failed": 3, "drift|field": 1 }, ["enrich"]));
    expect(text).toContain('flashduty_edge_runs_total{action="enrich",state="succeeded"} 0\n');
    expect(text).toContain('flashduty_edge_runs_total{action="gone",state="failed"} 3\n');
    expect(text).toContain('flashduty_edge_drift_total{kind="field"} 1\n');
    expect(text).toContain('flashduty_edge_refusals_total{reason="storage_silent"} 0\n');
    expect(text).toContain("flashduty_edge_unlisted_sources_total 0\n");
    for (const type of COUNTED.pushes.labels.type) expect(text).toContain(`{type="${type}",result="stale"} 0\n`);
  });
});

describe("a ledger", () => {
  const at = 1_000 * INTERVAL_MS;

  it("keeps the counts of each interval apart", () => {
    const ledger = new Ledger();
    ledger.add({ a: 1 }, at);
    ledger.add({ a: 2, b: 1 }, at + INTERVAL_MS - 1);
    ledger.add({ a: 4 }, at + INTERVAL_MS);
    expect(ledger.unsaved()).toEqual([
      { at, version: 2, counts: { a: 3, b: 1 } },
      { at: at + INTERVAL_MS, version: 1, counts: { a: 4 } },
    ]);
  });

  it("gives out again what was added while it was written, as a whole", () => {
    const ledger = new Ledger();
    ledger.add({ a: 1 }, at);
    const pages = ledger.unsaved();
    ledger.add({ a: 1 }, at);
    ledger.saved(pages, at);
    expect(pages).toEqual([{ at, version: 1, counts: { a: 1 } }]);
    expect(ledger.unsaved()).toEqual([{ at, version: 2, counts: { a: 2 } }]);
    ledger.saved(ledger.unsaved(), at);
    expect(ledger.unsaved()).toEqual([]);
  });

  it("goes on from what is written, even where the clock is set back by a minute", () => {
    const ledger = new Ledger();
    ledger.add({ a: 1 }, at);
    ledger.saved(ledger.unsaved(), at + INTERVAL_MS + 60_000);
    ledger.add({ a: 1 }, at + INTERVAL_MS - 1);
    expect(ledger.unsaved()).toEqual([{ at, version: 2, counts: { a: 2 } }]);
  });

  it("holds two hours at most where nothing can be written", () => {
    const ledger = new Ledger();
    for (let n = 0; n < 100; n++) ledger.add({ a: 1 }, at + n * INTERVAL_MS);
    const kept = ledger.unsaved().map((page) => (page.at - at) / INTERVAL_MS);
    expect(kept).toEqual([88, 89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
  });
});
