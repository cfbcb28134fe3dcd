// What the picture of an incident's life tells: how far it was, the way of each run, and whether the automation helped.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lifeOf, MOST_LANES } from "../../src/admin/page/chart/life.ts";
import { bandsOf } from "../../src/admin/page/chart/progress.ts";
import { verdictsOf } from "../../src/admin/page/chart/verdict.ts";
import { wayOf } from "../../src/admin/page/chart/way.ts";
import type { IncidentView, RunView } from "../../src/admin/shapes.ts";
import { runId } from "../../src/domain/event.ts";
import { dispositions } from "../../src/domain/order.ts";
import type { Happening, Outcome, Run } from "../../src/domain/run.ts";
import type { Note } from "../../src/domain/trail.ts";
import { next } from "../../src/domain/transitions.ts";
import { CONSENT, FAILED, HELD, LATER, runOf, SKIPPED, SUCCEEDED, UNCLEAR, WAITING } from "./runs.ts";

const SENT: Note[] = [
  { what: "sent", text: "POST https://runner.example/" },
  { what: "answered", text: "200" },
];

/** The run after what happened, each at its time in seconds; "claim" lets its message go out before. */
function after(run: Run, ...steps: readonly [at_s: number, what: "claim" | Outcome | Happening][]): RunView {
  const ran = steps.reduce((run, [at_s, what]) => {
    const at = { now: at_s * 1_000, chance: 0.5 };
    if (what === "claim")
      return next(next(run, { kind: "due" }, at), { kind: "claimed", claimant: `claimant ${at_s}` }, at);
    if (!isOutcome(what)) return next(run, what, at);
    const notes = what.kind === "held" ? [] : SENT;
    return next(run, { kind: "settled", fence: run.fence, outcome: what, notes }, at);
  }, run);
  return { ...ran, run_id: runId(ran) };
}

function isOutcome(what: Outcome | Happening): what is Outcome {
  return "reason" in what ? what.kind !== "cancelled" && what.kind !== "approval_refused" : "summary" in what;
}

type Told = [at_s: number, event_type: string, progress: string];

function eventsOf(...told: readonly Told[]): IncidentView["events"] {
  return dispositions(
    told.map(([at_s, event_type, progress], index) => ({
      event_id: `event-${index + 1}`,
      event_type,
      event_time: at_s * 1_000,
      received_at: Math.max(...told.slice(0, index + 1).map(([at_s]) => at_s)) * 1_000,
      arrival: index + 1,
      address: "incident",
      progress,
      claims_future: false,
      replayed_by: "",
    })),
  );
}

/** What is drawn of it, with times in seconds. */
function secondsOf(run: RunView, now_s: number) {
  const { stretches, ends } = wayOf(run, now_s * 1_000);
  return [
    ...stretches.map(({ kind, from, to }) => [kind, from / 1_000, to / 1_000]),
    ...ends.map(({ state, at }) => [state, at / 1_000]),
  ];
}

