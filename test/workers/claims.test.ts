// The way from the consumer to the incident and back when answers are lost, late or missing: however it goes, the target
// is called once for what was asked once.
import "./unguarded.ts";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Incident } from "../../src/incident/object.ts";
import { deliver, QUEUE } from "./deliver.ts";
import { like } from "./like.ts";
import { linesOf } from "./logged.ts";
import { fail, hang, incidentsWith, standIn } from "./platform.ts";
import { newIncident } from "./push.ts";
import { anEvent, aRun, type Clock, holdClock, holdMessages, incident, keyOf, ONCE, ring, SECOND_MS } from "./taken.ts";
import { fakeTarget, ok } from "./target.ts";
import { passTime, until } from "./until.ts";

let clock: Clock;
let messages: ReturnType<typeof holdMessages>;
let id: string;
let calls: ReturnType<typeof fakeTarget>;

beforeEach(() => {
  clock = holdClock();
  messages = holdMessages();
  id = newIncident();
  calls = fakeTarget(id, ok);
});

/** A run whose message is under way. */
async function dispatched(more: Parameters<typeof aRun>[0] = {}) {
  await incident(id).receive(anEvent(id, clock), [aRun(more)]);
  await ring(id);
}

async function shown() {
  const run = await incident(id).showRun(keyOf(id));
  if (run === null) throw new Error("there is no run");
  return run;
}

/** Lets the alarm ring when the run is due. */
async function comeDue() {
  clock.now = (await shown()).due_at ?? clock.now;
  return ring(id);
}

type Claim = Incident["claim"];
type Claiming = (...given: Parameters<Claim>) => Promise<ReturnType<Claim>>;

/** The incident's claim; `first` answers the first request. */
function claiming(first: Claiming = realClaim) {
  return vi.fn(realClaim).mockImplementationOnce(first);
}

async function realClaim(...[ref, claimant]: Parameters<Claim>): Promise<ReturnType<Claim>> {
  return incident(ref.incident_id).claim(ref, claimant, true);
}

type Settle = Incident["settle"];
type Settling = (...given: Parameters<Settle>) => Promise<boolean>;

async function realSettle(...[ref, ...told]: Parameters<Settle>): Promise<boolean> {
  return incident(ref.incident_id).settle(ref, ...told);
}

/** Delivers the run's message, with incidents that are told of outcomes by `settle`; and the pauses between tries. */
async function deliverTelling(settle: Settling) {
  const pauses: number[] = [];
  const wait = scheduler.wait.bind(scheduler);
  vi.spyOn(scheduler, "wait").mockImplementation(async (ms, options) => {
    if (ms < 500) return wait(ms, options); // a test's own
    pauses.push(ms);
  });
  const done = await deliver([keyOf(id)], { INCIDENT: incidentsWith({ settle }) });
  return { ...done, pauses };
}

const granted = { acked: ["message-0"], retried: [], delays: [] };

