// The report of a run: what is written to the incident about it, as one comment. A report is a run itself, so it is kept,
// sent, claimed and tried again like any other; its name tells whose report it is.
import { runId } from "./event.ts";
import { cut, line } from "./text.ts";
import { type EndState, planned, Policy, type Run } from "./run.ts";

export type Language = "en" | "zh";

/** What of a run is told: that it waits for approval, that it is held, that it goes on, and how it ended. */
type Stage = "awaiting_approval" | "held" | "started" | EndState;

/** Characters of a comment, as the vendor limits them. */
export const COMMENT_CHARACTERS = 1_024;
/** A run that is over by then, or is held no more, is told of once, at its end. */
export const TELL_START_AFTER_MS = 30_000;
/** An outage of the API may take hours. With the pauses between attempts these are some six of them. */
const POLICY = Policy.parse({ once: false, repeatable: true, attempts: 100, time_limit_ms: 10_000 });

/** Whether the run is the report of another. */
export function isReport(run: Pick<Run, "by">): boolean {
  return run.by === "report";
}

/**
 * The reports that a change of a run calls for; `before` is null where the run is new. One for each stage: what is told
 * twice has the same name, and is kept once.
 */
export function reportsOf(before: Run | null, after: Run, language: Language, now: number): Run[] {
  if (isReport(after)) return [];
  const stage = stageOf(after);
  if (stage === null || (before !== null && stageOf(before) === stage && before.round === after.round)) return [];
  const params = { text: textOf(after, stage, language, now) };
  const { incident_id, event_id, traceparent } = after;
  const given = { incident_id, event_id, traceparent, action: nameOf(after, stage) };
  const report = planned({ ...given, by: "report", asked_by: "", connector: "", key: "", params, policy: POLICY }, now);
  return stage === "started" || stage === "held"
    ? [{ ...report, due_at: now + TELL_START_AFTER_MS }]
    : [{ ...report, fields: after.fields }];
}

/** Whether the report still tells how its run stands: a run may have moved on since. */
export function isCurrent(report: Pick<Run, "action">, run: Run): boolean {
  // What was started goes on between two looks at it, and during them.
  const stage = stageOf(run) ?? (run.handle === null ? null : "started");
  return stage !== null && nameOf(run, stage) === report.action;
}

/** The name of the action that a report is about. */
export function subjectOf(report: Pick<Run, "action">): string {
  return report.action.slice(0, report.action.indexOf("@"));
}

/** The name of the report that says that a run goes on: once the run has ended, it need not be told any more. */
export function startReportOf(run: Run): string {
  return nameOf(run, "started");
}

function stageOf(run: Run): Stage | null {
  switch (run.state) {
    case "waiting":
      return "started";
    case "succeeded":
    case "failed":
    case "skipped":
    case "unknown":
    case "expired":
    case "cancelled":
      return run.state;
    case "awaiting_approval":
      return "awaiting_approval";
    case "planned":
    case "dispatched":
    case "running":
      return run.handle === null && run.held_since !== null ? "held" : null;
  }
}

/** `@` is in no action's name. */
function nameOf({ action, round }: Run, stage: Stage): string {
  return `${action}@${stage}${round === 0 ? "" : `.${round}`}`;
}

interface Words extends Record<Stage, string> {
  dry_run: string;
  overridden_by: (person: string) => string;
  to_approve: (minutes: number) => string;
  approved_by: (person: string) => string;
  pressed_by: (person: string) => string;
  replayed_by: (person: string) => string;
  called_for_by: (event_type: string) => string;
  via: (connector: string) => string;
  took: (seconds: number) => string;
  run: string;
}