describe("the way of a run", () => {
  const asking = { approval: CONSENT, state: "awaiting_approval" as const, due_at: 1_800_000 };
  it.each([
    ["is planned", after(runOf()), [["waits", 0, 60]]],
    [
      "runs",
      after(runOf(), [2, "claim"]),
      [
        ["waits", 0, 2],
        ["works", 2, 60],
      ],
    ],
    [
      "succeeded",
      after(runOf(), [2, "claim"], [5, SUCCEEDED]),
      [
        ["waits", 0, 2],
        ["works", 2, 5],
        ["succeeded", 5],
      ],
    ],
    [
      "is tried again for the same reason, twice",
      after(runOf(), [2, "claim"], [5, LATER], [20, "claim"], [22, LATER]),
      [
        ["waits", 0, 2],
        ["works", 2, 5],
        ["waits", 5, 20],
        ["works", 20, 22],
        ["waits", 22, 60],
      ],
    ],
    [
      "is held by a guard",
      after(runOf(), [2, "claim"], [3, HELD]),
      [
        ["waits", 0, 2],
        ["works", 2, 3],
        ["waits", 3, 60],
      ],
    ],
    [
      "goes on at the target, which is looked at",
      after(
        runOf(),
        [2, "claim"],
        [3, WAITING],
        [70, "claim"],
        [71, LATER],
        [200, "claim"],
        // The same again: nothing new is written down of its state.
        [201, LATER],
        [400, "claim"],
        [401, SUCCEEDED],
      ),
      [
        ["waits", 0, 2],
        ["works", 2, 401],
        ["succeeded", 401],
      ],
    ],
    ["awaits approval", after(runOf(asking)), [["approval", 0, 60]]],
    [
      "was approved",
      after(runOf(asking), [9, { kind: "approved", by: "lisi" }], [10, "claim"]),
      [
        ["approval", 0, 9],
        ["waits", 9, 10],
        ["works", 10, 60],
      ],
    ],
    [
      "was approved, and has to be tried again",
      after(runOf(asking), [9, { kind: "approved", by: "lisi" }], [10, "claim"], [12, LATER], [40, "claim"]),
      [
        ["approval", 0, 9],
        ["waits", 9, 10],
        ["works", 10, 12],
        ["waits", 12, 40],
        ["works", 40, 60],
      ],
    ],
    [
      "failed, and was started over",
      after(
        runOf(),
        [2, "claim"],
        [5, FAILED],
        [30, { kind: "retried", by: "lisi", overriding: false }],
        [31, "claim"],
      ),
      [
        ["waits", 0, 2],
        ["works", 2, 5],
        ["waits", 30, 31],
        ["works", 31, 60],
        ["failed", 5],
      ],
    ],
    [
      "has no trail",
      { ...after(runOf(), [2, "claim"], [5, FAILED]), trail: [] },
      [
        ["waits", 0, 2],
        ["works", 2, 5],
        ["failed", 5],
      ],
    ],
  ])("shows one that %s", (_, run, expected) => {
    expect(secondsOf(run, 60)).toEqual(expected);
  });

  it("tells which attempts reached the target", () => {
    const run = after(runOf(), [2, "claim"], [3, HELD], [30, "claim"], [31, LATER]);

    expect(wayOf(run, 60_000).attempts).toEqual([
      { from: 2_000, to: 3_000, is_sent: false },
      { from: 30_000, to: 31_000, is_sent: true },
    ]);
  });

  it("tells of an attempt that a guard has stopped that it did not", () => {
    const run = after(runOf(), [2, "claim"]);
    const trail = [...run.trail, { at: 3_000, what: "guard" as const, by: "", text: "budget: used up" }];

    expect(wayOf({ ...run, trail, state: "planned" }, 60_000).attempts).toEqual([
      { from: 2_000, to: 3_000, is_sent: false },
    ]);
  });

  const step = fc.tuple(
    fc.nat(200),
    fc.constantFrom<"claim" | Outcome | Happening>(
      "claim",
      "claim",
      "claim",
      SUCCEEDED,
      FAILED,
      SKIPPED,
      LATER,
      UNCLEAR,
      HELD,
      WAITING,
      { kind: "approved", by: "lisi" },
      { kind: "due" },
      { kind: "cancelled", reason: "enough" },
      { kind: "retried", by: "lisi", overriding: true },
    ),
  );

  it("is drawn without overlaps from its plan to its end or the present, whatever happens", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), fc.boolean(), (steps, asks, is_new) => {
        let at_s = 1;
        const timed = steps.map(([wait_s, what]) => [(at_s += wait_s), what] as const);
        const ran = after(runOf(asks ? asking : {}), ...timed.map(([at, what]) => [at, what] as [number, typeof what]));
        const run = is_new ? ran : { ...ran, trail: [] };
        const now = (at_s + 5) * 1_000;
        const way = wayOf(run, now);

        const inside = [...way.stretches, ...way.attempts].flatMap(({ from, to }) => [from, to]);
        for (const at of inside) expect([way.from <= at, at <= way.to]).toEqual([true, true]);
        for (const [index, { from, to }] of way.stretches.entries()) {
          expect(to).toBeGreaterThan(from);
          expect(from).toBeGreaterThanOrEqual(way.stretches[index - 1]?.to ?? 0);
        }
        expect(way.to).toBe(run.ended_at ?? now);
        if (run.ended_at !== null) expect(way.ends.at(-1)).toEqual({ at: run.ended_at, state: run.state });
        expect(way.stretches.at(-1)?.to === now).toBe(run.ended_at === null);
      }),
    );
  });
});