describe("a claim", () => {
  it("of which the first answer is lost is granted once more, and leads to one call", async () => {
    await dispatched();
    const claim = claiming(async (...given) => {
      await realClaim(...given);
      return fail();
    });
    expect(await deliver([keyOf(id)], { INCIDENT: incidentsWith({ claim }) })).toEqual(granted);
    expect(claim).toHaveBeenCalledTimes(2);
    expect(claim.mock.calls[1]).toEqual(claim.mock.calls[0]);
    expect(calls).toHaveLength(1);
    expect(await shown()).toMatchObject({ state: "succeeded", fence: 1, failures: 0 });
    expect(linesOf("claim.failed")).toEqual([]);
  });

  it("of which the first answer hangs is asked for again after 3 s, and leads to one call", async () => {
    await dispatched();
    const claim = claiming(async (...given) => {
      await realClaim(...given);
      return hang();
    });
    const delivering = deliver([keyOf(id)], { INCIDENT: incidentsWith({ claim }) });
    await passTime(3 * SECOND_MS - 1);
    expect(claim).toHaveBeenCalledTimes(1);
    await passTime(1);
    expect(await delivering).toEqual(granted);
    expect(claim).toHaveBeenCalledTimes(2);
    expect(calls).toHaveLength(1);
    expect(await shown()).toMatchObject({ state: "succeeded", fence: 1 });
  });

  it("that hangs is asked for twice, and then its message is retried: queue() comes back", async () => {
    await dispatched();
    const claim = vi.fn(hang);
    const delivering = deliver([keyOf(id)], { INCIDENT: incidentsWith({ claim }) });
    await passTime(3 * SECOND_MS);
    await until(() => claim.mock.calls.length === 2);
    await passTime(3 * SECOND_MS);
    expect(await delivering).toEqual({ acked: [], retried: ["message-0"], delays: [5] });
    expect(claim).toHaveBeenCalledTimes(2);
    expect(linesOf("claim.failed")).toEqual([
      {
        what: "claim.failed",
        incident_id: id,
        event_id: "event-1",
        run_id: `${id}:event-1:restart-host`,
        error: "Error: the incident did not answer within 3000 ms",
      },
    ]);
    expect(calls).toEqual([]);
  });

  it("of which both answers are lost leaves its run to the lease, and the message that comes again calls nobody", async () => {
    await dispatched();
    const claim = vi.fn(async (...given: Parameters<Claim>) => {
      await realClaim(...given);
      return fail();
    });
    const first = await deliver([keyOf(id)], { INCIDENT: incidentsWith({ claim }) });
    const second = await deliver([keyOf(id)], {}, QUEUE, 2);
    expect([first, second]).toEqual([{ acked: [], retried: ["message-0"], delays: [5] }, granted]);
    const run_id = `${id}:event-1:restart-host`;
    expect(linesOf("run.refused")).toEqual([
      { what: "run.refused", incident_id: id, event_id: "event-1", run_id, state: "running" },
    ]);
    expect([calls.length, (await shown()).fence]).toEqual([0, 1]);
    await comeDue(); // its lease is over
    await comeDue();
    expect(await deliver([keyOf(id)])).toEqual(granted);
    expect([calls.length, (await shown()).state]).toEqual([1, "succeeded"]);
  });

  it("is made by another claimant for each delivery of a message", async () => {
    await dispatched();
    const claim = claiming();
    for (const attempts of [1, 2]) await deliver([keyOf(id)], { INCIDENT: incidentsWith({ claim }) }, QUEUE, attempts);
    const claimants = claim.mock.calls.map(([, claimant]) => claimant);
    expect(new Set(claimants).size).toBe(2);
    for (const claimant of claimants) expect(claimant).toMatch(/^[0-9a-f-]{36}$/);
    expect(linesOf("run.refused")).toMatchObject([{ state: "succeeded" }]);
    expect(calls).toHaveLength(1);
  });

  it.each([
    ["fails", () => incidentsWith({ claim: fail }), "Error: the platform is out of order"],
    [
      "cannot even be asked for",
      () => standIn(env.INCIDENT, { getByName: failAtOnce }),
      "Error: the platform is out of order",
    ],
  ])("that %s throws nothing, and is made again, later each time", async (_, incidents, error) => {
    await dispatched();
    const first = await deliver([keyOf(id)], { INCIDENT: incidents() });
    const third = await deliver([keyOf(id)], { INCIDENT: incidents() }, QUEUE, 3);
    expect(first).toEqual({ acked: [], retried: ["message-0"], delays: [5] });
    expect(third).toEqual({ acked: [], retried: ["message-0"], delays: [20] });
    expect(linesOf("claim.failed")).toMatchObject([{ error }, { error }]);
    expect(calls).toEqual([]);
  });

  it("does not hold the other messages of its batch while it hangs", async () => {
    const [stuck, quick] = [id, newIncident()];
    const quick_calls = fakeTarget(quick, ok);
    for (const incident_id of [stuck, quick]) {
      await incident(incident_id).receive(anEvent(incident_id, clock), [aRun()]);
      await ring(incident_id);
    }
    const claim: Claiming = async (...given) => (given[0].incident_id === stuck ? hang() : realClaim(...given));
    const changes = { INCIDENT: incidentsWith({ claim, settle: realSettle }) };
    const delivering = deliver([keyOf(stuck), keyOf(quick)], changes);
    await until(() => quick_calls.length === 1);
    await passTime(3 * SECOND_MS);
    await passTime(3 * SECOND_MS);
    expect(await delivering).toMatchObject({ acked: ["message-1"], retried: ["message-0"] });
  });
});

describe("an attempt", () => {
  it.each([10 * SECOND_MS, 60 * SECOND_MS])(
    "that is granted after %i ms of its 10 s sends nothing, and a `once` run is tried again",
    async (late_ms) => {
      await dispatched({ policy: ONCE });
      const claim = claiming(async (...given) => {
        const answer = await realClaim(...given);
        clock.now += late_ms;
        return answer;
      });
      expect(await deliver([keyOf(id)], { INCIDENT: incidentsWith({ claim }) })).toEqual(granted);
      expect(calls).toEqual([]);
      expect(linesOf("run.attempted")).toMatchObject([{ outcome: "not_sent", settled: true, fence: 1 }]);
      expect(await shown()).toMatchObject({
        state: "planned",
        reason: "the attempt's time was up",
        failures: 1,
        may_have_acted: false,
      });
      await comeDue();
      await deliver([keyOf(id)]);
      expect(calls).toHaveLength(1);
      expect(await shown()).toMatchObject({ state: "succeeded", fence: 2 });
    },
  );

  it("whose requests have 300 ms less than it has: what they come to is told in time", async () => {
    const timeout = vi.spyOn(AbortSignal, "timeout");
    await dispatched();
    await deliver([keyOf(id)]);
    expect(timeout.mock.calls).toEqual([[10 * SECOND_MS - 300]]);
    expect(await shown()).toMatchObject({ state: "succeeded" });
  });

  it("that takes longer than it may is unclear, and says so", async () => {
    calls = fakeTarget(id, hang);
    await dispatched();
    const delivering = deliver([keyOf(id)]);
    await until(() => calls.length === 1);
    await passTime(10 * SECOND_MS);
    await delivering;
    expect(await shown()).toMatchObject({
      state: "planned",
      reason: "the attempt took longer than it may",
      may_have_acted: true,
      unclear_at: clock.now,
    });
  });

  it("that is granted just before its time is over is made", async () => {
    await dispatched({ policy: ONCE });
    const claim = claiming(async (...given) => {
      const answer = await realClaim(...given);
      clock.now += 9 * SECOND_MS;
      return answer;
    });
    await deliver([keyOf(id)], { INCIDENT: incidentsWith({ claim }) });
    expect(calls).toHaveLength(1);
    expect(await shown()).toMatchObject({ state: "succeeded" });
  });
});

