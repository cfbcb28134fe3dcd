import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRunId, runId } from "../../src/domain/event.ts";
import {
  COMMENT_CHARACTERS,
  isCurrent,
  isReport,
  type Language,
  reportsOf,
  startReportOf,
  subjectOf,
  TELL_START_AFTER_MS,
} from "../../src/domain/report.ts";
import type { Happening, Run, RunState } from "../../src/domain/run.ts";
import { next } from "../../src/domain/transitions.ts";
import * as arbitrary from "./arbitraries.ts";
import { ENDED, FAILED, HELD, LATER, runIn, runOf, SUCCEEDED, UNCLEAR, WAITING } from "./runs.ts";

const NOW = 100_000;
const told = (before: Run | null, after: Run, language: Language = "en") => reportsOf(before, after, language, NOW);
const names = (before: Run | null, after: Run) => told(before, after).map(({ action }) => action);

/** The stage of which a report tells when a run has come to this state; null where it tells of none. */
const stages: Record<RunState, string | null> = {
  awaiting_approval: null,
  planned: null,
  dispatched: null,
  running: null,
  waiting: "started",
  succeeded: "succeeded",
  failed: "failed",
  skipped: "skipped",
  unknown: "unknown",
  expired: "expired",
  cancelled: "cancelled",
};
const STATES = ["awaiting_approval", "planned", "dispatched", "running", "waiting", ...ENDED] as const;

describe("a change of a run calls for a report", () => {
  const cells = [null, ...STATES].flatMap((before) =>
    STATES.map((after) => {
      const stage = stages[after];
      const is_new = stage !== null && (before === null || stages[before] !== stage);
      return { before, after, expected: is_new ? [`restart-host@${stage}`] : [] };
    }),
  );

  it.each(cells)("from $before to $after: $expected", ({ before, after, expected }) => {
    expect(names(before && runIn(before), runIn(after))).toEqual(expected);
  });

  it("of each round: the second time by another name", () => {
    expect(names(runIn("running", { round: 1 }), runIn("failed", { round: 1 }))).toEqual(["restart-host@failed.1"]);
    expect(names(runIn("failed"), runIn("failed", { round: 1 }))).toEqual(["restart-host@failed.1"]);
    expect(names(runIn("running", { round: 12 }), runIn("waiting", { round: 12 }))).toEqual([
      "restart-host@started.12",
    ]);
  });

  it.each(STATES)("%s: none where the run is a report itself", (state) => {
    const by = "report" as const;
    expect(told(null, runIn(state, { by }))).toEqual([]);
    expect(told(runIn("running", { by }), runIn(state, { by }))).toEqual([]);
  });

  it("has none itself, whatever becomes of it", () => {
    const [report = runOf()] = told(runIn("running"), runIn("failed"));
    expect([isReport(report), isReport(runOf()), isReport(runOf({ by: "rule" }))]).toEqual([true, false, false]);
    for (const state of STATES) expect(told(report, { ...report, state })).toEqual([]);
  });
});

