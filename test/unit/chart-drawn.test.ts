// The charts as they are drawn: whatever comes from outside, they hold no more than they should, and stay inside.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AnswerTimeChart } from "../../src/admin/page/chart/answer-time-chart.tsx";
import { eventAnchor, linkTo, runAnchor } from "../../src/admin/page/chart/anchor.ts";
import { LifeChart } from "../../src/admin/page/chart/life-chart.tsx";
import { OutcomesChart } from "../../src/admin/page/chart/outcomes-chart.tsx";
import { PushesChart } from "../../src/admin/page/chart/pushes-chart.tsx";
import { RunsChart } from "../../src/admin/page/chart/runs-chart.tsx";
import { CHART_STYLE } from "../../src/admin/page/chart/style.ts";
import { words } from "../../src/admin/page/chart/words.ts";
import { style } from "../../src/admin/page/style.ts";
import type { IncidentView } from "../../src/admin/shapes.ts";
import type { Entry } from "../../src/domain/trail.ts";
import { counterKey, observed } from "../../src/tally/metric.ts";
import { night, NOW, viewer } from "./page-data.ts";

const { view } = night();
const LANGUAGES = ["en", "zh"] as const;
const CHARTS = { PushesChart, RunsChart, OutcomesChart, AnswerTimeChart };
const counts = {
  [counterKey("pushes", { type: "i_new", result: "accepted" })]: 3,
  [counterKey("refusals", { reason: "wrong_token" })]: 1,
  [counterKey("runs", { action: "restart-host", state: "failed" })]: 2,
  ...observed("answer_seconds", 0.04),
};
const tallies = { totals: counts, intervals: [{ at: NOW - 60 * 60_000, counts }] };

function life(view: IncidentView, language: "en" | "zh" = "en"): string {
  return htmlOf(LifeChart({ view, viewer: viewer({ language }) }));
}

function htmlOf(element: ReturnType<typeof LifeChart>): string {
  if (element instanceof Promise) throw new Error("a chart waits for nothing");
  return element.toString();
}

/** Of a trail that begins a minute ago. */
function entry(at_s: number, what: Entry["what"], text = ""): Entry {
  return { at: NOW - 60_000 + at_s * 1_000, what, by: "", text };
}

/** What a browser would make a tag of, with the names of its attributes. */
function tagsOf(html: string): string[] {
  return html.replaceAll(/"[^"]*"/g, '""').match(/<[^>]*>/g) ?? [];
}

describe("every chart", () => {
  const drawn = LANGUAGES.flatMap((language) => [
    life(view, language),
    ...Object.values(CHARTS).map((Chart) => htmlOf(Chart({ tallies, viewer: viewer({ language }) }))),
  ]);

  it.each(drawn.map((html) => [html]))("brings no style and no script of its own, which the policy forbids", (html) => {
    for (const tag of tagsOf(html)) expect(tag).not.toMatch(/\s(?:style|on\w+)=|^<(?:style|script)/i);
  });

  it("names only classes that the style sheet has rules for", () => {
    const classes = drawn.flatMap((html) =>
      [...html.matchAll(/class="([^"]*)"/g)].flatMap(([, names = ""]) => names.split(" ")),
    );
    // They tell something in the markup, and are drawn like what they stand in.
    const bare = ["", "works", "quiet", "waits", "approval", "p50", "is-closed", "anchor-middle", "life"];
    const unknown = new Set(
      classes.filter((name) => !bare.includes(name) && !new RegExp(`\\.${name}(?![\\w-])`).test(CHART_STYLE)),
    );

    expect([...unknown]).toEqual([]);
  });

  it("names only colours that the pages have", () => {
    const used = new Set([...CHART_STYLE.matchAll(/var\(--([\w-]+)\)/g)].map(([, name]) => name));
    used.delete("tone");
    used.delete("soft");

    for (const name of used) expect(style).toContain(`--${name}:`);
  });

  it.each(Object.entries(CHARTS))("%s is calm where nothing was counted", (_, Chart) => {
    for (const language of LANGUAGES) {
      const html = htmlOf(Chart({ tallies: { totals: counts, intervals: [] }, viewer: viewer({ language }) }));

      expect(html).toContain(words[language].nothing);
      expect(html).not.toContain("<svg");
    }
  });

  it.each(Object.entries(CHARTS))("%s tells its figures in words and in a table", (_, Chart) => {
    const html = htmlOf(Chart({ tallies, viewer: viewer() }));

    expect(html).toMatch(/<title>|<li>/);
    expect(html).toMatch(/<details>.*<table>.*<th scope="row">/s);
  });
});