describe("an outcome", () => {
  it.each([
    [1, []],
    [2, [500]],
    [3, [500, 1_500]],
    [4, [500, 1_500, 3_000]],
  ])("that is taken at try %i is told until then, with pauses, and recorded", async (nth, expected) => {
    await dispatched();
    const settle = vi.fn(realSettle);
    for (let failing = 1; failing < nth; failing++) settle.mockImplementationOnce(fail);
    const { pauses, ...done } = await deliverTelling(settle);
    expect(done).toEqual(granted);
    const told = { kind: "succeeded", summary: "the target answered 200", values: {}, fields: {} };
    const trail = [
      { what: "sent", text: like(/^POST /) },
      { what: "answered", text: "200 done" },
    ];
    expect(settle.mock.calls).toEqual(Array.from({ length: nth }, () => [keyOf(id), 1, told, trail]));
    expect(pauses).toEqual(expected);
    expect(await shown()).toMatchObject({ state: "succeeded" });
    expect(linesOf("run.attempted")).toMatchObject([{ outcome: "succeeded", settled: true }]);
    expect(calls).toHaveLength(1);
  });

  it("of which the telling hangs is told again after 2 s", async () => {
    await dispatched();
    const settle = vi.fn(realSettle).mockImplementationOnce(hang);
    const telling = deliverTelling(settle);
    await until(() => settle.mock.calls.length === 1);
    await passTime(2 * SECOND_MS);
    await telling;
    expect(settle).toHaveBeenCalledTimes(2);
    expect(await shown()).toMatchObject({ state: "succeeded", fence: 1 });
    expect(calls).toHaveLength(1);
  });

  it("that the incident does not take at all leaves the run to its lease", async () => {
    await dispatched();
    const settle = vi.fn(fail);
    const { pauses, ...done } = await deliverTelling(settle);
    expect(done).toEqual(granted);
    expect([settle.mock.calls.length, pauses]).toEqual([4, [500, 1_500, 3_000]]);
    expect(linesOf("run.attempted")).toMatchObject([
      { outcome: "succeeded", settled: false, error: "Error: the incident could not be told" },
    ]);
    expect(await shown()).toMatchObject({ state: "running" });
  });

  it("of which the incident's answer is lost is told again, and changes nothing any more", async () => {
    await dispatched();
    const settle = vi.fn(realSettle).mockImplementationOnce(async (...given) => {
      await realSettle(...given);
      return fail();
    });
    await deliverTelling(settle);
    expect(settle).toHaveBeenCalledTimes(2);
    expect(await shown()).toMatchObject({ state: "succeeded" });
    expect(calls).toHaveLength(1);
  });

  it.each([
    ["its run waits for another try", 1, { state: "planned" }, {}],
    ["its message is under way again", 2, { state: "dispatched" }, {}],
    ["its `once` run was given up as unknown", 1, { state: "unknown" }, { policy: ONCE }],
  ])("that is told when the lease is over and %s still counts: no second call", async (_, rings, before, more) => {
    await dispatched(more);
    const settle = vi.fn(realSettle).mockImplementationOnce(async () => {
      for (let rung = 0; rung < rings; rung++) await comeDue();
      expect(await shown()).toMatchObject(before);
      return fail();
    });
    await deliverTelling(settle);
    expect(await shown()).toMatchObject({ state: "succeeded", due_at: null, fence: 1 });
    expect(linesOf("run.attempted")).toMatchObject([{ settled: true }]);
    // What is under way by then finds the run ended.
    await deliver([keyOf(id)]);
    clock.now += 24 * 60 * 60 * SECOND_MS;
    await ring(id);
    expect(messages.sent).toHaveLength(rings);
    expect(linesOf("run.refused")).toMatchObject([{ state: "succeeded" }]);
    expect(calls).toHaveLength(1);
  });

  it("that is told after a newer claim does not count", async () => {
    await dispatched();
    const settle = vi.fn(realSettle).mockImplementationOnce(async () => {
      await comeDue();
      await comeDue();
      await realClaim(keyOf(id), "a newer attempt");
      return fail();
    });
    await deliverTelling(settle);
    expect(await shown()).toMatchObject({ state: "running", fence: 2, claimant: "a newer attempt" });
    expect(linesOf("run.attempted")).toMatchObject([{ fence: 1, settled: false }]);
  });
});

function failAtOnce(): never {
  throw new Error("the platform is out of order");
}