const words: Record<Language, Words> = {
  en: {
    awaiting_approval: "waits for approval",
    held: "is held back for now, and starts by itself once it may",
    started: "has started, and goes on",
    succeeded: "succeeded",
    failed: "failed",
    skipped: "was skipped",
    unknown: "ended with an unknown outcome: please look at the target",
    expired: "was not approved in time",
    dry_run: "was a dry run: nothing was changed",
    cancelled: "was cancelled",
    to_approve: (minutes) =>
      `To have it run, press the approve button (/webhooks/action/approve) within ${minutes} min; otherwise nothing is run.`,
    overridden_by: (person) => `in spite of the guards, as ${person} wanted`,
    approved_by: (person) => `approved by ${person}`,
    pressed_by: (person) => `pressed by ${person}`,
    replayed_by: (person) => `replayed by ${person}`,
    called_for_by: (event_type) => `called for by ${event_type}`,
    via: (connector) => `by ${connector}`,
    took: (seconds) => `took ${seconds} s`,
    run: "run",
  },
  zh: {
    awaiting_approval: "等待批准",
    held: "暂缓执行，条件允许后自动开始",
    started: "已开始，仍在进行",
    succeeded: "成功",
    failed: "失败",
    skipped: "已跳过",
    unknown: "结果未知，请到目标系统确认",
    expired: "未在期限内获批",
    dry_run: "仅为演练，未做任何更改",
    cancelled: "已取消",
    to_approve: (minutes) => `如需执行，请在 ${minutes} 分钟内点击批准按钮（/webhooks/action/approve）；否则不会执行。`,
    overridden_by: (person) => `${person} 要求忽略防护`,
    approved_by: (person) => `由 ${person} 批准`,
    pressed_by: (person) => `由 ${person} 触发`,
    replayed_by: (person) => `由 ${person} 重放`,
    called_for_by: (event_type) => `由 ${event_type} 事件触发`,
    via: (connector) => `通过 ${connector}`,
    took: (seconds) => `耗时 ${seconds} 秒`,
    run: "运行",
  },
};

/** Links that are shown; and what is left for the reason when they are. */
const MOST_LINKS = 2;
const LEFT_FOR_REASON = 160;

/** The comment. What is cut where it gets too long is what was said of the outcome, not what names the run. */
function textOf(run: Run, stage: Stage, language: Language, now: number): string {
  const say = words[language];
  const on = run.key === "" ? "" : ` (${line(run.key, 120)})`;
  const head = `[${run.action}]${on} ${run.policy.dry_run && stage === "succeeded" ? say.dry_run : say[stage]}`;
  const again = run.round === 0 ? "" : ` #${run.round + 1}`;
  const foot = [...aboutOf(run, stage, say, now), `${say.run} ${line(runId(run), 500)}${again}`];
  // A link leads somewhere only as a whole.
  const links = run.links
    .filter((link) => line(link, COMMENT_CHARACTERS) === link)
    .slice(0, MOST_LINKS)
    .filter(
      (_, at, kept) => lengthOf([head, ...kept.slice(0, at + 1), ...foot]) + LEFT_FOR_REASON < COMMENT_CHARACTERS,
    );
  const left = COMMENT_CHARACTERS - lengthOf([head, "", ...links, ...foot]);
  const reason = cut(stage === "awaiting_approval" ? say.to_approve(minutesToApprove(run)) : run.reason, left);
  return [head, ...(reason === "" ? [] : [reason]), ...links, ...foot].join("\n").toWellFormed();
}

function lengthOf(lines: readonly string[]): number {
  return lines.join("\n").length;
}

function minutesToApprove({ approval }: Run): number {
  return Math.max(Math.floor((approval?.within_ms ?? 0) / 60_000), 1);
}

/** Nothing was done: neither was it in spite of the guards, whoever wanted that. */
const NOTHING_DONE: readonly Stage[] = ["awaiting_approval", "held", "skipped", "expired"];

/** Who asked, by what it was done, and how long it took: a line, where there is anything to say. */
function aboutOf(run: Run, stage: Stage, say: Words, now: number): string[] {
  const who = line(run.asked_by, 80);
  const by = line(run.connector, 120);
  const via = by === "" ? [] : [say.via(by)];
  const asked = who === "" ? [] : [run.by === "rule" ? say.called_for_by(who) : say.pressed_by(who)];
  const replayer = line(run.replayed_by, 80);
  const replay = replayer === "" ? [] : [say.replayed_by(replayer)];
  const is_told = run.started_at !== null && stage !== "started";
  const approved = line(run.approved_by, 80);
  const consent = approved === "" ? [] : [say.approved_by(approved)];
  const took = is_told ? [say.took(Math.max(Math.round((now - (run.started_at ?? now)) / 1_000), 0))] : [];
  const overrider = line(run.override_by, 80);
  const override = overrider === "" || NOTHING_DONE.includes(stage) ? [] : [say.overridden_by(overrider)];
  const about = [...asked, ...replay, ...consent, ...override, ...via, ...took].join(" · ");
  return about === "" ? [] : [about];
}