describe("the life of an incident", () => {
  it("leads from each run, and from its events, to what tells more", () => {
    const html = life(view);

    for (const { run_id } of view.runs) expect(html).toContain(`href="${linkTo(runAnchor(run_id))}"`);
    const [first] = view.events;
    expect(html).toContain(`href="${linkTo(eventAnchor(first?.event_id ?? ""))}"`);
  });

  it("tells in words what an event was, and what was special about it", () => {
    const [event] = view.events;
    if (event === undefined) throw new Error("the night has events");
    const html = life({
      ...view,
      events: [{ ...event, event_type: "i_ack", replayed_by: "lisi", disposition: "stale" }],
    });

    expect(html).toMatch(
      /aria-label="acknowledged, [\d: -]+; came too late, changes nothing; replayed from quarantine"/,
    );
  });

  it.each(["a:b:restart-host", "50%", "a#b?c=d", "é \"'<"])("leads to %j itself, whatever it holds", (id) => {
    const { hash } = new URL(linkTo(runAnchor(id)), "https://edge.example/admin/incidents/1");

    expect(decodeURIComponent(hash)).toBe(`#run-${id}`);
  });

  it("draws each attempt of a run, and crosses out those that came to nothing", () => {
    const [run] = view.runs;
    if (run === undefined) throw new Error("the night has runs");
    const trail = [
      entry(0, "asked"),
      entry(1, "claimed"),
      entry(3, "sent"),
      entry(3, "state", "planned: the target answered 503"),
      entry(9, "claimed"),
      entry(11, "sent"),
      entry(11, "state", "succeeded: done"),
    ];
    const [planned_at, ended_at] = [NOW - 60_000, NOW - 49_000];
    const html = life({ ...view, runs: [{ ...run, trail, state: "succeeded", approval: null, planned_at, ended_at }] });

    expect(html.match(/life-attempt/g)).toHaveLength(2);
    expect(html.match(/life-cross/g)).toHaveLength(1);
    expect(html).toContain("2 attempts");
  });

  it("draws nothing outside of its frame, and nothing that is no number", () => {
    const at = fc.oneof(fc.integer({ min: -1e11, max: 0 }), fc.integer({ min: -600_000, max: 300_000 }));
    fc.assert(
      fc.property(fc.array(at, { maxLength: 60 }), (agos) => {
        const [event] = view.events;
        if (event === undefined) throw new Error("the night has events");
        const events = agos.map((ago, index) => ({
          ...event,
          event_time: NOW + ago,
          received_at: NOW + ago,
          arrival: index,
        }));
        const html = life({ ...view, events });
        const parts = [...html.matchAll(/"(-?[\d.e-]+)%"/g)].map(([, part]) => Number(part));

        expect(html).not.toMatch(/NaN|Infinity|undefined/);
        for (const part of parts) expect(part >= 0 && part <= 100, `${part}%`).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ["markup", `<script>alert(1)</script>"' onload=x`],
    ["a word of ten thousand letters", "x".repeat(10_000)],
    ["marks that turn the text around", "\u202egnp.exe\u2066"],
    ["half of a pair", "\ud83d"],
    ["nothing", ""],
  ])("bears %s in every text", (_, hostile) => {
    const html = life(night(() => hostile).view);

    expect(html).not.toContain("<script");
    expect(html).not.toMatch(/\u202e|\ud83d(?![\udc00-\udfff])/);
    expect(html).not.toContain("x".repeat(200));
    expect(tagsOf(html).filter((tag) => /\son\w+=/.test(tag))).toEqual([]);
  });
});

it("both languages have a word for everything", () => {
  const keys = (table: object): string[] =>
    Object.entries(table).flatMap(([key, value]: [string, unknown]) =>
      typeof value === "object" && value !== null ? keys(value).map((inner) => `${key}.${inner}`) : [key],
    );
  const texts = (table: object): unknown[] =>
    Object.values(table).flatMap((value: unknown) =>
      typeof value === "object" && value !== null ? texts(value) : [value],
    );

  expect(keys(words.zh)).toEqual(keys(words.en));
  for (const text of [...texts(words.en), ...texts(words.zh)]) expect(text).not.toBe("");
});
