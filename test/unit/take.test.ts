import { describe, expect, it } from "vitest";
import type { Address } from "../../src/domain/event.ts";
import type { Place } from "../../src/domain/order.ts";
import type { Asked } from "../../src/domain/plan.ts";
import { type Known, take, type Taken } from "../../src/domain/take.ts";
import { POLICY, REF, runOf } from "./runs.ts";

const NOW = 1_700_000_000_000;
const NEVER: Known = { same: null, runs: [], newest: null, begun: [] };
const older: Place = { event_time: 1_000, received_at: NOW - 5, arrival: 1 };
const newer: Place = { event_time: 3_000, received_at: NOW - 5, arrival: 1 };

const arriving = (address: Address = "incident") => ({
  ...REF,
  event_time: 2_000,
  received_at: NOW,
  arrival: 2,
  address,
});
const ask = (by: Asked["by"], action = "restart-host"): Asked => ({
  action,
  by,
  asked_by: "zhangsan",
  params: { dc: "nj" },
  key: "es.nj.01",
  connector: "Rundeck (JOB)",
  policy: POLICY,
  follows: false,
  refused: null,
});
const follow = (action: string): Asked => ({ ...ask("rule", action), follows: true });
const known = (address: Address, actions: string[] = [], current: Place = older): Known => ({
  same: { address },
  runs: actions.map((action) => runOf({ action })),
  newest: current,
  begun: [],
});

interface Case {
  what: string;
  known: Known;
  address?: Address;
  asked: Asked[];
  becomes: [Taken["result"], Taken["record"], string[]];
}

const cases: Case[] = [
  { what: "the first event", known: NEVER, asked: [], becomes: ["accepted", "add", []] },
  { what: "a newer event", known: { ...NEVER, newest: older }, asked: [], becomes: ["accepted", "add", []] },
  { what: "an older event", known: { ...NEVER, newest: newer }, asked: [], becomes: ["stale", "add", []] },
  {
    what: "an event of the very same time that came later",
    known: { ...NEVER, newest: { ...older, event_time: 2_000 } },
    asked: [],
    becomes: ["accepted", "add", []],
  },
  {
    what: "a newer event that rules name",
    known: { ...NEVER, newest: older },
    asked: [ask("rule", "enrich"), ask("rule", "rollback")],
    becomes: ["accepted", "add", ["enrich", "rollback"]],
  },
  {
    what: "an older event that a rule names: its run would act on what is past",
    known: { ...NEVER, newest: newer },
    asked: [ask("rule")],
    becomes: ["stale", "add", []],
  },
  {
    what: "an older command: a person wants it",
    known: { ...NEVER, newest: newer },
    address: "action/restart-host",
    asked: [ask("command"), ask("rule", "enrich")],
    becomes: ["stale", "add", ["restart-host"]],
  },
  {
    what: "the same event again",
    known: known("incident", ["enrich"]),
    asked: [ask("rule", "enrich")],
    becomes: ["duplicate", "nothing", []],
  },
  {
    what: "the same event again, which was stale: its rules are not made up for",
    known: known("incident", [], newer),
    asked: [ask("rule", "enrich")],
    becomes: ["duplicate", "nothing", []],
  },
  {
    what: "the same event again, though its incident has not moved on: a rule added since does not count",
    known: known("incident"),
    asked: [ask("rule", "enrich")],
    becomes: ["duplicate", "nothing", []],
  },
  {
    what: "a press that was recorded as an event before: the command completes it",
    known: known("incident"),
    address: "action/restart-host",
    asked: [ask("command")],
    becomes: ["accepted", "complete", ["restart-host"]],
  },
  {
    what: "such a press, stale by now",
    known: known("incident", [], newer),
    address: "action/restart-host",
    asked: [ask("command")],
    becomes: ["accepted", "complete", ["restart-host"]],
  },
  {
    what: "a press whose action a rule has run already",
    known: known("incident", ["restart-host"]),
    address: "action/restart-host",
    asked: [ask("command")],
    becomes: ["duplicate", "nothing", []],
  },
  {
    what: "the same press again at its action's address",
    known: known("action/restart-host", ["restart-host"]),
    address: "action/restart-host",
    asked: [ask("command")],
    becomes: ["duplicate", "nothing", []],
  },
  {
    what: "a press as an event, after the command",
    known: known("action/restart-host", ["restart-host"]),
    asked: [],
    becomes: ["duplicate", "nothing", []],
  },
  {
    what: "a press that reaches a second action's address: what the first one brought is kept",
    known: known("action/restart-host", ["restart-host"]),
    address: "action/rollback",
    asked: [ask("command", "rollback")],
    becomes: ["accepted", "nothing", ["rollback"]],
  },
  {
    what: "a rule that follows up what was begun",
    known: { ...NEVER, newest: older, begun: ["enrich", "update-status-page"] },
    asked: [follow("update-status-page")],
    becomes: ["accepted", "add", ["update-status-page"]],
  },
  {
    what: "a rule that follows up what nobody began, beside rules that do not follow",
    known: { ...NEVER, newest: older, begun: ["enrich"] },
    asked: [follow("update-status-page"), ask("rule", "rollback"), follow("enrich")],
    becomes: ["accepted", "add", ["rollback", "enrich"]],
  },
  {
    what: "the first event, before which nothing can have begun",
    known: NEVER,
    asked: [follow("update-status-page")],
    becomes: ["accepted", "add", []],
  },
  {
    what: "an older event that follows up what was begun: another one overtook it, and it must not be missed",
    known: { ...NEVER, newest: newer, begun: ["update-status-page"] },
    asked: [follow("update-status-page"), ask("rule", "enrich")],
    becomes: ["stale", "add", ["update-status-page"]],
  },
  {
    what: "an older event that would follow up what nobody began",
    known: { ...NEVER, newest: newer, begun: ["enrich"] },
    asked: [follow("update-status-page")],
    becomes: ["stale", "add", []],
  },
  {
    what: "the same event again, which was stale, though what it follows up was begun since",
    known: { ...known("incident", [], newer), begun: ["update-status-page"] },
    asked: [follow("update-status-page")],
    becomes: ["duplicate", "nothing", []],
  },
  {
    what: "the same event again, though what it follows up was begun since",
    known: { ...known("incident"), begun: ["update-status-page"] },
    asked: [follow("update-status-page")],
    becomes: ["duplicate", "nothing", []],
  },
  {
    what: "a command for an action that nobody began: it is what begins",
    known: { ...NEVER, newest: older },
    address: "action/update-status-page",
    asked: [ask("command", "update-status-page")],
    becomes: ["accepted", "add", ["update-status-page"]],
  },
];

