// One account's quota is shared by all runs: five hundred at once, and Flashduty never has to refuse a call.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { contractFromFile } from "../simulator/contract-file.ts";
import { createOpenApi } from "../simulator/open-api.ts";
import { serveOpenApi } from "../simulator/open-api-server.ts";
import { actionBody } from "../simulator/push-body.ts";
import { freshTokens, startRuntime } from "../simulator/runtime.ts";
import { createSender } from "../simulator/sender.ts";
import { startTarget } from "../simulator/target.ts";
import { UNGUARDED } from "../simulator/entries.ts";

const RUNS = 500;
const APP_KEY = "an-app-key-that-only-tests-use";
/** A thousand calls at 900 a minute, and what machines like this one take on top. */
const REPORTED_WITHIN_MS = 300_000;

const persist_to = mkdtempSync(join(tmpdir(), "flashduty-edge-quota-"));
afterAll(() => {
  rmSync(persist_to, { recursive: true, force: true });
});

it(`${RUNS} runs at once keep within 50 calls a second and 1,000 a minute, and each is reported once`, async () => {
  const api = createOpenApi({ app_key: APP_KEY, now: () => Date.now(), contract: contractFromFile() });
  const flashduty = await serveOpenApi(api);
  const target = await startTarget();
  const tokens = freshTokens();
  const runtime = await startRuntime({
    persist_to,
    entry: UNGUARDED,
    vars: {
      ...tokens,
      FLASHDUTY_APP_KEY: APP_KEY,
      FLASHDUTY_API_URL: flashduty.url,
      RESTART_HOST_URL: `${target.url}/restart`,
    },
  });
  const incidents = Array.from({ length: RUNS }, (_, n) => n.toString(16).padStart(24, "0"));
  for (const incident of incidents) api.add_incident(incident, { progress: "Triggered" });
  const sender = createSender({ url: runtime.url, token: tokens.WEBHOOK_TOKEN });
  const presses = incidents.map((incident) => ({
    address: "action/restart-host",
    body: actionBody({ incident, event_id: "press-1", at_ms: Date.now(), progress: "Triggered" }),
  }));
  const deliveries = await sender.sendAll(presses, { concurrency: 16 });
  expect(deliveries.every(({ delivered }) => delivered)).toBe(true);

  const until = Date.now() + REPORTED_WITHIN_MS;
  // Who waits for the quota for long is told that as well.
  const ends = (incident: string) => api.comments(incident).filter(({ comment }) => / succeeded\n/.test(comment));
  const reported = () => incidents.filter((incident) => ends(incident).length > 0).length;
  while (reported() < RUNS && Date.now() < until) await pause(200);
  sender.close();
  await runtime.stop();
  await Promise.all([flashduty.close(), target.close()]);

  expect(incidents.filter((incident) => ends(incident).length !== 1)).toEqual([]);
  expect(target.requests().length).toBe(RUNS);
  const [second, minute] = [api.most_calls_within(1_000), api.most_calls_within(60_000)];
  console.log(`quota.test.ts: ${api.calls().length} calls; at most ${second} in a second, ${minute} in a minute`);
  expect(second).toBeLessThanOrEqual(50);
  expect(minute).toBeLessThanOrEqual(1_000);
  expect(api.calls().filter(({ status }) => status === 429)).toEqual([]);
  expect(api.violations).toEqual([]);
});
