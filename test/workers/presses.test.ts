// A hundred presses, one after another: each call leaves, once. (How soon it leaves is measured by the benchmark.)
import { expect, it } from "vitest";
import { ACTION, newIncident, pressBody, push, receiptOf } from "./push.ts";
import { fakeTarget, ok } from "./target.ts";
import { until } from "./until.ts";

it.each([
  ["100 incidents", 100],
  ["10 incidents", 10],
  ["one incident", 1],
])("100 presses of %s reach the target, each once", { timeout: 120_000 }, async (_, count) => {
  const incidents = Array.from({ length: count }, newIncident);
  const calls = incidents.map((incident_id) => fakeTarget(incident_id, ok));
  const run_ids: string[] = [];
  for (let n = 0; n < 100; n++) {
    const incident_id = incidents[n % count] ?? "";
    const answer = await receiptOf(await push(ACTION, pressBody(incident_id, { event_id: `press-${n}` })));
    const [run] = answer.runs;
    run_ids.push(run?.run_id ?? "none");
    await until(() => calls.flat().some(({ headers }) => headers["idempotency-key"] === run?.run_id));
  }
  const called = calls.flat().map(({ headers }) => headers["idempotency-key"] ?? "");
  expect(called.toSorted()).toEqual(run_ids.toSorted());
  expect(new Set(called).size).toBe(100);
});
