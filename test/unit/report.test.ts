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
import { type Happening, planned, type Run, type RunState } from "../../src/domain/run.ts";
import { next } from "../../src/domain/transitions.ts";
import * as arbitrary from "./arbitraries.ts";
import { CONSENT, ENDED, FAILED, HELD, LATER, runIn, runOf, SUCCEEDED, UNCLEAR, WAITING } from "./runs.ts";

const NOW = 100_000;
const told = (before: Run | null, after: Run, language: Language = "en") => reportsOf(before, after, language, NOW);
const names = (before: Run | null, after: Run) => told(before, after).map(({ action }) => action);

/** The stage of which a report tells when a run has come to this state; null where it tells of none. */
const stages: Record<RunState, string | null> = {
  awaiting_approval: "awaiting_approval",
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
    const traceparent = "of-the-push";
    const of_run = { traceparent, links: ["https://a.example"], fence: 7 };
    const after = runIn("succeeded", { fields, values: { cpu: 0.93 }, ...of_run });
    const [report] = told(runIn("running"), after);
    expect(report).toMatchObject({ incident_id: "incident-1", event_id: "event-1", action: "restart-host@succeeded" });
    expect(report).toMatchObject({ by: "report", asked_by: "", connector: "", key: "", state: "planned", fence: 0 });
    expect(report).toMatchObject({ due_at: NOW, planned_at: NOW, fields, links: [], round: 0 });
    expect(report).toHaveProperty("values", {});
    expect(report).toMatchObject({ policy: { once: false, repeatable: true, attempts: 100, time_limit_ms: 10_000 } });
    expect(report).toMatchObject({ trail: [], approval: null, after: "", person_id: "", traceparent });
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

const told_of = STATES.filter((state) => stages[state] !== null);
const NOTHING_DONE: readonly RunState[] = ["awaiting_approval", "skipped", "expired"];

describe("what a report tells", () => {
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

/** A run that is held before its start, for as long as `held_since` says. */
const held = (changed: Partial<Run> = {}) =>
  runIn("planned", { held_since: NOW - 1, reason: "everything was stopped", started_at: null, ...changed });

describe("that a run is held", () => {
  it("is told half a minute later, once for all times in a row", () => {
    const [report, ...others] = told(runIn("running"), held());
    expect(report).toMatchObject({ action: "restart-host@held", state: "planned", due_at: NOW + 30_000 });
    expect(others).toEqual([]);
    expect(linesOf(held())).toEqual([
      "[restart-host] (es.nj.01) is held back for now, and starts by itself once it may",
      "everything was stopped",
      "pressed by zhangsan · by HTTP (RESTART_HOST)",
      "run incident-1:event-1:restart-host",
    ]);
    expect(textOf(held(), "zh").split("\n")[0]).toBe("[restart-host] (es.nj.01) 暂缓执行，条件允许后自动开始");
  });

  it.each<[string, Run, Run, string[]]>([
    ["held at its start", runIn("running"), held(), ["restart-host@held"]],
    ["held before its next attempt", runIn("running", { failures: 2 }), held({ failures: 2 }), ["restart-host@held"]],
    ["held in its second round", runIn("running", { round: 1 }), held({ round: 1 }), ["restart-host@held.1"]],
    ["asked for again while it is held", held(), held({ state: "dispatched" }), []],
    ["claimed while it is held", held({ state: "dispatched" }), held({ state: "running" }), []],
    ["held once more", held({ state: "running" }), held(), []],
    ["not held: it is to be tried again", runIn("running"), runIn("planned", { failures: 1 }), []],
    ["not held: it waits for its turn", runIn("dispatched"), runIn("planned", { reason: "its turn" }), []],
    ["held when its job is looked at", runIn("running", { handle: "job-7" }), held({ handle: "job-7" }), []],
  ])("%s", (_, before, after, expected) => {
    expect(names(before, after)).toEqual(expected);
  });

  it.each<[string, Run, boolean]>([
    ["held", held(), true],
    ["asked for again", held({ state: "dispatched" }), true],
    ["about to be let in or held once more", held({ state: "running" }), true],
    ["in the first attempt since", runIn("running", { held_since: null }), false],
    ["to be tried again", runIn("planned", { held_since: null, failures: 1 }), false],
    ["started", runIn("waiting", { handle: "job-7" }), false],
    ["held at a look at its job", held({ handle: "job-7" }), false],
    ["held in another round", held({ round: 1 }), false],
    ...ENDED.map((state): [string, Run, boolean] => [state, runIn(state, { held_since: NOW }), false]),
  ])("is not told any more where the run is not held by then: it is %s", (_, run, is_current) => {
    expect(isCurrent(reportOf(held()), run)).toBe(is_current);
  });

  it("is no reason to tell nothing of its end", () => {
    expect(names(held({ state: "running" }), runIn("skipped"))).toEqual(["restart-host@skipped"]);
    expect(names(held({ state: "running" }), runIn("waiting"))).toEqual(["restart-host@started"]);
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
    const before = runIn("unknown", { fence: 1, may_have_acted: true, ended_at: NOW - 1_000 });
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
      arbitrary: fc.constantFrom<Happening[]>(
        { kind: "retried", by: "wangwu", overriding: false },
        { kind: "cancelled", reason: "no" },
        { kind: "approved", by: "wangwu" },
        { kind: "approval_refused", by: "lisi", reason: "somebody else" },
        { kind: "woken" },
      ),
    },
  );
  const outcome = fc.constantFrom(SUCCEEDED, FAILED, LATER, UNCLEAR, WAITING, HELD);

  it("each stage of each round is told, by a name of its own, and nothing else is", () => {
    const approval = fc.constantFrom(null, null, CONSENT);
    const property = fc.property(
      approval,
      fc.array(fc.tuple(happened, outcome), { maxLength: 60 }),
      (approval, steps) => {
        let run = planned({ ...runOf(), by: "rule", approval }, NOW);
        const nameOf = (stage: string) => `restart-host@${stage}${run.round === 0 ? "" : `.${run.round}`}`;
        const reports = new Set(reportsOf(null, run, "en", NOW).map(({ action }) => action));
        const reached = new Set(approval === null ? [] : ["restart-host@awaiting_approval"]);
        for (const [step, outcome] of steps) {
          const before = run;
          const now = Math.max(run.due_at ?? 0, NOW);
          const happening: Happening = step === "settled" ? { kind: "settled", fence: run.fence, outcome } : step;
          run = next(before, happening, { now, chance: 0 });
          const stage = stageOf(run);
          const is_there = stage !== null && (stageOf(before) !== stage || before.round !== run.round);
          const called_for = reportsOf(before, run, "en", now);
          expect(called_for).toHaveLength(is_there ? 1 : 0);
          if (is_there) reached.add(nameOf(stage));
          for (const { action } of called_for) reports.add(action);
        }
        expect(reports).toEqual(reached);
      },
    );
    fc.assert(property, { numRuns: 2_000 });
  });
});

/** What is told of a run as it is: one that has not begun is told of only where it is held. */
function stageOf(run: Run): string | null {
  return stages[run.state] ?? (run.handle === null && run.held_since !== null ? "held" : null);
}

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
    ["awaiting_approval", "waits for approval", "等待批准"],
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

  it.each([
    [1_800_000, 30],
    [119_999, 1],
    [120_000, 2],
    [1_000, 1],
  ])("says how to approve what waits for it, and by when: within %i ms is %i min", (within_ms, minutes) => {
    const run = runIn("awaiting_approval", { by: "rule", asked_by: "i_reopen", approval: { within_ms, not_by: [] } });
    const [to_approve, asked] = linesOf(run).slice(1);
    expect(to_approve).toBe(
      `To have it run, press the approve button (/webhooks/action/approve) within ${minutes} min; otherwise nothing is run.`,
    );
    expect(asked).toBe("called for by i_reopen · by HTTP (RESTART_HOST)");
    expect(textOf(run, "zh").split("\n")[1]).toBe(
      `如需执行，请在 ${minutes} 分钟内点击批准按钮（/webhooks/action/approve）；否则不会执行。`,
    );
  });

  it("names who approved it, after who asked", () => {
    const run = runIn("failed", { by: "rule", asked_by: "i_reopen", approved_by: " wang\nwu ", reason: "no" });
    expect(linesOf(run)[2]).toBe("called for by i_reopen · approved by wang wu · by HTTP (RESTART_HOST)");
    expect(textOf(run, "zh").split("\n")[2]).toBe("由 i_reopen 事件触发 · 由 wang wu 批准 · 通过 HTTP (RESTART_HOST)");
  });

  it.each<[string, Partial<Run>, string]>([
    ["approved", { approved_by: "wangwu" }, " · approved by wangwu"],
    ["overridden", { override_by: "zhangsan" }, " · in spite of the guards, as zhangsan wanted"],
    ["by somebody on one line", { override_by: " li\nsi " }, " · in spite of the guards, as li si wanted"],
    [
      "both",
      { approved_by: "wangwu", override_by: "lisi" },
      " · approved by wangwu · in spite of the guards, as lisi wanted",
    ],
    ["neither", { override_by: " \n" }, ""],
  ])("names who had it run in spite of the guards: %s", (_, changed, said) => {
    expect(linesOf(runIn("failed", { reason: "no", ...changed }))[2]).toBe(
      `pressed by zhangsan${said} · by HTTP (RESTART_HOST)`,
    );
  });

  it.each(told_of)(
    "says so where something was done, and not where a guard has kept it from that all the same: %s",
    (state) => {
      const text = textOf(runIn(state, { override_by: "lisi" }));
      expect(text.includes("in spite of the guards")).toBe(!NOTHING_DONE.includes(state));
    },
  );

  it("names who had it run in spite of the guards in Chinese", () => {
    const run = runIn("failed", { reason: "no", override_by: "lisi" });
    expect(textOf(run, "zh").split("\n")[2]).toBe("由 zhangsan 触发 · lisi 要求忽略防护 · 通过 HTTP (RESTART_HOST)");
  });

  const DRY_RUN = ["was a dry run: nothing was changed", "仅为演练，未做任何更改"];

  it.each<[RunState, boolean, readonly string[]]>([
    ["succeeded", true, DRY_RUN],
    ["succeeded", false, ["succeeded", "成功"]],
    ["failed", true, ["failed", "失败"]],
    ["skipped", true, ["was skipped", "已跳过"]],
    ["awaiting_approval", true, ["waits for approval", "等待批准"]],
  ])("says of a dry run that nothing was changed, where it came to its end so: %s, %s", (state, dry_run, said) => {
    const run = runIn(state, { policy: { ...runOf().policy, dry_run } });
    const heads = (["en", "zh"] as const).map((language) => textOf(run, language).split("\n")[0]);
    expect(heads).toEqual(said.map((one) => `[restart-host] (es.nj.01) ${one}`));
  });

  it("says so of a run that became a dry run only when it was carried out", () => {
    const at = { now: NOW, chance: 0 };
    const settled = (dry_run: boolean) =>
      next(
        runIn("running"),
        { kind: "settled", fence: 1, outcome: { kind: "succeeded", summary: "done", dry_run } },
        at,
      );
    expect([true, false].map((dry_run) => linesOf(settled(dry_run))[0])).toEqual([
      "[restart-host] (es.nj.01) was a dry run: nothing was changed",
      "[restart-host] (es.nj.01) succeeded",
    ]);
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

  it("names who replayed the press", () => {
    const run = runIn("failed", { replayed_by: "lisi", connector: "", reason: "no" });
    expect([textOf(run), textOf(run, "zh")].map((text) => text.split("\n")[2])).toEqual([
      "pressed by zhangsan · replayed by lisi",
      "由 zhangsan 触发 · 由 lisi 重放",
    ]);
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
  approved_by: foreign(300),
  override_by: foreign(300),
  connector: foreign(200),
  reason: foreign(2_000),
  links: fc.array(fc.oneof(foreign(500), fc.webUrl()), { maxLength: 5 }),
  started_at: fc.option(fc.integer({ min: -1e14, max: NOW + 1e6 })),
  round: fc.nat(3),
  state: fc.constantFrom("awaiting_approval" as const, "waiting" as const, ...ENDED),
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
      const run = runIn(state, { ...changed, reason: "one line", approval: CONSENT });
      const lines = textOf(run, language).split(LINE_BREAK);
      const overrider = NOTHING_DONE.includes(state) ? "" : run.override_by;
      const is_said = [run.asked_by, run.approved_by, overrider, run.connector].some((one) => /[^\p{C}\s]/u.test(one));
      const has_about = is_said || (run.started_at !== null && run.state !== "waiting");
      const links = lines.slice(2).filter((one) => run.links.includes(one));
      expect(links.length).toBeLessThanOrEqual(2);
      expect(lines).toHaveLength(3 + (has_about ? 1 : 0) + links.length);
      expect(lines[0]?.startsWith(`[${run.action}]`)).toBe(true);
      if (state === "awaiting_approval") expect(lines[1]).toContain("/webhooks/action/approve");
      else expect(lines[1]).toBe("one line");
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
