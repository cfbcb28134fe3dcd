// A long job is followed to its end by a receiver that is killed with SIGKILL again and again: nothing is started twice.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { seeded } from "../simulator/life.ts";
import { actionBody } from "../simulator/push-body.ts";
import { receiverAt } from "../simulator/receiver.ts";
import { freePort, freshTokens, startRuntime } from "../simulator/runtime.ts";
import { rundeckStandIn } from "../simulator/rundeck.ts";
import { createSender } from "../simulator/sender.ts";
import { serveSystem } from "../simulator/system.ts";
import { UNGUARDED } from "../simulator/entries.ts";

const JOBS = 12;
const KILLS = 6;
const JOB_TAKES_MS = 15_000;
const TOKEN = "a-token-of-rundeck";
/** A job is looked at in growing distances; a killed look is made again when its lease is over (15 s). */
const ENDED_WITHIN_MS = 120_000;

const persist_to = mkdtempSync(join(tmpdir(), "flashduty-edge-job-"));
afterAll(() => {
  rmSync(persist_to, { recursive: true, force: true });
});

it(`follows ${JOBS} jobs through ${KILLS} crashes, and starts each once`, async () => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
  console.log(`job.test.ts: SEED=${seed}`);
  const rng = seeded(seed);
  const rundeck = rundeckStandIn({ token: TOKEN, job: "restart", takes_ms: JOB_TAKES_MS });
  const served = await serveSystem(rundeck.standIn);
  const tokens = freshTokens();
  const port = await freePort();
  const job = { RUNDECK_URL: served.url, RUNDECK_TOKEN: TOKEN, RUNDECK_RESTART_JOB: "restart" };
  const start = async () => startRuntime({ persist_to, entry: UNGUARDED, port, vars: { ...tokens, ...job } });

  let runtime = await start();
  const sender = createSender({ url: runtime.url, token: tokens.WEBHOOK_TOKEN });
  const incidents = Array.from({ length: JOBS }, (_, n) => (n + 1).toString(16).padStart(24, "0"));
  const presses = incidents.map((incident) => {
    const facts = { incident, event_id: "press-1", host: `host-${incident}`, at_ms: Date.now() };
    return { address: "action/restart-host", body: actionBody({ ...facts, progress: "Triggered" }) };
  });
  const deliveries = await sender.sendAll(presses, { concurrency: 4 });
  expect(deliveries.every(({ delivered }) => delivered)).toBe(true);
  for (let kill = 0; kill < KILLS; kill++) {
    await pause(rng() * 2_000);
    await runtime.kill();
    runtime = await start();
  }

  const receiver = receiverAt(runtime.url, tokens.ADMIN_TOKEN);
  const startedOn = (host: string) => rundeck.executions.filter((one) => one.host === host).length;
  const until = Date.now() + ENDED_WITHIN_MS;
  const states: string[] = [];
  for (const incident of incidents) {
    const run = await receiver.ended(`${incident}:press-1:restart-host`, until - Date.now());
    states.push(run.state);
    expect(startedOn(`host-${incident}`)).toBeLessThanOrEqual(1);
    // A crash between the start and its recording leaves the outcome open: then a person decides.
    expect(["succeeded", "unknown"]).toContain(run.state);
    if (run.state === "succeeded") expect(startedOn(`host-${incident}`)).toBe(1);
  }
  console.log(`job.test.ts: ${states.filter((state) => state === "succeeded").length} of ${JOBS} succeeded`);
  expect(states).toContain("succeeded");
  sender.close();
  await runtime.stop();
  await served.close();
});
