// Nothing is lost, seen from outside: the whole receiver is killed with SIGKILL again and again while it works, and started
// again on what was on disk. Local queues live in memory, so each kill also makes the queue forget all its messages.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { disorder, lives, type Push, repeat, seeded } from "../simulator/life.ts";
import { receiverAt } from "../simulator/receiver.ts";
import { freePort, freshTokens, startRuntime } from "../simulator/runtime.ts";
import { createSender } from "../simulator/sender.ts";
import { startTarget } from "../simulator/target.ts";
import { UNGUARDED } from "../simulator/entries.ts";

const KILLS = 20;
const INCIDENTS = 240;
/** A killed attempt is made again when its lease is over (15 s), a lost message sent again after 10 s, and more when unlucky. */
const ENDED_WITHIN_MS = 180_000;

const persist_to = mkdtempSync(join(tmpdir(), "flashduty-edge-kill-"));
afterAll(() => {
  rmSync(persist_to, { recursive: true, force: true });
});

/** What Flashduty was told has been taken. */
interface Promised {
  incident_id: string;
  event_id: string;
  address: string;
}

function promised({ address, body }: Push): Promised {
  const event_id = "event_id" in body ? body.event_id : body.incident.event_id;
  return { incident_id: body.incident.incident_id, event_id, address };
}

it(`keeps every promise it gave, through ${KILLS} crashes under load`, async () => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
  console.log(`kill.test.ts: SEED=${seed}`);
  const rng = seeded(seed);
  const target = await startTarget();
  target.behave("/restart", { delay_ms: 30 });
  const tokens = freshTokens();
  const port = await freePort();
  const vars = { ...tokens, RESTART_HOST_URL: `${target.url}/restart` };
  const start = async () => startRuntime({ persist_to, entry: UNGUARDED, port, vars });
  const given: Promised[] = [];

  const story = lives({ count: INCIDENTS, starts_at_ms: Date.now() - 60 * 60_000 }, rng);
  const sent = repeat(disorder(story, rng), rng);

  let runtime = await start();
  for (let round = 0; round < KILLS; round++) {
    const pushes = sent.slice((round * sent.length) / KILLS, ((round + 1) * sent.length) / KILLS);
    const sender = createSender({ url: runtime.url, token: tokens.WEBHOOK_TOKEN });
    const killed = pause(300 + rng() * 1_000).then(async () => runtime.kill());
    const deliveries = await sender.sendAll(pushes, { concurrency: 8 });
    await killed;
    sender.close();
    for (const [index, delivery] of deliveries.entries()) {
      const push = pushes[index];
      if (delivery.delivered && push !== undefined) given.push(promised(push));
    }
    runtime = await start();
  }

  const receiver = receiverAt(runtime.url, tokens.ADMIN_TOKEN);
  const presses = given.filter(({ address }) => address.startsWith("action/"));
  for (const incident_id of new Set(given.map((promise) => promise.incident_id))) {
    const known = await receiver.incident(incident_id);
    const recorded = known?.events.map(({ event_id }) => event_id) ?? [];
    const expected = given.filter((promise) => promise.incident_id === incident_id).map(({ event_id }) => event_id);
    expect(recorded).toEqual(expect.arrayContaining(expected));
    expect(new Set(recorded).size).toBe(recorded.length);
  }
  const until = Date.now() + ENDED_WITHIN_MS;
  for (const { incident_id, event_id } of presses) {
    const run_id = `${incident_id}:${event_id}:restart-host`;
    const run = await receiver.ended(run_id, until - Date.now());
    expect(run.state).toBe("succeeded");
    expect(target.requests({ key: run_id }).length).toBeGreaterThan(0);
    expect(target.most_overlapping(run_id)).toBe(1);
  }
  console.log(`kill.test.ts: ${given.length} pushes answered with 200, ${presses.length} presses among them`);
  expect(presses.length).toBeGreaterThan(KILLS / 2); // a busy machine takes fewer between two kills
  await runtime.stop();
  await target.close();
});