describe("a report", () => {
  const fields = { cpu_at_incident: 0.93 };

  it("is a run that is due at once, of the same event, for anybody to try again for hours", () => {
    const after = runIn("succeeded", { fields, values: { cpu: 0.93 }, links: ["https://a.example"], fence: 7 });
    const [report] = told(runIn("running"), after);
    expect(report).toMatchObject({ incident_id: "incident-1", event_id: "event-1", action: "restart-host@succeeded" });
    expect(report).toMatchObject({ by: "report", asked_by: "", connector: "", key: "", state: "planned", fence: 0 });
    expect(report).toMatchObject({ due_at: NOW, planned_at: NOW, fields, links: [], round: 0 });
    expect(report).toHaveProperty("values", {});
    expect(report).toMatchObject({ policy: { once: false, repeatable: true, attempts: 100, time_limit_ms: 10_000 } });
    expect(Object.keys(report?.params ?? {})).toEqual(["text"]);
  });

  it("that a run goes on waits for 30 s, and brings no fields yet", () => {
    expect(TELL_START_AFTER_MS).toBe(30_000);
    const [report] = told(runIn("running"), runIn("waiting", { fields }));
    expect(report?.due_at).toBe(NOW + 30_000);
    expect(report).toHaveProperty("fields", {});
  });

  it("has an id like any run, which no run of an action can have", () => {
    for (const round of [0, 3]) {
      const [report = runOf()] = told(null, runIn("failed", { round }));
      expect(parseRunId(runId(report))).toEqual({
        incident_id: "incident-1",
        event_id: "event-1",
        action: `restart-host@failed${round === 0 ? "" : ".3"}`,
      });
      expect(report.action).not.toMatch(/^[a-z][a-z0-9-]{0,62}$/);
    }
  });

  it.each([0, 2])("that a run goes on is found by its name, in round %i", (round) => {
    const [report] = told(runIn("running", { round }), runIn("waiting", { round }));
    expect(startReportOf(runIn("succeeded", { round }))).toBe(report?.action);
  });
});

const reportOf = (run: Run): Run => told(null, run)[0] ?? runOf();

describe("what a report tells", () => {
  const told_of = STATES.filter((state) => stages[state] !== null);

  it.each(told_of)("that a run is %s is still so exactly while it is, and in this round", (state) => {
    const run = runIn(state, { round: 2 });
    const report = reportOf(run);
    for (const other of STATES.filter((one) => one !== "dispatched" && one !== "running"))
      expect(isCurrent(report, { ...run, state: other })).toBe(other === state);
    expect(isCurrent(report, { ...run, round: 3 })).toBe(false);
    expect(isCurrent(report, { ...run, round: 1 })).toBe(false);
  });

  it.each(["waiting", "dispatched", "running"] as const)(
    "that a job goes on is still so while it is looked at: %s",
    (state) => {
      const report = reportOf(runIn("waiting", { handle: "job-7" }));
      expect(isCurrent(report, runIn(state, { handle: "job-7" }))).toBe(true);
    },
  );

  it("that a job goes on is not so where a person had it started over, and it is just being started", () => {
    const report = reportOf(runIn("waiting", { handle: "job-7" }));
    for (const state of ["planned", "dispatched", "running", "waiting"] as const)
      expect(isCurrent(report, runIn(state, { handle: null, round: 1 }))).toBe(false);
  });

  it.each(told_of)("that a run is %s is about that very action", (state) => {
    for (const round of [0, 12]) expect(subjectOf(reportOf(runIn(state, { round })))).toBe("restart-host");
  });
});

describe("a run that comes back from an unknown outcome", () => {
  it.each([SUCCEEDED, FAILED])("has its end told a second time, as #2: $kind", (outcome) => {
    const before = runIn("unknown", { fence: 1, may_have_acted: true });
    const after = next(before, { kind: "settled", fence: 1, outcome }, { now: NOW, chance: 0 });
    expect(names(before, after)).toEqual([`restart-host@${outcome.kind}.1`]);
    expect(linesOf(after).at(-1)).toBe("run incident-1:event-1:restart-host #2");
  });

  it("has its next end told, though that is unknown once more", () => {
    const before = runIn("unknown", { fence: 1, may_have_acted: true });
    const at = { now: NOW, chance: 0 };
    const waiting = next(before, { kind: "settled", fence: 1, outcome: WAITING }, at);
    const looking = { ...waiting, state: "running" as const, failures: 19 };
    const after = next(looking, { kind: "settled", fence: 1, outcome: UNCLEAR }, at);
    expect([names(before, waiting), names(looking, after)]).toEqual([
      ["restart-host@started.1"],
      ["restart-host@unknown.1"],
    ]);
  });
});