describe("taking an event", () => {
  it.each(cases)("$what: $becomes.0, record: $becomes.1", ({ known, address, asked, becomes }) => {
    const taken = take(arriving(address), known, asked, NOW);
    expect([taken.result, taken.record, taken.runs.map(({ action }) => action)]).toEqual(becomes);
  });

  it.each(["command", "rule"] as const)("plans a run by a %s that is due at once, as it was asked for", (by) => {
    const { runs } = take(arriving("action/restart-host"), NEVER, [ask(by)], NOW);
    expect(runs).toEqual([
      {
        ...REF,
        by,
        asked_by: "zhangsan",
        connector: "Rundeck (JOB)",
        key: "es.nj.01",
        params: { dc: "nj" },
        policy: POLICY,
        state: "planned",
        reason: "",
        due_at: NOW,
        fence: 0,
        claimant: "",
        sends: 0,
        failures: 0,
        may_have_acted: false,
        unclear_at: null,
        handle: null,
        links: [],
        values: {},
        fields: {},
        held_since: null,
        round: 0,
        planned_at: NOW,
        started_at: null,
        ended_at: null,
      },
    ]);
  });

  it.each(["failed", "skipped"] as const)("records a run that cannot be run as %s, with the reason", (state) => {
    const refused = { state, reason: "the label `resource` is missing" };
    const { runs } = take(arriving(), NEVER, [{ ...ask("rule"), refused }], NOW);
    expect(runs).toEqual([
      expect.objectContaining({ ...REF, ...refused, due_at: null, planned_at: NOW, ended_at: NOW, started_at: null }),
    ]);
    expect(runs).toEqual([expect.objectContaining({ by: "rule", key: "es.nj.01", params: { dc: "nj" } })]);
    expect(runs[0]).not.toHaveProperty("refused");
    expect(runs[0]).not.toHaveProperty("follows");
  });
});
