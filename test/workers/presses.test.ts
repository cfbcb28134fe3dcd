// A hundred presses, one after another: each call leaves at once, and once. (How soon is measured by the benchmark.)
import "./unguarded.ts";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { CLAIM_WITHIN_MS } from "../../src/domain/transitions.ts";
import { linesOf } from "./logged.ts";
import { ACTION, newIncident, pressBody, push, receiptOf } from "./push.ts";
import { fakeTarget, ok } from "./target.ts";
import { until } from "./until.ts";

const PRESSES = 100;

it.each([
  ["100 incidents", 100],
  ["10 incidents", 10],
  ["one incident", 1],
])("100 presses of %s reach the target, each once", { timeout: 120_000 }, async (_, count) => {
  const incidents = Array.from({ length: count }, newIncident);
  const calls = incidents.map((incident_id) => fakeTarget(incident_id, ok));
  const run_ids: string[] = [];
  for (let n = 0; n < PRESSES; n++) {
    const incident_id = incidents[n % count] ?? "";
    const answer = await receiptOf(await push(ACTION, pressBody(incident_id, { event_id: `press-${n}` })));
    const run_id = `${incident_id}:press-${n}:restart-host`;
    expect(answer).toMatchObject({ result: "accepted", runs: [{ run_id, state: "planned" }] });
    run_ids.push(run_id);
    await until(() => calls.flat().some(({ headers }) => headers["idempotency-key"] === run_id));
  }
  const runs = await until(async () => {
    const shown = await Promise.all(incidents.map(async (id) => env.INCIDENT.getByName(id).show()));
    const all = shown.flatMap((one) => one?.runs ?? []);
    return all.every(({ due_at }) => due_at === null) && all;
  });
  expect(runs).toHaveLength(PRESSES);
  for (const { state, fence, failures, planned_at, started_at } of runs) {
    expect([state, fence, failures]).toEqual(["succeeded", 1, 0]);
    // Behind this, the run would have come by its second message: the first was lost, or its alarm was put off.
    expect((started_at ?? Infinity) - planned_at).toBeLessThan(CLAIM_WITHIN_MS);
  }
  // One more goes the same way behind all others: what came of them twice has come by then.
  const last = newIncident();
  const last_calls = fakeTarget(last, ok);
  await push(ACTION, pressBody(last));
  await until(() => last_calls.length === 1 && linesOf("run.attempted").length > PRESSES);
  // A message that was sent twice is refused when it comes, and the refusal is logged; a call that leaves twice, counted.
  expect(linesOf("run.refused")).toEqual([]);
  const called = calls.flat().map(({ headers }) => headers["idempotency-key"] ?? "");
  expect(called.toSorted()).toEqual(run_ids.toSorted());
  const attempted = linesOf("run.attempted")
    .filter(({ run_id }) => run_id !== `${last}:press-1:restart-host`)
    .map(({ run_id, settled }) => `${String(run_id)} ${String(settled)}`);
  expect(attempted.toSorted()).toEqual(run_ids.map((run_id) => `${run_id} true`).toSorted());
});
