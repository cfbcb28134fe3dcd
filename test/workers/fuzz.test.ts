// 10,000 bodies that no sender should send. Whatever comes is answered as it should be: never a 5xx, never an error that
// nobody handled; what was taken can be shown, and its runs come to their end.
import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { incidentView } from "./admin.ts";
import { logged } from "./logged.ts";
import { noisy, pushLike } from "./mutated-body.ts";
import { ACTION, INCIDENT, Problem, push, Receipt } from "./push.ts";
import { until } from "./until.ts";

const SEED = 20_261_122;
const BODIES = 5_000;
const AT_ONCE = 10;

/** Lines that only something broken writes. */
const BROKEN = ["request.failed", "alarm.failed", "storage.failed", "seen.failed", "quarantine.failed", "runs.unsent"];

describe.each([
  ["bodies by the schema, with anything anywhere", pushLike],
  ["documented bodies with noise in their bytes", noisy],
])(`${BODIES} %s (seed ${SEED})`, (_, bodies) => {
  it("are answered as they should be, and what was taken is shown and carried out", { timeout: 180_000 }, async () => {
    const statuses = new Map<number, number>();
    const taken = new Set<string>();
    const batch = fc.array(fc.tuple(fc.constantFrom(INCIDENT, ACTION), bodies), {
      minLength: AT_ONCE,
      maxLength: AT_ONCE,
    });
    const send = async ([path, body]: [string, Uint8Array]) => {
      const response = await push(path, body);
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      const said: unknown = await response.json();
      const type = response.headers.get("Content-Type");
      if (response.status === 200) {
        expect(type).toBe("application/json");
        taken.add(Receipt.parse(said).incident_id);
        return;
      }
      expect([400, 422]).toContain(response.status);
      expect(type).toBe("application/problem+json");
      expect(Problem.parse(said).status).toBe(response.status);
    };
    await fc.assert(
      fc.asyncProperty(batch, async (pushes) => {
        await Promise.all(pushes.map(send));
      }),
      { seed: SEED, numRuns: BODIES / AT_ONCE },
    );
    for (const incident_id of taken) {
      const hasEnded = async () => (await incidentView(incident_id)).runs.every(({ due_at }) => due_at === null);
      await until(hasEnded);
    }
    expect(statuses.get(200)).toBeGreaterThan(BODIES / 20);
    expect(statuses.get(400)).toBeGreaterThan(BODIES / 20);
    expect(logged().filter((line) => BROKEN.some((what) => line.includes(`"what":"${what}"`)))).toEqual([]);
    expect(logged().join("\n")).not.toContain(env.WEBHOOK_TOKEN);
  });
});