describe("whatever happens to a run", () => {
  const happened: fc.Arbitrary<Happening | "settled"> = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom<Happening[]>({ kind: "due" }, { kind: "claimed", claimant: "one" }) },
    { weight: 1, arbitrary: fc.constant<Happening>({ kind: "held", reason: "busy", after_ms: 1_000 }) },
    { weight: 4, arbitrary: fc.constant("settled" as const) },
    {
      weight: 2,
      arbitrary: fc.constantFrom<Happening[]>({ kind: "retried" }, { kind: "cancelled", reason: "no" }),
    },
  );
  const outcome = fc.constantFrom(SUCCEEDED, FAILED, LATER, UNCLEAR, WAITING, HELD);

  it("each stage of each round is told, by a name of its own, and nothing else is", () => {
    const property = fc.property(fc.array(fc.tuple(happened, outcome), { maxLength: 60 }), (steps) => {
      let run = runOf();
      const reached = new Set<string>();
      const reports = new Set<string>();
      for (const [step, outcome] of steps) {
        const before = run;
        const now = Math.max(run.due_at ?? 0, NOW);
        const happening: Happening = step === "settled" ? { kind: "settled", fence: run.fence, outcome } : step;
        run = next(before, happening, { now, chance: 0 });
        const stage = stages[run.state];
        const is_there = stage !== null && (stages[before.state] !== stage || before.round !== run.round);
        const called_for = reportsOf(before, run, "en", now);
        expect(called_for).toHaveLength(is_there ? 1 : 0);
        if (is_there) reached.add(`restart-host@${stage}${run.round === 0 ? "" : `.${run.round}`}`);
        for (const { action } of called_for) reports.add(action);
      }
      expect(reports).toEqual(reached);
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});

const textOf = (run: Run, language: Language = "en"): string => told(null, run, language)[0]?.params["text"] ?? "";
const linesOf = (run: Run): string[] => textOf(run).split("\n");

const long = (before: string): [string] => [`${before}${"x".repeat(119)}…`];

describe("the text of a report", () => {
  const done: Partial<Run> = {
    started_at: NOW - 74_400,
    reason: "execution 17 succeeded",
    links: ["https://rundeck.example/execution/show/17"],
  };

  it("says what was done to what, how it went, where to look, who asked, by what it was done, how long it took, and which run", () => {
    expect(textOf(runIn("succeeded", done))).toBe(
      [
        "[restart-host] (es.nj.01) succeeded",
        "execution 17 succeeded",
        "https://rundeck.example/execution/show/17",
        "pressed by zhangsan · by HTTP (RESTART_HOST) · took 74 s",
        "run incident-1:event-1:restart-host",
      ].join("\n"),
    );
  });

  it("says so in Chinese; what the target says stays as it is", () => {
    expect(textOf(runIn("succeeded", done), "zh")).toBe(
      [
        "[restart-host] (es.nj.01) 成功",
        "execution 17 succeeded",
        "https://rundeck.example/execution/show/17",
        "由 zhangsan 触发 · 通过 HTTP (RESTART_HOST) · 耗时 74 秒",
        "运行 incident-1:event-1:restart-host",
      ].join("\n"),
    );
  });

  it.each<[RunState, string, string]>([
    ["waiting", "has started, and goes on", "已开始，仍在进行"],
    ["succeeded", "succeeded", "成功"],
    ["failed", "failed", "失败"],
    ["skipped", "was skipped", "已跳过"],
    ["unknown", "ended with an unknown outcome: please look at the target", "结果未知，请到目标系统确认"],
    ["expired", "was not approved in time", "未在期限内获批"],
    ["cancelled", "was cancelled", "已取消"],
  ])("%s: %s, %s", (state, en, zh) => {
    const [english = "", chinese = ""] = (["en", "zh"] as const).map((language) => textOf(runIn(state), language));
    expect(english.split("\n")[0]).toBe(`[restart-host] (es.nj.01) ${en}`);
    expect(chinese.split("\n")[0]).toBe(`[restart-host] (es.nj.01) ${zh}`);
  });

  it("has no line for what there is nothing to say of", () => {
    const bare = runIn("skipped", { key: "", asked_by: "", connector: "", reason: "", links: [] });
    expect(linesOf(bare)).toEqual(["[restart-host] was skipped", "run incident-1:event-1:restart-host"]);
  });

  it("has two links at most", () => {
    const links = ["https://a.example", "https://b.example", "https://c.example"];
    expect(textOf(runIn("failed", { links }))).toMatch(/a\.example\nhttps:\/\/b\.example\npressed by/);
    expect(textOf(runIn("failed", { links }))).not.toContain("c.example");
  });

  it.each([
    ["not at all: nothing of it", { started_at: null }, ""],
    ["less than nothing, by a clock that was put back", { started_at: NOW + 5_000 }, " · took 0 s"],
    ["half a second", { started_at: NOW - 500 }, " · took 1 s"],
    ["hours", { started_at: NOW - 7_200_000 }, " · took 7200 s"],
  ])("tells how long it took: %s", (_, changed, took) => {
    expect(linesOf(runIn("failed", { ...changed, reason: "no" }))[2]).toBe(
      `pressed by zhangsan · by HTTP (RESTART_HOST)${took}`,
    );
  });

  it("does not tell how long it took while it goes on", () => {
    expect(linesOf(runIn("waiting", { started_at: 0, reason: "" }))[1]).toBe(
      "pressed by zhangsan · by HTTP (RESTART_HOST)",
    );
  });

  it("tells how long it took where nobody is known to have asked, and nothing carried it out", () => {
    const run = runIn("failed", { started_at: NOW - 3_000, asked_by: " \u0000 ", connector: "\n", reason: "no" });
    expect([textOf(run), textOf(run, "zh")].map((text) => text.split("\n")[2])).toEqual(["took 3 s", "耗时 3 秒"]);
  });

  it("names the event by which a rule called for it", () => {
    const run = runIn("failed", { by: "rule", asked_by: "i_reopen", reason: "no" });
    expect(linesOf(run)[2]).toBe("called for by i_reopen · by HTTP (RESTART_HOST)");
    expect(textOf(run, "zh").split("\n")[2]).toBe("由 i_reopen 事件触发 · 通过 HTTP (RESTART_HOST)");
  });

  it.each<[string, Partial<Run>, string, string]>([
    ["alone, where nobody is known to have asked", { asked_by: "" }, "by Rundeck (JOB)", "通过 Rundeck (JOB)"],
    ["on one line", { connector: "Run\ndeck\u2028(JOB)", asked_by: "" }, "by Run deck (JOB)", "通过 Run deck (JOB)"],
    ["120 characters of it", { connector: "x".repeat(121), asked_by: "" }, ...long("by "), ...long("通过 ")],
    ["not where there was none", { connector: "" }, "pressed by zhangsan", "由 zhangsan 触发"],
  ])("names what carried it out: %s", (_, changed, en, zh) => {
    const run = runIn("failed", { connector: "Rundeck (JOB)", reason: "no", ...changed });
    expect([textOf(run), textOf(run, "zh")].map((text) => text.split("\n")[2])).toEqual([en, zh]);
  });

  it("cuts what was said of the outcome where it gets too long, and nothing else", () => {
    const lines = linesOf(runIn("failed", { ...done, reason: "x".repeat(2_000) }));
    expect(lines.join("\n")).toHaveLength(COMMENT_CHARACTERS);
    expect(lines[1]).toMatch(/^x{700,}…$/);
    expect(lines.slice(2)).toEqual(linesOf(runIn("failed", done)).slice(2));
  });

  it("keeps what fits to the last character", () => {
    const room = COMMENT_CHARACTERS - textOf(runIn("failed", { ...done, reason: "x" })).length + 1;
    expect(linesOf(runIn("failed", { ...done, reason: "x".repeat(room) }))[1]).toBe("x".repeat(room));
    expect(linesOf(runIn("failed", { ...done, reason: "x".repeat(room + 1) }))[1]).toBe(`${"x".repeat(room - 1)}…`);
  });
});

const any = (maxLength: number) => fc.string({ unit: "binary", maxLength });
/** Text with what can break a line or a pair. */
const foreign = (maxLength: number) =>
  fc.oneof(
    any(maxLength),
    fc
      .array(
        fc.constantFrom(
          "\n",
          "\r",
          "\u0085",
          "\u2028",
          "\u2029",
          "\v",
          "\f",
          "\0",
          "🔥",
          "\ud83d",
          "头",
          "a",
          " ",
          "run x:y:z",
        ),
        {
          maxLength: maxLength / 2,
          size: "max",
        },
      )
      .map((parts) => parts.join("")),
    fc.constantFrom("🔥", "头").map((one) => one.repeat(maxLength)),
  );
const reported = fc.record({
  incident_id: arbitrary.incidentId,
  event_id: arbitrary.eventId,
  action: fc.stringMatching(/^[a-z][a-z0-9-]{0,62}$/),
  key: foreign(400),
  asked_by: foreign(300),
  connector: foreign(200),
  reason: foreign(2_000),
  links: fc.array(fc.oneof(foreign(500), fc.webUrl()), { maxLength: 5 }),
  started_at: fc.option(fc.integer({ min: -1e14, max: NOW + 1e6 })),
  round: fc.nat(3),
  state: fc.constantFrom("waiting" as const, ...ENDED),
});
const language = fc.constantFrom<Language>("en", "zh");
const LINE_BREAK = /[\n\r\v\f\u0085\u2028\u2029]/;
/** A run is told as it was found: making one of thousands of characters smaller would take minutes. */
const many = { numRuns: 3_000, endOnFailure: true };

describe("the text of a report of any run", () => {
  it("has 1,024 characters at most, and no half of a pair", () => {
    const property = fc.property(reported, language, ({ state, ...changed }, language) => {
      const text = textOf(runIn(state, changed), language);
      expect(text.length).toBeLessThanOrEqual(1_024);
      expect(text.isWellFormed()).toBe(true);
    });
    fc.assert(property, many);
  });

  it("names the run in full in its last line, and which time it is", () => {
    const property = fc.property(reported, language, ({ state, ...changed }, language) => {
      const run = runIn(state, changed);
      const last = textOf(run, language).split("\n").at(-1);
      const again = run.round === 0 ? "" : ` #${run.round + 1}`;
      expect(last).toBe(`${language === "en" ? "run" : "运行"} ${runId(run)}${again}`);
    });
    fc.assert(property, many);
  });

  it("names the run in full, however long its ids are", () => {
    const run = runIn("failed", { incident_id: "i".repeat(128), event_id: "e".repeat(200) });
    expect(textOf(run)).toContain(runId(run));
  });

  it("has no lines but its own: no host, person, link or id can add any", () => {
    const property = fc.property(reported, language, ({ state, ...changed }, language) => {
      const run = runIn(state, { ...changed, reason: "one line" });
      const lines = textOf(run, language).split(LINE_BREAK);
      const is_said = [run.asked_by, run.connector].some((one) => /[^\p{C}\s]/u.test(one));
      const has_about = is_said || (run.started_at !== null && run.state !== "waiting");
      const links = lines.slice(2).filter((one) => run.links.includes(one));
      expect(links.length).toBeLessThanOrEqual(2);
      expect(lines).toHaveLength(3 + (has_about ? 1 : 0) + links.length);
      expect(lines[0]?.startsWith(`[${run.action}]`)).toBe(true);
      expect(lines[1]).toBe("one line");
    });
    fc.assert(property, many);
  });

  it.each(["\u2028", "\u2029"])("has none by %j either, which ends a line in some places", (mark) => {
    const run = runIn("failed", { key: `a${mark}run x:y:z`, asked_by: `b${mark}c` });
    expect(textOf(run)).not.toContain(mark);
  });

  it("has only links that lead somewhere: none is cut", () => {
    const link = `https://a.example/${"x".repeat(300)}`;
    expect(linesOf(runIn("failed", { links: [link] })).filter((line) => line.startsWith("https://a"))).not.toContain(
      `${link.slice(0, 199)}…`,
    );
  });
});