describe("the progress of an incident", () => {
  it.each<[string, Told[], unknown[]]>([
    [
      "by its events",
      [
        [0, "i_new", "Triggered"],
        [40, "i_ack", "Processing"],
        [240, "i_rslv", "Closed"],
      ],
      [
        ["Triggered", 0, 40, null],
        ["Processing", 40, 240, null],
        ["Closed", 240, 600, "closed"],
      ],
    ],
    [
      "not by one that came too late",
      [
        [0, "i_new", "Triggered"],
        [240, "i_rslv", "Closed"],
        [40, "i_ack", "Processing"],
      ],
      [
        ["Triggered", 0, 240, null],
        ["Closed", 240, 600, "closed"],
      ],
    ],
    [
      "nor by one that tells none",
      [
        [0, "i_new", "Triggered"],
        [40, "i_comm", ""],
      ],
      [["Triggered", 0, 600, null]],
    ],
    [
      "when it comes back, also where the closing was not told",
      [
        [0, "i_new", "Triggered"],
        [90, "i_reopen", "Triggered"],
      ],
      [
        ["Triggered", 0, 90, null],
        ["Triggered", 90, 600, "reopened"],
      ],
    ],
  ])("is shown %s", (_, told, expected) => {
    const bands = bandsOf(eventsOf(...told), 600_000);

    expect(bands.map(({ progress, from, to, turn }) => [progress, from / 1_000, to / 1_000, turn])).toEqual(expected);
  });
});

describe("whether it helped", () => {
  const OPENED: Told = [0, "i_new", "Triggered"];
  const CLOSED: Told = [240, "i_rslv", "Closed"];
  const BACK: Told = [900, "i_reopen", "Triggered"];
  const good = after(runOf(), [2, "claim"], [60, SUCCEEDED]);
  const failed = after(runOf({ action: "enrich" }), [2, "claim"], [90, FAILED]);
  const awaiting = after(runOf({ approval: CONSENT, state: "awaiting_approval", due_at: 1_800_000 }));
  const dry = { ...good, policy: { ...good.policy, dry_run: true } };
  const told = after(runOf({ action: "update-status-page" }), [2, "claim"], [60, SUCCEEDED]);
  const saidOf = (runs: RunView[], ...told: Told[]) =>
    verdictsOf(runs, bandsOf(eventsOf(...told), 2_000_000), (action) => action !== "update-status-page");

  it.each<[string, RunView[], Told[], object[]]>([
    ["nothing was run", [], [OPENED], [{ kind: "nothing_run" }]],
    ["it was closed after a success", [good], [OPENED, CLOSED], [{ kind: "closed", after_ms: 180_000 }]],
    ["only something was told", [told], [OPENED, CLOSED, BACK], [{ kind: "only_told" }]],
    [
      "not by what only told something",
      [told, failed],
      [OPENED, CLOSED],
      [{ kind: "ended" }, { kind: "closed_without" }],
    ],
    ["it is still open", [good], [OPENED], [{ kind: "not_closed", since: 60_000 }]],
    ["it came back", [good], [OPENED, CLOSED, BACK], [{ kind: "came_back", after_ms: 840_000 }]],
    ["it was closed before the run ended", [good], [OPENED, [30, "i_rslv", "Closed"]], [{ kind: "ended" }]],
    ["a failure did not close it", [failed], [OPENED, CLOSED], [{ kind: "ended" }, { kind: "closed_without" }]],
    ["nor does a dry run", [dry], [OPENED, CLOSED], [{ kind: "ended" }, { kind: "closed_without" }]],
    [
      "a person is waited for, before everything else",
      [good, failed, awaiting],
      [OPENED, CLOSED, BACK],
      [{ kind: "awaiting_approval" }, { kind: "came_back" }, { kind: "ended", run: { action: "enrich" } }],
    ],
  ])("is told: %s", (_, runs, told, expected) => {
    const said = saidOf(runs, ...told);

    expect(said).toHaveLength(expected.length);
    expect(said).toMatchObject(expected);
  });
});

describe("the picture", () => {
  it("has a lane for each run, and says how many it leaves out: those that ended first", () => {
    const many = Array.from({ length: MOST_LANES + 5 }, (_, index) =>
      after(runOf({ event_id: `event-${index}`, planned_at: 0 }), [1, "claim"], [100 + index, SUCCEEDED]),
    );
    const open = after(runOf({ event_id: "event-open" }));
    const { lanes, left_out } = lifeOf({ events: eventsOf([0, "i_new", "Triggered"]), runs: [...many, open] }, 900_000);

    expect([lanes.length, left_out]).toEqual([MOST_LANES, 6]);
    const drawn = lanes.map(({ run }) => run.event_id);
    expect(drawn).toContain("event-open");
    expect(drawn).not.toContain("event-5");
    expect(drawn).toContain("event-6");
  });
});
